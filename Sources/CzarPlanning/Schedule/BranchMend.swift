/// How a worktree that is on another branch comes back to its own with what was committed meanwhile.
package enum BranchMend {
    /// As it would be typed; `git`: how git is called for the worktree. `found`: what is checked out, nil for a detached HEAD; `exists`: whether
    /// there is a branch of the worker's name; `isElsewhere`: whether another worktree has that checked out.
    package static func command(
        _ git: String, to branch: BranchName, found: String?, exists: Bool, isElsewhere: Bool = false
    ) -> String {
        // Git would refuse to switch. Worktrees that have changed places are put back by what `doctor` names.
        if isElsewhere { return "czar doctor" }
        let own = ShellText.word(branch.rawValue)
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
