import CLibgit2

/// Whether a three-way merge would leave `ours` as it is.
///
/// Decided path by path where entries alone tell; only what both sides changed differently is merged, on a handle of its own whose new
/// objects stay in memory.
///
/// - Throws: ``GitError`` when a tree or blob cannot be read.
func mergeChangesNothing(
    base: ObjectID?, ours: ObjectID, theirs: ObjectID?, _ paths: inout ChangedPaths, in repository: borrowing Repository
) throws(GitError) -> Bool {
    if base == theirs || ours == theirs { return true }
    if try paths.theirsAlone(base: base, ours: ours, theirs: theirs) { return false }
    var allSame = true
    for change in try paths.changes(from: base, to: theirs) {
        guard let path = (change.new ?? change.old)?.path else { continue }
        let our = try paths.entry(at: path, in: ours)
        if our == change.new { continue }
        // A path that only they changed would change ours.
        if our == change.old { return false }
        allSame = false
    }
    if allSame { return true }
    return try fullMergeChangesNothing(base: base, ours: ours, theirs: theirs, in: repository)
}

private func fullMergeChangesNothing(
    base: ObjectID?, ours: ObjectID, theirs: ObjectID?, in repository: borrowing Repository
) throws(GitError) -> Bool {
    let path = String(cString: git_repository_path(repository.handle))
    let scratch = try Repository(opening: path)
    let handle = scratch.handle
    try keepNewObjectsInMemory(handle, path)
    let trees = try [base, ours, theirs].map { id throws(GitError) -> OpaquePointer? in
        guard let id else { return nil }
        var raw = id.raw
        return try make("read the tree", id.hex) { git_tree_lookup(&$0, handle, &raw) }
    }
    defer { trees.forEach { git_tree_free($0) } }
    let index = try make("merge the trees", "\(ours) and \(theirs?.hex ?? "none")") {
        git_merge_trees(&$0, handle, trees[0], trees[1], trees[2], nil)
    }
    defer { git_index_free(index) }
    guard git_index_has_conflicts(index) == 0 else { return false }
    let diff = try make("compare the merge with", ours.hex) { git_diff_tree_to_index(&$0, handle, trees[1], index, nil) }
    defer { git_diff_free(diff) }
    return git_diff_num_deltas(diff) == 0
}

/// libgit2's merge writes the blobs it merges (LIBGIT2 fact 7); a question must leave nothing in the repository.
private func keepNewObjectsInMemory(_ handle: OpaquePointer, _ path: String) throws(GitError) {
    let odb = try make("open the object database of", path) { git_repository_odb(&$0, handle) }
    defer { git_odb_free(odb) }
    var memory: UnsafeMutablePointer<git_odb_backend>?
    try check("keep objects in memory for", path) { git_mempack_new(&memory) }
    try check("keep objects in memory for", path) { git_odb_add_backend(odb, memory, 999) }
}
