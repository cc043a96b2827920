import ArgumentParser
import CzarGit
import CzarKit
import CzarPlanning
import Glibc
import Synchronization

struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Starts what is ready, watches, reports; ends when nothing can run without you.",
        discussion: "Ctrl-C ends the workers cleanly and the next 'czar run' goes on; --leave-running keeps them.")

    enum Approval: String, ExpressibleByArgument, CaseIterable { case auto, ask }

    @OptionGroup var selection: WorkerSelection

    @Flag(help: "Do what can be done now and end; what was started goes on.")
    var once = false

    @Option(name: .customLong("for"), help: ArgumentHelp("End after this time.", valueName: "duration"))
    var limit: String?

    @Option(help: "auto starts ready workers, ask waits for 'czar approve'.")
    var approve: Approval = .auto

    @Option(help: ArgumentHelp("Workers at one time, against the plan's max_active; 0 is no limit.", valueName: "n"))
    var maxActive: Int?

    @Flag(help: "Keep the workers running when told to end.")
    var leaveRunning = false

    @Flag(help: "Trust what the plan runs.")
    var trust = false

    @Option(help: ArgumentHelp("Put worktrees into this folder of yours, outside the repository.", valueName: "dir"))
    var worktrees: String?

    @OptionGroup var common: CommonOptions

    func run() async throws {
        var coordinator = try Coordinator(around: common.path, actor: "daemon")
        var options = try options(coordinator)
        try TrustCheck.pass(coordinator, common, trusting: trust)
        for limitation in coordinator.limitations { common.note("czar: note: \(limitation.sentence)") }
        if let sentence = try SparseNotice.sentence(for: coordinator.plan.definitions, in: coordinator.project) {
            common.note("czar: note: \(sentence)")
        }
        let running = RunningDaemon()
        let signals = StopSignals { running.stop() }
        let deadline = options.limit.map { currentTime().advanced(by: $0) }
        while true {
            let end = try await run(coordinator, options, running)
            guard end.reason == .planChanged else {
                signals.cancel()
                return try conclude(end, coordinator)
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
            options.schedule.selection = Set(try selection.workers(of: coordinator.plan, try coordinator.ledger.refresh()).map(\.id))
        }
        return options
    }

    /// The table, who waits for what, and the exit code.
    private func conclude(_ end: DaemonEnd, _ coordinator: Coordinator) throws {
        TerminalSignals(quiet: common.quiet, asJSON: common.wantsJSON).end()
        if let problem = end.statusProblem { common.note("czar: \(problem)") }
        if !common.wantsJSON && !common.quiet {
            var report = try StatusReader(around: common.path).report()
            // This process still holds the lock, and is about to end.
            report.daemon = nil
            Console.answer("\n" + StatusText(report: report, style: common.style).overview())
        }
        switch end.reason {
        case .told: throw ExitCode(FailureKind.interrupted.exitCode)
        case .timeIsUp: throw ExitCode(FailureKind.timedOut.exitCode)
        case .once, .planChanged: return
        case .nothingLeft:
            let open = coordinator.plan.definitions.filter { end.state[$0.key].state != .complete && isSelected($0) }
            if !open.isEmpty { throw ExitCode(FailureKind.negative.exitCode) }
        }
    }

    private func isSelected(_ worker: WorkerDefinition) -> Bool {
        selection.isEmpty || selection.all || selection.names.contains { fnmatch($0, worker.id.rawValue, 0) == 0 }
    }
}

/// The daemon that signals are for: a changed plan brings another one.
final class RunningDaemon: Sendable {
    private struct State {
        var daemon: Daemon?
        var stops = 0
    }

    private let state = Mutex(State())

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
        do { try daemon.stop() } catch { Failure(error).show(asJSON: false) }
    }
}
