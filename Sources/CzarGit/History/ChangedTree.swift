import CLibgit2

/// The difference between two trees, without rename detection, lent to a synchronous closure.
///
/// A nil id stands for the empty tree.
func withChange<Result>(
    from before: ObjectID?, to after: ObjectID?, contextLines: UInt32 = 3, in repository: borrowing Repository,
    _ body: (_ diff: OpaquePointer) throws(GitError) -> Result
) throws(GitError) -> Result {
    let handle = repository.handle
    let old = try before.map { id throws(GitError) in try lookUpTree(id, handle) }
    defer { git_tree_free(old) }
    let new = try after.map { id throws(GitError) in try lookUpTree(id, handle) }
    defer { git_tree_free(new) }
    var options = git_diff_options()
    try check("prepare the comparison with", after?.hex ?? "") { git_diff_options_init(&options, UInt32(GIT_DIFF_OPTIONS_VERSION)) }
    options.context_lines = contextLines
    options.flags = GIT_DIFF_INCLUDE_TYPECHANGE.rawValue
    let diff = try make("compare the trees", "\(before?.hex ?? "none")..\(after?.hex ?? "none")") {
        git_diff_tree_to_tree(&$0, handle, old, new, &options)
    }
    defer { git_diff_free(diff) }
    return try body(diff)
}

/// A tree that the caller frees.
func lookUpTree(_ id: ObjectID, _ repository: OpaquePointer) throws(GitError) -> OpaquePointer {
    var raw = id.raw
    return try make("read the tree", id.hex) { git_tree_lookup(&$0, repository, &raw) }
}
