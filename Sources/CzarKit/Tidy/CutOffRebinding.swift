import CzarGit
import CzarPlanning

/// A rebinding, or the undoing of one, that ended in the middle: the worktree is on the one branch, and the other is recorded.
struct CutOffRebinding {
    private let coordinator: Coordinator

    init(_ coordinator: Coordinator) { self.coordinator = coordinator }

    func finding(_ record: WorkerRecord) throws -> DoctorFinding? {
        guard let creation = record.creation, record.attempts.running == nil, record.plannedTidying == nil,
            let entry = try coordinator.project.location.worktrees().first(where: { $0.path == creation.worktree && $0.problem == nil }),
            let branch = entry.branch, branch != creation.branch.rawValue
        else { return nil }
        let worker = record.key.id
        let what = "the worktree of '\(worker)' has '\(branch)' checked out, and '\(creation.branch)' is recorded"
        if let planned = coordinator.plan[worker], planned.key == record.key, planned.branch.rawValue == branch {
            return DoctorFinding(
                "rebinding", .problem, "\(what), which the plan does not say: a rebinding was cut off, or somebody has switched it",
                "czar create --rebind \(worker)")
        }
        guard let rebound = try undoable(record.key, creation, from: branch) else { return nil }
        return DoctorFinding(
            "rebinding", .problem, "\(what): the undo of its rebinding was cut off, or somebody has switched it back",
            "czar undo \(rebound)")
    }

    /// The entry of the rebinding from that branch to the recorded one, where nothing was committed since on the one alone.
    private func undoable(_ key: WorkerKey, _ creation: WorkerRecord.Creation, from branch: String) throws -> Int64? {
        let history = UndoHistory(try coordinator.ledger.journal.entries())
        guard let rebound = history.newestStanding(.rebound, of: key), rebound.event.fields[Field.branch] == creation.branch.rawValue,
            history.record(of: key, before: rebound.sequence).creation?.branch.rawValue == branch
        else { return nil }
        let repository = try coordinator.openCommon()
        let now = try repository.branchTip(creation.branch.rawValue)
        return try now == nil || now == repository.branchTip(branch) ? rebound.sequence : nil
    }
}
