/// One line of a file of attributes: a pattern, or a macro's name, and what it sets.
///
/// Source: git's attr.c, `parse_attr_line`.
struct AttributeLine: Hashable, Sendable {
    enum Subject: Hashable, Sendable {
        case paths(IgnorePattern)
        case macro(String)
    }

    let subject: Subject
    /// In the line's order; the last of a name counts.
    let states: [AttributeState]

    /// Nil for what git leaves out: an empty line, a comment, what is too long, no name, or a pattern that begins with `!`.
    ///
    /// Macros count only in files that speak of the whole repository.
    init?(_ line: ArraySlice<UInt8>, mayDefineMacros: Bool) {
        let rest = line.drop(while: Self.isBlank)
        guard let first = rest.first, first != 0x23, line.count < Self.longest else { return nil }
        var (name, words) = (rest.prefix { !Self.isBlank($0) }, rest.drop { !Self.isBlank($0) })
        if let quoted = CQuoted(rest) { (name, words) = (quoted.content[...], quoted.rest) }
        var states: [AttributeState] = []
        for word in words.split(whereSeparator: Self.isBlank) {
            guard let state = AttributeState(word) else { return nil }
            states.append(state)
        }
        self.states = states
        if name.count > Self.macroMark.count, name.starts(with: Self.macroMark) {
            let macro = name.dropFirst(Self.macroMark.count).drop(while: Self.isBlank).prefix { !Self.isBlank($0) }
            guard mayDefineMacros, AttributeState.isName(macro) else { return nil }
            subject = .macro(String(decoding: macro, as: UTF8.self))
        } else {
            guard let pattern = IgnorePattern(pattern: name), !pattern.isNegative else { return nil }
            subject = .paths(pattern)
        }
    }

    /// A line of so many bytes is left out.
    private static let longest = 2048
    private static let macroMark = Array("[attr]".utf8)

    private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0D || byte == 0x0A }
}
