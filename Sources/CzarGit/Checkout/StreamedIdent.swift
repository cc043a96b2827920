/// `ident` as git expands it where it converts a blob piece by piece: a port of convert.c's `ident_filter_fn`, whose results differ from those
/// of `ident_to_worktree` where dollar signs follow each other.
enum StreamedIdent {
    private static let dollar: UInt8 = 0x24
    private static let lineFeed: UInt8 = 0x0A
    /// With the NUL at the end of a C string, which git's comparison meets too.
    private static let head = Array("$Id\0".utf8)
    private static let keyword = 3

    /// Nil when the bytes stay as they are.
    /// - Complexity: O(bytes).
    static func expand(_ bytes: UnsafeRawBufferPointer, _ id: ObjectID) -> [UInt8]? {
        guard holdsKeyword(bytes) else { return nil }
        let identity = Array(": \(id.hex) $".utf8)
        var (result, left): ([UInt8], [UInt8]) = ([], [])
        result.reserveCapacity(bytes.count + 64)
        // How much of the head was seen, and whether what follows it is looked for.
        var (seen, isSkipping) = (0, false)
        func drain() {
            result += left
            left.removeAll(keepingCapacity: true)
            (seen, isSkipping) = (0, false)
        }
        for byte in bytes {
            if isSkipping {
                left.append(byte)
                guard byte == lineFeed || byte == dollar else { continue }
                if byte == dollar, !isForeign(left) { left.replaceSubrange(keyword..., with: identity) }
                drain()
            } else if seen < head.count, head[seen] == byte {
                seen += 1
            } else {
                left += head[..<seen]
                if seen != keyword {
                    left.append(byte)
                    drain()
                } else if byte == UInt8(ascii: ":") {
                    left.append(byte)
                    isSkipping = true
                } else if byte == dollar {
                    left += identity
                    drain()
                } else {
                    left.append(byte)
                    seen = 0
                }
            }
        }
        if !isSkipping { left += head[..<seen] }
        drain()
        return result.elementsEqual(bytes) ? nil : result
    }

    private static func holdsKeyword(_ bytes: UnsafeRawBufferPointer) -> Bool {
        var rest = bytes[...]
        while let start = rest.firstIndex(of: dollar) {
            rest = rest[(start + 1)...]
            if rest.starts(with: head[1..<keyword]) { return true }
        }
        return false
    }

    /// Whether another system's keyword is there: with a space elsewhere than right before the last dollar sign. What is read of it ends at a
    /// NUL.
    private static func isForeign(_ left: [UInt8]) -> Bool {
        let prefix = Array("$Id: ".utf8)
        let text = left.prefix { $0 != 0 }
        guard text.starts(with: prefix) else { return false }
        return text.indices.dropFirst(prefix.count).contains { index in
            [0x20, 0x09, 0x0A, 0x0D].contains(text[index]) && (index + 1 == text.endIndex || text[index + 1] != dollar)
        }
    }
}
