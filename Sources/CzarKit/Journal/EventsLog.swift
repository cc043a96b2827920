import CzarGit
import CzarPlanning
import GRDB
import Glibc

/// The lines that an agent appends to `<worktree>/.czar/events.log`, taken into the journal once and in order.
///
/// How far the file was read stands in the database and moves in the transaction that appends the entries, so a crash doubles nothing.
/// The file's inode and a checksum of the bytes before that point tell a file that was cut or made anew: it is read from its start.
package enum EventsLog {
    /// Bytes that are read at a time; a line that is longer is set aside.
    static let chunk = 1024 * 1024

    /// Takes in all whole lines. Lines that are no events, or may not come from this worker, go to `<worktree>/.czar/events.bad`
    /// with their number. A last line without its newline waits.
    package static func take(
        into journal: Journal, worktree: String, worker: WorkerKey, now: Timestamp? = nil
    ) throws(JournalError) -> Intake {
        try take(into: journal, worktree: worktree, worker: worker, now: now, following: nil)
    }

    /// With what follows from each event.
    static func take(
        into journal: Journal, worktree: String, worker: WorkerKey, now: Timestamp? = nil, following: Consequences?
    ) throws(JournalError) -> Intake {
        var intake = Intake()
        guard let folder = try existingFolder(worktree) else { return intake }
        guard folder.kind(of: "events.log") != nil else {
            try forget(worker, in: journal)
            return intake
        }
        let file = try JournalError.onFiles { () throws(FileError) in try folder.file("events.log", O_RDONLY) }
        let source = IntakeSource(worker: worker, actor: "events-log", now: now ?? currentTime())
        // One reader at a time, so that bad lines are set aside once.
        try journal.place.withLock("intake.lock") { () throws(JournalError) in
            while try takeChunk(of: file, in: folder, source, journal, following, &intake) {}
        }
        return intake
    }

    private static func existingFolder(_ worktree: String) throws(JournalError) -> Folder? {
        try JournalError.onFiles { () throws(FileError) in
            let root = try Folder(opening: worktree)
            return root.kind(of: ".czar") == nil ? nil : try root.subfolder(".czar")
        }
    }

    /// Forgets how far a worker's log was read: to be called when its worktree is removed, so that the next one's log starts anew.
    package static func forget(_ worker: WorkerKey, in journal: Journal) throws(JournalError) {
        let name = name(of: worker)
        guard try journal.read("read", { try EventsLogMark(name, $0) }) != nil else { return }
        try journal.writing("write") { try $0.execute(sql: "DELETE FROM intakes WHERE source = ?", arguments: [name]) }
    }

    /// Whether one of these worktrees has a log that was not read to its end.
    static func holdsAny(_ worktrees: [String], _ journal: Journal) throws(JournalError) -> Bool {
        let logs = worktrees.compactMap { worktree -> stat? in
            var status = stat()
            guard lstat(worktree + "/" + WorkerFiles.events, &status) == 0, status.st_size > 0 else { return nil }
            return status
        }
        if logs.isEmpty { return false }
        let read = try journal.read("read") { try EventsLogMark.ends($0) }
        return !logs.allSatisfy { read.contains("\($0.st_ino) \($0.st_size)") }
    }

    private static func name(of worker: WorkerKey) -> String { "events-log:\(worker.phase)/\(worker.id)" }

    /// False at the end of what can be read.
    private static func takeChunk(
        of file: borrowing OpenFile, in folder: borrowing Folder, _ source: IntakeSource, _ journal: Journal, _ following: Consequences?,
        _ intake: inout Intake
    ) throws(JournalError) -> Bool {
        let name = name(of: source.worker)
        let recorded = try journal.read("read") { try EventsLogMark(name, $0) }
        var start = EventsLogMark()
        if let recorded, try recorded.fits(file) { start = recorded }
        let bytes = try JournalError.onFiles { () throws(FileError) in try file.read(chunk, at: start.offset) }
        var reader = LineReader(start, source)
        reader.read(bytes)
        guard reader.mark.offset > start.offset else { return false }
        reader.mark.tail = try EventsLogMark.tail(of: file, before: reader.mark.offset)
        try setAside(reader.refused, in: folder)
        let (mark, events) = (reader.mark, reader.events)
        let entries = try journal.writing("append to") { database -> [JournalEntry] in
            try mark.write(name, database)
            guard let following else { return try events.map { try EntryRow.insert($0, into: database) } }
            try following.catchUp(database)
            return try events.flatMap { event in
                try following.append(event, database) { try EntryRow.insert(event, into: database) }
            }
        }
        let appended = journal.mirrored(entries)
        intake.entries += appended.entries
        intake.refused += reader.refused
        intake.mirrorProblem = appended.mirrorProblem ?? intake.mirrorProblem
        return true
    }

    private static func setAside(_ refused: [Intake.Refused], in folder: borrowing Folder) throws(JournalError) {
        if refused.isEmpty { return }
        let lines = Array(refused.map { "\($0.what): \($0.reason)\n" }.joined().utf8)
        try JournalError.onFiles { () throws(FileError) in try folder.append(lines, to: "events.bad") }
    }
}

