import ArgumentParser
import CzarKit
import CzarPlanning

struct EventCommand: CommonCommand {
    static let configuration = CommandConfiguration(
        commandName: "event", abstract: "Records what a worker reports.",
        discussion: "czar event [WORKER] TYPE [key=value…]   for example: czar event CHECKPOINT name=parser tokens=12000")

    @Argument(
        help: ArgumentHelp("[WORKER] TYPE [key=value…]; types are upper case, ids are not.", valueName: "what"), completion: .eventWords)
    var words: [String]

    @Option(help: "The worker, if it is not the one around the folder.")
    var worker: String?

    @OptionGroup var choice: PhaseChoice
    @OptionGroup var common: CommonOptions

    func run() throws {
        let (receipt, type) = try Self.record(words, worker: worker, phase: choice.id, at: common.path)
        if !common.quiet && !common.wantsJSON { Self.noteNearType(type) }
        try common.answer(receipt.json, text: common.quiet ? "" : receipt.text)
    }

    /// The form that workers use all the time, without options: setting up the argument parser would take longer than the work itself.
    /// - Returns: false where the parser is needed.
    static func answeredDirectly(_ arguments: [String]) throws -> Bool {
        guard arguments.first == "event", arguments.count > 1, !arguments.contains(where: { $0.hasPrefix("-") }) else { return false }
        let (receipt, type) = try record(Array(arguments.dropFirst()), worker: nil, phase: nil, at: ".")
        noteNearType(type)
        Console.answer(receipt.text)
        return true
    }

    private static func record(
        _ words: [String], worker: String?, phase: PhaseID?, at path: String
    ) throws -> (WorkerReport.Receipt, EventType) {
        let (name, type, fields) = try parse(words)
        if let name, let worker, name != worker {
            throw Failure(message: "two workers are named: '\(name)' and '\(worker)'", hint: "czar event \(worker) \(type)", code: 64)
        }
        let report = try WorkerReport(around: path, worker: name ?? worker, acting: ActingWorker.current, phase: phase)
        do { return (try report.write(type, fields), type) } catch OperationError.reservedType(let type) {
            throw Failure(
                message: "\(OperationError.reservedType(type: type))",
                hint: ShellText.line(call(name) + ["CHECKPOINT", "name=\(type.lowercased())"]), code: 64)
        }
    }

    /// The command with the type that was probably meant.
    private static func nearest(_ words: [String], of worker: String?) -> String {
        let known = Completion.eventTypes
        // A type in small letters looks like a worker.
        if let worker, let type = known.first(where: { $0.lowercased() == worker }) {
            return ShellText.line(call(nil) + [type] + words.dropFirst())
        }
        let word = words.last { !$0.contains("=") } ?? ""
        let type = NearName.suggestion(for: word, among: known) ?? known.first { $0.lowercased() == word }
        return ShellText.line(call(worker) + (type.map { [$0] } ?? ["CHECKPOINT", "name=parser"]))
    }

    private static func call(_ worker: String?) -> [String] { ["czar", "event"] + (worker.map { [$0] } ?? []) }

    /// A word about a type that is nearly one that everybody uses; it is recorded all the same.
    private static func noteNearType(_ type: EventType) {
        let known = Completion.eventTypes
        guard !known.contains(type.rawValue), let near = NearName.suggestion(for: type.rawValue, among: known) else { return }
        Console.note("czar: note: '\(type)' is recorded as a type of your own; did you mean \(near)?")
    }

    /// The word as it may be meant.
    private static func field(_ word: String) -> String {
        if word.hasPrefix("=") { return "name" + word }
        guard !word.contains("=") else { return word }
        return EventLine.isFieldName(word) ? word + "=value" : "name=" + word
    }

