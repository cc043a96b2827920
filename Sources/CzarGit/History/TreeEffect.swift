import CLibgit2

/// Whether a three-way merge would leave `ours` as it is.
///
/// Decided path by path where entries alone tell; only what both sides changed differently is merged, on a handle of its own whose new
/// objects stay in memory. Where it is not known what git would do, the answer is no, which loses nothing: between more merge bases than
/// two, for bases that conflict with each other, and for a file that a merge program of the user's would get.
///
/// `mindingMoves`: false where theirs is known to have landed in ours, so that what both lack was deleted, not moved by one of them.
///
/// - Throws: ``GitError`` when a tree or blob cannot be read.
func mergeChangesNothing(
    from origin: MergeOrigin, ours: ObjectID, theirs: ObjectID?, mindingMoves: Bool = true, _ paths: inout ChangedPaths,
    in repository: borrowing Repository
) throws(GitError) -> Bool {
    if ours == theirs { return true }
    if case .one(let base) = origin {
        if base == theirs { return true }
        if try paths.theirsAlone(base: base, ours: ours, theirs: theirs) { return false }
    }
    var contested: [Contest] = []
    for base in origin.trees {
        var gone: [DiffSide] = []
        for change in try paths.changes(from: base, to: theirs) {
            guard let path = (change.new ?? change.old)?.path else { continue }
            let our = try paths.entry(at: path, in: ours)
            if our == change.new {
                if mindingMoves, our == nil, let old = change.old { gone.append(old) }
                continue
            }
            // A path that only they changed would change ours.
            if case .one = origin, our == change.old { return false }
            contested.append(Contest(path: path, base: change.old, ours: our, theirs: change.new))
        }
        if try areMovedApart(gone, base: base, ours: ours, theirs: theirs, &paths, in: repository) { return false }
    }
    if contested.isEmpty { return true }
    if contested.contains(where: \.isConflictOfModes) { return false }
    let ways = try MergeDrivers(of: repository).ways(of: contested, in: repository)
    if ways.contains(.unknown) { return false }
    // Merging whole trees takes ten milliseconds on a repository of a few thousand files.
    if case .one = origin, !ways.contains(.union), let answer = try mergeOfFilesChangesNothing(contested, paths) { return answer }
    return try fullMergeChangesNothing(from: origin, ours: ours, theirs: theirs, in: repository)
}

/// Nil where the files at these paths do not tell.
private func mergeOfFilesChangesNothing(_ contested: [Contest], _ paths: borrowing ChangedPaths) throws(GitError) -> Bool? {
    var answer: Bool? = true
    for contest in contested {
        guard let changesNothing = try paths.mergeOfFileChangesNothing(contest) else {
            answer = nil
            continue
        }
        if !changesNothing { return false }
    }
    return answer
}

/// A path that both sides of a merge changed, each in its way.
struct Contest {
    let path: RepositoryPath
    let base: DiffSide?
    let ours: DiffSide?
    let theirs: DiffSide?

    /// Both added a file, one of them executable. To git that is a conflict whatever is in the files; libgit2 takes one of the modes.
    var isConflictOfModes: Bool {
        guard base == nil, let ours, let theirs else { return false }
        return ours.mode != theirs.mode
    }
}

private func fullMergeChangesNothing(
    from origin: MergeOrigin, ours: ObjectID, theirs: ObjectID?, in repository: borrowing Repository
) throws(GitError) -> Bool {
    let path = String(cString: git_repository_path(repository.handle))
    let scratch = try Repository(opening: path)
    try keepNewObjectsInMemory(scratch.handle, path)
    let base: ObjectID?
    switch origin {
    case .one(let tree): base = tree
    case .crossed(let first, let second, let shared):
        guard let merged = try mergedTree(of: first, second, over: shared, in: scratch) else { return false }
        base = merged
    case .entangled: return false
    }
    return try withMerge(of: ours, theirs, over: base, in: scratch) { (index) throws(GitError) in
        guard git_index_has_conflicts(index) == 0 else { return false }
        let tree = try lookUpTree(ours, scratch.handle)
        defer { git_tree_free(tree) }
        let diff = try make("compare the merge with", ours.hex) { git_diff_tree_to_index(&$0, scratch.handle, tree, index, nil) }
        defer { git_diff_free(diff) }
        return git_diff_num_deltas(diff) == 0
    }
}

/// The tree of a merge without conflicts, written where new objects go; nil where there are some.
private func mergedTree(
    of ours: ObjectID, _ theirs: ObjectID, over base: ObjectID, in scratch: borrowing Repository
) throws(GitError) -> ObjectID? {
    try withMerge(of: ours, theirs, over: base, in: scratch) { (index) throws(GitError) in
        guard git_index_has_conflicts(index) == 0 else { return nil }
        var id = git_oid()
        try check("merge the merge bases", "\(ours) and \(theirs)") { git_index_write_tree_to(&id, index, scratch.handle) }
        return ObjectID(id)
    }
}

private func withMerge<Result>(
    of ours: ObjectID, _ theirs: ObjectID?, over base: ObjectID?, in scratch: borrowing Repository,
    _ body: (_ index: OpaquePointer) throws(GitError) -> Result
) throws(GitError) -> Result {
    let handle = scratch.handle
    let trees = try [base, ours, theirs].map { id throws(GitError) -> OpaquePointer? in
        guard let id else { return nil }
        return try lookUpTree(id, handle)
    }
    defer { trees.forEach { git_tree_free($0) } }
    let index = try make("merge the trees", "\(ours) and \(theirs?.hex ?? "none")") {
        git_merge_trees(&$0, handle, trees[0], trees[1], trees[2], nil)
    }
    defer { git_index_free(index) }
    return try body(index)
}

/// libgit2's merge writes the blobs it merges (LIBGIT2 fact 7); a question must leave nothing in the repository.
private func keepNewObjectsInMemory(_ handle: OpaquePointer, _ path: String) throws(GitError) {
    let odb = try make("open the object database of", path) { git_repository_odb(&$0, handle) }
    defer { git_odb_free(odb) }
    var memory: UnsafeMutablePointer<git_odb_backend>?
    try check("keep objects in memory for", path) { git_mempack_new(&memory) }
    try check("keep objects in memory for", path) { git_odb_add_backend(odb, memory, 999) }
}
