/// A set of commit positions.
struct Bitset: Sendable {
    private var words: ContiguousArray<UInt64>

    init(capacity: Int) { words = ContiguousArray(repeating: 0, count: (capacity + 63) / 64) }

    @inline(__always)
    func contains(_ position: Int32) -> Bool { words[Int(position) >> 6] & (1 << UInt64(position & 63)) != 0 }

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
