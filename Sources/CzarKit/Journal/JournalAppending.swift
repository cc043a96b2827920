import CzarPlanning
import GRDB

/// What an append did. The entries are durable whatever ``mirrorProblem`` says.
package struct Appended: Hashable, Sendable {
    package let entries: [JournalEntry]
    /// Why the mirrors are behind, for a warning; the next append completes them.
    package let mirrorProblem: JournalError?
}

/// An append that was to happen only if nobody else had written about those workers.
package enum ConditionalAppend: Hashable, Sendable {
    case appended(Appended)
    /// Nothing was written; the sequence numbers as they are now, of every worker that was asked about.
    case lost(current: [WorkerKey: Int64])
}

/// An event from outside with the name of what brought it: one origin is taken in once, ever.
package struct OriginatedEvent: Hashable, Sendable {
    package let event: Event
    package let origin: String

    package init(_ event: Event, origin: String) { (self.event, self.origin) = (event, origin) }
}

/// What a deciding transaction sees. No entry can appear between this view and the commit.
package struct JournalView: Hashable, Sendable {
    /// The entries after the sequence number that the caller has folded already, oldest first.
    package let entries: [JournalEntry]
    package let lastSequence: Int64
}

extension Journal {
    /// Appends all events or none, in one durable transaction.
    @discardableResult
    package func append(_ events: [Event]) throws(JournalError) -> Appended {
        mirrored(try writing("append to") { database in try events.map { try EntryRow.insert($0, into: database) } })
    }

    /// Appends if each worker's newest entry still has the sequence number given (0: none).
    package func append(_ events: [Event], ifLastSequenceOf expected: [WorkerKey: Int64]) throws(JournalError) -> ConditionalAppend {
        var current: [WorkerKey: Int64] = [:]
        let entries = try writing("append to") { database -> [JournalEntry]? in
            for key in expected.keys { current[key] = try EntryRow.lastSequence(of: key, database) }
            return current == expected ? try events.map { try EntryRow.insert($0, into: database) } : nil
        }
        guard let entries else { return .lost(current: current) }
        return .appended(mirrored(entries))
    }

    /// Appends the events whose origins are new; the answer holds only those.
    @discardableResult
    package func append(_ events: [OriginatedEvent]) throws(JournalError) -> Appended { try append(events, following: nil) }

    /// With what follows from each.
    func append(_ events: [OriginatedEvent], following: Consequences?) throws(JournalError) -> Appended {
        let entries = try writing("append to") { database -> [JournalEntry] in
            guard let following else { return try events.compactMap { try Self.insertOnce($0, into: database) } }
            try following.catchUp(database)
            return try events.flatMap { event in
                try following.append(event.event, database) { try Self.insertOnce(event, into: database) }
            }
        }
        return mirrored(entries)
    }

    /// Reads, decides and appends in one durable transaction: the primitive under every change of state.
    ///
    /// `decide` sees every entry after `sequence` and returns what to append (perhaps nothing) and an answer for the caller. It runs
    /// while the journal is locked for all other writers, so it must be quick and must not touch the journal. What it throws is rethrown
    /// and nothing is written.
    package func transaction<Answer>(
        after sequence: Int64, _ decide: (JournalView) throws -> (events: [Event], answer: Answer)
    ) throws -> (appended: Appended, answer: Answer) {
        // Carried around the funnel of JournalError, so that the caller gets its own error back.
        var refusal: (any Error)?
        let result = try writing("append to") { database -> (entries: [JournalEntry], answer: Answer)? in
            let view = JournalView(
                entries: try EntryRow.all(database, "WHERE sequence > ? ORDER BY sequence LIMIT ?", [sequence, -1]),
                lastSequence: try EntryRow.lastSequence(database))
            do {
                let decision = try decide(view)
                return (try decision.events.map { try EntryRow.insert($0, into: database) }, decision.answer)
            } catch let error where !(error is DatabaseError) {
                refusal = error
                return nil
            }
        }
        if let refusal { throw refusal }
        guard let result else { throw JournalError.io(operation: "append to", path: place.database, reason: "nothing was decided") }
        return (mirrored(result.entries), result.answer)
    }

    /// Nil when the origin was taken in before.
    static func insertOnce(_ event: OriginatedEvent, into database: Database) throws -> JournalEntry? {
        let known = try database.cachedStatement(sql: "SELECT 1 FROM origins WHERE origin = ?")
        if try Int.fetchOne(known, arguments: [event.origin]) != nil { return nil }
        let entry = try EntryRow.insert(event.event, into: database)
        try database.execute(sql: "INSERT INTO origins (origin, sequence) VALUES (?, ?)", arguments: [event.origin, entry.sequence])
        return entry
    }

    func mirrored(_ entries: [JournalEntry]) -> Appended {
        Appended(entries: entries, mirrorProblem: entries.isEmpty ? nil : updateMirrors())
    }
}
