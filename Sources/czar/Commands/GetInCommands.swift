import ArgumentParser
import CzarGit
import CzarKit
import CzarPlanning
import Glibc
import SystemPackage

struct PathCommand: CommonCommand {
    static let configuration = CommandConfiguration(commandName: "path", abstract: "Prints the path of a worker's worktree.")
    @Argument(
        help: ArgumentHelp("The worker, if it is not the one around the folder.", valueName: "worker"), completion: .workers)
    var worker: String?
    @Flag(help: "The path of the repository's own worktree instead.") var root = false
    @OptionGroup var choice: PhaseChoice
    @OptionGroup var common: CommonOptions

    func run() throws {
        if root {
            guard worker == nil else { throw Failure(message: "--root takes no worker", hint: "czar path --root", code: 64) }
            return try answer(nil, try ProjectLayout(around: common.path).root)
        }
        let place = try WorkerPlace(worker, choice, common)
        try answer(place.worker.id.rawValue, place.path)
    }

    private func answer(_ worker: String?, _ path: String) throws {
        var object = JSONObject()
        object.set("schema", "czar.path/1")
        object.set("generated_at", currentTime().description)
        object.set("worker", worker)
        object.set("path", path)
        try common.answer(object.value, text: path)
    }
}

struct ShellCommand: CommonCommand {
    static let configuration = CommandConfiguration(
        commandName: "shell", abstract: "Opens a shell in a worker's worktree; 'exit' comes back.",
        discussion: "Commands for workers need no id there. CZAR_SHELL holds the worker's id, for prompts.")
    @Argument(
        help: ArgumentHelp("The worker, if it is not the one around the folder.", valueName: "worker"), completion: .workers)
    var worker: String?
    @OptionGroup var choice: PhaseChoice
    @OptionGroup var common: CommonOptions

    func run() throws {
        let place = try WorkerPlace(worker, choice, common)
        guard !common.wantsJSON else {
            throw place.about(
                Failure(message: "'czar shell' has no answer in JSON", hint: "czar path \(place.worker.id) --json", code: 64))
        }
        guard chdir(place.path) == 0 else { throw ProjectError.unreadable(path: place.path, why: "\(Errno(rawValue: errno))") }
        var environment = processEnvironment().filter { !$0.key.hasPrefix("GIT_") }
        environment["CZAR_SHELL"] = place.worker.id.rawValue
        environment.merge(WorkerEnvironment.ports(place.ports)) { $1 }
        environment["PWD"] = place.path
        let shell = environment["SHELL"].flatMap { $0.isEmpty ? nil : $0 } ?? "/bin/sh"
        common.note("\(place.worker.id): \(place.path); 'exit' comes back")
        // Whatever this program ignores is no business of the shell's.
        signal(SIGPIPE, SIG_DFL)
        var arguments: [UnsafeMutablePointer<CChar>?] = [strdup(shell), nil]
        var variables: [UnsafeMutablePointer<CChar>?] = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        execve(shell, &arguments, &variables)
        let why = Errno(rawValue: errno)
        throw place.about(
            Failure(message: "cannot run the shell '\(shell)': \(why)", hint: "SHELL=/bin/sh czar shell \(place.worker.id)", code: 66))
    }
}

struct ExecCommand: AsyncParsableCommand, CommonCommand {
    static let configuration = CommandConfiguration(
        commandName: "exec", abstract: "Runs a command in the worktrees of workers: czar exec W… -- CMD",
        discussion: """
            With several workers one after the other, each line of output with its worker's id in front. SIGTERM and SIGHUP are passed on to \
            the command, and the rest is not begun.
            """)
    @OptionGroup var selection: WorkerSelection
    // What stands behind `--` on the command line comes here (``OldVerbs``): the parser has no second list of positional words.
    @Option(parsing: .remaining, help: ArgumentHelp("The command and its arguments; '--' is short for it.", valueName: "command"))
    var command: [String] = []
    @OptionGroup var phaseChoice: PhaseChoice
    @OptionGroup var common: CommonOptions

    func run() async throws {
        let format = try common.format()
        guard !command.isEmpty else {
            throw Failure(
                message: "what is to be run? The command stands behind '--'",
                hint: "czar exec \(selection.names.first ?? "--all") -- git status", code: 64)
        }
        let reader = try StatusReader(around: common.path)
        let roster = try reader.roster(of: phaseChoice.id)
        var choice = try selection.choice(of: roster, reader.state)
        if selection.isEmpty { choice.workers = [try ActingWorker.find(nil, in: roster, reader.state, at: common.path)] }
        let project = try ProjectLayout(around: common.path)
        let places = choice.workers.compactMap { worker in
            let record = reader.state[worker.key]
            return record.creation?.worktree.map { path in
                let refusal = Result { try refuseStranger(at: path, worker, record, project) }
                return Place(worker: worker, path: path, refusal: refusal, ports: record.ports)
            }
        }
        let homeless = choice.workers.filter { reader.state[$0.key].creation?.worktree == nil }
        let absent =
            homeless.map { choice.failure(OperationError.noWorktree(worker: $0.id), of: $0) } + choice.unknown.map { Failure($0.error) }
        if places.isEmpty, absent.count == 1 { throw absent[0] }
        let failed = try await run(in: places, of: roster, asJSON: format == "json")
        if format != "json" { for failure in absent { failure.show(asJSON: false) } }
        let failures = failed + absent
        guard let first = failures.first else { return }
        throw ShownFailure(
            failure: failures.count == 1
                ? first
                : Failure(message: "it failed or did not run for \(failures.count) workers", code: Failure.code(of: failures)))
    }

