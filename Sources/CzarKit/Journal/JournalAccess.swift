import GRDB

/// The three ways into the database; every error leaves as a ``JournalError`` or, from a caller's closure, as it was thrown.
extension Journal {
    /// One consistent view of the database.
    func read<Value>(_ operation: String, _ body: (Database) throws -> Value) throws(JournalError) -> Value {
        switch store {
        case .readOnly(let database): try database.read(operation, body)
        case .writable(let queue, _), .missing(let queue): try JournalError.describing(operation, place.database) { try queue.read(body) }
        }
    }

    /// A durable transaction that holds the write lock from its start, so that what it reads is still true when it commits.
    func writing<Value>(_ operation: String, _ body: (Database) throws -> Value) throws(JournalError) -> Value {
        try connection(operation) { try self.transaction(on: $0, body) }
    }

    /// A transaction that a power failure may undo: for notes about files that are repaired from what is there.
    func writingCarelessly<Value>(_ operation: String, _ body: (Database) throws -> Value) throws(JournalError) -> Value {
        try connection(operation) { database in
            try database.execute(sql: "PRAGMA synchronous = NORMAL")
            let result = Result { try self.transaction(on: database, body) }
            try database.execute(sql: "PRAGMA synchronous = FULL")
            return try result.get()
        }
    }

    /// The connection outside of any transaction.
    func connection<Value>(_ operation: String, _ body: (Database) throws -> Value) throws(JournalError) -> Value {
        guard case .writable(let queue, _) = store else {
            throw .denied(operation: operation, path: place.database, reason: "it was opened for reading only")
        }
        return try JournalError.describing(operation, place.database) { try queue.writeWithoutTransaction(body) }
    }

    func transaction<Value>(on database: Database, _ body: (Database) throws -> Value) throws -> Value {
        var value: Value?
        try database.inTransaction(.immediate) {
            try checkStillThere()
            value = try body(database)
            return .commit
        }
        guard let value else { throw JournalError.io(operation: "write", path: place.database, reason: "the transaction was rolled back") }
        return value
    }

    /// A file that was moved aside under us would take entries that nobody ever reads.
    private func checkStillThere() throws(JournalError) {
        guard case .writable(_, let opened) = store, let now = place.fingerprint(), now.isSameFile(as: opened) else {
            throw .damaged(path: place.database, reason: "it was replaced while this process had it open; run the command again")
        }
    }
}
