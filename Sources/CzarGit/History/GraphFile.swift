/// One file of git's commit-graph: a single `commit-graph`, or a layer of a chain (gitformat-commit-graph(5)).
///
/// Everything is checked once, here: what passes can be read without further bounds checks, and what does not is not used at all.
/// The checksum makes "never a wrong answer" true for damaged files, which git itself does not check when it reads.
struct GraphFile: Sendable {
    /// Why a file cannot be used: a phrase that follows the file's path.
    struct Damage: Error { let reason: String }

    static let noParent: UInt32 = 0x7000_0000
    private static let lastEdge: UInt32 = 0x8000_0000

    let file: MappedFile
    let count: Int
    let baseHashes: [ObjectID]
    let checksum: ObjectID
    private let fanout: Int
    private let ids: Int
    private let commits: Int
    private let edges: Range<Int>
    /// How much later than the commit's date its corrected one is, and those that are too large for a word.
    private let offsets: Range<Int>
    private let largeOffsets: Range<Int>

    init(_ file: MappedFile) throws(Damage) {
        self.file = file
        let bytes = file.bytes
        guard bytes.count >= 8 + 12 + 20 else { throw Damage(reason: "is too short") }
        guard bytes.word(0) == 0x4347_5048 else { throw Damage(reason: "has no CGPH signature") }
        guard bytes[4] == 1, bytes[5] == 1 else { throw Damage(reason: "has an unknown version or hash") }
        let end = bytes.count - 20
        checksum = ObjectID(bytes: bytes.baseAddress! + end)
        let chunks = try Self.chunks(bytes, count: Int(bytes[6]), end: end)
        guard let fan = chunks[0x4F49_4446], let lookup = chunks[0x4F49_444C], let data = chunks[0x4344_4154], fan.count == 1024 else {
            throw Damage(reason: "lacks a chunk")
        }
        (fanout, ids, commits) = (fan.lowerBound, lookup.lowerBound, data.lowerBound)
        count = Int(bytes.word(fan.lowerBound + 255 * 4))
        guard lookup.count == count * 20, data.count == count * 36 else { throw Damage(reason: "has chunks of the wrong length") }
        edges = chunks[0x4544_4745] ?? 0..<0
        offsets = chunks[0x4744_4132] ?? 0..<0
        largeOffsets = chunks[0x4744_4F32] ?? 0..<0
        let bases = chunks[0x4241_5345] ?? 0..<0
        let baseCount = Int(bytes[7])
        guard bases.count == baseCount * 20 else { throw Damage(reason: "lists the wrong number of base files") }
        baseHashes = (0..<baseCount).map { ObjectID(bytes: bytes.baseAddress! + bases.lowerBound + $0 * 20) }
        guard SHA1.digest(of: UnsafeRawBufferPointer(rebasing: bytes[..<end])) == checksum else {
            throw Damage(reason: "has a wrong checksum")
        }
        guard idsAreOrdered() else { throw Damage(reason: "has ids out of order") }
    }

    /// The chunk table: ids to byte ranges inside the file.
    private static func chunks(_ bytes: UnsafeRawBufferPointer, count: Int, end: Int) throws(Damage) -> [UInt32: Range<Int>] {
        let table = 8
        guard table + (count + 1) * 12 <= end else { throw Damage(reason: "has a cut chunk table") }
        var result: [UInt32: Range<Int>] = [:]
        var previous = UInt64(table + (count + 1) * 12)
        for index in 0..<count {
            let entry = table + index * 12
            let (start, stop) = (bytes.long(entry + 4), bytes.long(entry + 16))
            guard start >= previous, stop >= start, stop <= UInt64(end) else { throw Damage(reason: "has a chunk outside the file") }
            guard result.updateValue(Int(start)..<Int(stop), forKey: bytes.word(entry)) == nil else {
                throw Damage(reason: "has a chunk twice")
            }
            previous = start
        }
        return result
    }

