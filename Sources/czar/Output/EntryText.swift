import CzarPlanning
import Glibc

/// An entry of the journal as a person reads it: with the number that `czar undo` takes, ids and long values shortened, and without
/// what only processes are told apart by.
struct EntryText {
    let entry: JournalEntry
    private static let hidden: Set = ["host", "pid", "start", "boot", Field.process, Field.log, Field.brief, Field.definition]
    private static let longest = 80

    var number: String { "#\(entry.sequence)" }

    /// Without number and worker.
    var text: String {
        let fields = entry.event.fields.filter { !Self.hidden.contains($0.key) }.sorted { $0.key < $1.key }.map { name, value in
            "\(name)=\(EventLine.quoted(Self.shortened(LocalTime.sentence(value, now: entry.event.time))))"
        }
        return ([LocalTime.dayAndClock(entry.event.time), entry.event.type.rawValue] + fields).joined(separator: " ")
    }

    /// As a line of `czar events` on a terminal.
    func line(_ style: Style) -> String {
        let time = LocalTime.dayAndClock(entry.event.time)
        let rest = DisplayText.safe(String(text.dropFirst(time.count)))
        let indent = String(repeating: " ", count: max(0, 5 - number.count))
        return style.paint("\(number)\(indent) \(time)", .faint) + " \(entry.event.worker?.rawValue ?? "-")" + rest
    }

    private static func shortened(_ value: String) -> String {
        if value.utf8.count == 40, value.utf8.allSatisfy({ isxdigit(Int32($0)) != 0 }) { return String(value.prefix(10)) }
        return value.count > longest ? value.prefix(longest) + "…" : value
    }
}
