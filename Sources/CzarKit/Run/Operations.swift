import CzarGit
import CzarPlanning

/// What an operator does to a worker by hand: on the journal and on the processes themselves, whether a daemon runs or not.
package struct Operations: Sendable {
    private let coordinator: Coordinator

    package init(_ coordinator: Coordinator) { self.coordinator = coordinator }

    private var ledger: Ledger { coordinator.ledger }

    private func refuse(
        _ what: String, _ worker: WorkerDefinition, _ from: WorkerState, to: WorkerState, only: [WorkerState] = [],
        _ remedy: String? = nil
    ) -> OperationError {
        .notPossible(worker: worker.id, what: what, move: RefusedMove(from: from, to: to, only: only), remedy: remedy)
    }

    /// Holds a worker; its running command is stopped where it stands (SIGSTOP). Asked again, it stops what was started since.
    package func pause(_ worker: WorkerDefinition) throws {
        try requireInSight(worker)
        try ledger.change { state in
            let record = state[worker.key]
            guard record.state == .paused || record.state.canMove(to: .paused) else {
                throw refuse("pause", worker, record.state, to: .paused)
            }
            return event(worker).paused(record, by: .operator, reason: "paused by an operator")
        }
        if let supervisor = try ledger.refresh()[worker.key].supervisor { try RunningAttempt(supervisor: supervisor).pause() }
    }

    /// Lets a paused worker go on: its command continues, an end that came meanwhile is judged, or the rules decide when it starts.
    /// What blocked it before, or was reported meanwhile, holds it still.
    /// - Returns: false when nothing holds it.
    @discardableResult
    package func resume(_ worker: WorkerDefinition) throws -> Bool {
        let record = try ledger.refresh()[worker.key]
        if [.pending, .ready, .starting, .active].contains(record.state) { return false }
        guard record.state == .paused else { throw refuse("resume", worker, record.state, to: .active, only: [.paused]) }
        try PersonSession.requireNone(worker, coordinator.project)
        if let supervisor = record.supervisor {
            try requireInSight(worker)
            try RunningAttempt(supervisor: supervisor).resume()
        }
        try settleOrphan(worker)
        try ledger.change { state in
            let record = state[worker.key]
            return record.state == .paused ? event(worker).released(record, from: Cause.pausing) : []
        }
        try Settlement(coordinator).settleUnjudgedEnd(of: worker)
        return true
    }

    /// Ends the running command (TERM, grace, KILL) and holds the worker until `start` or `resume`.
    package func stop(_ worker: WorkerDefinition) throws {
        let reason = "stopped by an operator"
        try endingProcesses(of: worker, keeping: { .paused($0, by: .operator, reason: reason) }) {
            try ledger.change { state in
                let record = state[worker.key]
                guard record.state == .paused || record.state.canMove(to: .paused) else {
                    if Self.stillRuns(record) { return [] }
                    throw refuse("stop", worker, record.state, to: .paused)
                }
                return event(worker).paused(record, by: .operator, reason: reason, ends: true)
            }
        }
        try settleOrphan(worker)
    }

    /// Of an attempt whose supervisor died nobody else says that it has ended, and how that is judged.
    private func settleOrphan(_ worker: WorkerDefinition) throws {
        if try ledger.refresh()[worker.key].isOrphaned { try Settlement(coordinator).settle(worker) }
    }

    /// Ends the worker for good, as far as nobody retries it.
    package func fail(_ worker: WorkerDefinition, reason: String) throws {
        try endingProcesses(of: worker, keeping: { .failed($0, reason: reason) }) {
            try ledger.change { state in
                let record = state[worker.key]
                guard record.state.canMove(to: .failed) else {
                    if Self.stillRuns(record) { return [] }
                    throw refuse("fail", worker, record.state, to: .failed)
                }
                return [event(worker).stateChanged(from: record.state, StateMove(to: .failed, causes: [.operator], reason: reason))]
            }
        }
        try settleOrphan(worker)
    }

    /// Whether the command of a failed worker is there: whoever recorded that was killed before he ended it.
    private static func stillRuns(_ record: WorkerRecord) -> Bool { record.state == .failed && record.attempts.running != nil }

    /// Gives a failed worker another chance; whoever depends on it is unblocked by the next look of the scheduler.
    package func retry(_ worker: WorkerDefinition) throws {
        try settleOrphan(worker)
        try ledger.change { state in
            let record = state[worker.key]
            guard record.state == .failed else {
                let instead = record.state == .paused ? "czar resume \(worker.id)" : nil
                throw refuse("retry", worker, record.state, to: .pending, only: [.failed], instead)
            }
            if Self.stillRuns(record) { throw OperationError.commandRuns(worker: worker.id, what: "retry", state: record.state) }
            return [event(worker).stateChanged(from: .failed, StateMove(to: .pending, reason: "retried by an operator"))]
        }
    }

    /// Opens a complete worker again: a person works there until it is declared complete or started.
    package func reopen(_ worker: WorkerDefinition) throws {
        try ledger.change { state in
            let record = state[worker.key]
            guard record.state == .complete else { throw refuse("reopen", worker, record.state, to: .active, only: [.complete]) }
            return [event(worker).stateChanged(from: .complete, StateMove(to: .active, reason: "reopened"), person: true)]
        }
    }

    /// Allows the next start where `run --approve ask` asks.
    /// - Returns: false when it was allowed before and the start has not come yet.
    @discardableResult
    package func approve(_ worker: WorkerDefinition) throws -> Bool {
        var isNew = true
        try ledger.change { state in
            let record = state[worker.key]
            guard record.state == .pending || record.state == .ready else {
                throw refuse("approve", worker, record.state, to: .starting, only: [.pending, .ready])
            }
            isNew = !record.approved
            return isNew ? [ledger.event(.approved, worker: worker.key, phase: worker.phase)] : []
        }
        return isNew
    }

    /// What became of a declaration.
    package enum Declared: Hashable, Sendable {
        case complete(tip: CommitID)
        /// Kept until the running command has ended; what is missing so far.
        /// `isCommittedThen`: from inside this sandbox nothing can be committed, and what is uncommitted is at the end.
        case kept(missing: [String], next: String?, isCommittedThen: Bool)
    }

    /// Declares a worker complete. Without a running command it is judged at once; otherwise when the command has ended.
    /// - Throws: ``OperationError/notProven(worker:missing:next:)`` when nothing runs and the proof is incomplete; nothing is declared then.
    package func complete(_ worker: WorkerDefinition, fields: [String: String] = [:]) throws -> Declared {
        let state = try ledger.refresh()
        let record = state[worker.key]
        if record.state == .complete, let tip = record.completedTip, try !hasMoved(record, from: tip) { return .complete(tip: tip) }
        try OthersWorktree.refuse(record, coordinator.project)
        // A quick command may be done before its supervisor has written down that it runs.
        let isRunning = record.attempts.running != nil && record.state == .starting
        if record.creation == nil, worker.work == .person, Self.isCompletable(record) {
            throw OperationError.nothingToProve(worker: worker.id)
        }
        guard record.creation != nil, isRunning || Self.isCompletable(record) else {
            throw refuse("complete", worker, record.state, to: .complete, Self.beforeCompletion(worker, record))
        }
        if record.attempts.running == nil, let place = try MovedWorktree.place(of: record, coordinator.project) {
            throw WorkspaceError.moved(worker: worker.id, to: place)
        }
        let facts = try ProofReader(coordinator).facts(worker, record, state: state)
        let missing = Proof.missing(for: worker, branch: record.creation?.branch ?? worker.branch, facts: facts)
        let path = try MovedWorktree.path(of: record, coordinator.project)
        let isInside = path == coordinator.project.location.currentWorktree
        let remedy = Proof.remedy(
            for: worker, branch: record.creation?.branch ?? worker.branch, facts: facts, at: isInside ? nil : path)
        if record.attempts.running != nil {
            try ledger.record(.workerComplete, worker: worker.key, phase: worker.phase, fields)
            guard remedy?.isCommit == true, let path, try !WorkerCommit.isAllowed(in: path) else {
                // A worktree that was made again would not be the one that the command works in.
                return .kept(missing: missing, next: facts.worktree == nil ? nil : remedy?.command, isCommittedThen: false)
            }
            let isCommittedThen = coordinator.plan.orchestration.autoCommit == .onExit
            let next = isCommittedThen ? nil : "czar block 'nothing can be committed from inside this sandbox'"
            return .kept(missing: missing, next: next, isCommittedThen: isCommittedThen)
        }
        guard missing.isEmpty, let tip = facts.tip else {
            let next = remedy.map { $0.isEnough ? "\($0.command) && czar complete \(worker.id)" : $0.command }
            throw OperationError.notProven(worker: worker.id, missing: missing.joined(separator: "; "), next: next)
        }
        try ledger.change { state in
            let record = state[worker.key]
            // Somebody was quicker with the same words.
            if record.state == .complete, record.completedTip == tip { return [] }
            // Started meanwhile: then it is the end of its command that is judged.
            guard Self.isCompletable(record), record.attempts.running == nil else {
                throw refuse("complete", worker, record.state, to: .complete)
            }
            let declared = ledger.event(.workerComplete, worker: worker.key, phase: worker.phase, fields)
            var from = record.state
            let begun = Self.pathToActive(from: from).map { next in
                defer { from = next }
                return declared.stateChanged(from: from, StateMove(to: next), person: next == .starting || next == .active)
            }
            return [declared] + begun + [
                declared.stateChanged(from: .active, StateMove(to: .complete), fields: facts.completion(at: tip))
            ]
        }
        return .complete(tip: tip)
    }

    /// Work that was done before Czar, without it, or by a person after an attempt had ended, is completed by its proof alone.
    private static func isCompletable(_ record: WorkerRecord) -> Bool {
        switch record.state {
        case .active, .blocked, .pending, .ready, .paused: true
        // Complete: what was committed since is declared.
        case .failed, .complete: record.attempts.running == nil
        case .starting: false
        }
    }

    /// Whether the branch of a complete worker is somewhere else than it was proven. One that is gone is no further along.
    private func hasMoved(_ record: WorkerRecord, from tip: CommitID) throws -> Bool {
        guard let branch = record.creation?.branch, let found = try coordinator.openRepository().branchTip(branch.rawValue) else {
            return false
        }
        return found.hex != tip.rawValue
    }

    private static func pathToActive(from state: WorkerState) -> [WorkerState] {
        switch state {
        case .blocked, .paused: [.active]
        case .failed: [.pending, .ready, .starting, .active]
        case .pending: [.ready, .starting, .active]
        case .ready: [.starting, .active]
        case .complete: [.active]
        default: []
        }
    }

    private static func beforeCompletion(_ worker: WorkerDefinition, _ record: WorkerRecord) -> String {
        if record.state == .failed { return "czar retry \(worker.id)" }
        return record.declaration == nil ? "czar start \(worker.id)" : "czar create \(worker.id)"
    }

    /// Brings a worker to `ready`, so that the attempt that was asked for can be started now.
    ///
    /// - Returns: false when another process has started that attempt meanwhile.
    /// - Throws: ``OperationError/waitsFor(worker:what:)`` while a dependency is not done: starting on unfinished work is refused.
    package func makeReady(_ worker: WorkerDefinition, for attempt: Int) throws -> Bool {
        var isStarted = false
        try PersonSession.requireNone(worker, coordinator.project)
        try settleOrphan(worker)
        let landings = try landings()
        try ledger.change { state in
            let record = state[worker.key]
            isStarted = record.attempts.count >= attempt
            if isStarted { return [] }
            let event = event(worker)
            var from = record.state
            return try pathToReady(worker, state, landings).map { next in
                defer { from = next }
                return event.stateChanged(from: from, StateMove(to: next, reason: "started by an operator"))
            }
        }
        return !isStarted
    }

    /// Refuses what starting the worker now would be refused for; changes nothing.
    package func requireStartable(_ worker: WorkerDefinition) throws {
        try PersonSession.requireNone(worker, coordinator.project)
        _ = try pathToReady(worker, try ledger.refresh(), landings())
    }

    /// The states on the way to `ready`, from where it is.
    private func pathToReady(
        _ worker: WorkerDefinition, _ state: ProjectState, _ landings: [WorkerID: IntegrationReader.Answer]?
    ) throws -> [WorkerState] {
        let record = state[worker.key]
        if record.attempts.isRunning(beyond: record.state) {
            throw OperationError.commandRuns(worker: worker.id, what: "start", state: record.state)
        }
        if record.attempts.running != nil, record.state != .active, record.state != .starting {
            throw OperationError.waitsFor(worker: worker.id, what: "the end of its command, which is \(record.state)")
        }
        guard record.attempts.running == nil else { throw refuse("start", worker, record.state, to: .starting) }
        // Before it is ready: a start that fails would leave it failed, and putting the plan back would not lead out.
        if let how = Drift.of(worker, record, coordinator.project) { throw WorkspaceError.drifted(worker: worker.id, how: how) }
        // What it once waited for, and what has become of that since, is no reason any more.
        if record.state == .complete { throw refuse("start", worker, record.state, to: .starting, "czar reopen \(worker.id)") }
        for id in worker.dependencies {
            guard let dependency = coordinator.plan[id] else { continue }
            let found = state[dependency.key].state
            guard found == .complete else { throw OperationError.waitsFor(worker: worker.id, what: "'\(id)', which is \(found)") }
            guard let landings, landings[id]?.how.isIntegrated != true else { continue }
            let target = coordinator.plan.project.omnibusBranch ?? coordinator.base
            let branch = dependency.branch
            throw landings[id]?.how == .reverted
                ? OperationError.reverted(
                    worker: worker.id, dependency: id, branch: branch, target: target, revert: landings[id]?.revert)
                : OperationError.notIntegrated(
                    worker: worker.id, dependency: id, branch: branch, target: target,
                    start: try TargetStart.of(coordinator.plan, coordinator.base, coordinator.openRepository()))
        }
        switch record.state {
        case .ready: return []
        case .pending, .blocked, .paused: return [.ready]
        case .failed: return [.pending, .ready]
        case .active where record.person && worker.work != .person: return [.paused, .ready]
        case .active, .starting, .complete: throw refuse("start", worker, record.state, to: .starting)
        }
    }

    /// How the work of complete workers has landed; nil where the plan does not ask for that.
    private func landings() throws -> [WorkerID: IntegrationReader.Answer]? {
        guard coordinator.plan.orchestration.dependencyGate == .integrated else { return nil }
        let reader = FactsReader(
            project: coordinator.project, plan: coordinator.plan, base: coordinator.base, history: coordinator.history)
        return try reader.landings(ledger.refresh())
    }

    private func event(_ worker: WorkerDefinition) -> Event { ledger.event(.stateChanged, worker: worker.key, phase: worker.phase) }

    /// Records why, then ends the command: without a record its end would count as a failure, and a retry would start it again. Where the
    /// disk is full, what runs may be what fills it: then the reason is kept in the space that was reserved for it.
    private func endingProcesses(
        of worker: WorkerDefinition, keeping hold: (AttemptID) -> UnrecordedHold, _ record: () throws -> Void
    ) throws {
        try requireInSight(worker)
        do { try record() } catch let error as JournalError {
            guard case .full(let path) = error, let attempt = try ledger.refresh()[worker.key].runningAttempt else { throw error }
            guard hold(attempt).wasKept(in: coordinator.project.stateFolder) else {
                throw OperationError.unrecorded(ended: [], kept: [worker.id], path: path)
            }
            try endProcesses(of: worker)
            throw OperationError.unrecorded(ended: [worker.id], kept: [], path: path)
        }
        try endProcesses(of: worker)
    }

    /// What cannot be done to the processes is not recorded either.
    private func requireInSight(_ worker: WorkerDefinition) throws {
        let record = try ledger.refresh()[worker.key]
        guard let supervisor = record.supervisor else { return }
        try OthersWorktree.refuseSignal(record, coordinator)
        if supervisor.isOutOfSight { throw LaunchError.outOfSight(pid: supervisor.pid) }
        // Another user's takes no signal from this one.
        try ProcessHandle.of(supervisor)?.send(0)
    }

    /// Ends the command; its supervisor records how it ended. A supervisor that is dead already is settled by whoever looks next.
    private func endProcesses(of worker: WorkerDefinition) throws {
        guard let supervisor = try ledger.refresh()[worker.key].supervisor else { return }
        try RunningAttempt(supervisor: supervisor).stop(grace: .seconds(10))
    }
}
