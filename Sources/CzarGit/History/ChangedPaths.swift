import CLibgit2

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

    init(_ repository: borrowing Repository) throws(GitError) { objects = try ObjectReader(repository) }

    /// - Throws: ``GitError`` when a tree is missing or malformed.
    mutating func key(from before: ObjectID?, to after: ObjectID?) throws(GitError) -> UInt64 {
        hash = Self.none
        try compare(before, after, path: [])
        return hash
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
        let isPath = old.map { !$0.isFolder } ?? false || new.map { !$0.isFolder } ?? false
        if isPath { add(inner) }
        if folders.0 != nil || folders.1 != nil { try compare(folders.0, folders.1, path: inner + [UInt8(ascii: "/")]) }
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
        // Two generations of at most four megabytes each.
        if recentBytes > 4 << 20 { (older, recent, recentBytes) = (recent, [:], 0) }
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
            while index < all.count, all[index] != UInt8(ascii: " ") { index += 1 }
            nameStart = index + 1
            while index < all.count, all[index] != 0 { index += 1 }
            nameEnd = index
        }
        if nameStart > nameEnd || nameEnd + 21 > bytes.count { (isMalformed, start) = (true, bytes.count) }
    }

    /// The order of two entries' names, folders as if they ended with `/`; the end comes last.
    func compare(_ other: TreeCursor) -> Int {
        if isAtEnd || other.isAtEnd { return (isAtEnd ? 1 : 0) - (other.isAtEnd ? 1 : 0) }
        return bytes.withUnsafeBytes { mine in
            other.bytes.withUnsafeBytes { theirs in
                let length = min(nameEnd - nameStart, other.nameEnd - other.nameStart)
                for index in 0..<length {
                    let (left, right) = (mine[nameStart + index], theirs[other.nameStart + index])
                    if left != right { return left < right ? -1 : 1 }
                }
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
                for index in 0..<nameEnd + 21 - start where mine[start + index] != theirs[other.start + index] { return false }
                return true
            }
        }
    }
}
