/// A set of commit positions.
struct Bitset: Sendable {
    private var words: ContiguousArray<UInt64>

    init(capacity: Int) { words = ContiguousArray(repeating: 0, count: (capacity + 63) / 64) }

    /// The same set with room for more positions.
    init(_ other: Bitset, capacity: Int) {
        words = other.words
        words.append(contentsOf: repeatElement(0, count: max(0, (capacity + 63) / 64 - words.count)))
    }

    /// Positions beyond the capacity are no members.
    @inline(__always)
    func contains(_ position: Int32) -> Bool {
        let word = Int(position) >> 6
        return word < words.count && words[word] & (1 << UInt64(position & 63)) != 0
    }

    /// Adds the position; false where it was a member already.
    @inline(__always)
    mutating func insert(_ position: Int32) -> Bool {
        let (word, bit) = (Int(position) >> 6, UInt64(1) << UInt64(position & 63))
        guard words[word] & bit == 0 else { return false }
        words[word] |= bit
        return true
    }

    var count: Int { words.reduce(0) { $0 + $1.nonzeroBitCount } }
}
