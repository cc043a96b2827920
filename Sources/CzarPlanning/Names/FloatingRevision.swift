/// Revisions that mean another commit in another folder, or clone: what a plan starts from must be the same wherever it is read.
package enum FloatingRevision {
    /// Why the revision is one, as the end of a sentence; nil when it is none. Whether a branch has that name is for the caller to look up.
    package static func problem(in revision: String) -> String? {
        if revision.hasPrefix(":") { return "is looked up in an index, or among all that is reachable" }
        if revision.contains("@{") { return "is looked up in a reflog, or in settings, of one clone alone" }
        // What it is counted from: `HEAD` in `HEAD~3^2`, and in `HEAD^{tree}`.
        let start = String(revision.prefix { !"~^:".contains($0) })
        if start == "HEAD" || start == "@" { return "depends on what is checked out where it is read" }
        if isOfOneWorktree(start) { return "is of one worktree alone" }
        return nil
    }

    private static let pseudorefs: Set<String> = [
        "FETCH_HEAD", "ORIG_HEAD", "MERGE_HEAD", "REBASE_HEAD", "REVERT_HEAD", "CHERRY_PICK_HEAD", "BISECT_HEAD", "AUTO_MERGE",
    ]

    /// References that each worktree has for itself (gitglossary, "pseudoref"; git-worktree, "refs").
    private static func isOfOneWorktree(_ name: String) -> Bool {
        if ["refs/worktree/", "refs/bisect/", "refs/rewritten/", "main-worktree/"].contains(where: name.hasPrefix) {
            return true
        }
        let last = name.split(separator: "/").last ?? ""
        if name.hasPrefix("worktrees/"), last == "HEAD" { return true }
        return pseudorefs.contains(name)
    }
}
