/// A configuration file in the form that git itself writes: one setting a line, nothing included, nothing quoted or continued.
///
/// Only for what must be known before libgit2 is worth starting. Any other form is left to libgit2.
struct PlainSettings {
    /// Values by `section.key` in lower case; of a setting that stands twice the last.
    private var values: [String: String] = [:]

    subscript(_ name: String) -> String? { values[name] }

    func hasAny(in section: String) -> Bool { values.keys.contains { $0.hasPrefix(section + ".") } }

    /// A missing file is empty.
    /// - Returns: nil when anything in the file needs a real reader.
    init?(file: String) throws(FileError) {
        self.init(try fileContent(file) ?? [])
    }

    init?(_ bytes: [UInt8]) {
        // Nil before the first heading, empty in a section that is not read.
        var section: String?
        for line in bytes.split(separator: UInt8(ascii: "\n")) {
            let text = Self.trimmed(String(decoding: line, as: UTF8.self))
            if text.isEmpty || text.hasPrefix("#") || text.hasPrefix(";") { continue }
            if text.hasPrefix("[") {
                guard let name = Self.section(text) else { return nil }
                section = name
            } else if let section, !section.isEmpty {
                guard let (key, value) = Self.setting(text) else { return nil }
                values[section + "." + key] = value
            } else if section == nil || text.hasSuffix("\\") {
                // Could go on in the next line, even in a section that is not read.
                return nil
            }
        }
    }

    /// The section in lower case; empty for one with a subsection, which is not read; nil for what is not understood.
    private static func section(_ text: String) -> String? {
        guard text.hasSuffix("]") else { return nil }
        let name = text.dropFirst().dropLast().lowercased()
        if name.hasPrefix("include") { return nil }
        if name.utf8.allSatisfy({ isWord($0) }) { return name.isEmpty ? nil : name }
        let parts = name.split(separator: " ", maxSplits: 1)
        guard parts.count == 2, parts[0].utf8.allSatisfy({ isWord($0) }), parts[1].hasPrefix("\""), parts[1].hasSuffix("\""),
            parts[1].count > 1
        else { return nil }
        return parts[1].dropFirst().dropLast().contains { "\"\\]".contains($0) } ? nil : ""
    }

    private static func setting(_ text: String) -> (key: String, value: String)? {
        guard let equals = text.firstIndex(of: "="), !text.contains(where: { "\"\\#;".contains($0) }) else { return nil }
        let key = trimmed(String(text[..<equals])).lowercased()
        guard !key.isEmpty, key.utf8.allSatisfy({ isWord($0) }) else { return nil }
        return (key, trimmed(String(text[text.index(after: equals)...])))
    }

    private static func isWord(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
            UInt8(ascii: "-"):
            true
        default: false
        }
    }

    private static func trimmed(_ text: String) -> String {
        let isSpace: (Character) -> Bool = { $0 == " " || $0 == "\t" || $0 == "\r" }
        guard let first = text.firstIndex(where: { !isSpace($0) }), let last = text.lastIndex(where: { !isSpace($0) }) else { return "" }
        return String(text[first...last])
    }
}
