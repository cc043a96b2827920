import Glibc

/// One line of a `.gitignore`, an exclude file, or a file of patterns with the same rules.
///
/// Source: git's dir.c, `parse_path_pattern`, `match_basename` and `match_pathname`.
struct IgnorePattern: Hashable, Sendable {
    /// The line takes back what an earlier one said.
    let isNegative: Bool
    private let mustBeFolder: Bool
    /// Without a slash it is held against the last component alone.
    private let isName: Bool
    private let text: [UInt8]
    /// How many bytes at the start have no special meaning.
    private let plainLength: Int
    /// `*` and then only plain bytes.
    private let isSuffix: Bool

    /// Nil for an empty line or a comment. `line` has no line end.
    init?(_ line: ArraySlice<UInt8>) {
        guard let first = line.first, first != 0x23 else { return nil }
        self.init(pattern: Self.trimmed(line.last == 0x0D ? line.dropLast() : line))
    }

    /// A pattern to its last byte; nil when nothing is left of it.
    init?(pattern: ArraySlice<UInt8>) {
        var rest = pattern
        isNegative = rest.first == 0x21
        if isNegative { rest = rest.dropFirst() }
        mustBeFolder = rest.last == 0x2F
        if mustBeFolder { rest = rest.dropLast() }
        guard !rest.isEmpty else { return nil }
        isName = !rest.contains(0x2F)
        if rest.first == 0x2F { rest = rest.dropFirst() }
        text = Array(rest)
        plainLength = text.firstIndex(where: Self.isSpecial) ?? text.count
        isSuffix = text.first == 0x2A && !text.dropFirst().contains(where: Self.isSpecial)
    }

    /// Bytes that the name of every path must end with that it speaks of; empty where that is not known.
    var plainEnd: ArraySlice<UInt8> {
        let special = text.lastIndex { Self.isSpecial($0) || $0 == 0x5D || $0 == 0x2F }
        return text[(special.map { $0 + 1 } ?? 0)...]
    }

    /// Whether it speaks of a path; `path` is seen from the folder of the file that holds the pattern.
    func matches(_ path: ArraySlice<UInt8>, isFolder: Bool, ignoringCase: Bool) -> Bool {
        if mustBeFolder, !isFolder { return false }
        if isName {
            let name = path.lastIndex(of: 0x2F).map { path[($0 + 1)...] } ?? path
            return matchesName(name, ignoringCase)
        }
        guard plainLength <= path.count, Self.same(path.prefix(plainLength), text[..<plainLength], ignoringCase) else { return false }
        if plainLength == text.count { return path.count == plainLength }
        // One plain byte stays, so that `**` sees whether it starts a component.
        let kept = max(0, plainLength - 1)
        return Wildmatch(isPath: true, ignoresCase: ignoringCase).matches(path.dropFirst(kept), text[kept...])
    }

    private func matchesName(_ name: ArraySlice<UInt8>, _ ignoringCase: Bool) -> Bool {
        if plainLength == text.count { return name.count == text.count && Self.same(name, text[...], ignoringCase) }
        if isSuffix { return name.count >= text.count - 1 && Self.same(name.suffix(text.count - 1), text.dropFirst(), ignoringCase) }
        return Wildmatch(isPath: false, ignoresCase: ignoringCase).matches(name, text[...])
    }

    private static func same(_ left: ArraySlice<UInt8>, _ right: ArraySlice<UInt8>, _ ignoringCase: Bool) -> Bool {
        guard ignoringCase else { return left.elementsEqual(right) }
        return left.elementsEqual(right) { lowered($0) == lowered($1) }
    }

    private static func lowered(_ byte: UInt8) -> UInt8 { byte >= 0x41 && byte <= 0x5A ? byte | 0x20 : byte }

    private static func isSpecial(_ byte: UInt8) -> Bool { byte == 0x2A || byte == 0x3F || byte == 0x5B || byte == 0x5C }

    /// Spaces at the end do not count unless a backslash stands before them.
    private static func trimmed(_ line: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        var (index, firstSpace) = (line.startIndex, Int?.none)
        while index < line.endIndex {
            switch line[index] {
            case 0x20: firstSpace = firstSpace ?? index
            case 0x5C:
                index += 1
                if index == line.endIndex { return line }
                firstSpace = nil
            default: firstSpace = nil
            }
            index += 1
        }
        return firstSpace.map { line[..<$0] } ?? line
    }
}

/// The patterns of one file, in its order; the last that matches decides.
struct IgnoreList: Hashable, Sendable {
    let patterns: [IgnorePattern]

    init(_ content: [UInt8]) {
        let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
        let lines = content.starts(with: mark) ? content.dropFirst(3) : content[...]
        patterns = lines.split(separator: 0x0A).compactMap { IgnorePattern($0) }
    }

    /// Whether the file says that a path is ignored; nil when it says nothing about it.
    /// - Complexity: O(patterns).
    func verdict(_ path: ArraySlice<UInt8>, isFolder: Bool, ignoringCase: Bool) -> Bool? {
        patterns.last { $0.matches(path, isFolder: isFolder, ignoringCase: ignoringCase) }.map { !$0.isNegative }
    }
}
