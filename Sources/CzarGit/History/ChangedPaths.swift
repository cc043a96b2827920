import CLibgit2

/// A hash of the paths that differ between two trees, found without libgit2's diff: only raw trees are read, and none twice in a row.
///
/// FNV-1a, the same in every process. Equal keys mean "perhaps the same paths": the lines decide.
struct ChangedPaths: ~Copyable {
    static let none: UInt64 = 0xCBF2_9CE4_8422_2325

    /// How far a key looks. The names at the root tell most changes apart, and cost two trees instead of a path of them.
    enum Depth: UInt8, Sendable { case whole, root }

    private let objects: ObjectReader
    /// Trees that were read last: a commit's new tree is its child's old one.
    private var recent: [ObjectID: [UInt8]] = [:]
    private var older: [ObjectID: [UInt8]] = [:]
    private var recentBytes = 0
    private var hash = Self.none
    private var depth = Depth.whole
    /// The changes themselves, while they are wanted.
    private var collected: [(old: DiffSide?, new: DiffSide?)]?

    init(_ repository: borrowing Repository) throws(GitError) { objects = try ObjectReader(repository) }

    /// `packs`: as for ``ObjectReader``.
    init(_ repository: borrowing Repository, packs: PackReader) throws(GitError) { objects = try ObjectReader(repository, packs: packs) }

    /// Changes of the same paths have equal keys, at either depth.
    ///
    /// - Throws: ``GitError`` when a tree is missing or malformed.
    mutating func key(_ depth: Depth, from before: ObjectID?, to after: ObjectID?) throws(GitError) -> UInt64 {
        hash = Self.none
        self.depth = depth
        try compare(before, after, path: [])
        return hash
    }

    /// The entries that are no folders and differ, by path. A file that became a folder is a deletion and creations.
    ///
    /// - Throws: ``GitError`` when a tree is missing or malformed.
    mutating func changes(from before: ObjectID?, to after: ObjectID?) throws(GitError) -> [(old: DiffSide?, new: DiffSide?)] {
        collected = []
        depth = .whole
        defer { collected = nil }
        try compare(before, after, path: [])
        return collected ?? []
    }

    /// What a tree has at a path; nil for nothing.
    ///
    /// - Throws: ``GitError`` when a tree is missing or malformed.
    mutating func entry(at path: RepositoryPath, in root: ObjectID) throws(GitError) -> DiffSide? {
        var folder = root
        let names = path.bytes.split(separator: UInt8(ascii: "/"))
        for (number, name) in names.enumerated() {
            var cursor = TreeCursor(try tree(folder))
            while !cursor.isAtEnd, cursor.name != name { cursor.advance() }
            guard !cursor.isMalformed else { throw Self.malformed(folder.hex) }
            guard !cursor.isAtEnd else { return nil }
            if number == names.count - 1 { return DiffSide(path: path, id: cursor.id, mode: cursor.mode) }
            guard cursor.isFolder else { return nil }
            folder = cursor.id
        }
        return nil
    }

    /// What a blob holds.
    ///
    /// - Throws: ``GitError`` when it is missing or damaged.
    func content(of blob: ObjectID) throws(GitError) -> [UInt8] { try objects.object(blob).bytes }

    private static func malformed(_ subject: String) -> GitError {
        GitError(code: .generic, operation: "read the tree", subject: subject, message: "it is malformed")
    }

    /// Whether some path that `theirs` changes is in `ours` as it was in `base`: a merge would change it.
    ///
    /// Ends at the first such path, so that most questions read a few trees.
    mutating func theirsAlone(base: ObjectID?, ours: ObjectID?, theirs: ObjectID?) throws(GitError) -> Bool {
        guard base != theirs, ours != theirs else { return false }
        guard base != ours else { return true }
        let (old, mine, new) = (try tree(base), try tree(ours), try tree(theirs))
        var (left, middle, right) = (TreeCursor(old), TreeCursor(mine), TreeCursor(new))
        while true {
            let order = left.compare(right)
            if order == 0, left.isAtEnd { return false }
            let current = order <= 0 ? left : right
            while !middle.isAtEnd, middle.compare(current) < 0 { middle.advance() }
            let here = middle.compare(current) == 0 ? middle : nil
            if order != 0 || !left.hasSameEntry(as: right) {
                let (was, becomes) = (order <= 0 ? left : nil, order >= 0 ? right : nil)
                if try differsAlone(was, here, becomes) { return true }
            }
            if order <= 0 { left.advance() }
            if order >= 0 { right.advance() }
        }
    }

