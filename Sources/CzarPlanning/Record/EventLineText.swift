extension EventLine {
    /// The text form, without a newline: time, worker or `-`, type, then the fields sorted by name.
    ///
    /// A value that is empty or holds anything outside `[A-Za-z0-9_.:/@%+-]` is JSON-quoted, so a line is always one line.
    package var text: String {
        var bytes: [UInt8] = []
        appendText(to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Appends the text form as bytes, without a newline.
    package func appendText(to bytes: inout [UInt8]) {
        if let time { bytes += (time.description + " ").utf8 }
        switch subject {
        case .unstated: break
        case .project: bytes += "- ".utf8
        case .worker(let id): bytes += (id.rawValue + " ").utf8
        }
        bytes += type.rawValue.utf8
        for (key, value) in fields.sorted(by: { $0.key < $1.key }) {
            bytes += (" " + key + "=").utf8
            if Self.isPlain(value) { bytes += value.utf8 } else { JSONText.append(value, to: &bytes) }
        }
    }

    /// Reads the text form liberally: the time (any offset) and the worker may be missing, a value may hold anything but spaces
    /// unquoted, and in a quoted value a backslash before any other character stands for itself.
    package init(text line: String) throws(EventLineProblem) {
        var scanner = TextLineScanner(line)
        var word = scanner.word()
        let time = Timestamp(word)
        if time != nil { word = scanner.word() }
        var subject = Subject.unstated
        if !word.isEmpty, !EventType.isWellFormed(word) {
            subject = word == "-" ? .project : .worker(try Self.worker(named: word))
            word = scanner.word()
        }
        if word.isEmpty { throw EventLineProblem("it has no type") }
        self.init(time: time, subject: subject, type: try Self.type(named: word), fields: try scanner.fields())
    }

    /// A value as it stands in a line.
    package static func quoted(_ value: String) -> String {
        if isPlain(value) { return value }
        var bytes: [UInt8] = []
        JSONText.append(value, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func isPlain(_ value: String) -> Bool {
        !value.isEmpty && value.utf8.allSatisfy { isLetter($0) || isDigit($0) || plainMarks.contains($0) }
    }

    private static let plainMarks = Set("_.:/@%+-".utf8)
}

private struct TextLineScanner {
    private var rest: Substring.UTF8View

    init(_ line: String) { rest = Substring(line).utf8 }

    /// The next word; empty at the end.
    mutating func word() -> String {
        skipSpaces()
        return String(Substring(take { !Self.isSpace($0) }))
    }

    mutating func fields() throws(EventLineProblem) -> [String: String] {
        var fields: [String: String] = [:]
        skipSpaces()
        while !rest.isEmpty {
            let key = String(Substring(take { !Self.isSpace($0) && $0 != UInt8(ascii: "=") }))
            try EventLine.checkFieldName(key)
            guard rest.popFirst() == UInt8(ascii: "=") else { throw EventLineProblem("'\(key)' has no value; write \(key)=VALUE") }
            fields[key] = try rest.first == UInt8(ascii: "\"") ? quoted(key) : String(Substring(take { !Self.isSpace($0) }))
            skipSpaces()
        }
        return fields
    }

    private mutating func quoted(_ key: String) throws(EventLineProblem) -> String {
        let start = rest
        var token: [UInt8] = []
        var escaped = false
        repeat {
            guard let byte = rest.popFirst() else { throw EventLineProblem("the value of '\(key)' lacks its closing quote") }
            token.append(byte)
            if escaped {
                escaped = false
            } else if byte == UInt8(ascii: "\\") {
                escaped = true
            } else if byte == UInt8(ascii: "\""), token.count > 1 {
                break
            }
        } while true
        guard rest.first.map(Self.isSpace) ?? true else { throw EventLineProblem("text follows the closing quote of '\(key)' at once") }
        do throws(EventLineProblem) {
            return try JSONScanner.whole(String(decoding: token, as: UTF8.self)) { (scanner) throws(EventLineProblem) in
                try scanner.scalar()
            }
        } catch {
            // Czarina escapes nothing but the quote, so a lone backslash in its lines is data.
            return Self.unescapingQuotes(in: start.prefix(token.count))
        }
    }

    private static func unescapingQuotes(in token: Substring.UTF8View) -> String {
        var value: [UInt8] = []
        for byte in token.dropFirst().dropLast() {
            if byte == UInt8(ascii: "\""), value.last == UInt8(ascii: "\\") { value.removeLast() }
            value.append(byte)
        }
        return String(decoding: value, as: UTF8.self)
    }

    private mutating func skipSpaces() { _ = take(Self.isSpace) }

    private mutating func take(_ belongs: (UInt8) -> Bool) -> Substring.UTF8View {
        let taken = rest.prefix(while: belongs)
        rest = rest.dropFirst(taken.count)
        return taken
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }
}
