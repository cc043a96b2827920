import ArgumentParser
import CzarKit
import CzarPlanning

/// What the commands that act on several workers by hand share.
protocol SteerCommand: AsyncParsableCommand, CommonCommand {
    var selection: WorkerSelection { get }
    var common: CommonOptions { get }
    /// Whether it was said whom it is about, so that nobody at all is an answer.
    var mayBeNobody: Bool { get }
    /// Whom it is about.
    func choice(_ roster: Roster, _ state: ProjectState) throws -> WorkerChoice
    /// The phase that was named, for commands that take one.
    var phase: PhaseID? { get }
    /// Whether a worker in this state is meant by `--all`: others are passed over.
    func isMeant(_ state: WorkerState) -> Bool
    /// Whether workers only go on once somebody starts them.
    var needsStart: Bool { get }
    /// Whether it is about beginning work, so that it is not for a worker whose phase the plan is not in.
    var isForStarting: Bool { get }
    /// Does it to one worker and says so.
    func act(on worker: WorkerDefinition, _ operations: Operations) throws -> String
}

extension SteerCommand {
    var mayBeNobody: Bool { !selection.isEmpty }
    var needsStart: Bool { false }
    var isForStarting: Bool { false }
    var phase: PhaseID? { nil }

    func isMeant(_ state: WorkerState) -> Bool { true }

    func choice(_ roster: Roster, _ state: ProjectState) throws -> WorkerChoice { try meant(selection, roster, state) }

    /// The chosen ones; of `--all` alone those that the command is for.
    func meant(_ selection: WorkerSelection, _ roster: Roster, _ state: ProjectState) throws -> WorkerChoice {
        var choice = try selection.choice(of: roster, state, starting: isForStarting)
        if selection.isAllAlone { choice.workers.removeAll { !isMeant(state[$0.key].state) } }
        return choice
    }

    func run() async throws { try await steer() }

    func steer() async throws {
        let coordinator = try common.coordinatorOfAnyPlan()
        let roster = try coordinator.roster(of: phase)
        let choice = try choice(roster, try coordinator.ledger.refresh())
        guard !choice.isEmpty || mayBeNobody else { throw ProjectError.workerNeeded(known: coordinator.plan.ids.map(\.rawValue)) }
        if choice.isEmpty { common.note("czar: there is no such worker now") }
        let operations = Operations(coordinator)
        do {
            try await EachWorker.run(choice, common) { try act(on: $0, operations) }
        } catch let shown as ShownFailure {
            try common.keepHolds(coordinator)
            throw shown
        }
        try common.keepHolds(coordinator)
        if needsStart { try noteStart(of: choice.workers.filter { !roster.isElsewhere($0) }, coordinator) }
    }

    /// Says what starts them where nothing does by itself.
    private func noteStart(of workers: [WorkerDefinition], _ coordinator: Coordinator) throws {
        let state = try coordinator.ledger.refresh()
        let waits = workers.contains { state[$0.key].attempts.running == nil && !state[$0.key].person && $0.work != .person }
        guard waits, try DaemonLock.holder(coordinator.project) == nil else { return }
        common.note("czar: note: no 'czar run' is active to start \(workers.count == 1 ? "it" : "them")\ntry: czar run")
    }
}

struct PauseCommand: SteerCommand {
    static let configuration = CommandConfiguration(
        commandName: "pause", abstract: "Holds workers; running commands stop where they stand.")
    @OptionGroup var selection: WorkerSelection
    @OptionGroup var phaseChoice: PhaseChoice
    @OptionGroup var common: CommonOptions

    var phase: PhaseID? { phaseChoice.id }

    func isMeant(_ state: WorkerState) -> Bool { state != .complete && state != .failed }

    func act(on worker: WorkerDefinition, _ operations: Operations) throws -> String {
        try operations.pause(worker)
        return "paused \(worker.id)"
    }
}

struct ResumeCommand: SteerCommand {
    static let configuration = CommandConfiguration(commandName: "resume", abstract: "Lets paused workers go on.")
    @OptionGroup var selection: WorkerSelection
    @OptionGroup var phaseChoice: PhaseChoice
    @OptionGroup var common: CommonOptions

    var phase: PhaseID? { phaseChoice.id }

    var needsStart: Bool { true }

    func isMeant(_ state: WorkerState) -> Bool { state == .paused }

    func act(on worker: WorkerDefinition, _ operations: Operations) throws -> String {
        try operations.resume(worker) ? "resumed \(worker.id)" : "\(worker.id) is not paused"
    }
}

struct StopCommand: SteerCommand {
    static let configuration = CommandConfiguration(commandName: "stop", abstract: "Ends running commands and holds their workers.")
    @OptionGroup var selection: WorkerSelection
    @OptionGroup var phaseChoice: PhaseChoice
    @OptionGroup var common: CommonOptions

    var phase: PhaseID? { phaseChoice.id }

    func isMeant(_ state: WorkerState) -> Bool { state != .complete && state != .failed }

