import ArgumentParser
import CzarGit
import CzarKit
import CzarPlanning

struct AddCommand: AsyncParsableCommand, CommonCommand {
    static let configuration = CommandConfiguration(
        commandName: "add", abstract: "Defines a worker, with or without a plan; --start starts it at once.",
        discussion: """
            TEXT is its brief: what it is to do. For '--agent shell' it is the line to run. '-' reads it from standard input.
            Without --agent it is the plan's, else 'czar.agent' of Git's user configuration, else the first one found here.
            """)

    @Argument(help: ArgumentHelp("What to call it; becomes part of its branch and folder.", valueName: "id")) var id: String

    @Argument(help: ArgumentHelp("Its brief.", valueName: "text")) var words: [String] = []

    @Option(help: ArgumentHelp("Read the brief from this file.", valueName: "file"), completion: .file())
    var brief: String?

    @Option(help: ArgumentHelp("Who works there: an agent, shell or person.", valueName: "agent"), completion: .agents)
    var agent: String?

    @Option(
        parsing: .upToNextOption, help: ArgumentHelp("Start when these workers are complete.", valueName: "worker"), completion: .workers)
    var after: [String] = []

    @Option(help: ArgumentHelp("Start from this branch or revision.", valueName: "rev"), completion: .branches) var base: String?

    @Option(help: ArgumentHelp("The name of its branch.", valueName: "branch")) var branch: String?

    @Flag(help: "Start it now, or as soon as what it waits for is complete.") var start = false

    @OptionGroup var common: CommonOptions

    func run() async throws {
        if let acting = ActingWorker.current { throw ProjectError.notYourWorker(acting: acting, on: id) }
        if after.flatMap(Self.list).contains(id) {
            throw Failure(message: "'\(id)' cannot wait for itself", hint: "czar add --help", code: 64)
        }
        let project = try ProjectLayout(around: common.path)
        _ = try project.checkedLimitations()
        let added = try add(try addition(project), to: project)
        if let obstacle = added.obstacle { common.note("czar: note: \(obstacle); czar agents shows what is here") }
        let coordinator = try Coordinator(around: common.path, actor: "cli")
        let worker = try coordinator.worker(added.worker.id)
        try coordinator.ledger.record(.workerAdded, worker: worker.key, phase: worker.phase, added.written)
        let isWatched = try DaemonLock.holder(project) != nil
        let progress: Progress
        do { progress = start ? try await begin(worker, coordinator) : isWatched ? .watched : .defined } catch {
            try takeBack(worker, coordinator)
            throw error
        }
        if case .started = progress { try common.noteCrowd(coordinator) }
        // Who waits for a failed one is blocked at once. A started one waits for nobody: the figures of all workers come behind its answer.
        if case .started = progress {
            try answer(added, progress, worker, coordinator)
            try common.keepHolds(coordinator)
        } else {
            try common.keepHolds(coordinator)
            try answer(added, progress, worker, coordinator)
        }
    }

    /// What is wrong with it stands on this command line: there is nothing to validate yet.
    private func add(_ addition: WorkerAddition, to project: ProjectLayout) throws -> WorkerAdder.Added {
        do {
            return try WorkerAdder(project).add(addition, starting: start)
        } catch let error as AdditionError {
            guard case .invalid = error else { throw error }
            throw Failure(message: "\(error)", hint: try corrected(project) ?? "czar add --help", code: error.kind.exitCode)
        }
    }

    private func corrected(_ project: ProjectLayout) throws -> String? {
        if let branch, BranchName(rawValue: branch) == nil {
            return OldVerbs.command(with: branch, as: SafeName.make(from: branch, fallback: "feat/" + id))
        }
        guard let agent, agent != "person", AgentProfile.builtIn[AgentNames.canonical(agent)] == nil else { return nil }
        var known = Set(AgentProfile.builtIn.keys).union(["person"])
        known.formUnion(try WorkerAdder(project).plan(beside: id)?.agents.keys.map { $0 } ?? [])
        guard !known.contains(agent) else { return nil }
        return NearName.suggestion(for: agent, among: known.sorted()).map { OldVerbs.command(with: agent, as: $0) } ?? "czar agents"
    }

    /// A worker that was to be started at once and for whom no place could be made is not left behind.
    private func takeBack(_ worker: WorkerDefinition, _ coordinator: Coordinator) throws {
        let record = try coordinator.ledger.refresh()[worker.key]
        guard record.state == .failed, record.causes == [.create], record.attempts.count == 0 else { return }
        if let sentence = try Withdrawal(coordinator).withdraw(worker.key) { common.note("czar: note: \(sentence)") }
    }

