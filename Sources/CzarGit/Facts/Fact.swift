/// Names a fact: a hash of its kind, of the version of the code that found it, and of everything it depends on.
struct FactKey: Hashable, Comparable, Sendable {
    let hash: ObjectID

    /// What is known; a change of what one means or how it is written raises ``version``.
    enum Kind: UInt8 {
        case history = 1, commit, changes, integration, changedPaths, patchDigest, distinctCommits, weights, newCommits, distinctOverTime
    }

    private static let version: UInt8 = 6

    init(hash: ObjectID) { self.hash = hash }

    /// Nil parts count: the key of (a, nil) is not the key of (nil, a).
    init(_ kind: Kind, _ parts: [ObjectID?], number: UInt8 = 0) {
        var bytes: [UInt8] = [kind.rawValue, Self.version, number]
        bytes.reserveCapacity(3 + parts.count * 21)
        for part in parts { bytes.append(part) }
        hash = bytes.withUnsafeBytes { SHA1.digest(of: $0) }
    }

    static func < (left: Self, right: Self) -> Bool { left.hash < right.hash }
}

/// Facts as bytes: numbers in eight little-endian bytes, ids with a byte before them that says whether there is one.
extension [UInt8] {
    mutating func append(_ id: ObjectID?) {
        append(id == nil ? 0 : 1)
        if let id { Swift.withUnsafeBytes(of: id.raw) { append(contentsOf: $0) } }
    }

    /// A fact that is one number.
    static func fact(number: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(number: number)
        return bytes
    }

    /// A fact that is one id.
    static func fact(id: ObjectID) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(id)
        return bytes
    }

    mutating func append(number: Int) { Swift.withUnsafeBytes(of: Int64(number).littleEndian) { append(contentsOf: $0) } }

    mutating func append(text: some Collection<UInt8>) {
        append(number: text.count)
        append(contentsOf: text)
    }
}

/// Reads a fact's bytes in the order in which they were written; nil as soon as they are not what was expected.
struct FactBytes {
    private let bytes: [UInt8]
    private var place = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// The number that is all of a fact.
    static func only(_ bytes: [UInt8]) -> Int? {
        var reader = FactBytes(bytes)
        let number = reader.number()
        return reader.isAtEnd ? number : nil
    }

    /// The id that is all of a fact.
    static func onlyID(_ bytes: [UInt8]) -> ObjectID? {
        var reader = FactBytes(bytes)
        guard let found = reader.id(), let id = found, reader.isAtEnd else { return nil }
        return id
    }

    var isAtEnd: Bool { place == bytes.count }

    mutating func number() -> Int? {
        guard bytes.count - place >= 8 else { return nil }
        defer { place += 8 }
        return Int(Int64(littleEndian: bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: place, as: Int64.self) }))
    }

    /// The outer nil: no such bytes; the inner one: no id was written.
    mutating func id() -> ObjectID?? {
        guard place < bytes.count else { return nil }
        let mark = bytes[place]
        guard mark == 1 else {
            place += 1
            return mark == 0 ? .some(nil) : nil
        }
        guard bytes.count - place >= 21 else { return nil }
        defer { place += 21 }
        return bytes.withUnsafeBytes { ObjectID(bytes: $0.baseAddress! + place + 1) }
    }

    mutating func text() -> ArraySlice<UInt8>? {
        guard let count = number(), count >= 0, bytes.count - place >= count else { return nil }
        defer { place += count }
        return bytes[place..<place + count]
    }

    /// A count that each of that many items needs at least `size` bytes for.
    mutating func count(ofItems size: Int) -> Int? {
        guard let count = number(), count >= 0, count <= (bytes.count - place) / size else { return nil }
        return count
    }
}
