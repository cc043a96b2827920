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
    if !before.isEmpty, !after.isEmpty {
        var hashes: Set<UInt64> = []
        forEachLine(before) { hashes.insert(lineHash($0)) }
        var isApart = true
        forEachLine(after) { if hashes.contains(lineHash($0)) { isApart = false } }
        guard isApart else { return nil }
    }
    return (lineCount(after), lineCount(before))
}

/// The number of lines; what follows the last end of a line is one too.
func lineCount(_ bytes: UnsafeRawBufferPointer) -> Int {
    var count = 0
    forEachLine(bytes) { _ in count += 1 }
    return count
}

/// The length of the whole lines with which both begin.
private func commonLines(_ old: UnsafeRawBufferPointer, _ new: UnsafeRawBufferPointer) -> Int {
    let limit = min(old.count, new.count)
    var length = 0
    while length < limit, old[length] == new[length] { length += 1 }
    if length == old.count, length == new.count { return length }
    while length > 0, old[length - 1] != 0x0A { length -= 1 }
    return length
}

/// The length of the whole lines with which both end.
private func commonLastLines(_ old: UnsafeRawBufferPointer, _ new: UnsafeRawBufferPointer) -> Int {
    let limit = min(old.count, new.count)
    var length = 0
    while length < limit, old[old.count - 1 - length] == new[new.count - 1 - length] { length += 1 }
    func beginsLine(_ bytes: UnsafeRawBufferPointer) -> Bool { length == bytes.count || bytes[bytes.count - 1 - length] == 0x0A }
    while length > 0, !beginsLine(old) || !beginsLine(new) { length -= 1 }
    return length
}

@inline(__always)
private func forEachLine(_ bytes: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) -> Void) {
    guard let start = bytes.baseAddress else { return }
    var place = 0
    while place < bytes.count {
        let found = memchr(start + place, 0x0A, bytes.count - place).map { UnsafeRawPointer($0) - start + 1 } ?? bytes.count
        body(UnsafeRawBufferPointer(start: start + place, count: found - place))
        place = found
    }
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
    return hash
}