    private struct Place {
        let worker: WorkerDefinition
        let path: String
        let refusal: Result<Void, any Error>
        let ports: [Int]
    }

    /// Returns what failed; what text output has not shown yet is the command's own business.
    private func run(in places: [Place], of roster: Roster, asJSON: Bool) async throws -> [Failure] {
        let width = places.map { $0.worker.id.rawValue.count }.max() ?? 0
        var failures: [Failure] = []
        var results: [JSONValue] = []
        var wasToldToEnd = false
        for place in places {
            let name = place.worker.id.rawValue
            let prefix = common.style.paint(name, .bold) + String(repeating: " ", count: width - name.count) + " | "
            let output: ForegroundCommand.Output =
                asJSON ? .collected : places.count == 1 ? .inherited : .lines { Console.answer(prefix + DisplayText.safeLine($0)) }
            do {
                if wasToldToEnd {
                    throw Failure(
                        message: "'\(command[0])' was not run for '\(name)': a signal ended the one before",
                        code: FailureKind.interrupted.exitCode)
                }
                let result = try await run(in: place, output)
                wasToldToEnd = result.wasToldToEnd
                if asJSON { results.append(json(place.worker.id, result.code, output: result.output)) }
                guard result.code != 0 else { continue }
                let sentence = "'\(command[0])' ended with \(result.code) for '\(name)'"
                let failure = Failure(message: sentence, hint: "czar shell \(name)", code: result.code).about(place.worker, in: roster)
                failures.append(failure)
                // Of a single one whoever reads its output knows.
                if !asJSON, places.count > 1 { failure.show(asJSON: false) }
            } catch let found as Failure {
                let failure = found.about(place.worker, in: roster)
                // The others have a chance of their own.
                failures.append(failure)
                if asJSON {
                    results.append(json(place.worker.id, failure.code, output: "", problem: failure.message))
                } else {
                    failure.show(asJSON: false)
                }
            }
        }
        if asJSON {
            var object = JSONObject()
            object.set("schema", "czar.exec/1")
            object.set("generated_at", currentTime().description)
            object.set("results", .array(results))
            Console.answer(object.value.prettyText)
        }
        return failures
    }

    /// With the code that a shell gives for a command that cannot be run.
    private func run(in place: Place, _ output: ForegroundCommand.Output) async throws -> ForegroundCommand.Result {
        if case .failure(let error) = place.refusal { throw Failure(error) }
        guard FileKind(at: place.path) == .folder else {
            throw Failure(
                message: "the worktree of '\(place.worker.id)' is gone: '\(place.path)'", hint: "czar create \(place.worker.id)",
                code: FailureKind.missing.exitCode)
        }
        do {
            return try await ForegroundCommand(command, in: place.path, variables: WorkerEnvironment.ports(place.ports)).run(output)
        } catch let error as ForegroundCommand.NotRun {
            throw Failure(
                message: "cannot run '\(command[0])' for '\(place.worker.id)': \(error.reason)",
                hint: "command -v \(ShellText.word(command[0]))",
                code: error.status)
        } catch {
            // Found, and not a program that the system can start: an unknown format, a missing interpreter.
            throw Failure(
                message: "cannot run '\(command[0])' for '\(place.worker.id)': \(error)", hint: "command -v \(ShellText.word(command[0]))",
                code: 126)
        }
    }

    private func json(_ worker: WorkerID, _ code: Int32, output: String, problem: String? = nil) -> JSONValue {
        var object = JSONObject()
        object.set("worker", worker.rawValue)
        object.set("exit", Int(code))
        object.set("output", output)
        object.set("problem", problem)
        return object.value
    }
}

/// A worker and its worktree.
private struct WorkerPlace {
    let worker: WorkerDefinition
    let path: String
    let ports: [Int]
    private let roster: Roster

    init(_ name: String?, _ choice: PhaseChoice, _ common: CommonOptions) throws {
        let reader = try StatusReader(around: common.path)
        roster = try reader.roster(of: choice.id)
        worker = try ActingWorker.find(name, in: roster, reader.state, at: common.path)
        let record = reader.state[worker.key]
        guard let path = record.creation?.worktree else {
            throw Failure(OperationError.noWorktree(worker: worker.id)).about(worker, in: roster)
        }
        try refuseStranger(at: path, worker, record, ProjectLayout(around: common.path))
        (self.path, ports) = (path, reader.state[worker.key].ports)
    }

    /// A failure with a hint that means this worker.
    func about(_ failure: Failure) -> Failure { failure.about(worker, in: roster) }
}

/// In a folder that is no worktree of its own, git acts on the repository around it; in another repository's, on that.
private func refuseStranger(at path: String, _ worker: WorkerDefinition, _ record: WorkerRecord, _ project: ProjectLayout) throws {
    try OthersWorktree.refuse(record, project)
    guard let creation = record.creation, FileKind(at: path + "/.git") != .file else { return }
    try FormerWorktree(worker: worker, project: project).refuseIfElsewhere(creation)
    guard FileKind(at: path) != nil else { return }
    throw Failure(
        message: "what is in '\(path)' is no worktree of '\(worker.id)'", hint: "czar create \(worker.id)",
        code: FailureKind.missing.exitCode)
}