    private func idsAreOrdered() -> Bool {
        let bytes = file.bytes
        var index = 0
        var last: ObjectID?
        for byte in 0..<256 {
            let stop = Int(bytes.word(fanout + byte * 4))
            guard stop >= index, stop <= count else { return false }
            while index < stop {
                let id = self.id(index)
                guard Int(id.first >> 56) == byte, last.map({ $0 < id }) ?? true else { return false }
                (last, index) = (id, index + 1)
            }
        }
        return true
    }

    /// The id of the commit with this index in the file.
    func id(_ index: Int) -> ObjectID { ObjectID(bytes: file.bytes.baseAddress! + ids + index * 20) }

    /// The index of a commit; nil where the file does not have it.
    ///
    /// - Complexity: O(log *n*).
    func index(of id: ObjectID) -> Int? {
        let byte = Int(id.first >> 56)
        var low = byte == 0 ? 0 : Int(file.bytes.word(fanout + (byte - 1) * 4))
        var high = Int(file.bytes.word(fanout + byte * 4))
        while low < high {
            let middle = (low + high) / 2
            let candidate = self.id(middle)
            if candidate == id { return middle }
            if candidate < id { low = middle + 1 } else { high = middle }
        }
        return nil
    }

    func tree(_ index: Int) -> ObjectID { ObjectID(bytes: file.bytes.baseAddress! + commits + index * 36) }

    /// The committer time in seconds; the format keeps 34 bits of it.
    func date(_ index: Int) -> Int64 {
        let offset = commits + index * 36 + 28
        return Int64(file.bytes.word(offset) & 3) << 32 | Int64(file.bytes.word(offset + 4))
    }

    /// git's corrected commit date (generation v2): the committer time, or one more than the highest of the parents'. Nil where the file has
    /// none.
    func correctedDate(_ index: Int) -> Int64? {
        guard offsets.count == count * 4 else { return nil }
        let offset = file.bytes.word(offsets.lowerBound + index * 4)
        guard offset & Self.overflows != 0 else { return date(index) + Int64(offset) }
        let place = largeOffsets.lowerBound + Int(offset & ~Self.overflows) * 8
        return place + 8 <= largeOffsets.upperBound ? date(index) &+ Int64(truncatingIfNeeded: file.bytes.long(place)) : nil
    }

    private static let overflows: UInt32 = 0x8000_0000

    /// Whether ``correctedDate(_:)`` answers.
    var hasCorrectedDates: Bool { offsets.count == count * 4 && count > 0 }

    /// The topological level: 1 for a root, else one more than the highest level of a parent. Every version of the format has it.
    func level(_ index: Int) -> UInt32 { file.bytes.word(commits + index * 36 + 28) >> 2 }

    func firstParent(_ index: Int) -> UInt32 { file.bytes.word(commits + index * 36 + 20) }

    func secondParent(_ index: Int) -> UInt32 { file.bytes.word(commits + index * 36 + 24) }

    /// The parents from the second on of an octopus merge; nil where the list leaves its chunk.
    func octopusParents(_ second: UInt32) -> [UInt32]? {
        var offset = edges.lowerBound + Int(second & ~Self.lastEdge) * 4
        var result: [UInt32] = []
        while offset + 4 <= edges.upperBound {
            let edge = file.bytes.word(offset)
            result.append(edge & ~Self.lastEdge)
            if edge & Self.lastEdge != 0 { return result }
            offset += 4
        }
        return nil
    }
}

extension UnsafeRawBufferPointer {
    /// The big-endian word at a byte offset.
    @inline(__always)
    func word(_ offset: Int) -> UInt32 { UInt32(bigEndian: loadUnaligned(fromByteOffset: offset, as: UInt32.self)) }

    @inline(__always)
    func long(_ offset: Int) -> UInt64 { UInt64(bigEndian: loadUnaligned(fromByteOffset: offset, as: UInt64.self)) }
}
