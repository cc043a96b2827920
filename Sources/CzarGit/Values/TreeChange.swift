/// What happened to one file between two trees.
package struct FileChange: Hashable, Sendable {
    /// git's letters.
    package enum Status: Character, Hashable, Sendable {
        case added = "A"
        case deleted = "D"
        case modified = "M"
        case renamed = "R"
        /// A file became a symbolic link or a submodule, or the reverse.
        case typeChanged = "T"
    }

    package let status: Status
    /// Nil when the file is new.
    package let oldPath: RepositoryPath?
    /// Nil when the file is deleted.
    package let newPath: RepositoryPath?
    /// Nil when the file is new.
    package let oldID: ObjectID?
    /// Nil when the file is deleted.
    package let newID: ObjectID?
    /// Zero when the file is new.
    package let oldMode: UInt32
    /// Zero when the file is deleted.
    package let newMode: UInt32
    package let insertions: Int
    package let deletions: Int
    /// No lines were counted.
    package let isBinary: Bool

    /// Where the file is now, or was.
    package var path: RepositoryPath { newPath ?? oldPath! }
}

/// All that changed between two trees.
package struct TreeChanges: Hashable, Sendable {
    /// By path.
    package let files: [FileChange]

    package init(files: [FileChange]) { self.files = files }

    package var insertions: Int { files.reduce(0) { $0 + $1.insertions } }
    package var deletions: Int { files.reduce(0) { $0 + $1.deletions } }

    /// How many files changed in that way.
    package func count(_ status: FileChange.Status) -> Int { files.count { $0.status == status } }
}

/// One entry of a tree.
package struct TreeEntry: Hashable, Sendable {
    package let path: RepositoryPath
    package let id: ObjectID
    /// git's mode: 0o100644, 0o100755, 0o120000 (link), 0o160000 (submodule), 0o040000 (tree).
    package let mode: UInt32

    var isSubmodule: Bool { mode & 0o170000 == 0o160000 }
}