/// Takes a chunk apart into events and bad lines.
private struct LineReader {
    var mark: EventsLogMark
    var events: [Event] = []
    var refused: [Intake.Refused] = []
    private let source: IntakeSource

    init(_ mark: EventsLogMark, _ source: IntakeSource) { (self.mark, self.source) = (mark, source) }

    mutating func read(_ bytes: [UInt8]) {
        var rest = bytes[...]
        while let end = rest.firstIndex(of: 0x0A) {
            take(rest[..<end])
            mark.offset += Int64(end + 1 - rest.startIndex)
            rest = rest[(end + 1)...]
        }
        // A chunk without any newline: too long a line, whose end is looked for in the next chunks.
        if rest.count == EventsLog.chunk {
            if !mark.isSkipping { refuse("it is longer than \(EventsLog.chunk) bytes", rest) }
            mark.isSkipping = true
            mark.offset += Int64(rest.count)
        }
    }

    private mutating func take(_ line: ArraySlice<UInt8>) {
        mark.line += 1
        if mark.isSkipping {
            mark.isSkipping = false
            return
        }
        if line.allSatisfy({ $0 == 0x20 || (0x09...0x0D).contains($0) }) { return }
        do throws(EventRefusal) {
            events.append(try EventAdmission.event(try EventAdmission.line(line), from: source, written: source.now))
        } catch {
            mark.line -= 1
            refuse(error.description, line)
            mark.line += 1
        }
    }

    private mutating func refuse(_ reason: String, _ line: ArraySlice<UInt8>) {
        let shown = JSONText.quoted(String(decoding: line.prefix(1000), as: UTF8.self))
        refused.append(Intake.Refused(what: "line \(mark.line + 1)", reason: reason + ": " + shown))
    }
}

/// How far a file was taken in.
private struct EventsLogMark {
    var offset: Int64 = 0
    /// Whole lines before the offset.
    var line: Int64 = 0
    /// The file's inode and a checksum of the bytes just before the offset.
    var tail = ""
    /// Whether the offset lies inside a line that is too long.
    var isSkipping = false

    init() {}

    init?(_ name: String, _ database: Database) throws {
        let sql = "SELECT offset, line, tail, skipping FROM intakes WHERE source = ?"
        guard let row = try Row.fetchOne(database, sql: sql, arguments: [name]) else { return nil }
        (offset, line, tail, isSkipping) = (row[0], row[1], row[2], row[3])
    }

    /// Inode and offset of every log.
    static func ends(_ database: Database) throws -> Set<String> {
        let marks = try Row.fetchAll(database, sql: "SELECT offset, tail FROM intakes")
        return Set(
            marks.map { row in
                let (offset, tail): (Int64, String) = (row[0], row[1])
                return "\(tail.prefix { $0 != " " }) \(offset)"
            })
    }

    func write(_ name: String, _ database: Database) throws {
        try database.execute(
            sql: "INSERT OR REPLACE INTO intakes (source, offset, line, tail, skipping) VALUES (?, ?, ?, ?, ?)",
            arguments: [name, offset, line, tail, isSkipping])
    }

    /// Whether the file still holds what was read of it.
    func fits(_ file: borrowing OpenFile) throws(JournalError) -> Bool {
        let size = try JournalError.onFiles { () throws(FileError) in try file.status().st_size }
        guard size >= offset else { return false }
        return try Self.tail(of: file, before: offset) == tail
    }

    /// FNV-1a of up to 4 KiB before an offset: it need only notice change, not withstand forgery.
    static func tail(of file: borrowing OpenFile, before offset: Int64) throws(JournalError) -> String {
        let length = min(offset, 4096)
        return try JournalError.onFiles { () throws(FileError) in
            var hash: UInt64 = 0xCBF2_9CE4_8422_2325
            for byte in try file.read(Int(length), at: offset - length) { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
            return "\(try file.status().st_ino) \(String(hash, radix: 16))"
        }
    }
}
