/// The command that brings a complete worker's change into the target.
package enum LandingHint {
    /// What was merged and reverted is merged already: git has to revert the revert. `revert`: the commit that took it out, where it is known.
    package static func command(branch: BranchName, target: String, isReverted: Bool, revert: CommitID?) -> String {
        let there = "git switch \(ShellText.word(target)) && "
        guard isReverted else { return there + "git merge \(ShellText.word(branch.rawValue))" }
        return there + (revert.map { "git revert --no-edit \($0.rawValue)" } ?? "git log")
    }
}