    private func answer(
        _ added: WorkerAdder.Added, _ progress: Progress, _ worker: WorkerDefinition, _ coordinator: Coordinator
    ) throws {
        let state = try coordinator.ledger.refresh()
        let waitsFor = worker.dependencies.filter { id in coordinator.plan[id].map { state[$0.key].state != .complete } ?? false }
        let outcome = Outcome(
            added: added, progress: progress, record: state[worker.key], waitsFor: waitsFor.map { "'\($0)'" })
        try common.answer(outcome.json, text: outcome.text)
    }

    // MARK: - What was said

    private func addition(_ project: ProjectLayout) throws -> WorkerAddition {
        guard let worker = WorkerID(rawValue: id) else {
            let safe = SafeName.make(from: id, fallback: "parser")
            // A sentence in the place of the id is the brief.
            let isBrief = words.isEmpty && brief == nil && id.contains(" ")
            throw Failure(
                message: "'\(id)' is no worker id: it \(WorkerID.problem(in: id) ?? "is unusable")",
                hint: isBrief
                    ? ShellText.line(["czar", "add", safe, id] + (start ? ["--start"] : [])) : OldVerbs.command(with: id, as: safe),
                code: 64)
        }
        let (dependencies, rest) = try splitAfter(project)
        var text = try briefText(words + rest)
        let work = try work(text, project)
        if case .script(let line) = work { text = "Runs `\(line)`." }
        return WorkerAddition(
            id: worker, brief: text, work: work, dependencies: dependencies, base: base, branch: branch)
    }

    /// The names of a list with commas, with or without blanks beside them; anything else is given back whole.
    private static func list(_ value: String) -> [String] {
        let parts = value.split(separator: ",").map { $0.split(whereSeparator: \.isWhitespace) }
        return parts.contains { $0.count > 1 } ? [value] : parts.flatMap { $0.map(String.init) }
    }

    /// `--after a b "text"`: an id holds no space and no capital letter, so a brief behind the ids can be told from them.
    private func splitAfter(_ project: ProjectLayout) throws -> (dependencies: [WorkerID], rest: [String]) {
        guard !after.isEmpty else { return ([], []) }
        let plan = try WorkerAdder(project).plan(beside: id)
        func known(_ name: String) -> WorkerID? {
            plan?.definitions.first { $0.id.rawValue == name || $0.displayName == name }?.id
        }
        let names = after.enumerated().flatMap { index, value in
            let list = Self.list(value)
            // Behind the first ids `look, mend` may be the brief.
            return index == 0 || !value.contains(" ") || list.allSatisfy { known($0) != nil } ? list : [value]
        }
        let ids = names.prefix { WorkerID(rawValue: $0) != nil || !$0.contains(" ") }
        return (
            try ids.map { name in
                guard let found = known(name) else {
                    throw plan?.noSuchWorker(name) ?? ProjectError.noSuchWorker(name: name, suggestion: nil, known: [])
                }
                return found
            }, Array(names.dropFirst(ids.count))
        )
    }

    private func briefText(_ words: [String]) throws -> String? {
        if let brief {
            guard words.isEmpty else {
                throw Failure(
                    message: "the brief of '\(id)' is given twice, as text and as a file",
                    hint: ShellText.line(["czar", "add", id, "--brief", brief]), code: 64
                )
            }
            guard let bytes = try fileContent(brief) else { throw ProjectError.unreadable(path: brief, why: "there is no such file") }
            return try text(bytes, of: brief)
        }
        if words == ["-"] {
            do { return try text(StandardInput.all(), of: "standard input") } catch ProjectError.unreadable(_, let why) {
                throw Failure(
                    message: "cannot read the brief from standard input: \(why)", hint: "czar add \(id) 'what to do'",
                    code: FailureKind.invalid.exitCode)
            }
        }
        let text = words.joined(separator: " ")
        return text.allSatisfy(\.isWhitespace) ? nil : text
    }

    private func text(_ bytes: [UInt8], of source: String) throws -> String {
        guard let text = String(validating: bytes, as: UTF8.self), !text.utf8.contains(0) else {
            throw ProjectError.unreadable(path: source, why: "it is not text in UTF-8")
        }
        guard !text.allSatisfy(\.isWhitespace) else { throw ProjectError.unreadable(path: source, why: "it is empty") }
        return text
    }

