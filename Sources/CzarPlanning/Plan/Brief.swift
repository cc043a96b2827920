/// A worker's brief: Markdown whose checklists are the worker's tasks.
package enum Brief {
    /// The items `- [ ]` and `- [x]` in their order, outside fenced code. A ticked box is a claim, and shown as such.
    package static func checklist(in text: String) -> [(text: String, done: Bool)] {
        var items: [(text: String, done: Bool)] = []
        var fence: Substring?
        for line in text.split(whereSeparator: \.isNewline) {
            let trimmed = line.drop { $0 == " " || $0 == "\t" }
            if let open = fence {
                if trimmed.hasPrefix(open) { fence = nil }
                continue
            }
            if trimmed.hasPrefix("```") || trimmed.hasPrefix("~~~") {
                fence = trimmed.prefix(3)
            } else if let item = item(trimmed) {
                items.append(item)
            }
        }
        return items
    }

    private static func item(_ line: Substring) -> (text: String, done: Bool)? {
        guard let bullet = line.first, bullet == "-" || bullet == "*" || bullet == "+" else { return nil }
        let rest = line.dropFirst().drop { $0 == " " }
        guard rest.hasPrefix("["), rest.dropFirst(2).hasPrefix("] "), let mark = rest.dropFirst().first else { return nil }
        guard mark == " " || mark == "x" || mark == "X" else { return nil }
        let text = rest.dropFirst(4).drop { $0 == " " }
        return text.isEmpty ? nil : (String(text), mark != " ")
    }
}
