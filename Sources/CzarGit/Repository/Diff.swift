import CLibgit2

extension Repository {
    /// What changed between two trees, as `git diff --numstat -M` says it with default settings (only `diff.renameLimit` is read).
    ///
    /// - Parameters:
    ///   - old: nil stands for the empty tree.
    ///   - new: the tree to compare with it.
    ///   - renames: whether a deletion and a similar creation (50 %) are one rename.
    /// - Returns: the changed files by path.
    /// - Complexity: O(changed paths) trees and blobs; rename detection compares up to `diff.renameLimit` (1000) squared pairs.
    /// - Throws: ``GitError`` with ``GitError/Code/notFound`` where a partial clone lacks a blob.
    package func changes(from old: ObjectID?, to new: ObjectID, renames: Bool = true) throws(GitError) -> TreeChanges {
        try changes(from: old, to: new, renames: renames, leavingOut: nil)
    }

    /// The same without what `ignored` leaves out.
    func changes(
        from old: ObjectID?, to new: ObjectID, renames: Bool = true, leavingOut ignored: IgnoredSubmodules?
    ) throws(GitError) -> TreeChanges {
        let diff = try makeDiff(from: old, to: new)
        defer { git_diff_free(diff) }
        var files: [FileChange] = []
        var deleted: [(side: DiffSide, index: Int)] = []
        var created: [(side: DiffSide, index: Int)] = []
        for index in 0..<git_diff_num_deltas(diff) {
            guard let delta = git_diff_get_delta(diff, index)?.pointee, let status = FileChange.Status(delta.status) else { continue }
            let (old, new) = (status == .added ? nil : DiffSide(delta.old_file), status == .deleted ? nil : DiffSide(delta.new_file))
            if ignored?.leaveOut(old, new) == true { continue }
            switch status {
            case .added where renames: created.append((DiffSide(delta.new_file), index))
            case .deleted where renames: deleted.append((DiffSide(delta.old_file), index))
            default: files.append(try fileChange(index, status, of: diff))
            }
        }
        var detection = RenameDetection(deleted: deleted.map(\.side), created: created.map(\.side))
        try detection.run(limit: Int(configuration().number("diff.renamelimit") ?? 1000), in: self)
        let sources = Set(detection.sourceOf.values)
        for (number, file) in deleted.enumerated() where !sources.contains(number) {
            files.append(try fileChange(file.index, .deleted, of: diff))
        }
        for (number, file) in created.enumerated() {
            if let source = detection.sourceOf[number] {
                files.append(try rename(from: deleted[source].side, to: file.side))
            } else {
                files.append(try fileChange(file.index, .added, of: diff))
            }
        }
        return TreeChanges(files: files.sorted { $0.path < $1.path })
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

    private func fileChange(_ index: Int, _ status: FileChange.Status, of diff: OpaquePointer) throws(GitError) -> FileChange {
        let delta = git_diff_get_delta(diff, index).pointee
        let old = status == .added ? nil : DiffSide(delta.old_file)
        let new = status == .deleted ? nil : DiffSide(delta.new_file)
        if let old, let new, old.id == new.id {
            // Only the mode differs; libgit2 does not look whether such a file is binary, and git shows it.
            return FileChange(status, old, new, try LineCount(unchanged: new, in: self))
        }
        if status == .typeChanged || [old, new].contains(where: { $0?.isRegular == false }) {
            return FileChange(status, old, new, try lines(from: old, to: new))
        }
        var patch: OpaquePointer?
        try check("compare", (new ?? old)?.path.description ?? "") { git_patch_from_diff(&patch, diff, index) }
        defer { git_patch_free(patch) }
        return FileChange(status, old, new, try LineCount(patch))
    }

    /// git counts the lines between both contents; libgit2 makes no patch of a change of type, and asks attributes of links and submodules too.
    private func lines(from old: DiffSide?, to new: DiffSide?) throws(GitError) -> LineCount {
        for case let side? in [old, new] where side.isRegular {
            if try attributeState("diff", of: side.path) == GIT_ATTR_VALUE_FALSE { return LineCount(isBinary: true) }
        }
        return try withPatch(from: diffContent(old), to: diffContent(new), of: (new ?? old)?.path, .plain()) {
            (patch) throws(GitError) in try LineCount(patch)
        }
    }

    /// What a side of a diff is compared by: the blob, or one line for a submodule.
    private func diffContent(_ side: DiffSide?) throws(GitError) -> [UInt8] {
        guard let side else { return [] }
        return side.mode & 0o170000 == 0o160000 ? Array("Subproject commit \(side.id.hex)\n".utf8) : try blob(side.id)
    }

    private func rename(from old: DiffSide, to new: DiffSide) throws(GitError) -> FileChange {
        if old.id == new.id { return FileChange(.renamed, old, new, try LineCount(unchanged: new, in: self)) }
        let oldBlob = try blobHandle(old.id)
        defer { git_blob_free(oldBlob) }
        let newBlob = try blobHandle(new.id)
        defer { git_blob_free(newBlob) }
        var patch: OpaquePointer?
        try check("compare", new.path.description) {
            old.path.withCString { oldPath in
                new.path.withCString { git_patch_from_blobs(&patch, oldBlob, oldPath, newBlob, $0, nil) }
            }
        }
        defer { git_patch_free(patch) }
        return FileChange(.renamed, old, new, try LineCount(patch))
    }
}

extension FileChange {
    fileprivate init(_ status: Status, _ old: DiffSide?, _ new: DiffSide?, _ lines: LineCount) {
        self.init(
            status: status, oldPath: old?.path, newPath: new?.path, oldID: old?.id, newID: new?.id, oldMode: old?.mode ?? 0,
            newMode: new?.mode ?? 0, insertions: lines.insertions, deletions: lines.deletions, isBinary: lines.isBinary)
    }
}

extension DiffSide {
    fileprivate init(_ raw: git_diff_file) {
        self.init(path: RepositoryPath(cString: raw.path), id: ObjectID(raw.id), mode: UInt32(raw.mode))
    }
}

/// What `--numstat` shows of one file.
/// How many lines differ.
struct LineCount {
    var insertions = 0
    var deletions = 0
    var isBinary = false

    init(isBinary: Bool) { self.isBinary = isBinary }

    init(_ patch: OpaquePointer?) throws(GitError) {
        // libgit2 gives no patch for what does not differ.
        guard let patch else { return }
        isBinary = git_patch_get_delta(patch).pointee.flags & GIT_DIFF_FLAG_BINARY.rawValue != 0
        if isBinary { return }
        try check("count the lines of", "a patch") { git_patch_line_stats(nil, &insertions, &deletions, patch) }
    }

    init(unchanged file: DiffSide, in repository: borrowing Repository) throws(GitError) {
        // Attributes say something of regular files only.
        guard file.isRegular else { return }
        switch try repository.attributeState("diff", of: file.path) {
        case GIT_ATTR_VALUE_FALSE: isBinary = true
        case GIT_ATTR_VALUE_TRUE: isBinary = false
        default: isBinary = looksBinary(try repository.blob(file.id))
        }
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
