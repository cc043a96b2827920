import CzarPlanning
import GRDB

/// How an entry lies in the table `entries`.
enum EntryRow {
    static let columns = "sequence, time, phase, worker, type, fields, actor"

    /// Appends an event with the next sequence number, or with `sequence` when a journal is rebuilt.
    @discardableResult
    static func insert(_ event: Event, sequence: Int64? = nil, into database: Database) throws -> JournalEntry {
        let statement = try database.cachedStatement(
            sql: """
                INSERT INTO entries (\(columns))
                VALUES (coalesce(?, (SELECT coalesce(max(sequence), 0) + 1 FROM entries)), ?, ?, ?, ?, ?, ?)
                """)
        try statement.execute(arguments: [
            sequence, event.time.milliseconds, event.phase.rawValue, event.worker?.rawValue, event.type.rawValue,
            JSONText.object(event.fields), event.actor,
        ])
        return JournalEntry(sequence: database.lastInsertedRowID, event: event)
    }

    /// - Complexity: linear in the rows that the statement yields.
    static func all(_ database: Database, _ rest: String, _ arguments: StatementArguments) throws -> [JournalEntry] {
        let statement = try database.cachedStatement(sql: "SELECT \(columns) FROM entries \(rest)")
        let cursor = try Row.fetchCursor(statement, arguments: arguments)
        var entries: [JournalEntry] = []
        while let row = try cursor.next() { entries.append(try entry(row)) }
        return entries
    }

    static func lastSequence(_ database: Database) throws -> Int64 {
        try Int64.fetchOne(database.cachedStatement(sql: "SELECT max(sequence) FROM entries")) ?? 0
    }

    static func lastSequence(of key: WorkerKey, _ database: Database) throws -> Int64 {
        let statement = try database.cachedStatement(sql: "SELECT max(sequence) FROM entries WHERE worker = ? AND phase = ?")
        return try Int64.fetchOne(statement, arguments: [key.id.rawValue, key.phase.rawValue]) ?? 0
    }

    private static func entry(_ row: Row) throws -> JournalEntry {
        let sequence: Int64 = row[0]
        var worker: WorkerID?
        if let text = row[3] as String? {
            worker = WorkerID(rawValue: text)
            if worker == nil { throw damage(sequence, "'\(text)' is no worker id") }
        }
        let fields: [String: String]
        do { fields = try JSONText.fields(of: row[5]) } catch { throw damage(sequence, error.description) }
        return JournalEntry(
            sequence: sequence,
            event: Event(
                time: Timestamp(milliseconds: row[1]), phase: PhaseID(rawValue: row[2]), worker: worker, type: EventType(rawValue: row[4]),
                fields: fields, actor: row[6]))
    }

    private static func damage(_ sequence: Int64, _ reason: String) -> JournalError {
        .damaged(path: JournalPlace.databaseName, reason: "entry \(sequence): \(reason)")
    }
}
