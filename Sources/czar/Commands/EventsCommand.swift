import ArgumentParser
import CzarKit
import CzarPlanning
import Glibc

struct EventsCommand: AsyncParsableCommand, CommonCommand {
    static let configuration = CommandConfiguration(
        commandName: "events", abstract: "Shows the journal, all of it or one worker's.",
        discussion: "A terminal gets each entry's number, for 'czar undo', and shortened values; a pipe the whole lines of 'events.log'.")

    @Argument(help: ArgumentHelp("Only this worker.", valueName: "worker"), completion: .workers) var worker: String?

    @Flag(name: .shortAndLong, help: "Go on as entries are written.")
    var follow = false

    @Option(help: ArgumentHelp("Entries after this: a time, a duration ago (2h) or #seq.", valueName: "time"))
    var since: String?

    @OptionGroup var common: CommonOptions

    func run() async throws {
        let format = try common.format()
        let reader = try EventReader(around: common.path)
        if let worker { try reader.checkWorker(worker) }
        let start = try EventStart(since, now: currentTime())
        let worker = worker
        let style = isatty(STDOUT_FILENO) == 1 ? common.style : nil
        if follow { Console.endWithReader() } else if format != "json", let style { Pager.start(style) }
        try await onOwnThread("events") {
            try reader.read(after: start.sequence, follow: follow) { entries in
                for entry in entries where worker == nil || entry.event.worker?.rawValue == worker {
                    if let moment = start.time, entry.event.time < moment { continue }
                    if format == "json" {
                        Console.answer(EventLine(entry).json)
                    } else {
                        Console.answer(style.map { EntryText(entry: entry).line($0) } ?? EventLine(entry).text)
                    }
                }
            }
        }
    }
}

/// `--since`: a sequence number, a moment, or a span before now.
struct EventStart: Sendable {
    var sequence: Int64 = 0
    var time: Timestamp?

    init(_ text: String?, now: Timestamp) throws {
        guard let text else { return }
        if text.hasPrefix("#"), let sequence = Int64(text.dropFirst()) {
            self.sequence = sequence
        } else if let moment = Timestamp(text) ?? Timestamp(text + "T00:00:00Z") {
            time = moment
        } else if let span = DurationText.parse(text) {
            time = now.advanced(by: .zero - span)
        } else {
            throw Failure(message: "'\(text)' is no time: 2h, 2026-01-31 and #41 are", hint: "czar events --since 2h", code: 64)
        }
    }
}
