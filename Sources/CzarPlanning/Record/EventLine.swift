/// Why a line is no event, as the end of a sentence: "line 3 is no event: it has no type".
package struct EventLineProblem: Error, Hashable, Sendable, CustomStringConvertible {
    /// The end of the sentence.
    package let description: String

    init(_ description: String) { self.description = description }
}

/// One event as one line of text or JSON: the form of the journal's mirrors, of `czar events`, and of what agents write.
///
/// Text: `2025-12-26T14:15:00.120Z foundation CHECKPOINT name=agent_roles_complete`. JSON: an object of schema `czar.event/1`.
/// A line that was read may lack its time, worker, phase, sequence and actor; the reader of the line knows what they are then.
package struct EventLine: Hashable, Sendable {
    /// The entry's place in the journal.
    package var sequence: Int64?
    /// When it happened.
    package var time: Timestamp?
    /// The worker's phase; the text form has none.
    package var phase: PhaseID?
    /// What the line says about its worker.
    package var subject: Subject
    /// What happened.
    package var type: EventType
    /// What the type says about it, name by name.
    package var fields: [String: String]
    /// Who wrote it; the text form has none.
    package var actor: String?

    /// Whom a line is about.
    package enum Subject: Hashable, Sendable {
        /// The line does not say.
        case unstated
        /// The whole project: `-` in text, no `worker` in a numbered JSON line.
        case project
        case worker(WorkerID)
    }

    /// A line of its parts; what is nil is absent.
    package init(
        sequence: Int64? = nil, time: Timestamp? = nil, phase: PhaseID? = nil, subject: Subject, type: EventType,
        fields: [String: String] = [:], actor: String? = nil
    ) {
        (self.sequence, self.time, self.phase, self.subject) = (sequence, time, phase, subject)
        (self.type, self.fields, self.actor) = (type, fields, actor)
    }

    /// The line of an event, numbered once it has its place.
    package init(_ event: Event, sequence: Int64? = nil) {
        self.init(
            sequence: sequence, time: event.time, phase: event.phase, subject: event.worker.map { .worker($0) } ?? .project,
            type: event.type,
            fields: event.fields, actor: event.actor)
    }

    /// The line of a journal entry.
    package init(_ entry: JournalEntry) { self.init(entry.event, sequence: entry.sequence) }

    /// Whether the text can be a field's name: `[A-Za-z_][A-Za-z0-9_.-]*`, at most 64 bytes.
    package static func isFieldName(_ text: String) -> Bool {
        guard let first = text.utf8.first, text.utf8.count <= 64, first == UInt8(ascii: "_") || isLetter(first) else { return false }
        return text.utf8.allSatisfy {
            isLetter($0) || isDigit($0) || $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "-")
        }
    }

    /// Reads either form, whichever the line has.
    package static func read(_ line: String) throws(EventLineProblem) -> EventLine {
        line.utf8.first { $0 != 0x20 && $0 != 0x09 } == UInt8(ascii: "{") ? try EventLine(json: line) : try EventLine(text: line)
    }

    static func isLetter(_ byte: UInt8) -> Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20) }

    static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

    static func type(named text: String) throws(EventLineProblem) -> EventType {
        guard EventType.isWellFormed(text) else {
            throw EventLineProblem("'\(escaped(text))' is no event type; types are upper case, like CHECKPOINT")
        }
        return EventType(rawValue: text)
    }

    static func worker(named text: String) throws(EventLineProblem) -> WorkerID {
        guard let id = WorkerID(rawValue: text) else {
            throw EventLineProblem("'\(escaped(text))' is no worker id: it \(WorkerID.problem(in: text) ?? "is not valid")")
        }
        return id
    }

    static func checkFieldName(_ key: String) throws(EventLineProblem) {
        guard isFieldName(key) else {
            throw EventLineProblem("'\(escaped(key))' is no field name; names are letters, digits, '_', '.' and '-'")
        }
    }

    /// Data in a sentence: control characters shown escaped, at most 80 characters.
    private static func escaped(_ text: String) -> String {
        var bytes: [UInt8] = []
        JSONText.append(String(text.prefix(80)), to: &bytes)
        return String(decoding: bytes.dropFirst().dropLast(), as: UTF8.self)
    }
}
