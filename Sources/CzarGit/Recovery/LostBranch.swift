extension Repository {
    /// Where a branch was last that is gone, or cannot be read: as the reflog of a HEAD that names it says, else its own; nil where neither
    /// says it, or that commit is not there.
    ///
    /// `gitDirectories`: of the worktrees that have it checked out.
    /// - Complexity: O(reflogs).
    package func lastTip(
        ofLost branch: String, checkedOutIn gitDirectories: [String], in location: RepositoryLocation
    ) throws(GitError) -> ObjectID? {
        let logs = gitDirectories.map { joinPath($0, "logs/HEAD") } + [joinPath(location.commonDirectory, "logs/refs/heads/" + branch)]
        for log in logs {
            let last = try onFiles { () throws(FileError) in try lastReflogID(log) }
            if let last, let commit = try peeledCommit(last) { return commit }
        }
        return nil
    }
}
