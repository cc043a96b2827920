import CzarGit
import CzarPlanning

extension WorktreeEntry {
    /// Whether HEAD names a branch, born or not, or a commit that is there. Git does nothing in the worktree of one that does not.
    func hasReadableHead(_ repository: borrowing Repository) throws -> Bool {
        if let branch { return BranchName(rawValue: branch) != nil }
        return try detachedAt.map { try repository.peeledCommit($0) != nil } ?? false
    }
}
