/// A mapped file of facts, checked as a whole before anything is read from it.
///
///     8 bytes "CZFACTS1" · count (4, little-endian) · 4 zero bytes
///     count × (key 20 · offset of the value 4 · its length 2 · the day it was last used 2), ordered by key
///     the values · SHA-1 of all before
struct FactFile: Sendable {
    static let magic = Array("CZFACTS1".utf8)
    static let head = 16
    static let row = 28

    private let file: MappedFile
    let count: Int

    /// Nil where there is no such file, or a damaged one.
    init?(_ file: MappedFile) {
        self.file = file
        let bytes = file.bytes
        guard bytes.count >= Self.head + 20, bytes.starts(with: Self.magic) else { return nil }
        count = Int(UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt32.self)))
        let end = bytes.count - 20
        guard count <= (end - Self.head) / Self.row else { return nil }
        let sum = ObjectID(bytes: bytes.baseAddress! + end)
        guard SHA1.digest(of: UnsafeRawBufferPointer(rebasing: bytes[..<end])) == sum else { return nil }
        var previous: FactKey?
        for row in 0..<count {
            let (key, range) = (key(row), range(row))
            guard range.lowerBound >= Self.head + count * Self.row, range.upperBound <= end else { return nil }
            if let previous, previous >= key { return nil }
            previous = key
        }
    }

    private func start(_ row: Int) -> Int { Self.head + row * Self.row }

    func key(_ row: Int) -> FactKey { FactKey(hash: ObjectID(bytes: file.bytes.baseAddress! + start(row))) }

    private func range(_ row: Int) -> Range<Int> {
        let offset = Int(UInt32(littleEndian: file.bytes.loadUnaligned(fromByteOffset: start(row) + 20, as: UInt32.self)))
        let length = Int(UInt16(littleEndian: file.bytes.loadUnaligned(fromByteOffset: start(row) + 24, as: UInt16.self)))
        return offset..<offset + length
    }

    /// Days since 1970.
    func day(_ row: Int) -> UInt16 { UInt16(littleEndian: file.bytes.loadUnaligned(fromByteOffset: start(row) + 26, as: UInt16.self)) }

    func value(_ row: Int) -> [UInt8] { Array(file.bytes[range(row)]) }

    /// - Complexity: O(log *count*).
    subscript(key: FactKey) -> [UInt8]? {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            let candidate = self.key(middle)
            if candidate == key { return value(middle) }
            if candidate < key { low = middle + 1 } else { high = middle }
        }
        return nil
    }
}

/// One fact as it is written.
struct FactRow {
    let key: FactKey
    let day: UInt16
    let value: [UInt8]

    var size: Int { FactFile.row + value.count }

    /// A file of these facts, which are ordered by key.
    static func file(_ rows: [FactRow]) -> [UInt8] {
        var result = FactFile.magic
        result.reserveCapacity(FactFile.head + rows.reduce(0) { $0 + $1.size } + 20)
        result.append(little: UInt32(rows.count))
        result.append(little: UInt32(0))
        var offset = FactFile.head + rows.count * FactFile.row
        for row in rows {
            withUnsafeBytes(of: row.key.hash.raw) { result.append(contentsOf: $0) }
            result.append(little: UInt32(offset))
            result.append(little: UInt16(row.value.count))
            result.append(little: row.day)
            offset += row.value.count
        }
        for row in rows { result.append(contentsOf: row.value) }
        let sum = result.withUnsafeBytes { SHA1.digest(of: $0) }
        withUnsafeBytes(of: sum.raw) { result.append(contentsOf: $0) }
        return result
    }
}

extension [UInt8] {
    fileprivate mutating func append(little word: some FixedWidthInteger) {
        Swift.withUnsafeBytes(of: word.littleEndian) { append(contentsOf: $0) }
    }
}
