/// Something that happened, before it has a place in the journal.
public struct Event: Hashable, Sendable {
    public var time: Timestamp
    public var phase: PhaseID
    /// Nil for what concerns the whole project.
    public var worker: WorkerID?
    public var type: EventType
    public var fields: [String: String]
    /// Who wrote it: `cli`, `daemon`, `supervisor`, `outbox`.
    public var actor: String

    public init(
        time: Timestamp, phase: PhaseID, worker: WorkerID?, type: EventType, fields: [String: String] = [:], actor: String
    ) {
        (self.time, self.phase, self.worker) = (time, phase, worker)
        (self.type, self.fields, self.actor) = (type, fields, actor)
    }

    /// The worker's identity; nil for what concerns the whole project.
    public var key: WorkerKey? { worker.map { WorkerKey(phase: phase, id: $0) } }
}

/// An event in its place in the journal. Sequence numbers are positive and grow; entries never change.
public struct JournalEntry: Hashable, Sendable {
    public let sequence: Int64
    public let event: Event

    public init(sequence: Int64, event: Event) {
        self.sequence = sequence
        self.event = event
    }
}
