import CzarGit

/// The worktrees as they were when a creation began; the additions themselves look again, under their lock.
struct PlacedWorktrees {
    let entries: [WorktreeEntry]
    /// Paths by branch.
    let users: [String: String]

    init(_ location: RepositoryLocation) throws(GitError) {
        entries = try location.worktrees()
        users = try location.checkedOutBranches()
    }
}
