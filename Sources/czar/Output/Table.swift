/// A table whose columns drop by importance where the terminal is narrow.
struct Table {
    struct Column {
        let title: String
        /// 0 is never dropped; of the others the highest number goes first.
        let rank: Int
        var alignsRight = false
        /// Takes the room that is left, and is cut to it.
        var isFlexible = false
        /// Holds names: takes at most a third of a terminal, and a longer name is cut in its middle.
        var holdsNames = false
    }

    struct Cell {
        let text: String
        var tone = Style.Tone.plain

        init(_ text: String, _ tone: Style.Tone = .plain) { (self.text, self.tone) = (DisplayText.safe(text), tone) }
    }

    let columns: [Column]
    var rows: [[Cell]] = []

    private static let gap = 2
    private static let leastFlexible = 12

    /// The lines of the table, header first. A column in which no row has anything is left out.
    func lines(_ style: Style) -> [String] {
        let shown = fitting(style)
        let widths = shown.map { column in finalWidth(column, shown: shown, limit: style.width) }
        let header = line(shown.map { Cell(columns[$0].title, .bold) }, shown, widths, style)
        return [header] + rows.map { row in line(shown.map { row[$0] }, shown, widths, style) }
    }

    /// Titles of columns that hold something and have no room.
    func leftOut(_ style: Style) -> [String] {
        let shown = Set(fitting(style))
        return filled.filter { !shown.contains($0) }.map { columns[$0].title }
    }

    private var filled: [Int] {
        columns.indices.filter { column in columns[column].rank == 0 || rows.contains { !$0[column].text.isEmpty } }
    }

    private func fitting(_ style: Style) -> [Int] {
        var shown = filled
        guard let width = style.width else { return shown }
        while needed(shown, in: width) > width,
            let victim = shown.filter({ columns[$0].rank > 0 }).max(by: { columns[$0].rank < columns[$1].rank })
        {
            shown.removeAll { $0 == victim }
        }
        return shown
    }

    private static let leastName = 16

    /// `limit`: the terminal's columns.
    private func naturalWidth(_ column: Int, in limit: Int?) -> Int {
        let widest = rows.reduce(DisplayText.width(columns[column].title)) { max($0, DisplayText.width($1[column].text)) }
        guard columns[column].holdsNames, let limit else { return widest }
        return min(widest, max(Self.leastName, limit / 3))
    }

    private func needed(_ shown: [Int], in limit: Int) -> Int {
        shown.reduce(Self.gap * max(0, shown.count - 1)) { sum, column in
            let natural = naturalWidth(column, in: limit)
            return sum + (columns[column].isFlexible ? min(Self.leastFlexible, natural) : natural)
        }
    }

    private func finalWidth(_ column: Int, shown: [Int], limit: Int?) -> Int {
        let natural = naturalWidth(column, in: limit)
        guard let limit, columns[column].isFlexible else { return natural }
        let others = shown.filter { $0 != column }.reduce(Self.gap * max(0, shown.count - 1)) { $0 + naturalWidth($1, in: limit) }
        return min(natural, max(min(Self.leastFlexible, natural), limit - others))
    }

    private func line(_ cells: [Cell], _ shown: [Int], _ widths: [Int], _ style: Style) -> String {
        var out = ""
        for (index, cell) in cells.enumerated() {
            let column = columns[shown[index]]
            let cut = column.holdsNames ? DisplayText.cutInside : DisplayText.cut
            let text = cut(cell.text, widths[index], style.symbol("…", ascii: "~"))
            let padding = String(repeating: " ", count: max(0, widths[index] - DisplayText.width(text)))
            let isLast = index == cells.count - 1
            let painted = style.paint(text, cell.tone)
            out += column.alignsRight ? padding + painted : isLast ? painted : painted + padding
            if !isLast { out += String(repeating: " ", count: Self.gap) }
        }
        return out
    }
}
