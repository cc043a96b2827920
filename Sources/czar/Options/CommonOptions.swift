import ArgumentParser
import CzarGit
import CzarKit
import CzarPlanning
import Glibc

extension Style.ColorChoice: ExpressibleByArgument {}

/// A command that takes the common options.
protocol CommonCommand: ParsableCommand {
    var common: CommonOptions { get }
    /// The forms of its answer beside text and JSON.
    static var moreFormats: [String] { get }
}

extension CommonCommand {
    static var moreFormats: [String] { [] }
}

/// The options that every command takes.
struct CommonOptions: ParsableArguments {
    @Option(name: .customShort("C"), help: ArgumentHelp("Work in this folder.", valueName: "dir"), completion: .directory)
    var folder: String?

    @Option(help: ArgumentHelp("The form of the answer: text or json; some commands have more.", valueName: "format"), completion: .formats)
    var format: String?

    @Flag(help: "The same as --format json.")
    var json = false

    @Flag(name: .shortAndLong, help: "Say only what was asked for.")
    var quiet = false

    @Option(help: ArgumentHelp("Colours: auto, always or never.", valueName: "when"))
    var color: Style.ColorChoice = .auto

    @Flag(help: "Use no symbols beyond ASCII.")
    var ascii = false

    @Flag(help: "Answer every question with yes.")
    var yes = false

    /// Where the command works.
    var path: String { folder ?? "." }

    var wantsJSON: Bool { json || format == "json" }

    var style: Style { Style(color: color, ascii: ascii, environment: processEnvironment(), isTerminal: isatty(STDOUT_FILENO) == 1) }

    /// The chosen format.
    /// - Throws: ``Failure`` (64) when the command does not have it.
    func format(among more: [String] = []) throws -> String {
        if json { return "json" }
        let known = ["text", "json"] + more
        guard let format else { return "text" }
        guard known.contains(format) else {
            throw Failure(
                message: "there is no format '\(format)' here: there are \(known.joined(separator: ", "))",
                hint: OldVerbs.command(with: format, as: NearName.suggestion(for: format, among: known) ?? known[0]), code: 64)
        }
        return format
    }

    /// Writes the answer in the format that was asked for.
    func answer(_ json: @autoclosure () -> JSONValue, text: @autoclosure () -> String) throws {
        Console.answer(try format() == "json" ? json().prettyText : text())
    }

    /// The project for a command about workers that exist already: a plan that cannot be read just now is no reason not to end one.
    func coordinatorOfAnyPlan(withWithdrawn: Bool = false) throws -> Coordinator {
        let coordinator = try Coordinator(
            around: path, actor: ActingWorker.actor, evenWithBrokenPlan: true, withWithdrawn: withWithdrawn)
        if let problem = coordinator.planProblem {
            // Where the last worker was taken out of the plan, that there is none is no problem of who brings it back.
            if withWithdrawn, case ProjectError.noPlan = problem {} else { notePlanProblem(problem) }
        }
        try takeIn(coordinator)
        return coordinator
    }

    /// Says when more workers are active than the plan wants at one time: who starts one by hand is not made to wait.
    func noteCrowd(_ coordinator: Coordinator) throws {
        let limit = coordinator.plan.orchestration.maxActive
        let active = try coordinator.ledger.refresh().occupying.count
        guard limit > 0, active > limit else { return }
        note("czar: note: \(active) workers are active, and 'max_active' is \(limit): 'czar run' starts no more until there is room")
    }

    /// Takes in what sandboxed workers have queued: whoever acts on a worker knows what it has said before.
    func takeIn(_ coordinator: Coordinator) throws {
        // A worker answers for itself alone, and may be in a sandbox that lets it read no more than it must.
        guard ActingWorker.current == nil else { return }
        do {
            for problem in try EventIntake(coordinator).takeAll() {
                note("czar: note: \(problem.worker.id): \(DisplayText.safe("\(problem.error)"))")
            }
        } catch JournalError.full {
            // Whoever fills the disk can be stopped all the same.
            note("czar: note: what workers have queued, or ended with, is recorded as soon as there is space on the disk")
        }
    }

    /// Takes in what an acting worker has queued before what it does now; of operators ``takeIn(_:)`` has done it.
    func takeIn(of worker: WorkerKey, _ coordinator: Coordinator) throws {
        guard ActingWorker.current != nil else { return }
        for problem in try EventIntake(coordinator).takeNoting(of: worker) {
            note("czar: note: \(DisplayText.safe("\(problem.error)"))")
        }
    }

    /// Says what is wrong with the plan's files, where the one accepted last will do.
    func notePlanProblem(_ problem: any Error) {
        note("\(Failure(problem).text)\nczar: note: going on with the plan that was accepted last")
    }

    /// Says what of the repository Czar cannot honour, before a worktree is made in it.
    func noteLimitations(_ coordinator: Coordinator) {
        for limitation in coordinator.limitations { note("czar: note: \(limitation.sentence)\ntry: \(limitation.remedy)") }
    }

    /// Says before anything is started that none of it could be committed.
    func noteCommitWarning(_ coordinator: Coordinator) throws {
        guard let warning = try coordinator.commitWarning() else { return }
        note("czar: note: \(warning.sentence)" + (warning.remedy.map { "\ntry: \($0)" } ?? ""))
    }

    /// Brings up to date what follows from a change that was just made.
    func keepHolds(_ coordinator: Coordinator) throws {
        // A worker's sandbox may keep the status file from it; whoever settles its attempt writes the file.
        if let problem = try HoldKeeper(coordinator).keepWithoutDaemon(), ActingWorker.current == nil { note("czar: \(problem)") }
    }

    /// The debug log: lines on standard error for who has set CZAR_DEBUG, whatever else was asked for.
    func debug(_ lines: [String]) {
        guard getenv("CZAR_DEBUG") != nil else { return }
        for line in lines { Console.note("czar: debug: \(DisplayText.safeLine(line))") }
    }

    /// Something worth saying beside the answer; silent with JSON and --quiet.
    func note(_ text: String) { if !quiet && !wantsJSON { Console.note(text) } }
}
