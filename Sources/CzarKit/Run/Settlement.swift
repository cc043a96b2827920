import CzarGit
import CzarPlanning

/// Judges workers whose attempt has ended: commits what was left uncommitted, gathers the proof, records the verdict.
///
/// The supervisor settles its own attempt; the daemon settles those whose supervisor died. A lock per worker keeps the two, and any
/// command, from doing it at once.
package struct Settlement {
    private let coordinator: Coordinator

    package init(_ coordinator: Coordinator) { self.coordinator = coordinator }

    private var ledger: Ledger { coordinator.ledger }

    /// Brings the worker to the state that its declaration and proof give.
    /// - Returns: why it stays as it is; nil when it was moved.
    @discardableResult
    package func settle(_ worker: WorkerDefinition) throws -> String? {
        try coordinator.project.withLock("settle-\(worker.phase)-\(worker.id)") { try settleLocked(worker) }
    }

    private func settleLocked(_ worker: WorkerDefinition) throws -> String? {
        var record = try ledger.refresh()[worker.key]
        if record.isOrphaned { try recordLostEnd(worker, record) }
        try takeCompletionMark(worker, record)
        record = try ledger.refresh()[worker.key]
        if record.attempts.running != nil { return "its command runs" }
        var commitProblem: String?
        if record.state == .active, wantsCommit(record) {
            do {
                try WorkerCommit(coordinator).commitRest(of: worker, record)
            } catch let error as any Explained where error.kind != .internal {
                commitProblem = "what it left could not be committed: \(error)"
            }
        }
        let state = try ledger.refresh()
        let facts = try ProofReader(coordinator).facts(worker, state[worker.key], state: state)
        return try apply(Verdict.judge(state[worker.key], worker: worker, facts: facts), worker, commitProblem)
    }

    /// Only work that is declared done is committed for the worker; what a failed command left stays as it is, to be looked at.
    private func wantsCommit(_ record: WorkerRecord) -> Bool {
        guard coordinator.plan.orchestration.autoCommit == .onExit, !record.person else { return false }
        return record.declaration != nil || record.attempts.lastEnd?.outcome == .exited(0)
    }

    private func apply(_ verdict: Verdict, _ worker: WorkerDefinition, _ commitProblem: String?) throws -> String? {
        switch verdict {
        case .stay(let why): return why
        case .complete(let tip):
            try ledger.move(worker.key, from: [.active], fields: [Field.tip: tip.rawValue], StateMove(to: .complete))
        case .move(var move):
            if let commitProblem { move.reason = [move.reason, commitProblem].compactMap { $0 }.joined(separator: "; ") }
            try ledger.move(worker.key, from: [.active, .starting], move)
        }
        return nil
    }

    /// Czarina's workers leave a file when they are done: a claim like any other, taken in once.
    private func takeCompletionMark(_ worker: WorkerDefinition, _ record: WorkerRecord) throws {
        guard record.declaration == nil, record.state == .active, let path = record.creation?.worktree,
            FileKind(at: path + "/.WORKER_COMPLETE") == .file
        else { return }
        try ledger.record(.workerComplete, worker: worker.key, phase: worker.phase, [Field.what: ".WORKER_COMPLETE"])
        try Folder(opening: path).removeFile(".WORKER_COMPLETE")
    }

    /// The supervisor is gone: whatever of its attempt still runs is ended, and that nobody saw the end is recorded.
    private func recordLostEnd(_ worker: WorkerDefinition, _ record: WorkerRecord) throws {
        guard let running = record.attempts.running else { return }
        if let supervisor = record.supervisor { try SessionProcesses(supervisor: supervisor).terminate(grace: .seconds(5)) }
        try ledger.change { state in
            guard state[worker.key].attempts.running?.number == running.number else { return [] }
            let fields = Attempts.Outcome.lost.fields.merging([Field.attempt: String(running.number)]) { _, new in new }
            return [ledger.event(.processEnded, worker: worker.key, phase: worker.phase, fields)]
        }
    }
}
