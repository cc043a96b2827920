import CzarGit
import CzarPlanning
import SystemPackage

/// Commits of Czar's that were cut off between the entry before the branch moved and the one after it.
struct InterruptedCommit {
    let coordinator: Coordinator

    /// Held from the one entry to the other.
    static func lockName(_ worker: WorkerKey) -> String { "commit-\(worker.phase)-\(worker.id)" }

    /// Records what became of the worker's; nil where nothing was cut off, or another process is at it.
    func finish(_ worker: WorkerKey) throws -> String? {
        guard try coordinator.ledger.refresh()[worker].plannedCommit != nil else { return nil }
        do {
            return try coordinator.project.withLock(Self.lockName(worker), timeout: .zero) { try finishLocked(worker) }
        } catch let error as FileError where error.errno == .wouldBlock {
            return nil
        }
    }

    private func finishLocked(_ worker: WorkerKey) throws -> String? {
        let record = try coordinator.ledger.refresh()[worker]
        guard let planned = record.plannedCommit, let commit = planned[Field.commit].flatMap(ObjectID.init(hex:)) else { return nil }
        guard let branch = record.creation?.branch ?? record.formerCreation?.branch, try hasMoved(branch, to: commit) else {
            try coordinator.ledger.record(.commitAbandoned, worker: worker, phase: worker.phase, planned)
            return "the interrupted commit of '\(worker.id)' had changed nothing"
        }
        try coordinator.ledger.record(.committed, worker: worker, phase: worker.phase, planned)
        return "the interrupted commit \(commit.short) of '\(worker.id)' was completed"
    }

    /// Whether the branch is at the commit, or was: somebody may have gone on from there.
    private func hasMoved(_ branch: BranchName, to commit: ObjectID) throws -> Bool {
        let tip = try coordinator.openRepository().branchTip(branch.rawValue)
        return try tip == commit || coordinator.project.location.idsNamed(byReflogOf: branch.rawValue).contains(commit)
    }
}
