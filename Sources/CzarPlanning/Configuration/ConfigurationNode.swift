/// A place in one of the plan's files; line and column start at 1, columns count Unicode scalars.
struct SourcePosition: Hashable, Sendable {
    var file: String
    var line: Int
    var column: Int

    /// Whether it is an earlier place of the same file.
    func isBefore(_ other: SourcePosition) -> Bool { file == other.file && (line, column) < (other.line, other.column) }
}

/// What JSON and YAML have in common, with the place of every part and scalars as the text that was written.
///
/// Nothing is typed here: YAML's `on` stays "on" and `1.10` stays "1.10", because only the reader of a field knows what it wants.
struct ConfigurationNode: Sendable {
    enum Value: Sendable {
        /// `plain` is false for quoted text, so that `"null"` is a word and `null` is nothing.
        case scalar(String, plain: Bool)
        case list([ConfigurationNode])
        case map([Entry])
    }

    struct Entry: Sendable {
        var key: String
        var position: SourcePosition
        var value: ConfigurationNode
    }

    var position: SourcePosition
    var value: Value

    /// How deep lists and mappings may be nested; a plan needs five.
    static let maximumDepth = 64
    /// The size of the largest file that is read, in bytes.
    static let maximumBytes = 4 << 20

    var isNull: Bool {
        if case .scalar(let text, plain: true) = value { ["", "~", "null", "Null", "NULL"].contains(text) } else { false }
    }

    /// The kind, as a noun for a sentence.
    var kind: String {
        switch value {
        case .scalar: "a single value"
        case .list: "a list"
        case .map: "a mapping"
        }
    }
}

/// A value with its place.
struct Located<Value: Sendable>: Sendable {
    var value: Value
    var position: SourcePosition
}
