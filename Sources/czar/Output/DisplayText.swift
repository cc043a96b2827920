import CzarGit

/// Data as it may be shown: control characters escaped, so that no file name or message can drive a terminal.
enum DisplayText {
    static func safe(_ text: String) -> String { escaped(text, keepingTabs: false) }

    /// The same for a line of a text whose tabs are its layout.
    static func safeLine(_ text: some StringProtocol) -> String { escaped(String(text), keepingTabs: true) }

    private static func escaped(_ text: String, keepingTabs: Bool) -> String {
        guard text.unicodeScalars.contains(where: isControl) else { return text }
        return text.unicodeScalars.reduce(into: "") { out, scalar in
            if scalar == "\t", keepingTabs {
                out += "\t"
            } else if scalar == "\n" {
                out += "\\n"
            } else if scalar == "\t" {
                out += "\\t"
            } else if isControl(scalar) {
                out += "\\u{\(String(scalar.value, radix: 16))}"
            } else {
                out.unicodeScalars.append(scalar)
            }
        }
    }

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        // Joiners only tie the characters of an emoji or a word together.
        scalar.isUnsafeToShow && scalar != "\u{200C}" && scalar != "\u{200D}"
    }

    /// Columns the text takes on a terminal: wide characters two, combining ones none.
    static func width(_ text: String) -> Int {
        text.reduce(0) { sum, character in
            guard let scalar = character.unicodeScalars.first else { return sum }
            if scalar.properties.generalCategory == .nonspacingMark { return sum }
            return sum + (isWide(scalar) ? 2 : 1)
        }
    }

    private static func isWide(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0x33FF, 0x3400...0x4DBF, 0x4E00...0x9FFF, 0xA000...0xA4CF, 0xAC00...0xD7A3,
            0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1F64F, 0x1F900...0x1F9FF, 0x20000...0x3FFFD:
            true
        default: false
        }
    }

    /// The text cut to a number of columns, with an ellipsis where something is missing.
    static func cut(_ text: String, to columns: Int, ellipsis: String) -> String {
        guard width(text) > columns else { return text }
        var out = ""
        var used = 0
        let room = columns - width(ellipsis)
        for character in text {
            let step = width(String(character))
            guard used + step <= room else { break }
            out.append(character)
            used += step
        }
        return room >= 0 ? out + ellipsis : ""
    }

    /// A name cut in its middle: long names that belong together differ at their ends.
    static func cutInside(_ text: String, to columns: Int, ellipsis: String) -> String {
        guard width(text) > columns else { return text }
        let room = columns - width(ellipsis)
        let end = String(cut(String(text.reversed()), to: room / 2, ellipsis: "").reversed())
        return cut(text, to: room - width(end), ellipsis: "") + ellipsis + end
    }

    /// The text in lines of at most so many columns, broken between words; a longer word has a line of its own.
    static func wrapped(_ text: String, to columns: Int) -> [String] {
        var lines: [String] = []
        for word in text.split(separator: " ", omittingEmptySubsequences: false) {
            if let last = lines.last, width(last) + 1 + width(String(word)) <= columns {
                lines[lines.count - 1] += " " + word
            } else {
                lines.append(String(word))
            }
        }
        return lines
    }
}
