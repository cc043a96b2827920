import ArgumentParser
import CzarGit
import CzarKit
import CzarPlanning
import Glibc
import Synchronization

struct RunCommand: AsyncParsableCommand, CommonCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Starts what is ready, watches; ends when nothing can run without you.",
        discussion: """
            Ctrl-C ends the workers cleanly, and the next 'czar run' goes on. A person keeps no run going; a wrong name starts nobody.
            """)

    enum Approval: String, ExpressibleByArgument, CaseIterable { case auto, ask }

    @OptionGroup var selection: WorkerSelection

    @Flag(help: "Run on in the background, with a log of its own.")
    var detach = false

    @Flag(help: "End the 'czar run' that is active here.")
    var stop = false

    @Flag(help: "Do what can be done now; what was started goes on.")
    var once = false

    @Option(name: .customLong("for"), help: ArgumentHelp("End after this time.", valueName: "duration"))
    var limit: String?

    @Option(help: "ask waits for 'czar approve' before each start.")
    var approve: Approval = .auto

    @Option(help: ArgumentHelp("Workers at one time; 0 is no limit.", valueName: "n"))
    var maxActive: Int?

    @Flag(help: "Keep the workers running when told to end.")
    var leaveRunning = false

    @Flag(help: "Trust what the plan runs.")
    var trust = false

    @Option(help: ArgumentHelp("Put worktrees here, outside the repository.", valueName: "dir"))
    var worktrees: String?

    @OptionGroup var common: CommonOptions

    func run() async throws {
        try ActingWorker.leaveToOperators("use 'czar run'")
        if stop { return try await StoppedRun(common).stop() }
        Console.outliveReader()
        var coordinator = try Coordinator(around: common.path, actor: "daemon")
        var options = try options(coordinator)
        try TrustCheck.pass(coordinator, common, trusting: trust)
        common.noteLimitations(coordinator)
        try common.noteCommitWarning(coordinator)
        if let sentence = try SparseNotice.sentence(for: coordinator.plan.definitions, in: coordinator.project) {
            common.note("czar: note: \(sentence)")
        }
        if detach { return try await BackgroundRun(common).start(coordinator.project, arguments: CommandLine.arguments) }
        let running = RunningDaemon(asJSON: common.wantsJSON)
        let signals = StopSignals { running.stop() }
        let deadline = options.limit.map { currentTime().advanced(by: $0) }
        while true {
            let end = try await run(coordinator, options, running)
            guard end.reason == .planChanged else {
                signals.cancel()
                return try conclude(end, coordinator, options)
            }
            let files = try PlanSource(coordinator.project).files()
            do {
                let changed = try Coordinator(around: common.path, actor: "daemon")
                // --trust was said about the plan as it was then.
                try TrustCheck.pass(changed, common, trusting: false)
                options = try self.options(changed)
                coordinator = changed
                common.note("czar: the plan has changed; going on with the new one")
            } catch {
                common.note("\(Failure(error).text)\nczar: the changed plan cannot be used; going on with the one before")
                options.passedOverPlan = files
            }
            if let deadline { options.limit = .milliseconds(max(1, deadline.milliseconds - currentTime().milliseconds)) }
        }
    }

    private func run(_ coordinator: Coordinator, _ options: DaemonOptions, _ running: RunningDaemon) async throws -> DaemonEnd {
        let launcher = try SupervisorLauncher(executable: OwnExecutable.path())
        let progress = RunProgress(
            style: common.style, workers: coordinator.plan.ids, quiet: common.quiet, asJSON: common.wantsJSON)
        var options = options
        options.watch = CreationDisplay(common).watch
        options.pulse = { [pulse = options.pulse] in
            pulse($0)
            progress.show($0.notices)
        }
        let daemon = try Daemon(coordinator, launcher: launcher, options: options) { progress.show($0) }
        running.set(daemon)
        return try await daemon.run()
    }

    private func options(_ coordinator: Coordinator) throws -> DaemonOptions {
        var options = DaemonOptions()
        options.once = once
        options.leavesRunning = leaveRunning
        options.schedule.asksApproval = approve == .ask
        options.schedule.maxActive = maxActive
        options.workspace.folder = try WorktreeFolder.chosen(worktrees)
        let signals = TerminalSignals(quiet: common.quiet, asJSON: common.wantsJSON)
        options.pulse = { signals.show($0) }
        let common = common
        options.complain = { common.note("czar: note: \($0)") }
        if let maxActive, maxActive < 0 {
            throw Failure(message: "--max-active takes 0 or more", hint: "czar run --max-active 4", code: 64)
        }
        if let limit {
            guard let duration = DurationText.parse(limit) else {
                throw Failure(message: "'\(limit)' is no duration", hint: "czar run --for 2h", code: 64)
            }
            options.limit = duration
        }
        if !selection.isEmpty {
            options.schedule.selection = Set(try selection.workers(of: coordinator.startable(), try coordinator.ledger.refresh()).map(\.id))
        }
        return options
    }

    /// The table, or the last line of JSON, and the exit code.
    private func conclude(_ end: DaemonEnd, _ coordinator: Coordinator, _ options: DaemonOptions) throws {
        TerminalSignals(quiet: common.quiet, asJSON: common.wantsJSON).end()
        if let problem = end.statusProblem { common.note("czar: \(problem)") }
        let ending = RunEnding(
            end: end, workers: coordinator.plan.definitions.filter { options.schedule.selection?.contains($0.id) ?? true })
        if common.wantsJSON { Console.answer(ending.json.text) }
        if !common.wantsJSON && !common.quiet {
            // Of the state that the run's end was judged by: what changes meanwhile is neither shown nor counted.
            var report = try StatusReader(coordinator, state: end.state).report()
            // This process still holds the lock, and is about to end.
            report.daemon = nil
            Console.answer("\n" + StatusText(report: report, style: common.style).overview())
        }
        if let failure = ending.failure { throw ShownFailure(failure: failure) }
    }
}

/// The daemon that signals are for: a changed plan brings another one.
final class RunningDaemon: Sendable {
    private struct State {
        var daemon: Daemon?
        var stops = 0
    }

    private let state = Mutex(State())
    private let asJSON: Bool

    init(asJSON: Bool) { self.asJSON = asJSON }

    /// Takes the place of the one before; a stop that came in between is for this one.
    func set(_ daemon: Daemon) {
        let stops = state.withLock { state in
            state.daemon = daemon
            return state.stops
        }
        for _ in 0..<stops { stop(daemon) }
    }

    func stop() {
        let daemon = state.withLock { state in
            state.stops += 1
            return state.daemon
        }
        if let daemon { stop(daemon) }
    }

    private func stop(_ daemon: Daemon) {
        // With JSON the one object on standard error is that of the run's end.
        do { try daemon.stop() } catch { if !asJSON { Failure(error).show(asJSON: false) } }
    }
}
