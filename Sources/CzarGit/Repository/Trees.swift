import CLibgit2

extension Repository {
    /// The entry at `path` in a tree; nil when there is none. Folders that are replaced count as git sees them.
    package func entry(at path: RepositoryPath, in tree: ObjectID) throws(GitError) -> TreeEntry? {
        let replacements = try Replacements(of: self)
        var found: TreeEntry? = TreeEntry(path: path, id: tree, mode: UInt32(GIT_FILEMODE_TREE.rawValue))
        for name in path.bytes.split(separator: 0x2F) {
            guard let folder = found, folder.mode == UInt32(GIT_FILEMODE_TREE.rawValue) else { return nil }
            let root = try treeHandle(replacements.resolve(folder.id))
            defer { git_tree_free(root) }
            found = withCName(Array(name) + [0]) { git_tree_entry_byname(root, $0) }.map { entry in
                TreeEntry(
                    path: path, id: ObjectID(git_tree_entry_id(entry).pointee), mode: UInt32(git_tree_entry_filemode_raw(entry).rawValue))
            }
        }
        return found
    }

    /// Whether the tree holds `path`.
    package func tracks(_ path: RepositoryPath, in tree: ObjectID) throws(GitError) -> Bool { try entry(at: path, in: tree) != nil }

    /// Every entry that is no folder, by path. Folders that are replaced count as git sees them.
    ///
    /// - Complexity: O(entries).
    package func files(in tree: ObjectID) throws(GitError) -> [TreeEntry] {
        var result: [TreeEntry] = []
        try collectFiles(in: tree, below: [], following: Replacements(of: self), into: &result)
        return result
    }

    /// The content of a blob.
    package func blob(_ id: ObjectID) throws(GitError) -> [UInt8] {
        let blob = try blobHandle(id)
        defer { git_blob_free(blob) }
        return [UInt8](UnsafeRawBufferPointer(start: git_blob_rawcontent(blob), count: Int(git_blob_rawsize(blob))))
    }

    func blobHandle(_ id: ObjectID) throws(GitError) -> OpaquePointer {
        var raw = id.raw
        return try make("read the blob", id.hex) { git_blob_lookup(&$0, handle, &raw) }
    }

    /// Stores a blob and returns its id.
    package func createBlob(_ bytes: [UInt8]) throws(GitError) -> ObjectID {
        var id = git_oid()
        try check("write a blob", commonDirectory) {
            bytes.withUnsafeBytes { git_blob_create_from_buffer(&id, handle, $0.baseAddress, $0.count) }
        }
        return ObjectID(id)
    }

    private func collectFiles(
        in tree: ObjectID, below prefix: [UInt8], following replacements: Replacements, into result: inout [TreeEntry]
    ) throws(GitError) {
        try replacements.checkDepth(of: prefix)
        let root = try treeHandle(replacements.resolve(tree))
        defer { git_tree_free(root) }
        for index in 0..<git_tree_entrycount(root) {
            guard let entry = git_tree_entry_byindex(root, index) else { continue }
            let id = ObjectID(git_tree_entry_id(entry).pointee)
            let path = prefix + RepositoryPath(cString: git_tree_entry_name(entry)).bytes
            if git_tree_entry_type(entry) == GIT_OBJECT_TREE {
                try collectFiles(in: id, below: path + [0x2F], following: replacements, into: &result)
            } else {
                let mode = UInt32(git_tree_entry_filemode_raw(entry).rawValue)
                result.append(TreeEntry(path: RepositoryPath(bytes: path), id: id, mode: mode))
            }
        }
    }
}
