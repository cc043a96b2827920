import CzarGit
import CzarPlanning
import Synchronization

/// The loop behind `czar run`: take in what happened, ask the scheduler, do what it says, sleep until something happens.
///
/// It holds nothing that the journal does not: killed at any moment, the next one goes on from the same state, and workers that run
/// meanwhile are found by what their supervisors recorded.
package final class Daemon: Sendable {
    let coordinator: Coordinator
    private let options: DaemonOptions
    private let starter: WorkerStarter
    private let launcher: SupervisorLauncher
    private let watcher: Watcher
    private let statusFile: StatusFileWriter
    private let observe: @Sendable ([JournalEntry]) -> Void
    private let stopRequests = Atomic<Int>(0)

    /// `observe` is given every entry that was written since the last call, in order.
    package init(
        _ coordinator: Coordinator, launcher: SupervisorLauncher, options: DaemonOptions,
        observe: @escaping @Sendable ([JournalEntry]) -> Void
    ) throws {
        (self.coordinator, self.launcher, self.options, self.observe) = (coordinator, launcher, options, observe)
        starter = WorkerStarter(coordinator, launcher: launcher, options: options.workspace, watch: options.watch)
        statusFile = StatusFileWriter(coordinator)
        watcher = try Watcher(commonDirectory: coordinator.project.location.commonDirectory)
    }

    /// Asks the loop to end: the first time cleanly, the second time without waiting for workers to end by themselves.
    ///
    /// - Throws: what kept the workers from being killed the second time or later.
    package func stop() throws {
        let requests = stopRequests.add(1, ordering: .relaxed).newValue
        watcher.wake()
        if requests > 1, !options.leavesRunning { try DaemonRound.endAtOnce(coordinator) }
    }

    private var stops: Int { stopRequests.load(ordering: .relaxed) }

    /// Runs until nothing can run without an operator, or until it is told to end.
    /// - Throws: ``OperationError/daemonRuns(pid:)`` when another daemon works on this repository.
    package func run() async throws -> DaemonEnd {
        let lock = try DaemonLock.acquire(coordinator.project)
        let reaper = Task { [watcher, launcher] in for await _ in launcher.ends { watcher.wake() } }
        defer { reaper.cancel() }
        let sender = NotificationSender(coordinator.plan, repository: coordinator.project.root, complain: options.complain)
        var loop = DaemonRound(coordinator, observe: observe) { [options] pulse in
            sender?.send(pulse.notices)
            options.pulse(pulse)
        }
        let end = try await onOwnThread("begin") { [loop, options] in
            var loop = loop
            try loop.begin(options.schedule)
            return loop
        }
        loop = end
        let result: DaemonEnd
        do {
            result = try await turn(&loop)
        } catch {
            await sender?.finish()
            throw error
        }
        await sender?.finish()
        lock.hold()
        return result
    }

    private func turn(_ loop: inout DaemonRound) async throws -> DaemonEnd {
        let started = currentTime()
        var reports = ReportFileWriter(coordinator, zone: .local)
        var startDeadline: ContinuousClock.Instant?
        while true {
            let (next, outcome) = try await workWhenThereIsSpace(loop)
            loop = next
            if outcome.hasNews { statusFile.noteChange() }
            if stops > 0 { return try await finish(loop, outcome, .told) }
            if hasNewPlan(outcome) { return try await finish(loop, outcome, .planChanged) }
            if try await start(outcome.starts) || outcome.acted { continue }
            // Before any end: what was due while nothing ran is made up for by a run that finds nothing to do, too.
            let (written, nextReport) = try await writeReports(reports)
            reports = written
            if options.once {
                let deadline = startDeadline ?? ContinuousClock.now + .seconds(10)
                startDeadline = deadline
                // What a start came to is part of what can be done now.
                let hasHappened = try await onOwnThread("starts") { [loop] in try loop.letStartsFinish(until: deadline) }
                if hasHappened { continue }
                return try await finish(loop, outcome, .once)
            }
            if !outcome.schedule.canContinue { return try await finish(loop, outcome, .nothingLeft) }
            if let limit = options.limit, currentTime() >= started.advanced(by: limit) { return try await finish(loop, outcome, .timeIsUp) }
            try await sleep(outcome, started, nextReport: nextReport)
        }
    }

    private func hasNewPlan(_ outcome: DaemonRound.Outcome) -> Bool {
        outcome.planFiles.fingerprint != coordinator.reading.fingerprint && outcome.planFiles != options.passedOverPlan
    }

    /// A full disk is no reason to leave the workers alone: what a round would have written is found again by the next one.
    private func workWhenThereIsSpace(_ loop: DaemonRound) async throws -> (DaemonRound, DaemonRound.Outcome) {
        var isTold = false
        while true {
            do { return try await work(loop) } catch let error as JournalError {
                guard case .full = error else { throw error }
                if stops > 0 { try await endWithoutSpace(loop, error) }
                if !isTold { options.complain("\(error); czar run goes on as soon as there is space") }
                isTold = true
            }
            // Nothing tells of space that was freed.
            try await onOwnThread("wait") { [watcher] in try watcher.wait(.seconds(2), processes: []) }
        }
    }

    /// Told to end when nothing can be written: the workers are ended all the same, as far as that can be kept.
    private func endWithoutSpace(_ loop: DaemonRound, _ error: JournalError) async throws -> Never {
        if !options.leavesRunning {
            try await onOwnThread("end") {
                var loop = loop
                try loop.interruptWorkers()
            }
        }
        throw error
    }

    private func work(_ loop: DaemonRound) async throws -> (DaemonRound, DaemonRound.Outcome) {
        try await onOwnThread("round") { [options] in
            var loop = loop
            let outcome = try loop.work(options.schedule)
            return (loop, outcome)
        }
    }

    /// Starts workers side by side; one that cannot be started has its reason in the journal, and the others go on.
    private func start(_ workers: [WorkerDefinition]) async throws -> Bool {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for worker in workers { group.addTask { [starter] in try await Self.start(worker, starter) } }
            try await group.waitForAll()
        }
        return !workers.isEmpty
    }

    private static func start(_ worker: WorkerDefinition, _ starter: WorkerStarter) async throws {
        do {
            try await starter.start(worker)
        } catch let error as any Explained where error.kind != .internal {
            // Recorded by the starter as the worker's failure, or lost to another process that started it.
            return
        }
    }

    private func writeReports(_ writer: ReportFileWriter) async throws -> (ReportFileWriter, Timestamp?) {
        try await onOwnThread("reports") {
            var writer = writer
            let next = try writer.writeDue()
            return (writer, next)
        }
    }

    private func sleep(_ outcome: DaemonRound.Outcome, _ started: Timestamp, nextReport: Timestamp?) async throws {
        let moments = [outcome.nextMoment, options.limit.map { started.advanced(by: $0) }, nextReport].compactMap { $0 }
        let limit = moments.min().map { Duration.milliseconds(max(1, $0.milliseconds - currentTime().milliseconds)) }
        try await onOwnThread("wait") { [watcher, coordinator] in
            try watcher.watch(worktrees: outcome.worktrees, planFolder: coordinator.project.folder)
            try watcher.wait(limit, processes: outcome.supervisors)
        }
    }

    private func tellOfWaiting() throws {
        let state = try coordinator.ledger.refresh()
        let running = state.workers.values.filter { $0.attempts.running != nil && !$0.person }.map(\.key.id.rawValue).sorted()
        if !running.isEmpty { options.complain("waiting for \(running.joined(separator: ", ")) to end; a second Ctrl-C ends them at once") }
    }

    private func finish(_ loop: DaemonRound, _ outcome: DaemonRound.Outcome, _ reason: DaemonEnd.Reason) async throws -> DaemonEnd {
        let leaves = options.leavesRunning || reason == .once || reason == .nothingLeft || reason == .planChanged
        let state = try await onOwnThread("end") { [self] in
            var loop = loop
            if !leaves {
                try tellOfWaiting()
                try loop.interruptWorkers()
            }
            try loop.end(reason)
            return try coordinator.ledger.refresh()
        }
        return DaemonEnd(
            reason: reason, state: state, statusProblem: await statusFile.finish(), waiting: outcome.schedule.waiting)
    }
}
