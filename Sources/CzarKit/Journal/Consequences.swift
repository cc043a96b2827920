import CzarPlanning
import GRDB

/// What follows from entries that come from outside, decided in the transaction that appends them: nobody sees the one without the other,
/// and nothing that is recorded later is overtaken by it.
final class Consequences {
    /// The state with everything that was recorded up to the transaction's last entry.
    private(set) var state: ProjectState
    private let react: (Event, ProjectState) -> [Event]

    init(_ state: ProjectState, _ react: @escaping (Event, ProjectState) -> [Event]) { (self.state, self.react) = (state, react) }

    /// To be called at the start of each transaction.
    func catchUp(_ database: Database) throws {
        let missed = try EntryRow.all(database, "WHERE sequence > ? ORDER BY sequence LIMIT ?", [state.lastSequence, -1])
        for entry in missed { state.apply(entry) }
    }

    /// Appends the event, unless `insert` finds that it was appended before, and then what follows from it.
    func append(_ event: Event, _ database: Database, _ insert: () throws -> JournalEntry?) throws -> [JournalEntry] {
        let consequences = react(event, state)
        guard let entry = try insert() else { return [] }
        let entries = try [entry] + consequences.map { try EntryRow.insert($0, into: database) }
        for entry in entries { state.apply(entry) }
        return entries
    }
}
