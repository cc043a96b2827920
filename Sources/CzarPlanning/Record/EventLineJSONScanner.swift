/// Reads one JSON text from bytes that stay valid while the scanner lives: it is made and used inside ``whole(_:_:)`` only.
struct JSONScanner {
    private let bytes: UnsafeBufferPointer<UInt8>
    private var position = 0

    /// Bounds the recursion of ``skipValue(depth:)`` on hostile input.
    private static let deepest = 32

    /// Lends a scanner over `text` and insists that nothing but white space follows what `read` took.
    static func whole<Value>(
        _ text: String, _ read: (inout JSONScanner) throws(EventLineProblem) -> Value
    ) throws(EventLineProblem) -> Value {
        var text = text
        let result = text.withUTF8 { buffer -> Result<Value, EventLineProblem> in
            var scanner = JSONScanner(bytes: buffer)
            do throws(EventLineProblem) {
                let value = try read(&scanner)
                guard scanner.peek() == nil else { throw scanner.problem("text after its end") }
                return .success(value)
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    /// An object; `member` must take each value.
    mutating func object(
        _ member: (inout JSONScanner, String) throws(EventLineProblem) -> Void
    ) throws(EventLineProblem) {
        try expect("{")
        if take("}") { return }
        repeat {
            let key = try string()
            try expect(":")
            try member(&self, key)
        } while take(",")
        try expect("}")
    }

    /// An object of texts; numbers, `true` and `false` count as the text that stands there.
    mutating func fields() throws(EventLineProblem) -> [String: String] {
        var fields: [String: String] = [:]
        try object { (scanner, key) throws(EventLineProblem) in
            fields[key] = try scanner.scalar()
        }
        return fields
    }

    /// A string, or the text of a number or a literal; an object, a list or null is no scalar.
    mutating func scalar() throws(EventLineProblem) -> String {
        if peek() == UInt8(ascii: "\"") { return try string() }
        let word = try bareWord()
        if word == "null" { throw problem("null where a text belongs") }
        return word
    }

    /// A string, or nil for `null`.
    mutating func optionalScalar() throws(EventLineProblem) -> String? {
        if peek() == UInt8(ascii: "\"") { return try string() }
        let word = try bareWord()
        return word == "null" ? nil : word
    }

    /// Whether an object comes next.
    mutating func isAtObject() -> Bool { peek() == UInt8(ascii: "{") }

    /// The text of a value of any kind, as it stands there; a string without its quotes.
    mutating func text() throws(EventLineProblem) -> String {
        guard let first = peek(), first == UInt8(ascii: "{") || first == UInt8(ascii: "[") else { return try optionalScalar() ?? "null" }
        let start = position
        try skipValue()
        return String(decoding: bytes[start..<position], as: UTF8.self)
    }

    mutating func skipValue(depth: Int = 0) throws(EventLineProblem) {
        guard depth < Self.deepest else { throw problem("nesting deeper than \(Self.deepest)") }
        switch peek() {
        case UInt8(ascii: "{"):
            try object { (scanner, _) throws(EventLineProblem) in try scanner.skipValue(depth: depth + 1) }
        case UInt8(ascii: "["):
            try expect("[")
            if take("]") { return }
            repeat { try skipValue(depth: depth + 1) } while take(",")
            try expect("]")
        default: _ = try optionalScalar()
        }
    }

    private mutating func string() throws(EventLineProblem) -> String {
        try expect("\"")
        let start = position
        while position < bytes.count, bytes[position] != UInt8(ascii: "\""), bytes[position] != UInt8(ascii: "\\") { position += 1 }
        guard position < bytes.count else { throw problem("a string without its closing quote") }
        let plain = bytes[start..<position]
        if bytes[position] == UInt8(ascii: "\"") {
            position += 1
            return String(decoding: plain, as: UTF8.self)
        }
        return try escapedString(from: Array(plain))
    }

    private mutating func escapedString(from start: [UInt8]) throws(EventLineProblem) -> String {
        var text = start
        while position < bytes.count {
            let byte = bytes[position]
            position += 1
            if byte == UInt8(ascii: "\"") { return String(decoding: text, as: UTF8.self) }
            if byte == UInt8(ascii: "\\") { try appendEscape(to: &text) } else { text.append(byte) }
        }
        throw problem("a string without its closing quote")
    }

    private mutating func appendEscape(to text: inout [UInt8]) throws(EventLineProblem) {
        guard position < bytes.count else { throw problem("a string without its closing quote") }
        let byte = bytes[position]
        position += 1
        switch byte {
        case UInt8(ascii: "n"): text.append(0x0A)
        case UInt8(ascii: "r"): text.append(0x0D)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "f"): text.append(0x0C)
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
        case UInt8(ascii: "u"): text += String(try escapedScalar()).utf8
        default: throw problem("an unknown escape in a string")
        }
    }

    private mutating func escapedScalar() throws(EventLineProblem) -> Unicode.Scalar {
        let high = try hexadecimalUnit()
        if let scalar = Unicode.Scalar(high) { return scalar }
        guard high < 0xDC00, position + 1 < bytes.count, bytes[position] == UInt8(ascii: "\\"), bytes[position + 1] == UInt8(ascii: "u")
        else { throw problem("half a surrogate pair") }
        position += 2
        let low = try hexadecimalUnit()
        guard (0xDC00..<0xE000).contains(low), let scalar = Unicode.Scalar(0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00))
        else { throw problem("half a surrogate pair") }
        return scalar
    }

    private mutating func hexadecimalUnit() throws(EventLineProblem) -> UInt32 {
        guard position + 4 <= bytes.count,
            let unit = UInt32(String(decoding: bytes[position..<position + 4], as: UTF8.self), radix: 16),
            bytes[position] != UInt8(ascii: "+")
        else { throw problem("an escape without four hexadecimal digits") }
        position += 4
        return unit
    }

    private mutating func bareWord() throws(EventLineProblem) -> String {
        _ = peek()
        let start = position
        while position < bytes.count, Self.isWordByte(bytes[position]) { position += 1 }
        guard position > start else { throw problem("no value") }
        return String(decoding: bytes[start..<position], as: UTF8.self)
    }

    private static func isWordByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "E"), UInt8(ascii: "+"),
            UInt8(ascii: "-"),
            UInt8(ascii: "."):
            true
        default: false
        }
    }

    /// The next byte after white space; nil at the end.
    private mutating func peek() -> UInt8? {
        while position < bytes.count, bytes[position] == 0x20 || (0x09...0x0D).contains(bytes[position]) { position += 1 }
        return position < bytes.count ? bytes[position] : nil
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard let byte = peek(), UInt32(byte) == character.value else { return false }
        position += 1
        return true
    }

    private mutating func expect(_ character: Unicode.Scalar) throws(EventLineProblem) {
        guard take(character) else { throw problem("no '\(Character(character))' where one belongs") }
    }

    private func problem(_ what: String) -> EventLineProblem {
        EventLineProblem("not JSON: \(what), at byte \(position + 1)")
    }

    private init(bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }
}
