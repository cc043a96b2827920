import CzarGit
import CzarPlanning
import GRDB
import Glibc

/// The durable, sequenced record of everything that happened in one repository: the only truth, of which all state is a fold.
///
/// Invariants: sequence numbers are positive and grow by one; an entry that was returned survives `kill -9` and power loss; entries
/// never change. Any number of processes and threads may use one journal at once. Calls block: keep them off the cooperative pool.
package final class Journal: Sendable {
    package enum Mode: Sendable, Hashable {
        /// `create`: starts a journal where there is none.
        case readWrite(create: Bool)
        /// Writes nothing in the repository.
        case readOnly
    }

    package let place: JournalPlace
    let store: Store

    enum Store: Sendable {
        case writable(DatabaseQueue, opened: FileFingerprint)
        case readOnly(ReadOnlyDatabase)
        /// There is none: an empty one in memory, which nothing writes.
        case missing(DatabaseQueue)
    }

    /// Opens the journal; nil when there is none and none is to be created.
    ///
    /// Throws ``JournalError``: a network file system, a copied repository (unless reading), a newer format, damage. One that
    /// was there and is gone counts as damaged, in every mode.
    package static func open(_ place: JournalPlace, mode: Mode) throws(JournalError) -> Journal? {
        try place.checkFileSystem()
        switch mode {
        case .readOnly:
            return try openForReading(place)
        case .readWrite(let create):
            if !create, place.fingerprint()?.size ?? 0 == 0 { return try none(place) }
            let journal = try openForWriting(place)
            try journal.checkIdentity()
            return journal
        }
    }

    /// Opens the journal for writing and starts one where there is none.
    package static func openOrCreate(_ place: JournalPlace) throws(JournalError) -> Journal {
        guard let journal = try open(place, mode: .readWrite(create: true)) else { throw .missing(path: place.database) }
        return journal
    }

    /// Opens the journal for a look at what would be done: for reading only, and an empty one where there is none.
    ///
    /// Throws as opening for writing does, so that the look is refused where the deed would be.
    package static func openForLooking(_ place: JournalPlace) throws(JournalError) -> Journal {
        guard let journal = try open(place, mode: .readOnly) else {
            let empty = try JournalError.describing("set up", place.database) {
                let queue = try DatabaseQueue()
                try queue.writeWithoutTransaction { try JournalSchema.setUp($0) { _ in } }
                return queue
            }
            return Journal(place, .missing(empty))
        }
        try journal.checkIdentity()
        return journal
    }

    /// What differs when the journal was made for another folder (a copied or moved repository); nil when all is well.
    /// Worth asking of a journal opened for reading only: opening for writing throws it.
    package func identityProblem() throws(JournalError) -> JournalError? {
        let found = try JournalIdentity(of: place.commonDirectory)
        let recorded = try read("read") { try JournalIdentity($0) }
        guard let recorded else { return .damaged(path: place.database, reason: "it does not name its folder") }
        if recorded.isSameFolder(as: found) { return nil }
        return .copied(path: place.database, recorded: recorded.sentence, found: found.sentence)
    }

    /// Whether this is the very folder that the journal was made for, moved or not.
    func keepsItsFolder() throws(JournalError) -> Bool {
        let own = try JournalIdentity(of: place.commonDirectory)
        guard let recorded = try read("read", { try JournalIdentity($0) }) else { return false }
        return recorded.inode == own.inode && recorded.device == own.device && recorded.boot == own.boot
    }

    /// The git directory that the journal was made for, where that is still there and is another one: then this repository is a copy of it.
    ///
    /// Moved, a folder keeps its inode, as a copy on the same file system cannot. One in a folder that may not be entered is there.
    func original() throws(JournalError) -> String? {
        let own = try JournalIdentity(of: place.commonDirectory)
        guard let recorded = try read("read", { try JournalIdentity($0) }) else { return nil }
        if try keepsItsFolder() { return nil }
        guard access(recorded.path, F_OK) == 0 else { return errno == EACCES ? recorded.path : nil }
        let found = try JournalIdentity(of: recorded.path)
        guard recorded.isSameFolder(as: found), found.device != own.device || found.inode != own.inode else { return nil }
        return recorded.path
    }

    /// Keeps the database open until the process ends.
    ///
    /// SQLite's last connection to close copies the log into the database and waits for the disk twice more: what a short
    /// command has written is durable without that.
    package func keepOpenUntilExit() { _ = Unmanaged.passRetained(self) }

    init(_ place: JournalPlace, _ store: Store) { (self.place, self.store) = (place, store) }

    // MARK: - Opening

    private static func openForReading(_ place: JournalPlace) throws(JournalError) -> Journal? {
        guard access(place.database, R_OK) == 0 || errno != EACCES else {
            throw .unreadable(path: place.database, reason: String(cString: strerror(EACCES)))
        }
        guard let size = place.fingerprint()?.size, size > 0 else { return try none(place) }
        let database = ReadOnlyDatabase(place)
        let isEmpty = try database.read("open") { try JournalSchema.format(of: $0, path: place.database) == .empty }
        return isEmpty ? try none(place) : Journal(place, .readOnly(database))
    }

    /// The answer where there is no journal yet.
    private static func none(_ place: JournalPlace) throws(JournalError) -> Journal? {
        try place.refuseToForget()
        try place.refuseEmptied()
        return nil
    }

    static func openForWriting(_ place: JournalPlace) throws(JournalError) -> Journal {
        if place.fingerprint()?.size ?? 0 == 0 { return try makeOrOpen(place) }
        let journal = try connect(place)
        let format = try journal.read("open") { try JournalSchema.format(of: $0, path: place.database) }
        return format == .current ? journal : try makeOrOpen(place)
    }

    /// One process at a time sets up the tables; the others find them made.
    private static func makeOrOpen(_ place: JournalPlace) throws(JournalError) -> Journal {
        try place.withLock("open.lock") { () throws(JournalError) in
            if place.fingerprint()?.size ?? 0 == 0 {
                try place.refuseToForget()
                try place.refuseEmptied()
            }
            let journal = try makeFileAndConnect(place)
            try journal.setUpIfEmpty()
            return journal
        }
    }

    /// To be called under `open.lock`.
    private static func makeFileAndConnect(_ place: JournalPlace) throws(JournalError) -> Journal {
        try JournalError.onFiles { () throws(FileError) in
            let folder = try place.openFolder(making: true)
            // Never opened again here once it exists: closing any descriptor of the file would drop SQLite's locks in this process.
            if folder.kind(of: JournalPlace.databaseName) == nil {
                try place.file(JournalPlace.databaseName, O_RDWR | O_CREAT | O_EXCL, in: folder).flush()
                try folder.flush()
            }
        }
        return try connect(place)
    }

    private static func connect(_ place: JournalPlace) throws(JournalError) -> Journal {
        guard let opened = try plainFile(place) else { throw .missing(path: place.database) }
        let queue = try JournalError.describing("open", place.database) { try openQueue(place.database) }
        return Journal(place, .writable(queue, opened: opened))
    }

    static func openQueue(_ path: String) throws -> DatabaseQueue {
        var configuration = Configuration()
        configuration.busyMode = .timeout(10)
        // A process that is alone reads the whole log when it opens the database: a short log keeps `czar event` quick.
        configuration.prepareDatabase { try $0.execute(sql: "PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 100") }
        return try DatabaseQueue(path: path, configuration: configuration)
    }

    static func plainFile(_ place: JournalPlace) throws(JournalError) -> FileFingerprint? {
        var status = stat()
        guard lstat(place.database, &status) == 0 else {
            if errno == ENOENT { return nil }
            throw JournalError(errno: errno, "examine", place.database)
        }
        guard status.st_mode & S_IFMT == S_IFREG else { throw .unsafe(path: place.database, reason: "it is no plain file") }
        return FileFingerprint(status)
    }

    private func setUpIfEmpty() throws(JournalError) {
        let identity = try JournalIdentity(of: place.commonDirectory)
        try connection("set up") { database in
            guard try JournalSchema.format(of: database, path: self.place.database) == .empty else { return }
            try self.place.refuseToForget()
            try JournalSchema.setUp(database) { database in
                try identity.write(database)
                try EntryRow.insert(Self.opened(identity), into: database)
            }
        }
    }

    private func checkIdentity() throws(JournalError) {
        if let problem = try identityProblem() { throw problem }
    }

    /// Records this folder as the journal's own, and in the same transaction what follows from that; nothing happens when it is already.
    /// - Returns: what was recorded.
    func adopt(_ following: (ProjectState) throws -> [Event]) throws(JournalError) -> [JournalEntry] {
        guard try identityProblem() != nil else { return [] }
        let identity = try JournalIdentity(of: place.commonDirectory)
        let written = try writing("adopt") { database in
            var state = ProjectState()
            for entry in try EntryRow.all(database, "ORDER BY sequence LIMIT ?", [-1]) { state.apply(entry) }
            try identity.write(database)
            let opened = try EntryRow.insert(Self.opened(identity, adopted: true), into: database)
            return [opened] + (try following(state).map { try EntryRow.insert($0, into: database) })
        }
        return mirrored(written).entries
    }

    private static func opened(_ identity: JournalIdentity, adopted: Bool = false) -> Event {
        var fields = identity.fields
        if adopted { fields[Event.adopted] = "true" }
        return Event(time: currentTime(), phase: .first, worker: nil, type: .journalOpened, fields: fields, actor: "journal")
    }
}

extension Event {
    fileprivate static let adopted = "adopted"

    /// Whether a journal was taken over with it that was made for another folder.
    var isAdoption: Bool { type == .journalOpened && fields[Self.adopted] != nil }
}
