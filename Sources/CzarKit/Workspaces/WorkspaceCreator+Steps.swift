import CzarGit
import CzarPlanning

/// A worker's branch, and what is to be made of its worktree.
extension WorkspaceCreator {
    func makeBranch(
        _ worker: WorkerDefinition, _ recorded: WorkerRecord.Creation?, _ record: WorkerRecord, _ placed: PlacedWorktrees,
        _ repository: borrowing Repository
    ) throws -> WorkspaceStart.Branch {
        if let creation = recorded { return try look.branch(of: worker, creation, record, repository) }
        switch try look.find(worker, record, placed, repository) {
        case .there(let branch): return branch
        case .missing(let base, let commit):
            if record.plannedStart.map({ $0.branch == worker.branch && $0.commit.rawValue == commit.hex }) != true {
                try ledger.change { _ in [plannedEvent(worker, commit)] }
            }
            try createBranch(worker, at: commit, repository)
            return WorkspaceStart.Branch(name: worker.branch, base: base, tip: commit, forkPoint: commit)
        }
    }

    private func createBranch(_ worker: WorkerDefinition, at commit: ObjectID, _ repository: borrowing Repository) throws {
        do throws(ReferenceError) {
            try repository.createBranch(worker.branch.rawValue, at: commit)
        } catch .nameCollision(_, let other) {
            throw WorkspaceError.collision(worker, with: other)
        } catch {
            throw error.kind == .busy
                ? WorkspaceError.busy(worker: worker.id, why: "\(error)") : .failed(worker: worker.id, why: "\(error)")
        }
    }

    func plannedEvent(_ worker: WorkerDefinition, _ commit: ObjectID) -> Event {
        ledger.event(
            .workspacePlanned, worker: worker.key, phase: worker.phase,
            [Field.branch: worker.branch.rawValue, Field.base: worker.base ?? coordinator.base, Field.commit: commit.hex])
    }

    // MARK: Worktree

    /// Where the worktree is, and what to add when it is not there. `former` is the branch that the worker had before a rebinding, which
    /// may still be checked out in its worktree.
    func settleWorktree(
        _ worker: WorkerDefinition, _ branch: WorkspaceStart.Branch, _ recorded: WorkerRecord.Creation?, _ placed: PlacedWorktrees,
        instead former: BranchName?
    ) throws -> (path: String, request: WorktreeRequest?, recovery: String?) {
        let path = recorded?.worktree ?? project.worktreePath(of: worker, under: options.folder)
        let entries = placed.entries.filter { $0.path == path }
        if let entry = entries.first(where: { $0.problem == nil }) {
            if entry.branch == branch.name.rawValue { return (entry.path, nil, nil) }
            if let former, entry.branch == former.rawValue {
                try switchBranch(of: entry, worker, to: branch, from: former)
                return (entry.path, nil, nil)
            }
        }
        let elsewhere = try recorded.flatMap { try WorkerWorktree.vanishedElsewhere(worker.id, $0, among: placed.entries, project) }
        let recovery = try FormerWorktree(worker: worker, project: project).clear(entries + [elsewhere].compactMap { $0 }, path: path)
        try allowSparse(worker)
        let request = WorktreeRequest(
            name: worker.id.rawValue, path: path, root: recorded?.worktree.map(project.root(ofWorktree:)) ?? options.folder ?? project.root,
            branch: branch.name.rawValue, commit: branch.tip, sparsePaths: worker.sparseFolders)
        return (path, request, recovery)
    }

    /// What Git needs for a worktree that holds a part of the files (``SparseNotice`` says so before).
    private func allowSparse(_ worker: WorkerDefinition) throws {
        guard worker.isSparse else { return }
        do {
            try project.withLock("configuration") { try project.location.enableWorktreeConfiguration() }
        } catch let error as GitError where error.kind == .busy {
            throw WorkspaceError.failed(worker: worker.id, why: "\(error)")
        } catch let error as GitError {
            throw WorkspaceError.cannotBeSparse(worker: worker.id, why: "\(error)")
        }
    }

    /// Puts a rebound worker's worktree on its new branch where both are at the same commit, so that no file changes and nothing can be
    /// lost; anything else is for a person to decide.
    private func switchBranch(
        of entry: WorktreeEntry, _ worker: WorkerDefinition, to branch: WorkspaceStart.Branch, from former: BranchName
    ) throws {
        try project.withLock("worktrees") {
            let repository = try coordinator.openRepository()
            let users = try project.location.checkedOutBranches()
            if let user = users[branch.name.rawValue] {
                throw WorkspaceError.branchCheckedOut(worker: worker.id, branch: branch.name, at: user)
            }
            guard try repository.branchTip(former.rawValue) == branch.tip else {
                // A branch without an own commit that was made just now goes again.
                throw WorkspaceError.otherBranch(
                    worker: worker.id, path: entry.path, found: former, wanted: branch.name, exists: branch.forkPoint != branch.tip)
            }
            try entry.pointHead(at: branch.name.rawValue)
        }
    }
}