    private mutating func differsAlone(_ base: TreeCursor?, _ ours: TreeCursor?, _ theirs: TreeCursor?) throws(GitError) -> Bool {
        if let base, base.isFolder || theirs?.isFolder == true {
            return try theirsAlone(base: base.id, ours: ours?.id, theirs: theirs?.id)
        }
        if let theirs, theirs.isFolder { return try theirsAlone(base: nil, ours: ours?.id, theirs: theirs.id) }
        guard let base else { return ours == nil }
        return ours?.hasSameEntry(as: base) == true
    }

    private mutating func compare(_ before: ObjectID?, _ after: ObjectID?, path: [UInt8]) throws(GitError) {
        guard before != after else { return }
        let (old, new) = (try tree(before), try tree(after))
        var (left, right) = (TreeCursor(old), TreeCursor(new))
        while true {
            TreeCursor.skipCommon(&left, &right)
            let order = left.compare(right)
            if order == 0, left.isAtEnd { break }
            if order <= 0 { try visit(left, order == 0 ? right : nil, path) } else { try visit(nil, right, path) }
            if order <= 0 { left.advance() }
            if order >= 0 { right.advance() }
        }
        guard !left.isMalformed, !right.isMalformed else {
            throw Self.malformed("\(before?.hex ?? "none") or \(after?.hex ?? "none")")
        }
    }

    /// One name that differs: folders are entered, anything else is a path.
    private mutating func visit(_ old: TreeCursor?, _ new: TreeCursor?, _ path: [UInt8]) throws(GitError) {
        guard let name = old?.name ?? new?.name else { return }
        let inner = path + name
        let folders = (old.flatMap { $0.isFolder ? $0.id : nil }, new.flatMap { $0.isFolder ? $0.id : nil })
        if collected != nil { try collect(old, new, inner) }
        let isPath = old.map { !$0.isFolder } ?? false || new.map { !$0.isFolder } ?? false
        if depth == .root {
            if isPath || !(Self.isEmptyTree(folders.0) && Self.isEmptyTree(folders.1)) { add(inner) }
            return
        }
        if isPath { add(inner) }
        if folders.0 != nil || folders.1 != nil { try compare(folders.0, folders.1, path: inner + [UInt8(ascii: "/")]) }
    }

    /// Whether there is no path below it. Git writes no such folder, but reads one.
    private static func isEmptyTree(_ id: ObjectID?) -> Bool { id == nil || id == emptyTree }
    private static let emptyTree = ObjectID(hex: "4b825dc642cb6eb9a060e54bf8d69288fbee4904")

    private mutating func collect(_ old: TreeCursor?, _ new: TreeCursor?, _ path: [UInt8]) throws(GitError) {
        let before = old.flatMap { $0.isFolder ? nil : DiffSide(path: RepositoryPath(bytes: path), id: $0.id, mode: $0.mode) }
        let after = new.flatMap { $0.isFolder ? nil : DiffSide(path: RepositoryPath(bytes: path), id: $0.id, mode: $0.mode) }
        // Old trees hold modes that git reads as one and the same.
        guard before != after else { return }
        collected?.append((before, after))
    }

    private mutating func add(_ path: [UInt8]) {
        for byte in path { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        // The end of a path counts too.
        hash = hash &* 0x100_0000_01B3
    }

    private mutating func tree(_ id: ObjectID?) throws(GitError) -> [UInt8] {
        guard let id else { return [] }
        if let known = recent[id] { return known }
        let bytes: [UInt8]
        if let known = older[id] {
            bytes = known
        } else {
            let object = try objects.object(id)
            guard object.type == GIT_OBJECT_TREE else {
                throw GitError(code: .generic, operation: "read the tree", subject: id.hex, message: "the object is no tree")
            }
            bytes = object.bytes
        }
        // Two generations of at most two megabytes each.
        if recentBytes > 2 << 20 { (older, recent, recentBytes) = (recent, [:], 0) }
        recent[id] = bytes
        recentBytes += bytes.count
        return bytes
    }
}
