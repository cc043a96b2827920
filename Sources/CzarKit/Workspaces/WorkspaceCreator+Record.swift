import CzarGit
import CzarPlanning

/// What a worktree gets beside the files of its commit, and what is recorded of it.
extension WorkspaceCreator {
    /// Writes Czar's own files.
    func writeFiles(_ pending: Pending, at path: String, _ repository: borrowing Repository) throws {
        let (worker, branch) = (pending.worker, pending.branch)
        let files = WorkspaceFiles(project: project, plan: coordinator.plan)
        try files.write(
            for: worker, branch: branch.name, base: branch.base, forkPoint: branch.forkPoint, path: path, tip: branch.tip, repository)
    }

    /// Brings ignored files of the main worktree into worktrees that were made just now, or whose record is missing.
    func bring(
        _ made: [(pending: Pending, added: AddedWorktree?)], watch: WorkspaceWatch = WorkspaceWatch()
    ) throws -> [Swift.Result<BringReport?, any Error>] {
        let isNew = made.map { $0.added != nil || !$0.pending.isRecorded || $0.pending.isCutOff }
        let entries = try project.location.worktrees()
        let places = zip(made, isNew).compactMap { made, isNew -> WorkspaceBringing.Place? in
            let path = made.added?.path ?? made.pending.path
            guard isNew, let entry = entries.first(where: { $0.path == path }) else { return nil }
            return WorkspaceBringing.Place(worker: made.pending.worker, path: path, gitDirectory: entry.gitDirectory)
        }
        var results = WorkspaceBringing(project: project).bring(into: places, watch: watch)[...]
        return isNew.map { $0 ? results.popFirst() ?? .success(nil) : .success(nil) }
    }

    /// What is to be recorded of a workspace that is complete.
    func creationEvents(_ pending: Pending, at path: String, _ brought: BringReport?) -> [Event] {
        let (worker, branch) = (pending.worker, pending.branch)
        var tree = [Field.path: path, Field.branch: branch.name.rawValue]
        tree[Field.brought] = brought.map { String($0.files) }
        tree[Field.recovery] = pending.recovery
        if worker.isSparse { tree[Field.sparse] = "true" }
        var fields = [Field.branch: branch.name.rawValue, Field.base: branch.base, Field.tip: branch.tip.hex]
        fields[Field.forkPoint] = branch.forkPoint?.hex
        let type: EventType = options.rebind ? .rebound : branch.forkPoint == nil ? .branchAdopted : .branchCreated
        let created = ledger.event(type, worker: worker.key, phase: worker.phase, fields)
        return (pending.isRecorded ? [] : [created]) + [ledger.event(.worktreeCreated, worker: worker.key, phase: worker.phase, tree)]
    }

    /// The workspace that was made and recorded.
    func workspace(_ pending: Pending, _ added: AddedWorktree?, _ brought: BringReport?) -> Workspace {
        let (branch, path) = (pending.branch, added?.path ?? pending.path)
        let creation = WorkerRecord.Creation(
            branch: branch.name, base: branch.base, forkPoint: branch.forkPoint.map { CommitID(rawValue: $0.hex) }, worktree: path,
            time: currentTime())
        var made = workspace(pending.worker, creation, path, isNew: true, files: added?.report.files, since: pending.start)
        (made.unfiltered, made.brought, made.recovery) = (added?.report.unfiltered ?? [:], brought, pending.recovery)
        made.hasNothingToBring = added != nil && !pending.worker.copy.isEmpty && project.location.mainWorktree == nil
        return made
    }

    func workspace(
        _ worker: WorkerDefinition, _ creation: WorkerRecord.Creation, _ path: String, isNew: Bool, files: Int? = nil,
        since start: ContinuousClock.Instant
    ) -> Workspace {
        let elapsed = (ContinuousClock.now - start).components
        return Workspace(
            worker: worker.id, branch: creation.branch, base: creation.base,
            forkPoint: creation.forkPoint.flatMap { ObjectID(hex: $0.rawValue) }, path: path, isNew: isNew,
            files: files,
            seconds: Double(elapsed.seconds) + Double(elapsed.attoseconds) / 1e18)
    }
}