    func act(on worker: WorkerDefinition, _ operations: Operations) throws -> String {
        try operations.stop(worker)
        return "stopped \(worker.id)"
    }
}

struct RetryCommand: SteerCommand {
    static let configuration = CommandConfiguration(
        commandName: "retry", abstract: "Gives failed workers another chance; 'czar run' starts them.")
    @OptionGroup var selection: WorkerSelection
    @Flag(help: "All failed workers; none is no error.") var failed = false
    @OptionGroup var common: CommonOptions

    var mayBeNobody: Bool { failed || !selection.isEmpty }
    var needsStart: Bool { true }
    var isForStarting: Bool { true }

    func choice(_ roster: Roster, _ state: ProjectState) throws -> WorkerChoice {
        var selection = selection
        if failed { selection.state = WorkerState.failed.rawValue }
        return try meant(selection, roster, state)
    }

    func isMeant(_ state: WorkerState) -> Bool { state == .failed }

    func act(on worker: WorkerDefinition, _ operations: Operations) throws -> String {
        try operations.retry(worker)
        return "\(worker.id) may try again"
    }
}

struct ReopenCommand: SteerCommand {
    static let configuration = CommandConfiguration(
        commandName: "reopen", abstract: "Opens complete workers again, for a person or 'czar start'.")
    @OptionGroup var selection: WorkerSelection
    @OptionGroup var phaseChoice: PhaseChoice
    @OptionGroup var common: CommonOptions

    var phase: PhaseID? { phaseChoice.id }

    func isMeant(_ state: WorkerState) -> Bool { state == .complete }

    func act(on worker: WorkerDefinition, _ operations: Operations) throws -> String {
        try operations.reopen(worker)
        return "reopened \(worker.id)"
    }
}

struct FailCommand: SteerCommand {
    static let configuration = CommandConfiguration(
        commandName: "fail", abstract: "Ends workers as failed; what depends on them is blocked.",
        discussion: "In a worker's command or worktree it is about that worker; from inside a sandbox, once its command has ended.")
    @OptionGroup var selection: WorkerSelection
    @Option(help: "The same as WORKER.", completion: .workers) var worker: String?
    @Option(help: "Why.") var reason: String
    @OptionGroup var phaseChoice: PhaseChoice
    @OptionGroup var common: CommonOptions

    var phase: PhaseID? { phaseChoice.id }

    func choice(_ roster: Roster, _ state: ProjectState) throws -> WorkerChoice {
        guard selection.isEmpty || worker != nil else { return try selection.choice(of: roster, state) }
        guard selection.isEmpty else {
            throw Failure(message: "--worker names one worker, and others are selected too", hint: "czar fail --help", code: 64)
        }
        return WorkerChoice(workers: [try ActingWorker.find(worker, in: roster, state, at: common.path)], roster: roster)
    }

    func run() async throws {
        do {
            try await steer()
        } catch JournalError.denied where isAboutItself {
            let receipt = try giveUp()
            try common.answer(receipt.json, text: receipt.text)
        }
    }

    private static let later = "fails when its command has ended, which nobody can end from inside this sandbox"

    func act(on worker: WorkerDefinition, _ operations: Operations) throws -> String {
        do {
            try operations.fail(worker, reason: reason)
            return "failed \(worker.id)"
        } catch LaunchError.outOfSight where isAboutItself {
            _ = try giveUp()
            return "\(worker.id) \(Self.later)"
        } catch JournalError.denied where isAboutItself {
            _ = try giveUp()
            return "queued: \(worker.id) \(Self.later)"
        }
    }

    /// A worker speaks of itself; what it may not do to its own processes or the journal from inside a sandbox, it can still say.
    private var isAboutItself: Bool {
        guard let acting = ActingWorker.current else { return false }
        return (selection.names + [worker].compactMap { $0 }).allSatisfy { $0 == acting } && !selection.all && selection.state == nil
    }

    private func giveUp() throws -> WorkerReport.Receipt {
        let report = try WorkerReport(around: common.path, worker: nil, acting: ActingWorker.current)
        return try report.write(.workerFailed, [Field.reason: reason])
    }
}

struct ApproveCommand: SteerCommand {
    static let configuration = CommandConfiguration(
        commandName: "approve", abstract: "Allows the next start where 'czar run --approve ask' waits.")
    @OptionGroup var selection: WorkerSelection
    @OptionGroup var common: CommonOptions

    /// A worker may approve no one, itself least of all.
    func choice(_ roster: Roster, _ state: ProjectState) throws -> WorkerChoice {
        try ActingWorker.leaveToOperators("approve")
        return try meant(selection, roster, state)
    }

    var isForStarting: Bool { true }

    /// All that a start is still before.
    func isMeant(_ state: WorkerState) -> Bool { state == .pending || state == .ready }

    func act(on worker: WorkerDefinition, _ operations: Operations) throws -> String {
        try operations.approve(worker) ? "approved \(worker.id)" : "\(worker.id) is approved already"
    }
}
