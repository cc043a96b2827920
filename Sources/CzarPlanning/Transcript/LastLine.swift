/// The last thing that an output says, on one line: what a worker does now.
package enum LastLine {
    /// Of the end of a log; nil where nothing in it can be read. `isWhole`: whether it begins where the log does.
    ///
    /// An agent's message says what it says to a reader (``AgentTranscript``); of everything else the text without what drives a terminal.
    /// - Complexity: O(bytes).
    package static func of(_ bytes: some BidirectionalCollection<UInt8>, isWhole: Bool) -> String? {
        var lines = bytes.split(separator: UInt8(ascii: "\n"))[...]
        // The first is the end of a longer one.
        if !isWhole { lines = lines.dropFirst() }
        for line in lines.reversed() {
            if let text = said(String(decoding: line, as: UTF8.self)) { return text }
        }
        return nil
    }

    /// Characters; no column is as wide.
    private static let longest = 200

    private static func said(_ line: String) -> String? {
        guard let parts = AgentTranscript.parts(of: line) else { return plain(line) }
        guard let last = parts.last(where: { !$0.text.allSatisfy(\.isWhitespace) }) else { return nil }
        let lines = last.text.split(whereSeparator: \.isNewline)
        // What it runs begins with its name; of words and output the end is newest.
        switch last.kind {
        case .command: return lines.lazy.compactMap { plain(String($0)) }.first.map { "$ " + $0 }
        default: return lines.reversed().lazy.compactMap { plain(String($0)) }.first
        }
    }

    /// Without escape sequences and control characters, and of a line that was overwritten in place what it ended as; nil when nothing is left.
    private static func plain(_ line: String) -> String? {
        for piece in line.split(separator: "\r").reversed() {
            var rest = Substring(piece).unicodeScalars
            var out = String.UnicodeScalarView()
            while let scalar = rest.popFirst() {
                if scalar == "\u{1B}" {
                    dropSequence(&rest)
                } else if scalar == "\t" {
                    out.append(" ")
                } else {
                    out.append(scalar)
                }
            }
            let words = String(out).withoutControls.replacing("\u{FFFD}", with: "").split(separator: " ")
            if !words.isEmpty { return String(words.joined(separator: " ").prefix(longest)) }
        }
        return nil
    }

    /// What follows an escape character: a control sequence to its final byte, a string of the terminal's to its end, else one character.
    private static func dropSequence(_ rest: inout Substring.UnicodeScalarView) {
        switch rest.popFirst() {
        case "[":
            while let scalar = rest.popFirst() { if (0x40...0x7E).contains(scalar.value) { return } }
        case "]", "P", "X", "^", "_":
            while let scalar = rest.popFirst() {
                if scalar == "\u{7}" { return }
                if scalar == "\u{1B}" {
                    _ = rest.popFirst()
                    return
                }
            }
        case "(", ")", "#": _ = rest.popFirst()
        default: return
        }
    }
}
