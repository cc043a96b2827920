import ArgumentParser
import CzarGit
import CzarKit
import CzarPlanning

struct LogsCommand: AsyncParsableCommand, CommonCommand {
    static let configuration = CommandConfiguration(
        commandName: "logs", abstract: "Shows the output of a worker's command; -f goes on until it ends.",
        discussion: "What agents write as JSON is shown as text; --raw shows the bytes that were written.")

    @Argument(
        help: ArgumentHelp("The worker, if it is not the one around the folder.", valueName: "worker"), completion: .workers)
    var worker: String?

    @Flag(name: .shortAndLong, help: "Go on as output comes, until the attempt ends.") var follow = false

    @Option(name: .customShort("n"), help: ArgumentHelp("Only the last lines of the log.", valueName: "n")) var lines: Int?

    @Option(help: ArgumentHelp("An earlier attempt.", valueName: "n"), completion: .attempts) var attempt: Int?

    @Flag(help: "The output of its setup instead.") var setup = false

    @Flag(help: "The log itself, byte by byte.") var raw = false

    @OptionGroup var choice: PhaseChoice
    @OptionGroup var common: CommonOptions

    func run() async throws {
        let format = try common.format()
        let reader = try StatusReader(around: common.path)
        let roster = try reader.roster(of: choice.id)
        let found = try ActingWorker.find(worker, in: roster, reader.state, at: common.path)
        let log: String
        do { log = try self.log(of: found) } catch let failure as Failure { throw failure.about(found, in: roster) }
        if format == "json" { return try Console.answer(json(found, log).prettyText) }
        let record = reader.state[found.key]
        let isLatest = attempt == nil || attempt == record.attempts.count
        let style = common.style
        guard follow, !setup, isLatest, record.attempts.running != nil else {
            let bytes = try fileContent(log) ?? []
            if bytes.isEmpty { return common.note(silence(of: found, record, log)) }
            if !raw { Pager.start(style) }
            return try write(bytes, style)
        }
        try await follow(log, supervisor: record.supervisor, style)
        try tellEnd(found)
    }

    private func log(of worker: WorkerDefinition) throws -> String {
        let project = try ProjectLayout(around: common.path)
        let name = try WorkerLogs(project).name(of: worker.key, attempt: attempt)
        // A setup that failed leaves no other log of its attempt.
        let setups = ["\(worker.id)@\(worker.phase)", "\(worker.id)"].map { $0 + ".setup.log" }
        for name in (setup ? [] : [name]) + setups {
            let path = project.logsFolder + "/" + name
            guard try fileContent(path) != nil else { continue }
            if !setup, name.hasSuffix(".setup.log") { common.note("czar: note: its command did not run; this is what its setup said") }
            return path
        }
        let state = try StatusReader(around: common.path).state
        let record = state[worker.key]
        if attempt == nil, !setup, record.state == .failed, let reason = record.reason {
            // Where nothing has run there is nothing to look at, and trying again fails again before this is mended.
            let retry = "czar retry \(worker.id)"
            throw Failure(
                message: "worker '\(worker.id)' has no log: its command was never run, because \(reason)",
                hint: state.standingRemedy(of: record).map { $0.hasSuffix(retry) ? $0 : "\($0) && \(retry)" } ?? retry, code: 66)
        }
        let person = worker.work == .person ? "\na person works there" : ""
        throw Failure(
            message: "worker '\(worker.id)' has no log '\(setup ? setups[1] : name)'\(person)", hint: "czar status \(worker.id)", code: 66)
    }

    /// What to say of a log without a byte, and of the command that it is from.
    private func silence(of worker: WorkerDefinition, _ record: WorkerRecord, _ log: String) -> String {
        if log.hasSuffix(".setup.log") { return "czar: the set-up of \(worker.id) printed nothing" }
        let attempts = record.attempts
        let number = attempt ?? attempts.count
        var rest = ""
        if let running = attempts.running, running.number == number {
            rest = "; its command runs since \(running.since)"
        } else if let end = attempts.lastEnd, end.number == number {
            rest = "; its command \(end.outcome)"
        }
        return LocalTime.sentence("czar: \(worker.id) printed nothing" + rest, now: currentTime())
    }

    private func write(_ bytes: [UInt8], _ style: Style) throws {
        let shown = lines.map { Self.tail(bytes, lines: $0) } ?? bytes[...]
        if raw { return Console.answer(bytes: shown) }
        var output = LogOutput(style: style)
        output.take(shown)
        output.finish()
    }

    private func follow(_ log: String, supervisor: ProcessIdentity?, _ style: Style) async throws {
        let (raw, lines) = (raw, lines)
        Console.endWithReader()
        try await onOwnThread("follow") {
            var output = LogOutput(style: style)
            var isFirst = true
            try LogFollower(log, supervisor: supervisor).follow { bytes in
                let shown = isFirst ? lines.map { Self.tail(bytes, lines: $0) } ?? bytes[...] : bytes[...]
                isFirst = false
                if raw { Console.answer(bytes: shown) } else { output.take(shown) }
            }
            output.finish()
        }
    }

    /// What became of the worker: its supervisor has judged it before it ended.
    private func tellEnd(_ worker: WorkerDefinition) throws {
        let record = try StatusReader(around: common.path).state[worker.key]
        common.note("czar: \(worker.id) is \(record.state)" + (record.reason.map { ": \($0)" } ?? ""))
    }

    private static func tail(_ bytes: [UInt8], lines: Int) -> ArraySlice<UInt8> {
        var start = bytes.last == 0x0A ? bytes.count - 1 : bytes.count
        var left = max(0, lines)
        guard left > 0 else { return [] }
        while start > 0 {
            if bytes[start - 1] == 0x0A {
                left -= 1
                if left == 0 { break }
            }
            start -= 1
        }
        return bytes[start...]
    }

    private func json(_ worker: WorkerDefinition, _ log: String) throws -> JSONValue {
        guard !follow else {
            throw Failure(message: "'czar logs -f' has no answer in JSON", hint: "czar logs \(worker.id) -f --raw", code: 64)
        }
        let bytes = try fileContent(log) ?? []
        var object = JSONObject()
        object.set("schema", "czar.logs/1")
        object.set("generated_at", currentTime().description)
        object.set("worker", worker.id.rawValue)
        object.set("log", log)
        object.set("text", String(decoding: lines.map { Self.tail(bytes, lines: $0) } ?? bytes[...], as: UTF8.self))
        return object.value
    }
}

/// A log on its way to a reader, line by line.
private struct LogOutput {
    private let text: TranscriptText
    private var rest: [UInt8] = []

    init(style: Style) { text = TranscriptText(style: style) }

    mutating func take(_ bytes: ArraySlice<UInt8>) {
        rest += bytes
        guard let last = rest.lastIndex(of: 0x0A) else { return }
        let shown = rest[..<last].split(separator: 0x0A, omittingEmptySubsequences: false).flatMap { line in
            text.lines(of: String(decoding: line, as: UTF8.self))
        }
        rest.removeFirst(last + 1)
        if !shown.isEmpty { Console.answer(shown.joined(separator: "\n")) }
    }

    /// A last line without its end.
    mutating func finish() {
        guard !rest.isEmpty else { return }
        let shown = text.lines(of: String(decoding: rest, as: UTF8.self))
        rest = []
        if !shown.isEmpty { Console.answer(shown.joined(separator: "\n")) }
    }
}
