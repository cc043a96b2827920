import CzarGit
import CzarPlanning

/// Gives a rebound worker its former branch back, where nothing was done on the new one.
///
/// Every step can be done again: an entry that says so first, HEAD of the worktree, the branch that the rebinding made, the record last.
struct RebindUndo {
    private let coordinator: Coordinator
    private let history: UndoHistory

    init(_ coordinator: Coordinator, _ history: UndoHistory) { (self.coordinator, self.history) = (coordinator, history) }

    private var ledger: Ledger { coordinator.ledger }
    private var project: ProjectLayout { coordinator.project }

    /// - Throws: ``UndoError/depends(sequence:why:)`` where something depends on the new branch; nothing has changed then.
    func undo(_ key: WorkerKey, _ action: UndoHistory.Action) throws -> String {
        func refuse(_ why: String) -> UndoError { .depends(sequence: action.sequence, why: why) }
        let record = try ledger.refresh()[key]
        let before = history.record(of: key, before: action.sequence)
        guard let former = before.creation, let current = record.creation else { throw refuse("the worker has no branch any more") }
        guard current.branch.rawValue == action.fields[Field.branch] else { throw refuse("the worker was bound to another branch since") }
        if let end = record.attempts.lastEnd, end.time >= action.first.event.time { throw refuse("attempt \(end.number) ran there") }
        if record.attempts.running != nil { throw refuse("its command runs; czar stop \(key.id) first") }
        guard former.worktree == current.worktree else {
            throw refuse("its worktree was elsewhere before; czar remove \(key.id), put the plan back, then czar create --rebind \(key.id)")
        }
        let repository = try coordinator.openCommon()
        guard let tip = try repository.branchTip(former.branch.rawValue) else {
            throw refuse("its former branch '\(former.branch)' is gone")
        }
        try project.withLock("worktrees") {
            let entry = try entryToSwitch(current, to: former, tip, repository, refuse)
            if record.plannedTidying == nil {
                let planned = [Field.sequence: String(action.sequence), Field.what: EventType.rebound.rawValue]
                try ledger.record(.undoPlanned, worker: key, phase: key.phase, planned)
            }
            try entry?.pointHead(at: former.branch.rawValue)
        }
        try deleteMadeBranch(current, former, tip, repository)
        try finish(key, former, tip, action)
        // It names the branch.
        try WorkspaceFiles(project: project, plan: coordinator.plan).refreshIdentities(try ledger.refresh())
        return "'\(key.id)' is on '\(former.branch)' again"
    }

    /// Finishes one that was cut off. What stands in the way by now ends it: what is recorded is what was there before.
    func resume(_ key: WorkerKey, _ sequence: Int64) throws -> InterruptedTidying.Outcome {
        let what = "the interrupted undo of entry \(sequence)"
        do {
            let done = try undo(key, history.action(sequence))
            return InterruptedTidying.Outcome(sentence: "\(what) was completed: \(done)", undone: sequence)
        } catch let error as any Explained where error.kind != .internal {
            try ledger.record(.removalAbandoned, worker: key, phase: key.phase, [Field.reason: "\(error)"])
            return InterruptedTidying.Outcome(sentence: "\(what) cannot be finished: \(error)", isMended: false)
        }
    }

    /// The worktree that is on the new branch. Both branches are at one commit, so no file changes.
    private func entryToSwitch(
        _ current: WorkerRecord.Creation, to former: WorkerRecord.Creation, _ tip: ObjectID, _ repository: borrowing Repository,
        _ refuse: (String) -> UndoError
    ) throws -> WorktreeEntry? {
        guard current.branch != former.branch else { return nil }
        if let found = try repository.branchTip(current.branch.rawValue), found != tip {
            throw refuse("'\(current.branch)' is at \(found.short), and '\(former.branch)' at \(tip.short)")
        }
        let user = try project.location.checkedOutBranches()[former.branch.rawValue]
        if let user, user != current.worktree { throw refuse("'\(former.branch)' is in use in '\(user)'") }
        guard let entry = try project.location.worktrees().first(where: { $0.path == current.worktree && $0.problem == nil }),
            entry.branch != former.branch.rawValue
        else { return nil }
        guard entry.branch == current.branch.rawValue else { throw refuse("its worktree is on another branch") }
        return entry
    }

    /// One that was adopted stays, as does one that somebody has moved.
    private func deleteMadeBranch(
        _ current: WorkerRecord.Creation, _ former: WorkerRecord.Creation, _ tip: ObjectID, _ repository: borrowing Repository
    ) throws {
        guard current.branch != former.branch, let made = current.forkPoint.flatMap({ ObjectID(hex: $0.rawValue) }),
            try repository.branchTip(current.branch.rawValue) == made,
            try project.location.checkedOutBranches()[current.branch.rawValue] == nil
        else { return }
        try repository.deleteReference("refs/heads/\(current.branch)", expecting: made)
    }

    private func finish(_ key: WorkerKey, _ former: WorkerRecord.Creation, _ tip: ObjectID, _ action: UndoHistory.Action) throws {
        var branch = [Field.branch: former.branch.rawValue, Field.base: former.base, Field.tip: tip.hex]
        branch[Field.forkPoint] = former.forkPoint?.rawValue
        branch[Field.path] = former.worktree
        try ledger.change { _ in
            let undone = [Field.sequence: String(action.sequence), Field.what: EventType.rebound.rawValue, Field.with: "1"]
            return [
                ledger.event(.rebound, worker: key, phase: key.phase, branch), ledger.event(.undone, worker: key, phase: key.phase, undone),
            ]
        }
    }
}
