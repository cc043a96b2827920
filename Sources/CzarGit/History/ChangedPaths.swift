import CLibgit2
import Glibc

/// A hash of the paths that differ between two trees, found without libgit2's diff: only raw trees are read, and none twice in a row.
///
/// FNV-1a, the same in every process. Equal keys mean "perhaps the same paths": the lines decide.
struct ChangedPaths: ~Copyable {
    static let none: UInt64 = 0xCBF2_9CE4_8422_2325

    private let objects: ObjectReader
    /// Trees that were read last: a commit's new tree is its child's old one.
    private var recent: [ObjectID: [UInt8]] = [:]
    private var older: [ObjectID: [UInt8]] = [:]
    private var recentBytes = 0
    private var hash = Self.none
    /// The changes themselves, while they are wanted.
    private var collected: [(old: DiffSide?, new: DiffSide?)]?

    init(_ repository: borrowing Repository) throws(GitError) { objects = try ObjectReader(repository) }

    /// - Throws: ``GitError`` when a tree is missing or malformed.
    mutating func key(from before: ObjectID?, to after: ObjectID?) throws(GitError) -> UInt64 {
        hash = Self.none
        try compare(before, after, path: [])
        return hash
    }

    /// The entries that are no folders and differ, by path. A file that became a folder is a deletion and creations.
    ///
    /// - Throws: ``GitError`` when a tree is missing or malformed.
    mutating func changes(from before: ObjectID?, to after: ObjectID?) throws(GitError) -> [(old: DiffSide?, new: DiffSide?)] {
        collected = []
        defer { collected = nil }
        try compare(before, after, path: [])
        return collected ?? []
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
            let order = left.compare(right)
            if order == 0, left.isAtEnd { break }
            guard order != 0 || !left.hasSameEntry(as: right) else {
                left.advance()
                right.advance()
                continue
            }
            if order <= 0 { try visit(left, order == 0 ? right : nil, path) } else { try visit(nil, right, path) }
            if order <= 0 { left.advance() }
            if order >= 0 { right.advance() }
        }
        guard !left.isMalformed, !right.isMalformed else {
            throw GitError(
                code: .generic, operation: "read the tree", subject: "\(before?.hex ?? "none") or \(after?.hex ?? "none")",
                message: "it is malformed")
        }
    }

    /// One name that differs: folders are entered, anything else is a path.
    private mutating func visit(_ old: TreeCursor?, _ new: TreeCursor?, _ path: [UInt8]) throws(GitError) {
        guard let name = old?.name ?? new?.name else { return }
        let inner = path + name
        let folders = (old.flatMap { $0.isFolder ? $0.id : nil }, new.flatMap { $0.isFolder ? $0.id : nil })
        if collected != nil { try collect(old, new, inner) }
        let isPath = old.map { !$0.isFolder } ?? false || new.map { !$0.isFolder } ?? false
        if isPath { add(inner) }
        if folders.0 != nil || folders.1 != nil { try compare(folders.0, folders.1, path: inner + [UInt8(ascii: "/")]) }
    }

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
            bytes = try objects.withObject(id) { type, bytes throws(GitError) in
                guard type == GIT_OBJECT_TREE else {
                    throw GitError(code: .generic, operation: "read the tree", subject: id.hex, message: "the object is no tree")
                }
                return Array(bytes)
            }
        }
        // Two generations of at most two megabytes each.
        if recentBytes > 2 << 20 { (older, recent, recentBytes) = (recent, [:], 0) }
        recent[id] = bytes
        recentBytes += bytes.count
        return bytes
    }
}

/// One place in a raw tree: `<mode> <name>\0<20 bytes>` again and again, in git's order.
private struct TreeCursor {
    private let bytes: [UInt8]
    private var start = 0
    private var nameStart = 0
    private var nameEnd = 0
    private(set) var isMalformed = false

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        read()
    }

    var isAtEnd: Bool { start >= bytes.count }
    /// Git writes a folder's mode as `40000`; all others have six digits.
    var isFolder: Bool { bytes[start] == UInt8(ascii: "4") }
    /// As git reads it: of a file's mode only the owner's execute bit counts.
    var mode: UInt32 {
        var raw: UInt32 = 0
        for byte in bytes[start..<nameStart - 1] { raw = raw << 3 | UInt32(byte & 7) }
        switch raw & 0o170000 {
        case 0o100000: return raw & 0o100 == 0 ? 0o100644 : 0o100755
        case 0o120000: return 0o120000
        case 0o040000: return 0o040000
        default: return 0o160000
        }
    }
    var name: ArraySlice<UInt8> { bytes[nameStart..<nameEnd] }
    var id: ObjectID { bytes.withUnsafeBytes { ObjectID(bytes: $0.baseAddress! + nameEnd + 1) } }

    mutating func advance() {
        start = nameEnd + 21
        read()
    }

    private mutating func read() {
        guard start < bytes.count else { return }
        bytes.withUnsafeBytes { all in
            var index = start
            // A mode has five or six digits.
            while index < min(start + 7, all.count), all[index] != UInt8(ascii: " ") { index += 1 }
            nameStart = index + 1
            let zero = nameStart < all.count ? memchr(all.baseAddress! + nameStart, 0, all.count - nameStart) : nil
            nameEnd = zero.map { UnsafeRawPointer($0) - all.baseAddress! } ?? all.count
        }
        if nameStart > nameEnd || nameStart > start + 7 || bytes[min(nameStart, bytes.count) - 1] != UInt8(ascii: " ")
            || nameEnd + 21 > bytes.count
        {
            (isMalformed, start) = (true, bytes.count)
        }
    }

    /// The order of two entries' names, folders as if they ended with `/`; the end comes last.
    func compare(_ other: TreeCursor) -> Int {
        if isAtEnd || other.isAtEnd { return (isAtEnd ? 1 : 0) - (other.isAtEnd ? 1 : 0) }
        return bytes.withUnsafeBytes { mine in
            other.bytes.withUnsafeBytes { theirs in
                let length = min(nameEnd - nameStart, other.nameEnd - other.nameStart)
                let order = memcmp(mine.baseAddress! + nameStart, theirs.baseAddress! + other.nameStart, length)
                if order != 0 { return order < 0 ? -1 : 1 }
                let left = nameStart + length < nameEnd ? Int(mine[nameStart + length]) : isFolder ? 0x2F : 0
                let right = other.nameStart + length < other.nameEnd ? Int(theirs[other.nameStart + length]) : other.isFolder ? 0x2F : 0
                return left == right ? 0 : left < right ? -1 : 1
            }
        }
    }

    /// Whether mode, name and id are the same: the bytes of the whole entry.
    func hasSameEntry(as other: TreeCursor) -> Bool {
        guard !isAtEnd, nameEnd - start == other.nameEnd - other.start else { return false }
        return bytes.withUnsafeBytes { mine in
            other.bytes.withUnsafeBytes { theirs in
                memcmp(mine.baseAddress! + start, theirs.baseAddress! + other.start, nameEnd + 21 - start) == 0
            }
        }
    }
}
