import CzarGit
import CzarPlanning

/// `git diff --stat`: a line a file with a bar of its changed lines, then the totals.
struct DiffStat {
    /// A file as its line names and counts it.
    struct Row {
        let name: String
        let insertions: Int
        let deletions: Int
        /// Bytes before and after, of a file without lines.
        let binary: (old: Int, new: Int)?
    }

    let rows: [Row]
    let style: Style

    private static let widthOfFiles = 80

    var text: String { (lines + [summary]).joined(separator: "\n") }

    private var lines: [String] {
        let layout = Layout(rows, width: style.width ?? Self.widthOfFiles)
        return rows.map { row in
            let name = layout.cut(row.name)
            let start = " " + name + String(repeating: " ", count: max(0, layout.name - DisplayText.width(name))) + " | "
            if let binary = row.binary {
                let sizes = style.paint(String(binary.old), .red) + " -> " + style.paint(String(binary.new), .green)
                return start + padded("Bin", layout.number) + (binary.old == 0 && binary.new == 0 ? "" : " \(sizes) bytes")
            }
            let (plus, minus) = layout.bars(row)
            let bars = style.paint(String(repeating: "+", count: plus), .green) + style.paint(String(repeating: "-", count: minus), .red)
            return start + padded(String(row.insertions + row.deletions), layout.number) + (bars.isEmpty ? "" : " " + bars)
        }
    }

    private func padded(_ text: String, _ width: Int) -> String { String(repeating: " ", count: max(0, width - text.count)) + text }

    /// ` 2 files changed, 3 insertions(+), 1 deletion(-)`.
    private var summary: String {
        let (plus, minus) = (rows.reduce(0) { $0 + $1.insertions }, rows.reduce(0) { $0 + $1.deletions })
        var text = " " + Figures.plural(rows.count, "file") + " changed"
        if plus > 0 || minus == 0 { text += ", " + Figures.plural(plus, "insertion") + "(+)" }
        if minus > 0 || plus == 0 { text += ", " + Figures.plural(minus, "deletion") + "(-)" }
        return text
    }
}

extension DiffStat {
    /// The columns as git's `show_stats` lays them out.
    private struct Layout {
        var name: Int
        let number: Int
        private var graph: Int
        private let largest: Int

        init(_ rows: [Row], width: Int) {
            largest = rows.map { $0.binary == nil ? $0.insertions + $0.deletions : 0 }.max() ?? 0
            let longest = rows.map { DisplayText.width($0.name) }.max() ?? 0
            number = max(String(largest).count, rows.contains { $0.binary != nil } ? 3 : 0)
            // The sizes of a binary file take room like a bar.
            let sizes = rows.compactMap(\.binary).map { 14 + String($0.old).count + String($0.new).count }.max() ?? 0
            let width = max(width, 16 + 6 + number)
            graph = max(largest, sizes - 4)
            name = longest
            guard name + number + 6 + graph > width else { return }
            if graph > width * 3 / 8 - number - 6 { graph = max(6, width * 3 / 8 - number - 6) }
            if name > width - number - 6 - graph { name = width - number - 6 - graph } else { graph = width - number - 6 - name }
        }

        /// The end of a long name, from a folder on where there is one.
        func cut(_ text: String) -> String {
            guard DisplayText.width(text) > name else { return text }
            var rest = Substring(text)
            while DisplayText.width(String(rest)) > name - 3 { rest.removeFirst() }
            if let slash = rest.firstIndex(of: "/") { rest = rest[slash...] }
            return "..." + rest
        }

        func bars(_ row: Row) -> (plus: Int, minus: Int) {
            let (plus, minus) = (row.insertions, row.deletions)
            guard graph <= largest else { return (plus, minus) }
            var total = scaled(plus + minus)
            if total < 2, plus > 0, minus > 0 { total = 2 }
            if plus < minus {
                let scaledPlus = scaled(plus)
                return (scaledPlus, total - scaledPlus)
            }
            let scaledMinus = scaled(minus)
            return (total - scaledMinus, scaledMinus)
        }

        private func scaled(_ value: Int) -> Int { value == 0 ? 0 : 1 + value * (graph - 1) / largest }
    }

    /// `docs/{old => new}/page.md`: what both names share is written once, as git does.
    static func renamed(_ old: String, _ new: String) -> String {
        let (a, b) = (Array(old.utf8), Array(new.utf8))
        var prefix = 0
        var index = 0
        while index < a.count, index < b.count, a[index] == b[index] {
            index += 1
            if a[index - 1] == UInt8(ascii: "/") { prefix = index }
        }
        var suffix = 0
        // A shared folder's slash may belong to both ends.
        let least = prefix > 0 ? prefix - 1 : 0
        var (left, right) = (a.count, b.count)
        while left > least, right > least, left > 0, right > 0, a[left - 1] == b[right - 1] {
            if a[left - 1] == UInt8(ascii: "/") { suffix = a.count - left + 1 }
            (left, right) = (left - 1, right - 1)
        }
        guard prefix + suffix > 0 else { return "\(old) => \(new)" }
        func middle(_ bytes: [UInt8]) -> String {
            let end = max(prefix, bytes.count - suffix)
            return String(decoding: bytes[prefix..<end], as: UTF8.self)
        }
        return String(decoding: a[..<prefix], as: UTF8.self) + "{\(middle(a)) => \(middle(b))}"
            + String(decoding: a[(a.count - suffix)...], as: UTF8.self)
    }
}