    private static func parse(_ words: [String]) throws -> (worker: String?, type: EventType, fields: [String: String]) {
        var rest = words[...]
        var name: String?
        if let first = rest.first, !EventType.isWellFormed(first), WorkerID(rawValue: first) != nil, rest.count > 1 {
            name = first
            rest = rest.dropFirst()
        }
        guard let type = rest.popFirst(), EventType.isWellFormed(type) else {
            throw Failure(message: "'\(words.joined(separator: " "))' names no event type", hint: Self.nearest(words, of: name), code: 64)
        }
        let call = Self.call(name) + [type]
        var fields: [String: String] = [:]
        for word in rest {
            guard let equals = word.firstIndex(of: "="), equals > word.startIndex else {
                throw Failure(message: "'\(word)' is no key=value", hint: ShellText.line(call + rest.map(Self.field)), code: 64)
            }
            let value = String(word[word.index(after: equals)...])
            guard fields.updateValue(value, forKey: String(word[..<equals])) == nil else {
                throw Failure(
                    message: "'\(word[..<equals])' is given twice", hint: ShellText.line(call + [word]), code: 64)
            }
        }
        // Everything is counted, so what counts for nothing is no figure.
        for key in [Field.tokens, Field.tokensTotal] {
            guard let text = fields[key], TokenLog.count(text) == nil else { continue }
            throw Failure(
                message: "'\(key)=\(text)' is no number of tokens: write 12000, 850K or 1.2M",
                hint: ShellText.line(call + ["\(key)=12000"]), code: 64)
        }
        return (name, EventType(rawValue: type), fields)
    }
}

struct BlockCommand: CommonCommand {
    static let configuration = CommandConfiguration(commandName: "block", abstract: "Says that the worker cannot go on, and why.")
    @Argument(help: "Why.") var reason: [String]
    @Option(help: "The worker, if it is not the one around the folder.", completion: .workers) var worker: String?
    @OptionGroup var common: CommonOptions

    func run() throws {
        let report = try WorkerReport(around: common.path, worker: worker, acting: ActingWorker.current)
        let receipt = try report.write(.blocked, [Field.reason: reason.joined(separator: " ")])
        try common.answer(receipt.json, text: receipt.text)
    }
}

struct UnblockCommand: CommonCommand {
    static let configuration = CommandConfiguration(
        commandName: "unblock", abstract: "Says that the worker can go on, and what the answer is.",
        discussion: "The answer stands in the prompt of the worker's next attempt, and in 'czar brief'.")
    @Argument(help: ArgumentHelp("The worker, if it is not the one around the folder.", valueName: "worker"), completion: .workers)
    var name: String?
    @Argument(help: "What to tell the worker.") var answer: [String] = []
    @Option(help: "The same as WORKER.", completion: .workers) var worker: String?
    @OptionGroup var choice: PhaseChoice
    @OptionGroup var common: CommonOptions

    func run() throws {
        let (report, words) = try addressed()
        let receipt = try report.write(.unblocked, words.isEmpty ? [:] : [Field.answer: words.joined(separator: " ")])
        try common.answer(receipt.json, text: receipt.text)
    }

    /// Whose answer it is, and its words: with --worker all of them but for the same name once more, and a sentence names no worker.
    private func addressed() throws -> (WorkerReport, [String]) {
        func report(of worker: String?) throws -> WorkerReport {
            try WorkerReport(around: common.path, worker: worker, acting: ActingWorker.current, phase: choice.id)
        }
        guard let name else { return (try report(of: worker), answer) }
        if let worker { return (try report(of: worker), name == worker ? answer : [name] + answer) }
        do {
            return (try report(of: name), answer)
        } catch let error as any Explained where error.kind == .missing && WorkerID(rawValue: name) == nil {
            return (try report(of: nil), [name] + answer)
        }
    }
}

extension WorkerReport.Receipt {
    var text: String {
        switch self {
        case .recorded(let entry, let problem, let next):
            "recorded #\(entry.sequence) \(entry.event.type)" + (problem.map { "\n\($0)" } ?? "")
                + (next.map { "\nnext: \($0)   (no 'czar run' is active)" } ?? "")
        case .queued: "queued: the journal cannot be written from here; it is taken in by 'czar run' or the next command"
        }
    }

    var json: JSONValue {
        var object = JSONObject()
        object.set("schema", "czar.recorded/1")
        object.set("generated_at", currentTime().description)
        if case .recorded(let entry, let problem, let next) = self {
            object.set("state", "recorded")
            object.set("seq", .integer(entry.sequence))
            object.set("problem", problem)
            object.set("next", next)
        } else {
            object.set("state", "queued")
        }
        return object.value
    }
}
