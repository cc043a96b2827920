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
}

extension Journal {
    /// Moves a damaged database, its log and shared memory aside as `journal.sqlite.damaged-<milliseconds>`; answers that path.
    ///
    /// Call it only after ``JournalError/damaged(path:reason:)``. Nothing is deleted.
    package static func setAsideDamaged(_ place: JournalPlace) throws(JournalError) -> String {
        try place.withLock("open.lock") { () throws(JournalError) in
            try JournalError.onFiles { () throws(FileError) in
                let folder = try place.openFolder(making: false)
                let aside = "\(JournalPlace.databaseName).damaged-\(currentTime().milliseconds)"
                // The database first: without its log it would look whole and lack the newest entries.
                for suffix in ["", "-wal", "-shm"] where folder.kind(of: JournalPlace.databaseName + suffix) != nil {
                    try folder.rename(JournalPlace.databaseName + suffix, to: aside + suffix, in: folder)
                }
                try folder.flush()
                return folder.path + "/" + aside
            }
        }
    }

    /// Starts a new journal from a JSON mirror (by default the place's own), as far as that goes. Its first new entry, JOURNAL_REBUILT, says so.
    ///
    /// Throws ``JournalError/io(operation:path:reason:)`` when there is a journal with entries already.
    ///
    /// - Complexity: linear in the mirror's size.
    package static func rebuild(_ place: JournalPlace, fromMirror mirror: String? = nil) throws(JournalError) -> Rebuilt {
        let found = try MirrorReader.read(mirror ?? place.jsonMirror)
        let identity = try JournalIdentity(of: place.commonDirectory)
        let journal = try place.withLock("open.lock") { () throws(JournalError) in
            let journal = try makeFileAndConnect(place)
            try journal.connection("rebuild") { database in
                guard try JournalSchema.format(of: database, path: place.database) == .empty else {
                    throw JournalError.io(operation: "rebuild", path: place.database, reason: "it holds a journal already")
                }
                try JournalSchema.setUp(database) { database in
                    try identity.write(database)
                    for entry in found.entries { try EntryRow.insert(entry.event, sequence: entry.sequence, into: database) }
                    try EntryRow.insert(rebuilt(found, identity), into: database)
                }
            }
            return journal
        }
        _ = journal.updateMirrors()
        return Rebuilt(journal: journal, entries: found.entries.count, badLines: found.badLines)
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
