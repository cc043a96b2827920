/// Something that happened, before it has a place in the journal.
package struct Event: Hashable, Sendable {
    package var time: Timestamp
    package var phase: PhaseID
    /// Nil for what concerns the whole project.
    package var worker: WorkerID?
    package var type: EventType
    package var fields: [String: String]
    /// Who wrote it: `cli`, `daemon`, `supervisor`, `outbox`, `rules` for what follows from a command of an operator.
    package var actor: String

    package init(
        time: Timestamp, phase: PhaseID, worker: WorkerID?, type: EventType, fields: [String: String] = [:], actor: String
    ) {
        (self.time, self.phase, self.worker) = (time, phase, worker)
        (self.type, self.fields, self.actor) = (type, fields, actor)
    }

    /// The worker's identity; nil for what concerns the whole project.
    package var key: WorkerKey? { worker.map { WorkerKey(phase: phase, id: $0) } }
}

/// An event in its place in the journal. Sequence numbers are positive and grow; entries never change.
package struct JournalEntry: Hashable, Sendable {
    package let sequence: Int64
    package let event: Event

    package init(sequence: Int64, event: Event) {
        self.sequence = sequence
        self.event = event
    }
}
