import Glibc

/// One place in a raw tree: `<mode> <name>\0<20 bytes>` again and again, in git's order.
struct TreeCursor {
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

    /// Moves both past the entries that are the same in both: most of two trees that somebody compares.
    ///
    /// What is the same is found by the bytes, so that only one side's entries are looked at one by one.
    static func skipCommon(_ left: inout TreeCursor, _ right: inout TreeCursor) {
        guard !left.isAtEnd, !right.isAtEnd else { return }
        let skipped = left.bytes.withUnsafeBytes { mine in
            right.bytes.withUnsafeBytes { theirs in
                let mine = UnsafeRawBufferPointer(rebasing: mine[left.start...])
                let common = commonLength(mine, UnsafeRawBufferPointer(rebasing: theirs[right.start...]))
                return wholeEntries(UnsafeRawBufferPointer(rebasing: mine[..<common]))
            }
        }
        guard skipped > 0 else { return }
        left.start += skipped
        right.start += skipped
        left.read()
        right.read()
    }

    /// The length of the entries that lie in the bytes as a whole. Ends where one is not as git writes it.
    private static func wholeEntries(_ bytes: UnsafeRawBufferPointer) -> Int {
        var end = 0
        while end + 7 < bytes.count {
            var place = end + (bytes[end] == UInt8(ascii: "4") ? 6 : 7)
            guard bytes[place - 1] == UInt8(ascii: " ") else { return end }
            while place < bytes.count, bytes[place] != 0 { place += 1 }
            guard place + 21 <= bytes.count else { return end }
            end = place + 21
        }
        return end
    }

    private static func commonLength(_ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer) -> Int {
        let limit = min(left.count, right.count)
        var length = 0
        // Four words at a time: two root trees with hundreds of names differ in a few bytes.
        while length + 32 <= limit, difference(left, right, length) | difference(left, right, length + 16) == 0 { length += 32 }
        while length < limit, left[length] == right[length] { length += 1 }
        return length
    }

    /// Zero where sixteen bytes are the same.
    @inline(__always)
    private static func difference(_ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer, _ offset: Int) -> UInt64 {
        func word(_ bytes: UnsafeRawBufferPointer, _ offset: Int) -> UInt64 { bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self) }
        return (word(left, offset) ^ word(right, offset)) | (word(left, offset + 8) ^ word(right, offset + 8))
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
