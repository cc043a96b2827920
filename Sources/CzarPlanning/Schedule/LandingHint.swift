/// The command that brings a complete worker's change into the target.
package enum LandingHint {
    /// What was merged and reverted is merged already: git has to revert the revert. `revert`: the commit that took it out, where it is known.
    ///
    /// `start`: where the target begins, as long as there is no such branch. `tip`: what was proven, where the branch has gone on since.
    package static func command(
        branch: BranchName, target: String, start: String? = nil, tip: CommitID? = nil, isReverted: Bool, revert: CommitID?
    ) -> String {
        let there = switching(to: target, from: start) + " && "
        guard isReverted else { return there + "git merge \(ShellText.word(tip?.rawValue ?? branch.rawValue))" }
        return there + (revert.map { "git revert --no-edit \($0.rawValue)" } ?? "git log")
    }

    /// `start`: as above.
    static func switching(to target: String, from start: String?) -> String {
        "git switch " + (start == nil ? "" : "-c ") + ([target] + (start.map { [$0] } ?? [])).map(ShellText.word).joined(separator: " ")
    }
}
