/// What git does to a blob's bytes on their way into a worktree: `ident`, then line ends (convert.c).
///
/// libgit2's own filters differ from git: its `ident` replaces only the first keyword of a file.
struct TextConversion: Hashable, Sendable {
    /// When line feeds become carriage return and line feed.
    enum LineEnds: Hashable, Sendable {
        case asStored
        case carriageReturns
        /// Only in what looks like text and has no carriage returns yet.
        case carriageReturnsInText
    }

    var expandsIdent = false
    var lineEnds = LineEnds.asStored

    /// The converted bytes; nil when they stay as they are.
    func apply(to bytes: UnsafeRawBufferPointer, of id: ObjectID) -> [UInt8]? {
        let expanded = expandsIdent ? expandIdent(bytes, id) : nil
        guard lineEnds != .asStored else { return expanded }
        guard let expanded else { return convertLineEnds(bytes) }
        return expanded.withUnsafeBytes { convertLineEnds($0) } ?? expanded
    }

    // MARK: - Line ends

    private func convertLineEnds(_ bytes: UnsafeRawBufferPointer) -> [UInt8]? {
        let statistics = TextStatistics(bytes)
        guard statistics.loneLineFeeds > 0 else { return nil }
        if lineEnds == .carriageReturnsInText, statistics.pairs > 0 || statistics.isBinary { return nil }
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count + statistics.loneLineFeeds)
        var previous: UInt8 = 0
        for byte in bytes {
            if byte == 0x0A, previous != 0x0D { result.append(0x0D) }
            result.append(byte)
            previous = byte
        }
        return result
    }

    // MARK: - Ident

    private func expandIdent(_ bytes: UnsafeRawBufferPointer, _ id: ObjectID) -> [UInt8]? {
        guard bytes.contains(0x24) else { return nil }
        var result: [UInt8] = []
        let expansion = Array("Id: \(id.hex) $".utf8)
        var isChanged = false
        var rest = bytes[...]
        while let dollar = rest.firstIndex(of: 0x24) {
            result.append(contentsOf: rest[...dollar])
            rest = rest[(dollar + 1)...]
            let start = rest.startIndex
            guard rest.count >= 3, rest[start] == 0x49, rest[start + 1] == 0x64 else { continue }
            if rest[start + 2] == 0x24 {
                rest = rest[(start + 3)...]
            } else if rest[start + 2] == 0x3A {
                guard let end = rest[(start + 3)...].firstIndex(of: 0x24) else { break }
                let inner = rest[(start + 3)..<end]
                if inner.contains(0x0A) { continue }
                // A space elsewhere than before the end is another system's keyword.
                if let space = inner.dropFirst().firstIndex(of: 0x20), space < end - 1 { continue }
                rest = rest[(end + 1)...]
            } else {
                continue
            }
            result.append(contentsOf: expansion)
            isChanged = true
        }
        guard isChanged else { return nil }
        result.append(contentsOf: rest)
        return result
    }
}

/// git's `text_stat`.
private struct TextStatistics {
    private(set) var loneLineFeeds = 0
    private(set) var pairs = 0
    private var loneReturns = 0
    private var zeros = 0
    private var printable = 0
    private var unprintable = 0

    init(_ bytes: UnsafeRawBufferPointer) {
        var index = 0
        while index < bytes.count {
            let byte = bytes[index]
            index += 1
            switch byte {
            case 0x0D:
                if index < bytes.count, bytes[index] == 0x0A {
                    pairs += 1
                    index += 1
                } else {
                    loneReturns += 1
                }
            case 0x0A: loneLineFeeds += 1
            case 0x08, 0x09, 0x0C, 0x1B: printable += 1
            case 0:
                zeros += 1
                unprintable += 1
            case 1..<0x20, 0x7F: unprintable += 1
            default: printable += 1
            }
        }
        // An old end-of-file mark does not make a file binary.
        if bytes.last == 0x1A { unprintable -= 1 }
    }

    var isBinary: Bool { loneReturns > 0 || zeros > 0 || printable >> 7 < unprintable }
}
