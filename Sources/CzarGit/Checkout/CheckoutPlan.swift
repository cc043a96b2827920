/// A set of layouts, as bits.
typealias LayoutSet = UInt64

/// What is to be written where: the files of several trees, each one that trees share listed once.
///
/// Immutable once it is built, so threads share it. Names lie in one buffer, ended by NUL, for system calls to read where they are.
struct CheckoutPlan: Sendable {
    /// One file, link or submodule folder.
    struct Entry: Sendable {
        let id: ObjectID
        /// As git writes it into an index.
        let mode: UInt32
        /// Where its folder's path starts in ``CheckoutPlan/names``.
        let folder: UInt32
        /// Its full path in ``CheckoutPlan/names``; the last component starts at ``name``.
        let path: UInt32
        let name: UInt32
        let layouts: LayoutSet
        /// Where its positions start in ``CheckoutPlan/positions``.
        let positions: UInt32
    }

    struct Folder: Sendable {
        let path: UInt32
        var layouts: LayoutSet
    }

    /// One distinct tree, or the part of it that a sparse worktree holds.
    struct Layout: Sendable {
        let tree: ObjectID
        /// Nil: all of it.
        let cone: SparseCone?
        /// Nil: all that the cone holds. Else it has an index already.
        let only: Set<RepositoryPath>?
        var template = IndexTemplate()
        var attributeFiles: [AttributeFile] = []
        var failure: GitError?
    }

    /// Entries of one folder that one thread takes at a time, as bounds in ``order``.
    typealias Unit = Range<Int>

    var layouts: [Layout]
    var entries: [Entry] = []
    /// Parents come before their children; the root is not listed.
    var folders: [Folder] = []
    /// The empty path of the root comes first.
    var names: [UInt8] = [0]
    var positions: [UInt32] = []
    var order: [UInt32] = []
    var units: [Unit] = []

    init(_ contents: [CheckoutContent]) { layouts = contents.map { Layout(tree: $0.tree, cone: $0.cone, only: $0.only) } }

    /// Where `entry` stands in the index of `layout`, which must hold it.
    func position(of entry: Entry, in layout: Int) -> Int {
        let before = (entry.layouts & ((1 << LayoutSet(layout)) - 1)).nonzeroBitCount
        return Int(positions[Int(entry.positions) + before])
    }

    /// Lends the path of an entry, ended by NUL.
    func withPath<Result, Failure: Error>(
        _ entry: Entry, _ body: (UnsafePointer<CChar>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try withName(at: entry.path, body)
    }

    /// Lends the path of an entry's folder, empty for the root.
    func withFolderPath<Result, Failure: Error>(
        _ entry: Entry, _ body: (UnsafePointer<CChar>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try withName(at: entry.folder, body)
    }

    func withName<Result, Failure: Error>(
        at offset: UInt32, _ body: (UnsafePointer<CChar>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try names.withUnsafeBufferPointer { (buffer) throws(Failure) in
            try body(UnsafeRawPointer(buffer.baseAddress! + Int(offset)).assumingMemoryBound(to: CChar.self))
        }
    }

    /// At most this many trees fit into a plan.
    static let maximalLayouts = 64
}

extension CheckoutPlan.Entry {
    var isFile: Bool { mode & 0o170000 == 0o100000 }
    var isExecutable: Bool { isFile && mode & 0o100 != 0 }
    var isLink: Bool { mode & 0o170000 == 0o120000 }
    var isSubmodule: Bool { mode & 0o170000 == 0o160000 }
}
