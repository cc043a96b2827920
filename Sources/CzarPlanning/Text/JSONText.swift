/// JSON strings as bytes: the one writer of them, and what the journal reads back.
///
/// Written by hand because this target has no Foundation and because folding a long journal decodes one object per entry.
package enum JSONText {
    /// Appends `text` as a JSON string. Control characters, also U+007F–U+009F and the line separators U+2028 and U+2029,
    /// are escaped, so that the result is one line on every terminal.
    package static func append(_ text: String, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\""))
        defer { bytes.append(UInt8(ascii: "\"")) }
        // Nearly every text of a report is plain, and there are thousands.
        if appendIfPlain(text, to: &bytes) { return }
        for scalar in text.unicodeScalars {
            switch scalar.value {
            case 0x22, 0x5C: bytes += [UInt8(ascii: "\\"), UInt8(scalar.value)]
            case 0x0A: bytes += "\\n".utf8
            case 0x0D: bytes += "\\r".utf8
            case 0x09: bytes += "\\t".utf8
            case 0..<0x20, 0x7F...0x9F, 0x2028, 0x2029: appendEscape(UInt16(scalar.value), to: &bytes)
            case ..<0x80: bytes.append(UInt8(scalar.value))
            default: bytes += String(scalar).utf8
            }
        }
    }

    /// Appends what needs no escape as it stands; false, and nothing appended, for other texts.
    private static func appendIfPlain(_ text: String, to bytes: inout [UInt8]) -> Bool {
        text.utf8.withContiguousStorageIfAvailable { utf8 in
            for byte in utf8 where byte < 0x20 || byte > 0x7E || byte == 0x22 || byte == 0x5C { return false }
            bytes.append(contentsOf: utf8)
            return true
        } ?? false
    }

    /// `text` as a JSON string, which is also a YAML one.
    package static func quoted(_ text: String) -> String {
        var bytes: [UInt8] = []
        append(text, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Appends an object of texts, its keys in ascending order.
    package static func append(_ fields: [String: String], to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "{"))
        for (index, field) in fields.sorted(by: { $0.key < $1.key }).enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            append(field.key, to: &bytes)
            bytes.append(UInt8(ascii: ":"))
            append(field.value, to: &bytes)
        }
        bytes.append(UInt8(ascii: "}"))
    }

    /// The object as text: `{"a":"1"}`.
    package static func object(_ fields: [String: String]) -> String {
        if fields.isEmpty { return "{}" }
        var bytes: [UInt8] = []
        append(fields, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Reads what ``object(_:)`` wrote.
    ///
    /// - Complexity: linear in the text's length.
    package static func fields(of text: String) throws(EventLineProblem) -> [String: String] {
        if text == "{}" { return [:] }
        return try JSONScanner.whole(text) { (scanner) throws(EventLineProblem) in try scanner.fields() }
    }

    private static func appendEscape(_ unit: UInt16, to bytes: inout [UInt8]) {
        bytes += "\\u".utf8
        for shift in [12, 8, 4, 0] {
            bytes.append(Array("0123456789abcdef".utf8)[Int(unit >> UInt16(shift)) & 15])
        }
    }
}
