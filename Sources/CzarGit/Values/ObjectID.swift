import CLibgit2

/// The SHA-1 name of an object: 20 bytes.
public struct ObjectID: Hashable, Comparable, Sendable, CustomStringConvertible {
    // Three words instead of a tuple of 20 bytes: hashing and comparing are what history walks do most.
    let first: UInt64
    let second: UInt64
    let third: UInt32

    /// The id that git uses for "no object".
    public static let zero = ObjectID(first: 0, second: 0, third: 0)

    init(first: UInt64, second: UInt64, third: UInt32) {
        (self.first, self.second, self.third) = (first, second, third)
    }

    /// Reads 20 bytes in the order of the hash.
    init(bytes: UnsafeRawPointer) {
        first = UInt64(bigEndian: bytes.loadUnaligned(as: UInt64.self))
        second = UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
        third = UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: 16, as: UInt32.self))
    }

    init(_ raw: git_oid) {
        self = withUnsafeBytes(of: raw) { ObjectID(bytes: $0.baseAddress!) }
    }

    /// The C value of this id.
    var raw: git_oid {
        var result = git_oid()
        withUnsafeMutableBytes(of: &result) { bytes in
            bytes.storeBytes(of: first.bigEndian, as: UInt64.self)
            bytes.storeBytes(of: second.bigEndian, toByteOffset: 8, as: UInt64.self)
            bytes.storeBytes(of: third.bigEndian, toByteOffset: 16, as: UInt32.self)
        }
        return result
    }

    /// Reads exactly 40 hexadecimal digits; nil for anything else.
    public init?(hex: some StringProtocol) {
        guard hex.utf8.count == 40 else { return nil }
        var words: (UInt64, UInt64, UInt64) = (0, 0, 0)
        for (index, byte) in hex.utf8.enumerated() {
            let digit: UInt64
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = UInt64(byte - UInt8(ascii: "0"))
            case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = UInt64(byte - UInt8(ascii: "a") + 10)
            case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = UInt64(byte - UInt8(ascii: "A") + 10)
            default: return nil
            }
            if index < 16 {
                words.0 = words.0 << 4 | digit
            } else if index < 32 {
                words.1 = words.1 << 4 | digit
            } else {
                words.2 = words.2 << 4 | digit
            }
        }
        self.init(first: words.0, second: words.1, third: UInt32(words.2))
    }

    /// 40 lower-case hexadecimal digits.
    public var hex: String {
        String(unsafeUninitializedCapacity: 40) { buffer in
            let digits: StaticString = "0123456789abcdef"
            for index in 0..<40 {
                let nibble: UInt64
                if index < 16 {
                    nibble = first >> UInt64(60 - 4 * index)
                } else if index < 32 {
                    nibble = second >> UInt64(60 - 4 * (index - 16))
                } else {
                    nibble = UInt64(third >> UInt32(28 - 4 * (index - 32)))
                }
                buffer[index] = digits.utf8Start[Int(nibble & 15)]
            }
            return 40
        }
    }

    /// The same as ``hex``.
    public var description: String { hex }

    /// The first ten digits, for sentences.
    public var short: String { String(hex.prefix(10)) }

    /// The order of the bytes.
    public static func < (left: Self, right: Self) -> Bool {
        (left.first, left.second, left.third) < (right.first, right.second, right.third)
    }
}
