import CLibgit2

extension Repository {
    /// The branch that HEAD of this worktree names and that had no commit yet (`git switch --orphan`); nil where HEAD is at a commit, and
    /// where the branch that it was on was deleted under it.
    package func unbornBranch() throws(GitError) -> String? {
        let head: Head
        do throws(ReferenceError) { head = try self.head() } catch { throw error.gitError }
        guard case .unborn(let branch) = head else { return nil }
        let log = try onFiles { () throws(FileError) in try fileContent(joinPath(gitDirectory, "logs/HEAD")) ?? [] }
        // Git notes each arrival on a branch that has commits: `checkout: moving from a to b`.
        let arrival = Array(" to \(branch)".utf8)
        return log.split(separator: 0x0A).contains { $0.suffix(arrival.count).elementsEqual(arrival) } ? nil : branch
    }

    /// Lets HEAD of this worktree name a branch that is not there yet; nothing happens where it is there by now.
    package func leaveUnborn(_ branch: String) throws(GitError) {
        do throws(ReferenceError) { if try branchTip(branch) != nil { return } } catch { throw error.gitError }
        try check("let HEAD name", branch) { git_repository_set_head(handle, "refs/heads/" + branch) }
    }
}
