/// SHA-1 over plain bytes, for the checksums at the end of git's files.
///
/// libgit2 exports only the hash of a whole object, with its header; a trailer needs the plain one. It guards against damage, not
/// against attackers: whoever can write a graph file can write objects too.
enum SHA1 {
    static func digest(of bytes: UnsafeRawBufferPointer) -> ObjectID {
        var state = State()
        withUnsafeTemporaryAllocation(of: UInt32.self, capacity: 80) { schedule in
            guard let words = schedule.baseAddress else { return }
            let whole = bytes.count / 64
            for block in 0..<whole {
                state.absorb(UnsafeRawPointer(bytes.baseAddress! + block * 64), words)
            }
            absorbTail(bytes, from: whole * 64, into: &state, words)
        }
        return state.id
    }

    private static func absorbTail(
        _ bytes: UnsafeRawBufferPointer, from offset: Int, into state: inout State, _ words: UnsafeMutablePointer<UInt32>
    ) {
        var tail = [UInt8](bytes[offset...])
        tail.append(0x80)
        while tail.count % 64 != 56 { tail.append(0) }
        withUnsafeBytes(of: (UInt64(bytes.count) * 8).bigEndian) { tail.append(contentsOf: $0) }
        tail.withUnsafeBytes { padded in
            for block in 0..<padded.count / 64 { state.absorb(padded.baseAddress! + block * 64, words) }
        }
    }

    private struct State {
        var a: UInt32 = 0x6745_2301
        var b: UInt32 = 0xEFCD_AB89
        var c: UInt32 = 0x98BA_DCFE
        var d: UInt32 = 0x1032_5476
        var e: UInt32 = 0xC3D2_E1F0

        var id: ObjectID {
            ObjectID(first: UInt64(a) << 32 | UInt64(b), second: UInt64(c) << 32 | UInt64(d), third: e)
        }

        mutating func absorb(_ block: UnsafeRawPointer, _ words: UnsafeMutablePointer<UInt32>) {
            for index in 0..<16 { words[index] = UInt32(bigEndian: block.loadUnaligned(fromByteOffset: index * 4, as: UInt32.self)) }
            for index in 16..<80 {
                let word = words[index - 3] ^ words[index - 8] ^ words[index - 14] ^ words[index - 16]
                words[index] = word << 1 | word >> 31
            }
            let before = self
            for index in 0..<20 { round((b & c) | (~b & d), 0x5A82_7999, words[index]) }
            for index in 20..<40 { round(b ^ c ^ d, 0x6ED9_EBA1, words[index]) }
            for index in 40..<60 { round((b & c) | (b & d) | (c & d), 0x8F1B_BCDC, words[index]) }
            for index in 60..<80 { round(b ^ c ^ d, 0xCA62_C1D6, words[index]) }
            (a, b, c, d, e) = (a &+ before.a, b &+ before.b, c &+ before.c, d &+ before.d, e &+ before.e)
        }

        @inline(__always)
        private mutating func round(_ mixed: UInt32, _ constant: UInt32, _ word: UInt32) {
            let next = (a << 5 | a >> 27) &+ mixed &+ e &+ constant &+ word
            (e, d, c, b, a) = (d, c, b << 30 | b >> 2, a, next)
        }
    }
}
