import CLibgit2

extension Repository {
    /// What changed between two trees, as `git diff --numstat -M` says it with default settings (only `diff.renameLimit` is read).
    ///
    /// - Parameters:
    ///   - old: nil stands for the empty tree.
    ///   - renames: whether a deletion and a similar creation (50 %) are one rename.
    /// - Complexity: O(changed paths) trees and blobs; rename detection compares up to `diff.renameLimit` (1000) squared pairs.
    /// - Throws: ``GitError`` with ``GitError/Code/notFound`` where a partial clone lacks a blob.
    package func changes(from old: ObjectID?, to new: ObjectID, renames: Bool = true) throws(GitError) -> TreeChanges {
        let diff = try makeDiff(from: old, to: new)
        defer { git_diff_free(diff) }
        if renames { try findRenames(in: diff) }
        var files: [FileChange] = []
        for index in 0..<git_diff_num_deltas(diff) {
            if let change = try fileChange(index, of: diff) { files.append(change) }
        }
        return TreeChanges(files: files)
    }

    /// The paths that differ between two trees, without renames and line counts: reads trees only, no blobs.
    package func changedPaths(from old: ObjectID?, to new: ObjectID) throws(GitError) -> Set<RepositoryPath> {
        let diff = try makeDiff(from: old, to: new)
        defer { git_diff_free(diff) }
        var paths: Set<RepositoryPath> = []
        for index in 0..<git_diff_num_deltas(diff) {
            guard let delta = git_diff_get_delta(diff, index)?.pointee else { continue }
            paths.insert(RepositoryPath(cString: delta.new_file.path))
        }
        return paths
    }

    private func makeDiff(from old: ObjectID?, to new: ObjectID) throws(GitError) -> OpaquePointer {
        let oldTree = try old.map { (id) throws(GitError) in try treeHandle(id) }
        defer { git_tree_free(oldTree) }
        let newTree = try treeHandle(new)
        defer { git_tree_free(newTree) }
        var options = git_diff_options()
        try check("prepare a diff", new.hex) { git_diff_options_init(&options, UInt32(GIT_DIFF_OPTIONS_VERSION)) }
        // Without this a file that became a link is a deletion and a creation; git shows one change.
        options.flags |= GIT_DIFF_INCLUDE_TYPECHANGE.rawValue
        options.context_lines = 0
        return try make("compare the trees", "\(old?.hex ?? "empty")..\(new.hex)") {
            git_diff_tree_to_tree(&$0, handle, oldTree, newTree, &options)
        }
    }

    private func findRenames(in diff: OpaquePointer) throws(GitError) {
        var options = git_diff_find_options()
        try check("prepare a diff", commonDirectory) { git_diff_find_options_init(&options, UInt32(GIT_DIFF_FIND_OPTIONS_VERSION)) }
        // Named, so that the setting diff.renames does not decide; git counts whitespace when it compares for renames.
        options.flags = GIT_DIFF_FIND_RENAMES.rawValue | GIT_DIFF_FIND_DONT_IGNORE_WHITESPACE.rawValue
        let limit = try configuration().number("diff.renamelimit") ?? 1000
        // Zero means no limit in git and the default in libgit2.
        options.rename_limit = limit <= 0 ? 32_767 : Int(limit)
        try check("find renames", commonDirectory) { git_diff_find_similar(diff, &options) }
    }

    private func fileChange(_ index: Int, of diff: OpaquePointer) throws(GitError) -> FileChange? {
        guard let delta = git_diff_get_delta(diff, index)?.pointee, let status = FileChange.Status(delta.status) else { return nil }
        let isOld = status != .added
        let isNew = status != .deleted
        let lines = try countLines(index, of: diff, path: delta.new_file.path)
        return FileChange(
            status: status, oldPath: isOld ? RepositoryPath(cString: delta.old_file.path) : nil,
            newPath: isNew ? RepositoryPath(cString: delta.new_file.path) : nil, oldID: isOld ? ObjectID(delta.old_file.id) : nil,
            newID: isNew ? ObjectID(delta.new_file.id) : nil, oldMode: isOld ? UInt32(delta.old_file.mode) : 0,
            newMode: isNew ? UInt32(delta.new_file.mode) : 0, insertions: lines.insertions, deletions: lines.deletions,
            isBinary: lines.isBinary)
    }

    private func countLines(
        _ index: Int, of diff: OpaquePointer, path: UnsafePointer<CChar>
    ) throws(GitError) -> (insertions: Int, deletions: Int, isBinary: Bool) {
        var patch: OpaquePointer?
        try check("compare", escapedForDisplay(RepositoryPath(cString: path).bytes)) { git_patch_from_diff(&patch, diff, index) }
        // libgit2 gives no patch for what it takes as unchanged or binary.
        guard let patch else { return (0, 0, git_diff_get_delta(diff, index).pointee.flags & GIT_DIFF_FLAG_BINARY.rawValue != 0) }
        defer { git_patch_free(patch) }
        let isBinary = git_patch_get_delta(patch).pointee.flags & GIT_DIFF_FLAG_BINARY.rawValue != 0
        var added = 0
        var removed = 0
        try check("compare", commonDirectory) { git_patch_line_stats(nil, &added, &removed, patch) }
        return isBinary ? (0, 0, true) : (added, removed, false)
    }
}

extension FileChange.Status {
    fileprivate init?(_ raw: git_delta_t) {
        switch raw {
        case GIT_DELTA_ADDED, GIT_DELTA_COPIED: self = .added
        case GIT_DELTA_DELETED: self = .deleted
        case GIT_DELTA_MODIFIED: self = .modified
        case GIT_DELTA_RENAMED: self = .renamed
        case GIT_DELTA_TYPECHANGE: self = .typeChanged
        default: return nil
        }
    }
}
