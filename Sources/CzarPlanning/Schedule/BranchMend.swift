/// How a worktree that is on another branch comes back to its own with what was committed meanwhile.
package enum BranchMend {
    /// As it would be typed; `git`: how git is called for the worktree. `found`: what is checked out, nil for a detached HEAD; `exists`: whether
    /// there is a branch of the worker's name; `isAnothers`: whether what is checked out is another worker's branch, whose commits are not
    /// this one's.
    package static func command(_ git: String, to branch: BranchName, found: String?, exists: Bool, isAnothers: Bool) -> String {
        let own = ShellText.word(branch.rawValue)
        if isAnothers, exists { return "\(git) switch \(own)" }
        // Neither does another's branch get this one's name, nor begins a new one with another's work.
        if isAnothers { return "czar doctor" }
        switch (exists, found) {
        // It was renamed, as far as anybody can tell: nothing else has its commits.
        case (false, let found?): return "\(git) branch -m \(ShellText.word(found)) \(own)"
        case (false, nil): return "\(git) switch -c \(own)"
        // Without a name `-` is where HEAD was before.
        case (true, let found): return "\(git) switch \(own) && \(git) merge \(found.map(ShellText.word) ?? "-")"
        }
    }

    /// How git is called for a worktree; nil: from inside.
    package static func git(in worktree: String?) -> String { "git\(worktree.map { " -C " + ShellText.word($0) } ?? "")" }
}
