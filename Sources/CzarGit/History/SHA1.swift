import CLibgit2

/// SHA-1 over plain bytes, for the checksums at the end of git's files.
///
/// libgit2 exports only the hash of a whole object, with its header; a trailer needs the plain one. It guards against damage, not
/// against attackers: whoever can write a graph file can write objects too.
package enum SHA1 {
    /// As 40 hexadecimal digits.
    package static func hex(of bytes: [UInt8]) -> String { bytes.withUnsafeBytes { digest(of: $0) }.hex }

    /// By the processor's own instructions where it has them: five times as fast.
    static func digest(of bytes: UnsafeRawBufferPointer) -> ObjectID {
        isInHardware ? hardwareDigest(of: bytes) : portableDigest(of: bytes)
    }

    static let isInHardware = czar_sha1_is_there() != 0

    private static func hardwareDigest(of bytes: UnsafeRawBufferPointer) -> ObjectID {
        var words = State().words
        let whole = bytes.count / 64
        if whole > 0 { czar_sha1_blocks(&words, bytes.bindMemory(to: UInt8.self).baseAddress, whole) }
        let last = tail(bytes, from: whole * 64)
        czar_sha1_blocks(&words, last, last.count / 64)
        return State(words).id
    }

    /// The same in plain Swift.
    static func portableDigest(of bytes: UnsafeRawBufferPointer) -> ObjectID {
        var state = State()
        let whole = bytes.count / 64 * 64
        state.absorb(UnsafeRawBufferPointer(rebasing: bytes[..<whole]))
        tail(bytes, from: whole).withUnsafeBytes { state.absorb($0) }
        return state.id
    }

    private static func tail(_ bytes: UnsafeRawBufferPointer, from offset: Int) -> [UInt8] {
        tail([UInt8](bytes[offset...]), of: bytes.count)
    }

    /// The bytes that are left of `count`, and what SHA-1 puts behind them.
    static func tail(_ rest: [UInt8], of count: Int) -> [UInt8] {
        var tail = rest
        tail.append(0x80)
        while tail.count % 64 != 56 { tail.append(0) }
        withUnsafeBytes(of: (UInt64(count) * 8).bigEndian) { tail.append(contentsOf: $0) }
        return tail
    }

    struct State {
        var a: UInt32 = 0x6745_2301
        var b: UInt32 = 0xEFCD_AB89
        var c: UInt32 = 0x98BA_DCFE
        var d: UInt32 = 0x1032_5476
        var e: UInt32 = 0xC3D2_E1F0

        init() {}

        init(_ words: [UInt32]) { (a, b, c, d, e) = (words[0], words[1], words[2], words[3], words[4]) }

        var words: [UInt32] { [a, b, c, d, e] }

        var id: ObjectID {
            ObjectID(first: UInt64(a) << 32 | UInt64(b), second: UInt64(c) << 32 | UInt64(d), third: e)
        }

        /// Whole blocks of 64 bytes.
        mutating func absorb(_ blocks: UnsafeRawBufferPointer) {
            withUnsafeTemporaryAllocation(of: UInt32.self, capacity: 80) { schedule in
                guard let words = schedule.baseAddress else { return }
                for offset in stride(from: 0, to: blocks.count, by: 64) { absorb(blocks.baseAddress! + offset, words) }
            }
        }

        /// One block. Five rounds at a time, so that the five words change roles instead of moving: twice as fast as the
        /// textbook's loop.
        private mutating func absorb(_ block: UnsafeRawPointer, _ words: UnsafeMutablePointer<UInt32>) {
            for index in 0..<16 { words[index] = UInt32(bigEndian: block.loadUnaligned(fromByteOffset: index * 4, as: UInt32.self)) }
            for index in 16..<80 {
                let word = words[index - 3] ^ words[index - 8] ^ words[index - 14] ^ words[index - 16]
                words[index] = word << 1 | word >> 31
            }
            var next = self
            next.twentyRounds(words, 0x5A82_7999) { (($1 ^ $2) & $0) ^ $2 }
            next.twentyRounds(words + 20, 0x6ED9_EBA1) { $0 ^ $1 ^ $2 }
            next.twentyRounds(words + 40, 0x8F1B_BCDC) { ($0 & $1) | ($2 & ($0 | $1)) }
            next.twentyRounds(words + 60, 0xCA62_C1D6) { $0 ^ $1 ^ $2 }
            (a, b, c, d, e) = (a &+ next.a, b &+ next.b, c &+ next.c, d &+ next.d, e &+ next.e)
        }

        @inline(__always)
        private mutating func twentyRounds(
            _ words: UnsafeMutablePointer<UInt32>, _ constant: UInt32, _ mix: (UInt32, UInt32, UInt32) -> UInt32
        ) {
            var (a, b, c, d, e) = (self.a, self.b, self.c, self.d, self.e)
            var index = 0
            while index < 20 {
                Self.round(a, &b, &e, mix(b, c, d) &+ constant &+ words[index])
                Self.round(e, &a, &d, mix(a, b, c) &+ constant &+ words[index + 1])
                Self.round(d, &e, &c, mix(e, a, b) &+ constant &+ words[index + 2])
                Self.round(c, &d, &b, mix(d, e, a) &+ constant &+ words[index + 3])
                Self.round(b, &c, &a, mix(c, d, e) &+ constant &+ words[index + 4])
                index += 5
            }
            (self.a, self.b, self.c, self.d, self.e) = (a, b, c, d, e)
        }

        @inline(__always)
        private static func round(_ a: UInt32, _ b: inout UInt32, _ e: inout UInt32, _ addend: UInt32) {
            e = e &+ (a << 5 | a >> 27) &+ addend
            b = b << 30 | b >> 2
        }
    }
}
