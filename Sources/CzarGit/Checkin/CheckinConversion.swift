/// What git does to a file's bytes on their way into a blob: the encoding, line ends, then `ident` (convert.c). The way back: ``TextConversion``.
///
/// libgit2's own filters differ from git: its `ident` knows only the first keyword of a file, and its attributes no quotation marks.
struct CheckinConversion: Hashable, Sendable {
    /// When a carriage return before a line feed goes.
    enum LineEnds: Hashable, Sendable {
        case asTheyAre
        case text
        /// Only in what looks like text, and not where the index already has the file with carriage returns.
        case automatic
    }

    var lineEnds = LineEnds.asTheyAre
    var collapsesIdent = false
    /// ``Checkin`` undoes it before the rest, since git refuses where it cannot be undone.
    var encoding: WorkingTreeEncoding?

    /// Whether any content could be changed.
    var isEmpty: Bool { lineEnds == .asTheyAre && !collapsesIdent && encoding == nil }

    /// The converted bytes of text in UTF-8; nil when they stay as they are.
    ///
    /// `hasReturnsInIndex` is asked only where the answer counts.
    func apply(to bytes: [UInt8], hasReturnsInIndex: () throws(GitError) -> Bool) throws(GitError) -> [UInt8]? {
        let stripped = try convertsLineEnds(of: TextStatistics(bytes), hasReturnsInIndex) ? stripReturns(bytes) : nil
        guard collapsesIdent else { return stripped }
        return collapseIdent(stripped ?? bytes) ?? stripped
    }

    /// Whether a file would have other line ends after it was stored and written again: what `core.safecrlf` refuses.
    func losesLineEnds(
        of bytes: [UInt8], writtenAs written: TextConversion.LineEnds, hasReturnsInIndex: () throws(GitError) -> Bool
    ) throws(GitError) -> Bool {
        let before = TextStatistics(bytes)
        if lineEnds == .asTheyAre || (lineEnds == .automatic && before.isBinary) { return false }
        var after = before
        if try convertsLineEnds(of: before, hasReturnsInIndex) { after.takeReturns() }
        if written.converts(after) { after.addReturns() }
        return (before.pairs > 0 && after.pairs == 0) || (before.loneLineFeeds > 0 && after.loneLineFeeds == 0)
    }

    // MARK: - Line ends

    private func convertsLineEnds(
        of statistics: TextStatistics, _ hasReturnsInIndex: () throws(GitError) -> Bool
    ) throws(GitError) -> Bool {
        guard lineEnds != .asTheyAre, statistics.pairs > 0 else { return false }
        if lineEnds == .text { return true }
        if statistics.isBinary { return false }
        return try !hasReturnsInIndex()
    }

    private func stripReturns(_ bytes: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        for (index, byte) in bytes.enumerated() {
            if byte == 0x0D, index + 1 < bytes.count, bytes[index + 1] == 0x0A { continue }
            result.append(byte)
        }
        return result
    }

    // MARK: - Ident

    private func collapseIdent(_ bytes: [UInt8]) -> [UInt8]? {
        var result: [UInt8] = []
        var isChanged = false
        var rest = bytes[...]
        while let dollar = rest.firstIndex(of: 0x24) {
            result += rest[...dollar]
            rest = rest[(dollar + 1)...]
            guard rest.count > 3, rest.starts(with: "Id:".utf8) else { continue }
            guard let end = rest.dropFirst(3).firstIndex(of: 0x24) else { break }
            if rest[..<end].contains(0x0A) { continue }
            result += "Id$".utf8
            rest = rest[(end + 1)...]
            isChanged = true
        }
        return isChanged ? result + rest : nil
    }
}