    private func work(_ text: String?, _ project: ProjectLayout) throws -> WorkerAddition.Work {
        let (work, name) = try chosenWork(project)
        if name == "shell" {
            guard let text else {
                throw Failure(message: "what is '\(id)' to run?", hint: "czar add \(id) --agent shell 'make test'", code: 64)
            }
            return .script(text)
        }
        if work != .agent("person"), text == nil, try project.planFile("workers/\(id).md") == nil {
            throw Failure(
                message: "what is worker '\(id)' to do? It has no brief", hint: "czar add \(id) 'what to do'", code: 64)
        }
        return work
    }

    /// Who is to work there, and whoever that is by the plan's or the user's settings.
    private func chosenWork(_ project: ProjectLayout) throws -> (work: WorkerAddition.Work, name: String) {
        if let agent { return (.agent(agent), agent) }
        if let name = try WorkerAdder(project).plan(beside: id)?.orchestration.defaultAgent { return (.planDefault, name) }
        if let agent = try AgentChoice.found() { return (.agent(agent), agent) }
        common.note("czar: note: \(AgentChoice.none); a person works there")
        return (.agent("person"), "person")
    }

    // MARK: - Starting

    /// How far the worker got.
    enum Progress { case defined, watched, waits(String), started, byDaemon }

    private func begin(_ worker: WorkerDefinition, _ coordinator: Coordinator) async throws -> Progress {
        try TrustCheck.pass(coordinator, common, trusting: false, plan: coordinator.plan.started([worker]))
        for sentence in try InterruptedTidying(coordinator).finish() { common.note(sentence) }
        common.noteLimitations(coordinator)
        try common.noteCommitWarning(coordinator)
        do {
            let options = WorkspaceOptions(folder: try WorktreeFolder.chosen(nil))
            let starter = WorkerStarter(coordinator, launcher: try SupervisorLauncher(executable: OwnExecutable.path()), options: options)
            let attempt = try coordinator.ledger.refresh()[worker.key].attempts.count + 1
            guard try Operations(coordinator).makeReady(worker, for: attempt),
                try await starter.start(worker, attempt: attempt) == .here
            else { return .byDaemon }
            return .started
        } catch OperationError.waitsFor(_, let what) {
            return .waits(what)
        } catch let error as OperationError {
            // A daemon that watches the plan's files may have been quicker.
            let record = try coordinator.ledger.refresh()[worker.key]
            guard try DaemonLock.holder(coordinator.project) != nil, [.starting, .active, .complete].contains(record.state) else {
                throw error
            }
            return .byDaemon
        }
    }
}

extension AddCommand {
    /// The answer in its two forms.
    struct Outcome {
        let added: WorkerAdder.Added
        let progress: Progress
        let record: WorkerRecord
        /// The dependencies that are not complete.
        let waitsFor: [String]

        private var id: String { added.worker.id.rawValue }

        private var agent: String {
            switch added.worker.work {
            case .agent(let name): name
            case .script, .command: "shell"
            case .person: "person"
            }
        }

        private var isPerson: Bool { added.worker.work == .person }

        var text: String {
            let after =
                added.worker.dependencies.isEmpty ? "" : ", after \(added.worker.dependencies.map(\.rawValue).joined(separator: ", "))"
            var lines = ["added \(id): \(isPerson ? "a person works there" : agent)\(after)"]
            switch progress {
            case .defined where waitsFor.isEmpty: lines.append("next: czar start \(id), or 'czar run' for all that is ready")
            case .defined: lines.append("it waits for \(waitsFor.joined(separator: ", ")); next: czar run")
            case .watched: lines.append("'czar run' is active and starts it when it can")
            case .waits where waitsFor.count > 1:
                lines.append("it waits for \(waitsFor.joined(separator: ", ")); 'czar run' starts it when they are complete")
            case .waits(let what): lines.append("it waits for \(what); 'czar run' starts it when that is complete")
            case .started, .byDaemon:
                let place = record.creation.map { " on \($0.branch)" + ($0.worktree.map { " in \($0)" } ?? "") } ?? ""
                lines.append((isPerson ? "made \(id)" : "started \(id)") + place)
                lines.append(isPerson ? "next: czar shell \(id)" : "next: czar logs \(id) -f")
            }
            return lines.joined(separator: "\n")
        }

        var json: JSONValue {
            var object = JSONObject()
            object.set("schema", "czar.added/1")
            object.set("generated_at", currentTime().description)
            object.set("worker", id)
            object.set("agent", agent)
            object.set("definition", added.definition)
            object.set("brief", added.brief)
            object.set("dependencies", .strings(added.worker.dependencies.map(\.rawValue)))
            object.set("branch", (record.creation?.branch ?? added.worker.branch).rawValue)
            object.set("path", record.creation?.worktree)
            object.set("state", record.state.rawValue)
            if case .waits(let what) = progress { object.set("waits_for", what) }
            return object.value
        }
    }
}
