import CzarGit
import CzarPlanning
import GRDB
import Glibc

/// What a rebuild found.
package struct Rebuilt: Sendable {
    package let journal: Journal
    /// Entries that were read from the mirror, with the sequence numbers they had.
    package let entries: Int
    /// Lines of the mirror that are no entries, by number; the mirror itself is kept beside the new one.
    package let badLines: [Int]
    /// Where the damaged database is now; nil when there was none any more.
    package let aside: String?
}

extension Journal {
    /// Replaces a damaged or lost journal by one that is made from a JSON mirror (by default the place's own), as far as that goes. Its first
    /// new entry, JOURNAL_REBUILT, says so.
    ///
    /// The new database is complete before the damaged one is moved, with its log and shared memory, to `journal.sqlite.damaged-<milliseconds>`:
    /// cut off at any step, there is the damaged journal or the new one, or none beside the damaged one, which counts as damaged. Nothing is
    /// deleted.
    ///
    /// Throws ``JournalError/io(operation:path:reason:)`` when there is a whole journal.
    ///
    /// - Complexity: linear in the mirror's size.
    package static func rebuild(_ place: JournalPlace, fromMirror mirror: String? = nil) throws(JournalError) -> Rebuilt {
        let (found, aside) = try place.withLock("open.lock") { () throws(JournalError) in
            guard try !isWhole(place) else {
                throw JournalError.io(operation: "rebuild", path: place.database, reason: "it is a whole journal")
            }
            let found = try MirrorReader.read(mirror ?? place.jsonMirror)
            try build(found, place)
            let aside = try setAsideDamaged(place)
            try JournalError.onFiles { () throws(FileError) in
                let folder = try place.openFolder(making: false)
                try folder.rename(rebuiltName, toFree: JournalPlace.databaseName)
                try folder.flush()
            }
            return (found, aside)
        }
        let journal = try openForWriting(place)
        _ = journal.updateMirrors()
        return Rebuilt(journal: journal, entries: found.entries.count, badLines: found.badLines, aside: aside)
    }

    /// Somebody else may have rebuilt it meanwhile.
    private static func isWhole(_ place: JournalPlace) throws(JournalError) -> Bool {
        do throws(JournalError) {
            guard let journal = try open(place, mode: .readOnly) else { return false }
            return try journal.damage() == nil
        } catch {
            guard case .damaged = error else { throw error }
            return false
        }
    }

    private static let rebuiltName = JournalPlace.databaseName + ".rebuilt"

    /// Makes the whole database beside the damaged one. What another process that was killed had made of it goes first.
    private static func build(_ found: MirrorReader.Found, _ place: JournalPlace) throws(JournalError) {
        let identity = try JournalIdentity(of: place.commonDirectory)
        try JournalError.onFiles { () throws(FileError) in
            let folder = try place.openFolder(making: true)
            for suffix in suffixes { try folder.removeFile(rebuiltName + suffix) }
            try place.file(rebuiltName, O_RDWR | O_CREAT | O_EXCL, in: folder).flush()
        }
        let path = place.folder + "/" + rebuiltName
        try JournalError.describing("rebuild", path) {
            let queue = try openQueue(path)
            try queue.writeWithoutTransaction { database in
                try JournalSchema.setUp(database) { database in
                    try identity.write(database)
                    for entry in found.entries { try EntryRow.insert(entry.event, sequence: entry.sequence, into: database) }
                    try EntryRow.insert(rebuilt(found, identity), into: database)
                }
            }
            // Copies the log into the database and removes it: without it the database is renamed alone.
            try queue.close()
            if FileKind(at: path + "-wal") != nil {
                throw JournalError.io(operation: "rebuild", path: path, reason: "its log could not be copied into it")
            }
        }
    }

    private static let suffixes = ["", "-wal", "-shm"]

    /// Moves a damaged database, its log and shared memory aside; answers that path, nil when there was none. To be called under `open.lock`.
    static func setAsideDamaged(_ place: JournalPlace) throws(JournalError) -> String? {
        try JournalError.onFiles { () throws(FileError) in
            let folder = try place.openFolder(making: false)
            let aside = JournalPlace.asideName()
            let isThere = folder.kind(of: JournalPlace.databaseName) != nil
            // The database first: without its log it would look whole and lack the newest entries.
            for suffix in suffixes where folder.kind(of: JournalPlace.databaseName + suffix) != nil {
                try folder.rename(JournalPlace.databaseName + suffix, to: aside + suffix, in: folder)
            }
            try folder.flush()
            return isThere ? folder.path + "/" + aside : nil
        }
    }

    private static func rebuilt(_ found: MirrorReader.Found, _ identity: JournalIdentity) -> Event {
        var fields = identity.fields
        fields["entries"] = String(found.entries.count)
        fields["bad_lines"] = String(found.badLines.count)
        return Event(time: currentTime(), phase: .first, worker: nil, type: .journalRebuilt, fields: fields, actor: "journal")
    }
}

/// Reads a JSON mirror as the entries it names.
enum MirrorReader {
    struct Found {
        var entries: [JournalEntry] = []
        var badLines: [Int] = []
    }

    /// Nothing is found where there is no file. Sequence numbers must grow; what does not fit counts as a bad line.
    static func read(_ path: String?) throws(JournalError) -> Found {
        var found = Found()
        guard let path, FileFingerprint(path) != nil else { return found }
        let (folder, name) = splitPath(path)
        let bytes = try JournalError.onFiles { () throws(FileError) in try Folder(opening: folder, following: false).read(name) ?? [] }
        for (index, line) in bytes.split(separator: 0x0A, omittingEmptySubsequences: false).enumerated() where !line.isEmpty {
            if let entry = entry(line), entry.sequence > found.entries.last?.sequence ?? 0 {
                found.entries.append(entry)
            } else {
                found.badLines.append(index + 1)
            }
        }
        return found
    }

    private static func entry(_ bytes: ArraySlice<UInt8>) -> JournalEntry? {
        let line: EventLine
        do throws(EventRefusal) { line = try EventAdmission.line(bytes) } catch { return nil }
        guard let sequence = line.sequence, let time = line.time, let phase = line.phase, let actor = line.actor else { return nil }
        var worker: WorkerID?
        if case .worker(let id) = line.subject { worker = id }
        return JournalEntry(
            sequence: sequence,
            event: Event(time: time, phase: phase, worker: worker, type: line.type, fields: line.fields, actor: actor))
    }
}
