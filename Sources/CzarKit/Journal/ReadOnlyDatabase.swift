import CzarGit
import GRDB
import Glibc
import Synchronization

/// Reads the journal without writing anything in the repository, on read-only folders too and while others write.
///
/// How depends on what lies beside the database:
/// - log and shared memory: read with the others, the shared memory mapped read-only, under their locks;
/// - no log, or an empty one: nobody writes, the file is read as immutable;
/// - a log without shared memory, or neither way works: database and log are copied to a private folder.
/// In the last two nothing is locked, so the files are looked at before and after each read, and a change means reading again.
final class ReadOnlyDatabase: Sendable {
    private let place: JournalPlace
    private let current = Mutex<Connection?>(nil)

    private struct Connection: Sendable {
        let queue: DatabaseQueue
        let file: FileFingerprint
        /// Nil for a reader that shares the others' locks.
        let unlocked: Files?

        var isShared: Bool { unlocked == nil }

        /// A file that was moved aside is no journal any more; what was read without locks must be what still stands there.
        func isUsable(_ files: Files) -> Bool {
            files.database?.isSameFile(as: file) == true && (unlocked == nil ? files.log != nil : unlocked == files)
        }
    }

    private struct Files: Hashable, Sendable {
        let database: FileFingerprint?
        let log: FileFingerprint?
    }

    init(_ place: JournalPlace) { self.place = place }

    func read<Value>(_ operation: String, _ body: (Database) throws -> Value) throws(JournalError) -> Value {
        var failure = JournalError.busy(path: place.database)
        for _ in 0..<20 {
            let before = files()
            do throws(JournalError) {
                let connection = try usableConnection(before)
                let value = try JournalError.describing(operation, place.database) { try connection.queue.read(body) }
                if connection.unlocked == nil || connection.unlocked == files() { return value }
            } catch {
                failure = error
                guard error.mayPass else { throw error }
                // A change while reading without locks looks like damage; only files that stood still prove it.
                if current.withLock({ $0?.isShared }) == true { try replaceByCopy() } else if before == files() { throw error }
            }
        }
        throw failure
    }

    private func files() -> Files { Files(database: place.fingerprint(), log: place.fingerprint("-wal")) }

    private func usableConnection(_ files: Files) throws(JournalError) -> Connection {
        let kept = current.withLock { $0 }
        if let kept, kept.isUsable(files) { return kept }
        let opened = try open(files)
        current.withLock { $0 = opened }
        return opened
    }

    private func open(_ files: Files) throws(JournalError) -> Connection {
        guard let database = try Journal.plainFile(place) else { throw .missing(path: place.database) }
        // A writer that died between a log's header and its first frame leaves a log that SQLite cannot read without writing.
        let hasLog = (files.log?.size ?? 0) > Self.logHeader
        if hasLog, place.fingerprint("-shm") != nil, let queue = try connect("readonly_shm=1") {
            return Connection(queue: queue, file: database, unlocked: nil)
        }
        if !hasLog, let queue = try connect("immutable=1") {
            return Connection(queue: queue, file: database, unlocked: files)
        }
        return Connection(queue: try copy(), file: database, unlocked: files)
    }

    /// Bytes, by SQLite's file format.
    private static let logHeader: Int64 = 32

    private func replaceByCopy() throws(JournalError) {
        let files = files()
        guard let database = files.database else { throw .missing(path: place.database) }
        let copied = Connection(queue: try copy(), file: database, unlocked: files)
        current.withLock { $0 = copied }
    }

    /// Nil when SQLite cannot open the file this way.
    private func connect(_ parameter: String) throws(JournalError) -> DatabaseQueue? {
        var configuration = Configuration()
        configuration.readonly = true
        configuration.busyMode = .timeout(10)
        do {
            return try DatabaseQueue(path: "file://\(Self.percentEncoded(place.database))?\(parameter)", configuration: configuration)
        } catch let error as DatabaseError {
            if [.SQLITE_CORRUPT, .SQLITE_NOTADB].contains(error.resultCode) { throw JournalError(error, "open", place.database) }
            // Among these is what a SQLite built without URI names answers.
            return nil
        } catch {
            throw JournalError.io(operation: "open", path: place.database, reason: "\(error)")
        }
    }

    private static func percentEncoded(_ path: String) -> String {
        path.utf8.reduce(into: "") { text, byte in
            let isPlain = (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte & 0xDF) || [0x2F, 0x2E, 0x2D, 0x5F].contains(byte)
            text += isPlain ? String(UnicodeScalar(byte)) : "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }
    }

    /// A copy in a private folder that is gone from the disk as soon as it is open.
    private func copy() throws(JournalError) -> DatabaseQueue {
        var template = Array("/tmp/czar-journal-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw JournalError(errno: errno, "create a folder in", "/tmp") }
        let path = template.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
        defer {
            for name in ["", "-wal", "-shm"] { unlink(path + "/" + JournalPlace.databaseName + name) }
            rmdir(path)
        }
        try JournalError.onFiles { () throws(FileError) in
            let source = try place.openFolder(making: false)
            let target = try Folder(opening: path, following: false)
            for name in [JournalPlace.databaseName, JournalPlace.databaseName + "-wal"] where source.kind(of: name) != nil {
                try Self.copy(name, from: source, to: target)
            }
        }
        return try JournalError.describing("open a copy of", place.database) {
            let queue = try DatabaseQueue(path: path + "/" + JournalPlace.databaseName)
            // Opens log and shared memory while their names still stand.
            try queue.read { _ = try Int.fetchOne($0, sql: "SELECT count(*) FROM sqlite_master") }
            return queue
        }
    }

    private static func copy(_ name: String, from source: borrowing Folder, to target: borrowing Folder) throws(FileError) {
        let input = try source.file(name, O_RDONLY)
        let output = try target.file(name, O_WRONLY | O_CREAT | O_EXCL)
        var offset: Int64 = 0
        while true {
            let bytes = try input.read(1 << 20, at: offset)
            if bytes.isEmpty { return }
            try output.write(bytes, at: offset)
            offset += Int64(bytes.count)
        }
    }
}

extension JournalError {
    /// Whether reading again, or another way, may succeed.
    fileprivate var mayPass: Bool {
        switch self {
        case .busy, .damaged, .denied, .io, .missing: true
        case .notAvailable, .copied, .newerFormat, .foreign, .full, .unsafe, .unreadable: false
        }
    }
}
