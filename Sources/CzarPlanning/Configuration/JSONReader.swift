/// A strict JSON reader (RFC 8259) that keeps the place of every value and the text of every number.
///
/// A decoder of the standard library has neither, and accepts duplicate keys without a word.
/// A syntax error ends the reading; duplicate keys are collected in ``duplicates``.
/// - Complexity: linear in the file's size; depth is bounded by ``ConfigurationNode/maximumDepth``.
struct JSONReader {
    private let file: String
    private let bytes: [UInt8]
    private var offset = 0
    private var line = 1
    private var column = 1
    private var depth = 0
    /// Where the value that is being read stands.
    private var path = NodePath()
    private(set) var duplicates: [Problem] = []

    init(_ text: SourceText) { (file, bytes) = (text.file, text.bytes) }

    /// The document's only value.
    mutating func read() throws(Problem) -> ConfigurationNode {
        try skipSpace()
        guard current != nil else { throw problem("The file is empty.") }
        let root = try value()
        try skipSpace()
        guard current == nil else { throw problem("There is more text after the end of the JSON value.") }
        return root
    }

    // MARK: Values

    private mutating func value() throws(Problem) -> ConfigurationNode {
        let start = position
        switch current {
        case UInt8(ascii: "{"):
            return ConfigurationNode(position: start, value: .map(try nested { reader throws(Problem) in try reader.object() }))
        case UInt8(ascii: "["):
            return ConfigurationNode(position: start, value: .list(try nested { reader throws(Problem) in try reader.array() }))
        case UInt8(ascii: "\""): return ConfigurationNode(position: start, value: .scalar(try string(), plain: false))
        case UInt8(ascii: "-"), .some(UInt8(ascii: "0")...UInt8(ascii: "9")):
            return ConfigurationNode(position: start, value: .scalar(try number(), plain: true))
        case nil: throw problem("The file ends where a value should be.")
        default: return ConfigurationNode(position: start, value: .scalar(try literal(), plain: true))
        }
    }

    private mutating func value(at place: NodePath) throws(Problem) -> ConfigurationNode {
        let around = path
        path = place
        let result = try value()
        path = around
        return result
    }

    private mutating func nested<Value>(_ read: (inout Self) throws(Problem) -> Value) throws(Problem) -> Value {
        depth += 1
        guard depth <= ConfigurationNode.maximumDepth else {
            throw problem("Lists and objects are nested more than \(ConfigurationNode.maximumDepth) deep.")
        }
        let result = try read(&self)
        depth -= 1
        return result
    }

    private mutating func object() throws(Problem) -> [ConfigurationNode.Entry] {
        let opening = position
        advance()
        var entries: [ConfigurationNode.Entry] = []
        var seen: [String: Int] = [:]
        try skipSpace()
        if take("}") { return entries }
        while true {
            let place = position
            let key = try memberName(opening: opening)
            if let first = seen[key] {
                let message = "The key '\(key)' stands twice in this object, first on line \(first)."
                duplicates.append(problem(message, at: place, field: path.key(key).text))
            }
            seen[key] = seen[key] ?? place.line
            try skipSpace()
            guard take(":") else { throw problem("A ':' must follow the key '\(key)'.") }
            try skipSpace()
            entries.append(.init(key: key, position: place, value: try value(at: path.key(key))))
            if try endsAfterElement(closing: "}", opening: opening) { return entries }
        }
    }

    private mutating func array() throws(Problem) -> [ConfigurationNode] {
        let opening = position
        advance()
        var elements: [ConfigurationNode] = []
        try skipSpace()
        if take("]") { return elements }
        while true {
            elements.append(try value(at: path.element(elements.count)))
            if try endsAfterElement(closing: "]", opening: opening) { return elements }
        }
    }

    private mutating func memberName(opening: SourcePosition) throws(Problem) -> String {
        switch current {
        case UInt8(ascii: "\""): return try string()
        case UInt8(ascii: "'"): throw problem("JSON text stands in double quotes, not single ones.")
        case nil: throw unclosed("}", opening)
        default: throw problem("A key must stand in double quotes.")
        }
    }

    /// Takes the comma or the closing bracket behind an element.
    private mutating func endsAfterElement(closing: Unicode.Scalar, opening: SourcePosition) throws(Problem) -> Bool {
        try skipSpace()
        if take(closing) { return true }
        guard current != nil else { throw unclosed(closing, opening) }
        let comma = position
        guard take(",") else { throw problem("A ',' or '\(closing)' is missing here.") }
        try skipSpace()
        if current == UInt8(ascii: closing) { throw problem("JSON allows no comma before the closing '\(closing)'.", at: comma) }
        if current == nil { throw unclosed(closing, opening) }
        return false
    }

    private mutating func literal() throws(Problem) -> String {
        let start = position
        if current == UInt8(ascii: "'") { throw problem("JSON text stands in double quotes, not single ones.") }
        var word = ""
        while let byte = current, Self.isWord(byte) {
            word.unicodeScalars.append(Unicode.Scalar(byte))
            advance()
        }
        guard ["true", "false", "null"].contains(word) else {
            throw problem(
                word.isEmpty
                    ? "A value cannot start with \(describeCurrent())."
                    : "'\(word.prefix(40))' is no JSON value; text stands in double quotes.", at: start)
        }
        return word
    }

