import CzarGit
import CzarPlanning

/// Writes what workers and people report, with the change of state that follows from it, in one transaction.
package struct EventWriter {
    private let ledger: Ledger
    private let plan: Plan?

    package init(_ ledger: Ledger, plan: Plan?) { (self.ledger, self.plan) = (ledger, plan) }

    /// - Throws: ``OperationError`` for a reserved or malformed type; ``JournalError``.
    @discardableResult
    package func write(_ type: EventType, worker: WorkerKey?, phase: PhaseID, _ fields: [String: String]) throws -> [JournalEntry] {
        if EventType.reserved.contains(type) { throw OperationError.reservedType(type: type.rawValue) }
        try EventAdmission.check(type: type.rawValue, fields: fields)
        let event = ledger.event(type, worker: worker, phase: phase, fields)
        return try ledger.change { state in [event] + follow(event, state) }
    }

    /// What an event changes at once, for events that came by another way.
    func follow(_ event: Event, _ state: ProjectState) -> [Event] {
        guard let key = event.key else { return [] }
        let isPerson = plan?[key.id]?.work == .person
        return Reaction.follow(event, record: state[key], isPerson: isPerson)
    }
}
