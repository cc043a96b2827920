import CLibgit2
import Glibc

/// What the index changes against a commit's tree: `git diff --cached`, without renames.
///
/// Folders whose tree git's own cache in the index knows to be the commit's are not entered. Conflicted paths are left out.
struct StagedChanges: ~Copyable {
    /// One side of a change: a path, and what stands there.
    typealias Change = (old: DiffSide?, new: DiffSide?)

    private let table: FolderTable
    private let objects: ObjectReader
    private(set) var changes: [Change] = []

    init(_ table: FolderTable, objects: consuming ObjectReader) {
        self.table = table
        self.objects = objects
    }

    /// Finds ``changes`` against a tree; nil stands for a branch without a commit.
    /// - Complexity: O(entries of the folders that differ).
    /// - Throws: ``GitError`` when a tree is missing or malformed.
    mutating func compare(with tree: ObjectID?) throws(GitError) {
        guard let tree else { return addAll(in: 0) }
        try compare(0, with: tree, cached: table.index.treeCache == nil ? nil : TreeCache.root)
    }

    private mutating func compare(_ number: Int32, with tree: ObjectID, cached: Int?) throws(GitError) {
        let cache = table.index.treeCache
        if let cached, cache?.id(cached) == tree { return }
        let folder = table.folders[Int(number)]
        let prefix = Array(table.path(folder))
        var seenFiles: Set<Int32> = []
        var seenFolders: Set<Int32> = []
        var cursor = TreeCursor(try bytes(of: tree))
        while !cursor.isAtEnd {
            let name = Array(cursor.name)
            if cursor.isFolder {
                if let inner = name.withUnsafeBytes({ table.subfolder($0, in: folder) }) {
                    seenFolders.insert(inner)
                    try compare(inner, with: cursor.id, cached: cached.flatMap { cache?.child(name, of: $0) })
                } else {
                    try deleteAll(in: cursor.id, below: prefix + name + [0x2F])
                }
            } else {
                let old = DiffSide(path: RepositoryPath(bytes: prefix + name), id: cursor.id, mode: cursor.mode)
                let file = name.withUnsafeBytes { table.file($0, in: folder) }
                if let file { seenFiles.insert(file) }
                note(old, file)
            }
            cursor.advance()
        }
        guard !cursor.isMalformed else { throw Self.malformed(tree) }
        for file in table.files[folder.files] where !seenFiles.contains(file) { note(nil, file) }
        for inner in table.subfolders[folder.subfolders] where !seenFolders.contains(inner) { addAll(in: inner) }
    }

    private mutating func note(_ old: DiffSide?, _ file: Int32?) {
        let entry = file.map { table.entry($0) }
        if entry?.flags.contains(.conflicted) == true { return }
        var new: DiffSide?
        // What was only announced with `git add --intent-to-add` is not staged.
        if let entry, !entry.flags.contains(.intentToAdd) {
            new = DiffSide(path: table.index.repositoryPath(entry), id: table.index.id(entry), mode: table.index.mode(entry))
        }
        if old != new { changes.append((old, new)) }
    }

    private mutating func addAll(in number: Int32) {
        let folder = table.folders[Int(number)]
        for file in table.files[folder.files] { note(nil, file) }
        for inner in table.subfolders[folder.subfolders] { addAll(in: inner) }
    }

    private mutating func deleteAll(in tree: ObjectID, below prefix: [UInt8]) throws(GitError) {
        try objects.replacements.checkDepth(of: prefix)
        var cursor = TreeCursor(try bytes(of: tree))
        while !cursor.isAtEnd {
            let path = prefix + cursor.name
            if cursor.isFolder {
                try deleteAll(in: cursor.id, below: path + [0x2F])
            } else {
                changes.append((DiffSide(path: RepositoryPath(bytes: path), id: cursor.id, mode: cursor.mode), nil))
            }
            cursor.advance()
        }
        guard !cursor.isMalformed else { throw Self.malformed(tree) }
    }

    private func bytes(of tree: ObjectID) throws(GitError) -> [UInt8] {
        try objects.withObject(tree) { type, bytes throws(GitError) in
            guard type == GIT_OBJECT_TREE else { throw Self.malformed(tree) }
            return Array(bytes)
        }
    }

    private static func malformed(_ tree: ObjectID) -> GitError {
        GitError(code: .generic, operation: "read the tree", subject: tree.hex, message: "it is malformed")
    }
}
