import CzarPlanning

/// A worker's output for a reader: agents' JSON streams as text, everything else as it stands, without what would drive the terminal.
struct TranscriptText {
    let style: Style

    /// Lines of one tool's output that are shown; the log and `--raw` have them all.
    private static let mostOutputLines = 12

    /// The lines that stand for one line of the log.
    func lines(of line: String) -> [String] {
        guard let parts = AgentTranscript.parts(of: line) else { return [plain(line)] }
        return parts.flatMap(shown)
    }

    private func shown(_ part: TranscriptPart) -> [String] {
        var lines = part.text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        while lines.last?.isEmpty == true { lines.removeLast() }
        switch part.kind {
        case .text: return lines.map { plain($0) }
        case .command: return lines.enumerated().map { style.paint(($0 == 0 ? "$ " : "  ") + plain($1), .cyan) }
        case .note: return lines.map { style.paint("- " + plain($0), .faint) }
        case .failure: return folded(lines).map { style.paint("! " + plain($0), .red) }
        case .output: return folded(lines).map { style.paint("  " + plain($0), .faint) }
        }
    }

    /// The beginning and the end of something long: an error stands at the end.
    private func folded(_ lines: [String]) -> [String] {
        guard lines.count > Self.mostOutputLines else { return lines }
        let half = Self.mostOutputLines / 2
        let left = lines.count - 2 * half
        return lines.prefix(half) + ["… \(left) more lines; --raw has them"] + lines.suffix(half)
    }

    /// Colours stay where colours are shown; a line that was overwritten in place is shown as it ended.
    private func plain(_ line: String) -> String {
        var out = ""
        var rest = line.split(separator: "\r").last ?? ""
        var isColoured = false
        while let start = rest.firstIndex(of: "\u{1B}") {
            out += DisplayText.safeLine(rest[..<start])
            let sequence = Self.colourSequence(rest[start...])
            if sequence.isEmpty {
                out += "\\u{1b}"
            } else if style.usesColor {
                out += sequence
                isColoured = true
            }
            rest = rest[start...].dropFirst(max(1, sequence.count))
        }
        return out + DisplayText.safeLine(rest) + (isColoured ? "\u{1B}[0m" : "")
    }

    /// `ESC [ … m` at the start, else nothing.
    private static func colourSequence(_ text: Substring) -> Substring {
        guard text.dropFirst().first == "[" else { return "" }
        let parameters = text.dropFirst(2).prefix { $0.isASCII && ($0.isNumber || $0 == ";") }
        guard text.dropFirst(2 + parameters.count).first == "m" else { return "" }
        return text.prefix(3 + parameters.count)
    }
}
