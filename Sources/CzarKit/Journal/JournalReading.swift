import CzarPlanning
import GRDB

extension Journal {
    /// The entries after a sequence number, oldest first; 0 for all.
    ///
    /// - Complexity: linear in the entries returned.
    package func entries(after sequence: Int64 = 0, limit: Int? = nil) throws(JournalError) -> [JournalEntry] {
        try read("read") { database in
            try EntryRow.all(database, "WHERE sequence > ? ORDER BY sequence LIMIT ?", [sequence, limit ?? -1])
        }
    }

    /// One worker's entries after a sequence number, oldest first.
    ///
    /// - Complexity: linear in the entries returned.
    package func entries(of key: WorkerKey, after sequence: Int64 = 0, limit: Int? = nil) throws(JournalError) -> [JournalEntry] {
        try read("read") { database in
            try EntryRow.all(
                database, "WHERE worker = ? AND phase = ? AND sequence > ? ORDER BY sequence LIMIT ?",
                [key.id.rawValue, key.phase.rawValue, sequence, limit ?? -1])
        }
    }

    /// The newest entry's sequence number; 0 for an empty journal.
    package func lastSequence() throws(JournalError) -> Int64 { try read("read", EntryRow.lastSequence) }

    /// The newest sequence number of one worker; 0 when it has no entry.
    package func lastSequence(of key: WorkerKey) throws(JournalError) -> Int64 {
        try read("read") { try EntryRow.lastSequence(of: key, $0) }
    }

    /// The newest sequence number of every worker that has an entry.
    ///
    /// - Complexity: linear in the journal's entries.
    package func lastSequences() throws(JournalError) -> [WorkerKey: Int64] {
        try read("read") { database in
            let sql = "SELECT phase, worker, max(sequence) FROM entries WHERE worker IS NOT NULL GROUP BY worker, phase"
            let cursor = try Row.fetchCursor(database, sql: sql)
            var sequences: [WorkerKey: Int64] = [:]
            while let row = try cursor.next() {
                guard let id = WorkerID(rawValue: row[1]) else { continue }
                sequences[WorkerKey(phase: PhaseID(rawValue: row[0]), id: id)] = row[2] as Int64
            }
            return sequences
        }
    }
}
