import CzarPlanning
import GRDB

/// The tables of the journal. `user_version` is the format; a change of format adds a step to ``setUp(_:)``, never edits one.
enum JournalSchema {
    static let version = 1
    /// "CZAR"
    static let applicationID = 0x435A_4152

    enum Format { case current, empty }

    /// Throws for a newer format and for databases that are not Czar's.
    static func format(of database: Database, path: String) throws -> Format {
        let version = try Int.fetchOne(database, sql: "PRAGMA user_version") ?? 0
        let application = try Int.fetchOne(database, sql: "PRAGMA application_id") ?? 0
        if version == 0, application == 0, try Int.fetchOne(database, sql: "SELECT count(*) FROM sqlite_master") == 0 { return .empty }
        guard application == applicationID, version > 0 else { throw JournalError.foreign(path: path) }
        guard version <= Self.version else { throw JournalError.newerFormat(path: path, version: version) }
        return .current
    }

    /// Makes the tables. WAL cannot be set inside a transaction; a crash between the two leaves an empty database, which is set up again.
    static func setUp(_ database: Database, _ rest: (Database) throws -> Void) throws {
        try database.execute(sql: "PRAGMA journal_mode = WAL")
        try database.inTransaction(.immediate) {
            try database.execute(sql: tables)
            try database.execute(sql: "PRAGMA application_id = \(applicationID); PRAGMA user_version = \(version)")
            try rest(database)
            return .commit
        }
    }

    private static let tables = """
        CREATE TABLE entries (
            sequence INTEGER PRIMARY KEY,
            time INTEGER NOT NULL,
            phase TEXT NOT NULL,
            worker TEXT,
            type TEXT NOT NULL,
            fields TEXT NOT NULL,
            actor TEXT NOT NULL
        ) STRICT;
        CREATE INDEX entries_by_worker ON entries (worker, phase) WHERE worker IS NOT NULL;
        CREATE TRIGGER entries_never_change BEFORE UPDATE ON entries BEGIN SELECT RAISE(ABORT, 'journal entries never change'); END;
        CREATE TRIGGER entries_never_go BEFORE DELETE ON entries BEGIN SELECT RAISE(ABORT, 'journal entries are never deleted'); END;
        CREATE TRIGGER entries_are_never_replaced BEFORE INSERT ON entries WHEN EXISTS (SELECT 1 FROM entries WHERE sequence = NEW.sequence)
            BEGIN SELECT RAISE(ABORT, 'journal entries are never replaced'); END;
        CREATE TABLE origins (origin TEXT PRIMARY KEY, sequence INTEGER NOT NULL) STRICT, WITHOUT ROWID;
        CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
        CREATE TABLE mirrors (
            name TEXT PRIMARY KEY, sequence INTEGER NOT NULL, length INTEGER NOT NULL, device TEXT NOT NULL, inode TEXT NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE intakes (
            source TEXT PRIMARY KEY, offset INTEGER NOT NULL, line INTEGER NOT NULL, tail TEXT NOT NULL, skipping INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        """
}
