import CzarPlanning

/// A report for a terminal: wrapped to its width, in colour where that is wanted.
struct DocumentText {
    let document: Document
    let style: Style

    var text: String {
        var lines = [style.paint(shown(document.title), .bold), style.paint(shown(document.subtitle), .faint)]
        for section in document.sections {
            let drawn = section.blocks.map { rendered($0) }.filter { !$0.isEmpty }
            guard !drawn.isEmpty else { continue }
            let blocks = Array(drawn.joined(separator: [""]))
            lines += ["", style.paint(shown(section.title), .bold)] + blocks
        }
        return lines.joined(separator: "\n")
    }

    private func rendered(_ block: Document.Block) -> [String] {
        switch block {
        case .paragraph(let line): wrapped(line, first: "  ", rest: "  ")
        case .list(let items): items.flatMap { wrapped($0, first: style.symbol("  • ", ascii: "  - "), rest: "    ") }
        case .facts(let facts): self.facts(facts)
        case .table(let table): self.table(table)
        // A terminal draws nothing; the HTML page does.
        case .picture: []
        }
    }

    private func facts(_ facts: [(name: String, value: Line)]) -> [String] {
        let width = (facts.map(\.name.count).max() ?? 0) + 2
        return facts.flatMap { name, value in
            let padding = String(repeating: " ", count: width - name.count)
            return wrapped(value, first: "  " + style.paint(name, .faint) + padding, rest: String(repeating: " ", count: width + 2))
        }
    }

    private func table(_ table: DocumentTable) -> [String] {
        let last = table.columns.indices.last
        var drawn = Table(
            columns: table.columns.enumerated().map { index, column in
                Table.Column(
                    title: column.title, rank: column.rank, alignsRight: column.alignsRight,
                    isFlexible: index == last && !column.alignsRight)
            })
        drawn.rows = table.rows.map { row in row.map(cell) }
        // The indent counts against the width.
        let narrow = style.narrowed(by: 2)
        let leftOut = drawn.leftOut(narrow)
        let note = leftOut.isEmpty ? [] : [style.paint("no room for: " + leftOut.joined(separator: ", "), .faint)]
        return (drawn.lines(narrow) + note).map { "  " + $0 }
    }

    private func cell(_ line: Line) -> Table.Cell {
        guard line.parts.count == 1, let part = line.parts.first else { return Table.Cell(shown(line.plain)) }
        if case .state(let state) = part { return Table.Cell(StateMark(state).plain(style), StateMark(state).tone) }
        return Table.Cell(shown(line.plain), tone(part))
    }

    private func tone(_ part: Line.Part) -> Style.Tone {
        switch part {
        case .text, .code: .plain
        case .strong: .bold
        case .state(let state): StateMark(state).tone
        case .toned(_, .good): .green
        case .toned(_, .bad): .red
        case .toned(_, .warning): .yellow
        case .toned(_, .faint): .faint
        }
    }

    /// What others wrote is escaped; what a terminal without UTF-8 lacks is spelled.
    private func shown(_ text: String) -> String {
        let safe = DisplayText.safe(text)
        guard style.usesASCII else { return safe }
        return safe.map { $0 == "−" ? "-" : $0 == "…" ? "..." : String($0) }.joined()
    }

    /// Words that go on one line after the other; a painted word keeps its colour.
    private func wrapped(_ line: Line, first: String, rest: String) -> [String] {
        let limit = style.width.map { max(24, $0 - rest.count) }
        var lines: [String] = []
        var current = "", used = 0
        for word in words(line) {
            if let limit, used > 0, used + word.gap + word.width > limit {
                lines.append(current)
                (current, used) = ("", 0)
            }
            let gap = used == 0 ? 0 : word.gap
            current += String(repeating: " ", count: gap) + word.text
            used += gap + word.width
        }
        lines.append(current)
        return lines.enumerated().map { ($0 == 0 ? first : rest) + $1 }
    }

    private struct Word {
        var text: String
        var width: Int
        /// Spaces before it: none where a part begins in the middle of a word.
        var gap: Int
    }

    private func words(_ line: Line) -> [Word] {
        var words: [Word] = []
        var gap = 0
        for part in line.parts {
            let plain = Line([part])
            let text: String = if case .state(let state) = part { StateMark(state).plain(style) } else { shown(plain.plain) }
            for (index, piece) in text.split(separator: " ", omittingEmptySubsequences: false).enumerated() {
                if index > 0 { gap = 1 }
                guard !piece.isEmpty else { continue }
                let painted = style.paint(String(piece), tone(part))
                if gap == 0, let last = words.indices.last {
                    words[last].text += painted
                    words[last].width += DisplayText.width(String(piece))
                } else {
                    words.append(Word(text: painted, width: DisplayText.width(String(piece)), gap: gap))
                }
                gap = 0
            }
        }
        return words
    }
}