    private mutating func number() throws(Problem) -> String {
        let (start, first) = (position, offset)
        _ = take("-")
        if !take("0") { guard digits() else { throw problem("This is no JSON number.", at: start) } }
        if take(".") { guard digits() else { throw problem("A digit must follow the decimal point.", at: start) } }
        if take("e") || take("E") {
            _ = take("+") || take("-")
            guard digits() else { throw problem("A digit must follow the exponent's 'e'.", at: start) }
        }
        if let byte = current, Self.isWord(byte) || byte == UInt8(ascii: ".") {
            throw problem("This is no JSON number; a value with a unit stands in double quotes.", at: start)
        }
        return String(decoding: bytes[first..<offset], as: UTF8.self)
    }

    private mutating func digits() -> Bool {
        let first = offset
        while let byte = current, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { advance() }
        return offset > first
    }

    // MARK: Text

    private mutating func string() throws(Problem) -> String {
        let start = position
        advance()
        var scalars: [UInt8] = []
        while true {
            switch current {
            case UInt8(ascii: "\""):
                advance()
                return String(decoding: scalars, as: UTF8.self)
            case UInt8(ascii: "\\"): scalars.append(contentsOf: try escape())
            case nil, UInt8(ascii: "\n"), UInt8(ascii: "\r"):
                throw problem("The text that starts here has no closing quote on its line.", at: start)
            case .some(let byte) where byte < 0x20: throw problem("Text holds a control character; write it as \\u00\(hex(byte)).")
            case .some(let byte):
                scalars.append(byte)
                advance()
            }
        }
    }

    private mutating func escape() throws(Problem) -> [UInt8] {
        let start = position
        advance()
        guard let byte = current else { throw problem("The file ends inside an escape.", at: start) }
        if byte == UInt8(ascii: "u") {
            advance()
            return Array(String(Character(try unicodeEscape(start))).utf8)
        }
        guard let meaning = Self.escapes[byte] else { throw problem("'\\\(Unicode.Scalar(byte))' is no JSON escape.", at: start) }
        advance()
        return [meaning]
    }

    private mutating func unicodeEscape(_ start: SourcePosition) throws(Problem) -> Unicode.Scalar {
        let first = try fourDigits(start)
        if first == 0 { throw problem("Text may not hold the NUL character.", at: start) }
        if let scalar = Unicode.Scalar(first) { return scalar }
        guard first < 0xDC00, take("\\"), take("u") else { throw problem("Half of a surrogate pair stands alone.", at: start) }
        let second = try fourDigits(start)
        guard (0xDC00...0xDFFF).contains(second), let scalar = Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00)) else {
            throw problem("Half of a surrogate pair stands alone.", at: start)
        }
        return scalar
    }

    private mutating func fourDigits(_ start: SourcePosition) throws(Problem) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard let byte = current, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
                throw problem("Four hexadecimal digits must follow '\\u'.", at: start)
            }
            value = value << 4 + UInt32(digit)
            advance()
        }
        return value
    }

    private static let escapes: [UInt8: UInt8] = [
        UInt8(ascii: "\""): UInt8(ascii: "\""), UInt8(ascii: "\\"): UInt8(ascii: "\\"), UInt8(ascii: "/"): UInt8(ascii: "/"),
        UInt8(ascii: "b"): 8, UInt8(ascii: "f"): 12, UInt8(ascii: "n"): 10, UInt8(ascii: "r"): 13, UInt8(ascii: "t"): 9,
    ]

    // MARK: Bytes

    private var current: UInt8? { offset < bytes.count ? bytes[offset] : nil }

    private var position: SourcePosition { SourcePosition(file: file, line: line, column: column) }

    private mutating func advance() {
        let byte = bytes[offset]
        offset += 1
        if byte == UInt8(ascii: "\n") {
            (line, column) = (line + 1, 1)
        } else if current.map({ $0 & 0xC0 != 0x80 }) ?? true {
            column += 1
        }
    }

    private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
        guard current == UInt8(ascii: scalar) else { return false }
        advance()
        return true
    }

    private mutating func skipSpace() throws(Problem) {
        while let byte = current {
            switch byte {
            case 0x20, 0x09, 0x0A, 0x0D: advance()
            case UInt8(ascii: "/"), UInt8(ascii: "#"): throw problem("JSON has no comments; name the file .yaml to use them.")
            default: return
            }
        }
    }

    private static func isWord(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "_") || byte >= 0x80 || Character(Unicode.Scalar(byte)).isLetter || Character(Unicode.Scalar(byte)).isNumber
    }

    private func describeCurrent() -> String {
        guard let byte = current else { return "the end of the file" }
        return byte < 0x20 || byte == 0x7F ? "the control character 0x\(hex(byte))" : "'\(Unicode.Scalar(byte))'"
    }

    private func hex(_ byte: UInt8) -> String { (byte < 16 ? "0" : "") + String(byte, radix: 16) }

    private func unclosed(_ closing: Unicode.Scalar, _ opening: SourcePosition) -> Problem {
        problem("The file ends before the '\(closing)' that closes what starts here.", at: opening)
    }

    private func problem(_ message: String, at place: SourcePosition? = nil, field: String = "") -> Problem {
        let place = place ?? position
        return Problem(file: file, line: place.line, column: place.column, field: field, message: message)
    }
}
