/// Who needs a person, a line each: the worker, why, and the command that helps.
///
/// On a terminal the command is never cut, since it is to be typed: the reason is. A command that leaves no room for a reason has a line of its
/// own. What is no terminal is read by a program: a table with its header, and nothing is cut.
struct AttentionLines {
    let needs: [Need]
    let style: Style

    struct Need {
        let worker: String
        let why: String
        let command: String
    }

    /// A reason that was cut to less says nothing.
    private static let leastReason = 20
    private static let leastName = 16
    private static let gap = "  "

    var lines: [String] {
        guard let width = style.width else { return table.lines(style) }
        let name = min(widest(needs.map(\.worker)), max(Self.leastName, width / 3))
        let room = width - name - Self.gap.count
        // Commands stand below each other as far as there is room. A long one takes nothing from the reasons of the others.
        let usual = widest(needs.map(\.command).filter { DisplayText.width($0) <= width * 2 / 5 })
        let column = min(widest(needs.map(\.why)), room - Self.gap.count - usual)
        return needs.flatMap { need in
            let worker = DisplayText.cutInside(need.worker, to: name, ellipsis: ellipsis)
            let start = padded(style.paint(worker, .bold), worker, to: name) + Self.gap
            let command = style.paint(need.command, .cyan)
            let left = room - Self.gap.count - DisplayText.width(need.command)
            guard left >= min(Self.leastReason, DisplayText.width(need.why)) else {
                return [start + cut(need.why, to: room), "    " + command]
            }
            let why = cut(need.why, to: left)
            return [start + padded(why, why, to: min(left, column)) + Self.gap + command]
        }
    }

    private func widest(_ texts: [String]) -> Int { texts.map(DisplayText.width).max() ?? 0 }

    private var ellipsis: String { style.symbol("…", ascii: "~") }

    private func cut(_ text: String, to columns: Int) -> String { DisplayText.cut(text, to: columns, ellipsis: ellipsis) }

    private func padded(_ painted: String, _ plain: String, to width: Int) -> String {
        painted + String(repeating: " ", count: max(0, width - DisplayText.width(plain)))
    }

    private var table: Table {
        var table = Table(columns: [
            Table.Column(title: "NEEDS YOU", rank: 0, holdsNames: true), Table.Column(title: "WHY", rank: 0, isFlexible: true),
            Table.Column(title: "TRY", rank: 1),
        ])
        for need in needs {
            table.rows.append([Table.Cell(need.worker, .bold), Table.Cell(need.why), Table.Cell(need.command, .cyan)])
        }
        return table
    }
}
