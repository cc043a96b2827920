import CzarGit
import CzarPlanning
import Glibc

/// Commits of all that is in a worker's worktree, which Czar makes for it: `czar commit`, and what a command left when it ended.
package struct WorkerCommit {
    private let coordinator: Coordinator

    package init(_ coordinator: Coordinator) { self.coordinator = coordinator }

    /// Whether this process may write what a commit in that worktree writes. A sandbox may keep it from the worktree's own folder below `.git`
    /// and leave it the rest.
    package static func isAllowed(in worktree: String) throws -> Bool {
        let place = try RepositoryLocation.discover(from: worktree)
        let written = [place.gitDirectory, "\(place.commonDirectory)/objects", "\(place.commonDirectory)/refs/heads"]
        return written.allSatisfy { access($0, W_OK) == 0 || errno == ENOENT }
    }

    /// Commits everything in the worker's worktree that is not ignored and no file of Czar's.
    /// - Throws: ``CommitError`` when there is nothing to commit or the worktree's state forbids it.
    @discardableResult
    package func commit(_ worker: WorkerDefinition, _ record: WorkerRecord, message: String) throws -> ObjectID {
        guard let path = try MovedWorktree.path(of: record, coordinator.project), let branch = record.creation?.branch else {
            throw OperationError.noWorktree(worker: worker.id)
        }
        // In a copied repository it may still be the original's, and the commit would go there.
        if let entry = try gitDirectory(ofWorktree: path), let own = realPath(coordinator.project.location.commonDirectory),
            !(realPath(entry) ?? entry).hasPrefix(own + "/")
        {
            throw try OthersWorktree.error(record, path, coordinator.project)
        }
        let tree = try MovedWorktree.open(path, of: record)
        let full = "\(message)\n\nCzar-Worker: \(worker.id)\nCzar-Phase: \(worker.phase)\n"
        let head = try tree.head()
        guard head.branchName == branch.rawValue else {
            let isInside = path == coordinator.project.location.currentWorktree
            let mend = BranchMend.command(
                BranchMend.git(in: isInside ? nil : path), to: branch, found: head.branchName,
                exists: try tree.branchTip(branch.rawValue) != nil,
                isAnothers: try coordinator.ledger.refresh().isAnothers(head.branchName, than: worker.key))
            throw OperationError.wrongBranch(worker: worker.id, expected: branch, found: head.branchName, mend: mend)
        }
        // A commit on it now would be a root: a branch with nothing of what the worker started from.
        if case .unborn = head {
            let last = try LostBranch(record, coordinator)?.lastTip()
            throw OperationError.branchGone(worker: worker.id, branch: branch, last: last)
        }
        _ = try InterruptedCommit(coordinator: coordinator).finish(worker.key)
        let request = CommitRequest(message: full, skipSigning: coordinator.plan.orchestration.signing == .skip)
        return try coordinator.project.withLock(InterruptedCommit.lockName(worker.key)) {
            // Without an entry before the branch moves nobody could tell a commit that was cut off there from a worker's own.
            var planned: Result<[String: String], any Error> = .success([:])
            func plan(_ commit: ObjectID) -> Bool {
                let fields = [Field.commit: commit.hex, Field.subject: message.firstLine]
                planned = Result {
                    try coordinator.ledger.record(.commitPlanned, worker: worker.key, phase: worker.phase, fields)
                    return fields
                }
                if case .success = planned { return true }
                return false
            }
            let commit: ObjectID
            do throws(CommitFilesError) { commit = try tree.commitFiles(request, mayMove: plan) } catch {
                if case .withheld = error { _ = try planned.get() }
                throw error
            }
            do {
                try coordinator.ledger.record(.committed, worker: worker.key, phase: worker.phase, planned.get())
            } catch let error as any Explained {
                throw OperationError.commitNotRecorded(worker: worker.id, commit: CommitID(rawValue: commit.hex), why: "\(error)")
            }
            return commit
        }
    }

    /// Commits what a command left uncommitted when it ended; nothing happens in a clean worktree.
    func commitRest(of worker: WorkerDefinition, _ record: WorkerRecord) throws {
        guard let path = try MovedWorktree.path(of: record, coordinator.project), FileKind(at: path) == .folder,
            try !MovedWorktree.open(path, of: record).status().isClean
        else { return }
        let message = worker.description == nil ? "\(worker.id): work of attempt \(record.attempts.count)" : worker.commitSubject
        try commit(worker, record, message: message)
    }
}
