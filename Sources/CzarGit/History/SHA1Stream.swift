import CLibgit2

extension SHA1 {
    /// The digest of bytes that come piece by piece.
    struct Stream {
        private var words = State().words
        private var count = 0
        /// Fewer than a block.
        private var rest: [UInt8] = []

        mutating func add(_ bytes: UnsafeRawBufferPointer) {
            count += bytes.count
            var start = 0
            if !rest.isEmpty {
                start = min(64 - rest.count, bytes.count)
                rest += bytes[..<start]
                guard rest.count == 64 else { return }
                rest.withUnsafeBytes { Self.absorb($0, into: &words) }
                rest.removeAll(keepingCapacity: true)
            }
            let end = start + (bytes.count - start) / 64 * 64
            Self.absorb(UnsafeRawBufferPointer(rebasing: bytes[start..<end]), into: &words)
            rest += bytes[end...]
        }

        /// Of all of them; nothing is to be added then.
        mutating func digest() -> ObjectID {
            SHA1.tail(rest, of: count).withUnsafeBytes { Self.absorb($0, into: &words) }
            return State(words).id
        }

        /// Whole blocks.
        private static func absorb(_ blocks: UnsafeRawBufferPointer, into words: inout [UInt32]) {
            if SHA1.isInHardware {
                czar_sha1_blocks(&words, blocks.bindMemory(to: UInt8.self).baseAddress, blocks.count / 64)
            } else {
                var state = State(words)
                state.absorb(blocks)
                words = state.words
            }
        }
    }
}
