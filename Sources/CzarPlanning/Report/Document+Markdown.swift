extension Document {
    /// GitHub-flavoured Markdown, one line a paragraph. What others wrote stands in code spans: it can neither format nor mention anyone.
    package var markdown: String {
        var lines = ["# \(Self.escaped(title))", "", "_\(Self.escaped(subtitle))_", ""]
        for section in sections {
            let body = section.blocks.flatMap(Self.lines)
            if !body.isEmpty { lines += ["## \(Self.escaped(section.title))", ""] + body }
        }
        while lines.last?.isEmpty == true { lines.removeLast() }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func lines(_ block: Block) -> [String] {
        switch block {
        case .paragraph(let line): [markdown(line), ""]
        case .list(let items): items.map { "- \(markdown($0))" } + [""]
        case .facts(let facts): facts.map { "- \(escaped($0.name)): \(markdown($0.value))" } + [""]
        case .table(let table): self.table(table) + [""]
        case .picture(let picture): picture.mermaid.map { ["```mermaid", $0 + "```", "", "_\(escaped(picture.caption))_", ""] } ?? []
        }
    }

    private static func table(_ table: DocumentTable) -> [String] {
        func row(_ cells: [String]) -> String { "| " + cells.joined(separator: " | ") + " |" }
        let rule = "|" + table.columns.map { $0.alignsRight ? "---:" : "---" }.joined(separator: "|") + "|"
        return [row(table.columns.map { escaped($0.title) }), rule] + table.rows.map { row($0.map { markdown($0, inTable: true) }) }
    }

    private static func markdown(_ line: Line, inTable: Bool = false) -> String {
        line.parts.map { part in
            switch part {
            case .text(let text), .toned(let text, _): escaped(text)
            case .strong(let text): "**\(escaped(text))**"
            case .code(let text): code(text, inTable: inTable)
            case .state(let state): "\(state.mark.symbol) \(state)"
            }
        }.joined()
    }

    private static func escaped(_ text: String) -> String {
        text.withControlsEscaped.map { "\\`*_[]<>|&~#@".contains($0) ? "\\\($0)" : String($0) }.joined()
    }

    /// A code span whose fence is longer than any run of back-quotes inside. Outside a table a bar in it is a bar; in one it has to be escaped even there.
    private static func code(_ text: String, inTable: Bool) -> String {
        let clean = text.withControlsEscaped
        var (longest, run) = (0, 0)
        for character in clean {
            run = character == "`" ? run + 1 : 0
            longest = max(longest, run)
        }
        let fence = String(repeating: "`", count: longest + 1)
        let padding = clean.hasPrefix("`") || clean.hasSuffix("`") ? " " : ""
        return fence + padding + (inTable ? clean.map { $0 == "|" ? "\\|" : String($0) }.joined() : clean) + padding + fence
    }
}
