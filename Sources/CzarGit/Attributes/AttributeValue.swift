/// What attributes say of one name at a path.
enum AttributeValue: Hashable, Sendable {
    /// Nothing, or `!name`.
    case unspecified
    /// `name`
    case set
    /// `-name`
    case unset
    /// `name=text`
    case text(String)
}

/// One word of a line: a name and what it is set to.
struct AttributeState: Hashable, Sendable {
    let name: String
    let value: AttributeValue

    /// Nil for what is no name to git; it takes the whole line away.
    init?(_ word: ArraySlice<UInt8>) {
        let equals = word.firstIndex(of: 0x3D)
        var name = word[..<(equals ?? word.endIndex)]
        switch name.first {
        // A text behind these is not looked at.
        case 0x2D:
            value = .unset
            name = name.dropFirst()
        case 0x21:
            value = .unspecified
            name = name.dropFirst()
        default: value = equals.map { .text(String(decoding: word[($0 + 1)...], as: UTF8.self)) } ?? .set
        }
        guard Self.isName(name) else { return nil }
        self.name = String(decoding: name, as: UTF8.self)
    }

    /// Letters, digits and `-._`, the first of them no `-`; names of git's own are reserved.
    static func isName(_ name: ArraySlice<UInt8>) -> Bool {
        guard let first = name.first, first != 0x2D, !name.starts(with: "builtin_".utf8) else { return false }
        return name.allSatisfy {
            switch $0 {
            case 0x2D, 0x2E, 0x5F, 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
            default: false
            }
        }
    }
}
