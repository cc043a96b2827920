import Glibc

/// How many lines were inserted and deleted, where that is plain: what remains between equal beginnings and ends is on one side only, or
/// the sides have no line in common. Every line by line comparison gives the same counts then, git's too.
///
/// A new file's whole content, an insertion, a deletion or a rewritten part is plain; what is not needs a real comparison.
func plainLineDifference(_ old: UnsafeRawBufferPointer, _ new: UnsafeRawBufferPointer) -> (inserted: Int, deleted: Int)? {
    let start = commonLines(old, new)
    let (left, right) = (UnsafeRawBufferPointer(rebasing: old[start...]), UnsafeRawBufferPointer(rebasing: new[start...]))
    let end = commonLastLines(left, right)
    let before = UnsafeRawBufferPointer(rebasing: left.dropLast(end))
    let after = UnsafeRawBufferPointer(rebasing: right.dropLast(end))
    let (smaller, larger) = before.count < after.count ? (before, after) : (after, before)
    if !smaller.isEmpty, LineSet(smaller).holdsAny(of: larger) { return nil }
    return (lineCount(after), lineCount(before))
}

/// The lines of a text, by their hashes.
struct LineSet: Sendable {
    private var hashes: LineHashes
    /// How many lines the text has.
    let count: Int

    init(_ text: UnsafeRawBufferPointer) {
        count = lineCount(text)
        hashes = LineHashes(lines: count)
        forEachLine(text) { hashes.insert(lineHash($0)) }
    }

    /// How many bytes it takes.
    var size: Int { hashes.size }

    /// False only where another text has no line in common with it. Ends at the first line that is there.
    func holdsAny(of text: UnsafeRawBufferPointer) -> Bool {
        var place = 0
        while place < text.count {
            let line = firstLine(UnsafeRawBufferPointer(rebasing: text[place...]))
            if hashes.contains(lineHash(line)) { return true }
            place += line.count
        }
        return false
    }
}

/// A set of hashes that are spread already: hashing them again would be most of the work.
private struct LineHashes: Sendable {
    /// 0 is free: it is no line's hash.
    private var slots: ContiguousArray<UInt64>

    init(lines: Int) {
        var count = 16
        while count < lines * 2 { count *= 2 }
        slots = ContiguousArray(repeating: 0, count: count)
    }

    var size: Int { slots.count * 8 }

    mutating func insert(_ hash: UInt64) { slots[slot(of: hash)] = hash }

    func contains(_ hash: UInt64) -> Bool { slots[slot(of: hash)] == hash }

    /// Where the hash is, or belongs. At most half of the slots are taken.
    private func slot(of hash: UInt64) -> Int {
        let mask = slots.count - 1
        var slot = Int(truncatingIfNeeded: hash >> 20) & mask
        while slots[slot] != 0, slots[slot] != hash { slot = (slot + 1) & mask }
        return slot
    }
}

/// The number of lines; what follows the last end of a line is one too.
func lineCount(_ bytes: UnsafeRawBufferPointer) -> Int {
    let (ends, low): (UInt64, UInt64) = (0x0A0A_0A0A_0A0A_0A0A, 0x7F7F_7F7F_7F7F_7F7F)
    var (count, place) = (0, 0)
    while place + 8 <= bytes.count {
        // A byte is zero where it was a line end; adding to its low bits, which cannot carry over, sets the high bit of every other.
        let word = bytes.eight(place) ^ ends
        count += (~(((word & low) &+ low) | word | low)).nonzeroBitCount
        place += 8
    }
    while place < bytes.count {
        if bytes[place] == 0x0A { count += 1 }
        place += 1
    }
    return bytes.last.map { $0 == 0x0A } ?? true ? count : count + 1
}

/// The length of the whole lines with which both begin.
private func commonLines(_ old: UnsafeRawBufferPointer, _ new: UnsafeRawBufferPointer) -> Int {
    let limit = min(old.count, new.count)
    var length = 0
    while length + 8 <= limit, old.eight(length) == new.eight(length) { length += 8 }
    while length < limit, old[length] == new[length] { length += 1 }
    if length == old.count, length == new.count { return length }
    while length > 0, old[length - 1] != 0x0A { length -= 1 }
    return length
}

/// The length of the whole lines with which both end.
private func commonLastLines(_ old: UnsafeRawBufferPointer, _ new: UnsafeRawBufferPointer) -> Int {
    let limit = min(old.count, new.count)
    var length = 0
    while length + 8 <= limit, old.eight(old.count - 8 - length) == new.eight(new.count - 8 - length) { length += 8 }
    while length < limit, old[old.count - 1 - length] == new[new.count - 1 - length] { length += 1 }
    func beginsLine(_ bytes: UnsafeRawBufferPointer) -> Bool { length == bytes.count || bytes[bytes.count - 1 - length] == 0x0A }
    while length > 0, !beginsLine(old) || !beginsLine(new) { length -= 1 }
    return length
}

/// Lends each line with the end that it has.
@inline(__always)
func forEachLine(_ bytes: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) -> Void) {
    var place = 0
    while place < bytes.count {
        let line = firstLine(UnsafeRawBufferPointer(rebasing: bytes[place...]))
        body(line)
        place += line.count
    }
}

@inline(__always)
private func firstLine(_ bytes: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
    guard let start = bytes.baseAddress, let end = memchr(start, 0x0A, bytes.count) else { return bytes }
    return UnsafeRawBufferPointer(start: start, count: UnsafeRawPointer(end) - start + 1)
}

/// Equal for equal lines; for different ones nearly never, which then costs a real comparison.
private func lineHash(_ line: UnsafeRawBufferPointer) -> UInt64 {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    var place = 0
    while place + 8 <= line.count {
        hash = (hash ^ line.loadUnaligned(fromByteOffset: place, as: UInt64.self)) &* 0x9E37_79B9_7F4A_7C15
        hash ^= hash >> 32
        place += 8
    }
    while place < line.count {
        hash = (hash ^ UInt64(line[place])) &* 0x100_0000_01B3
        place += 1
    }
    // Spread to the bits that choose a slot; never 0.
    return (hash ^ hash >> 29) &* 0xBF58_476D_1CE4_E5B9 | 1
}

extension UnsafeRawBufferPointer {
    /// Eight bytes at once, to be compared.
    @inline(__always)
    fileprivate func eight(_ offset: Int) -> UInt64 { loadUnaligned(fromByteOffset: offset, as: UInt64.self) }
}
