import CzarPlanning

/// Why an event from outside is not taken.
package enum EventRefusal: Error, Hashable, Sendable, CustomStringConvertible {
    case malformedType(String)
    case reservedType(EventType)
    case malformedField(String)
    case longValue(field: String, bytes: Int)
    case longEvent(bytes: Int)
    case otherWorker(String)
    case unreadable(String)

    package var description: String {
        switch self {
        case .malformedType(let type): "'\(type)' is no event type; types are upper case, like CHECKPOINT"
        case .reservedType(let type): "\(type) is written by Czar itself, when it has done what it says"
        case .malformedField(let name): "'\(name)' is no field name; names are letters, digits, '_', '.' and '-', at most 64 bytes"
        case .longValue(let field, let bytes):
            "the value of '\(field)' has \(bytes) bytes; at most \(EventAdmission.longestValue) are taken"
        case .longEvent(let bytes): "the event has \(bytes) bytes; at most \(EventAdmission.longestEvent) are taken"
        case .otherWorker(let name): "it speaks for \(name), but comes from the folder of another worker"
        case .unreadable(let reason): reason
        }
    }
}

/// What may come into the journal from outside: the one place for `czar event`, the outbox and agents' event logs.
package enum EventAdmission {
    /// Bytes of one value.
    package static let longestValue = 64 * 1024
    /// Bytes of all names and values together.
    package static let longestEvent = 256 * 1024

    /// Throws when such an event may not be written by anyone but Czar's own code.
    package static func check(type: String, fields: [String: String]) throws(EventRefusal) {
        guard EventType.isWellFormed(type) else { throw .malformedType(type) }
        let type = EventType(rawValue: type)
        if EventType.reserved.contains(type) { throw .reservedType(type) }
        var total = 0
        for (name, value) in fields {
            guard EventLine.isFieldName(name) else { throw .malformedField(name) }
            if value.utf8.count > longestValue { throw .longValue(field: name, bytes: value.utf8.count) }
            total += name.utf8.count + value.utf8.count
        }
        if total > longestEvent { throw .longEvent(bytes: total) }
    }

    /// The event that a worker's line stands for. The line speaks for that worker alone, and never from the future.
    static func event(_ line: EventLine, from source: IntakeSource, written: Timestamp) throws(EventRefusal) -> Event {
        try check(type: line.type.rawValue, fields: line.fields)
        switch line.subject {
        case .unstated: break
        case .project: throw .otherWorker("the whole project")
        case .worker(let id): if id != source.worker.id { throw .otherWorker("worker '\(id)'") }
        }
        if let phase = line.phase, phase != source.worker.phase { throw .otherWorker("phase '\(phase)'") }
        return Event(
            time: min(line.time ?? written, source.now), phase: source.worker.phase, worker: source.worker.id, type: line.type,
            fields: line.fields, actor: source.actor)
    }

    /// Reads bytes from outside as one line in either form.
    static func line(_ bytes: some Collection<UInt8>) throws(EventRefusal) -> EventLine {
        guard let text = String(validating: bytes, as: UTF8.self) else { throw .unreadable("it is not valid UTF-8") }
        do throws(EventLineProblem) { return try EventLine.read(text) } catch { throw .unreadable(error.description) }
    }
}

/// Whose words are taken in, and when.
struct IntakeSource {
    let worker: WorkerKey
    let actor: String
    let now: Timestamp
}

/// What was taken in from a worktree.
package struct Intake: Hashable, Sendable {
    /// What is new in the journal.
    package var entries: [JournalEntry] = []
    package var refused: [Refused] = []
    package var mirrorProblem: JournalError?

    /// Something that was set aside, with the reason.
    package struct Refused: Hashable, Sendable {
        /// The file's name, or `line N`.
        package let what: String
        package let reason: String
    }
}
