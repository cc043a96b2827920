/// What git does to a blob's bytes on their way into a worktree: `ident`, line ends, then the encoding (convert.c). The way back:
/// ``CheckinConversion``.
///
/// libgit2's own filters differ from git: its `ident` replaces only the first keyword of a file.
struct TextConversion: Hashable, Sendable {
    /// When line feeds become carriage return and line feed.
    enum LineEnds: Hashable, Sendable {
        case asStored
        case carriageReturns
        /// Only in what looks like text and has no carriage returns yet.
        case carriageReturnsInText

        /// Whether bytes that look like this are changed.
        func converts(_ statistics: TextStatistics) -> Bool {
            guard self != .asStored, statistics.loneLineFeeds > 0 else { return false }
            return self == .carriageReturns || (statistics.pairs == 0 && !statistics.isBinary)
        }
    }

    var expandsIdent = false
    /// Whether git does that piece by piece, by rules that differ from those for a whole content (``StreamedIdent``).
    var streamsIdent = false
    var lineEnds = LineEnds.asStored
    var encoding: WorkingTreeEncoding?

    struct Result {
        /// Nil when they stay as they are.
        var bytes: [UInt8]?
        /// What the encoding cannot hold stays in UTF-8, as with git.
        var isUnencoded = false
    }

    /// The converted bytes.
    func apply(to bytes: UnsafeRawBufferPointer, of id: ObjectID) -> Result {
        let text = convertText(bytes, id)
        guard let encoding else { return Result(bytes: text) }
        guard let encoded = text.map({ $0.withUnsafeBytes { encoding.encode($0) } }) ?? encoding.encode(bytes) else {
            return Result(bytes: text, isUnencoded: true)
        }
        return Result(bytes: encoded)
    }

    private func convertText(_ bytes: UnsafeRawBufferPointer, _ id: ObjectID) -> [UInt8]? {
        let expanded = !expandsIdent ? nil : streamsIdent ? StreamedIdent.expand(bytes, id) : expandIdent(bytes, id)
        guard lineEnds != .asStored else { return expanded }
        guard let expanded else { return convertLineEnds(bytes) }
        return expanded.withUnsafeBytes { convertLineEnds($0) } ?? expanded
    }

    // MARK: - Line ends

    private func convertLineEnds(_ bytes: UnsafeRawBufferPointer) -> [UInt8]? {
        let statistics = TextStatistics(bytes)
        guard lineEnds.converts(statistics) else { return nil }
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
