import CzarGit
import CzarPlanning

/// When a step of a creation fails.
extension WorkspaceCreator {
    /// Takes back what was made for a worker whose creation failed: the worktree that was added, and the branch.
    ///
    /// - Returns: the error to tell, which also names what could not be taken back.
    func rolledBack(_ pending: Pending, added: AddedWorktree?, _ repository: borrowing Repository, after failure: any Error) -> any Error {
        if let added {
            do throws(WorktreeError) { try project.location.removeWorktree(named: added.name) } catch {
                // The branch stays with it.
                return WorkspaceError.leftover(WorkspaceError(pending.worker, failure), remains: "its worktree '\(added.path)' (\(error))")
            }
        }
        return pending.isRecorded ? failure : withoutBranch(pending.branch, pending.worker, repository, after: failure)
    }

    /// A branch of Czar's own that nobody has worked on goes with the worktree that could not be made.
    func withoutBranch(
        _ branch: WorkspaceStart.Branch, _ worker: WorkerDefinition, _ repository: borrowing Repository, after failure: any Error
    ) -> any Error {
        guard branch.forkPoint == branch.tip else { return failure }
        do throws(ReferenceError) {
            try repository.deleteReference("refs/heads/\(branch.name)", expecting: branch.tip)
            return failure
        } catch {
            return WorkspaceError.leftover(WorkspaceError(worker, failure), remains: "its branch '\(branch.name)' (\(error))")
        }
    }
}
