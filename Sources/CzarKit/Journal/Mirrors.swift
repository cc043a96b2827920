import CzarGit
import CzarPlanning
import GRDB
import Glibc

/// The text and JSON mirrors: append-only files made for `tail -f`, never read back except to rebuild a damaged journal.
///
/// The database keeps how far each file goes (sequence, length, device, inode). What lies beyond that is a torn or foreign tail and is cut;
/// a file that is shorter is written anew; a file that is not the one recorded is kept under another name, since it may be somebody's.
extension Journal {
    /// Brings both mirrors up to date. Returns why that failed.
    package func updateMirrors() -> JournalError? {
        guard let planFolder = place.planFolder else { return nil }
        do throws(JournalError) {
            return try place.withLock("mirror.lock", limit: .seconds(5)) { () throws(JournalError) in
                let recorded = try read("read") { try MirrorMark.all($0) }
                var marks = recorded
                var failure: JournalError?
                for mirror in MirrorFile.all {
                    do throws(JournalError) {
                        marks[mirror.name] = try update(mirror, in: planFolder, recorded[mirror.name])
                    } catch {
                        failure = error
                    }
                }
                // One that was written anew was recorded as empty meanwhile.
                if try marks != (read("read") { try MirrorMark.all($0) }) { try record(marks) }
                return failure
            }
        } catch {
            return error
        }
    }

    /// Whether a mirror lacks entries.
    package func isMirrorBehind() throws(JournalError) -> Bool {
        let marks = try read("read") { try MirrorMark.all($0) }
        let last = try lastSequence()
        return MirrorFile.all.contains { marks[$0.name]?.sequence ?? 0 < last }
    }

    /// Returns how far the file goes now.
    private func update(_ mirror: MirrorFile, in planFolder: String, _ recorded: MirrorMark?) throws(JournalError) -> MirrorMark {
        let file = try JournalError.onFiles { () throws(FileError) in
            try openMirror(mirror.file, in: openMirrorFolder(planFolder, mirror.folder), recorded)
        }
        let (found, kept) = try JournalError.onFiles { () throws(FileError) in
            let found = FileFingerprint(try file.status())
            let fits = try recorded?.fits(found, file) ?? false
            if fits, let recorded, found.size > recorded.length { try file.truncate(to: recorded.length) }
            return (found, fits ? recorded : nil)
        }
        if let kept { return try append(to: file, mirror, from: kept) }
        let start = MirrorMark(sequence: 0, length: 0, found)
        // Before the first byte: a crash while the file is written anew must not leave a mark that part of it seems to fit.
        try record([mirror.name: start])
        try JournalError.onFiles { () throws(FileError) in try file.truncate(to: 0) }
        return try append(to: file, mirror, from: start)
    }

    private func append(to file: borrowing OpenFile, _ mirror: MirrorFile, from start: MirrorMark) throws(JournalError) -> MirrorMark {
        var mark = start
        while true {
            let entries = try entries(after: mark.sequence, limit: 2000)
            guard let last = entries.last else { return mark }
            var bytes: [UInt8] = []
            for entry in entries { mirror.append(entry, to: &bytes) }
            let content = bytes
            try JournalError.onFiles { () throws(FileError) in try file.write(content, at: mark.length) }
            mark.length += Int64(bytes.count)
            mark.sequence = last.sequence
        }
    }

    private func record(_ marks: [String: MirrorMark]) throws(JournalError) {
        try writingCarelessly("write") { database in
            for (name, mark) in marks { try mark.write(name, database) }
        }
    }

    private func openMirrorFolder(_ planFolder: String, _ name: String?) throws(FileError) -> Folder {
        let (parent, own) = splitPath(planFolder)
        let folder = try Folder(opening: parent).subfolder(own, creating: place.ownFiles.folder)
        guard let name else { return folder }
        return try place.subfolder(name, of: folder)
    }

    /// Opens or makes the file; one that is not ours but holds something is first moved to `logs/<name>.found-<milliseconds>`, which is
    /// where Git does not look.
    private func openMirror(_ name: String, in folder: borrowing Folder, _ mark: MirrorMark?) throws(FileError) -> OpenFile {
        if folder.kind(of: name) != nil {
            let file = try place.file(name, O_RDWR, in: folder)
            let found = FileFingerprint(try file.status())
            if found.size == 0 || mark?.isOf(found) == true { return file }
            let kept = "\(name).found-\(currentTime().milliseconds)"
            if let planFolder = place.planFolder {
                let logs = try openMirrorFolder(planFolder, "logs")
                try folder.rename(name, to: kept, in: logs)
            } else {
                try folder.rename(name, to: kept, in: folder)
            }
        }
        return try place.file(name, O_RDWR | O_CREAT | O_EXCL, in: folder)
    }
}

struct MirrorFile: Sendable {
    let name: String
    let folder: String?
    let file: String
    private let form: @Sendable (EventLine, inout [UInt8]) -> Void

    static let all = [
        MirrorFile(name: "text", folder: nil, file: "events.log") { $0.appendText(to: &$1) },
        MirrorFile(name: "json", folder: "logs", file: "events.jsonl") { $0.appendJSON(to: &$1) },
    ]

    func append(_ entry: JournalEntry, to bytes: inout [UInt8]) {
        form(EventLine(entry), &bytes)
        bytes.append(0x0A)
    }
}

/// How far a mirror goes, as the database knows it.
struct MirrorMark: Hashable, Sendable {
    var sequence: Int64
    var length: Int64
    let device: String
    let inode: String

    init(sequence: Int64, length: Int64, _ file: FileFingerprint) {
        (self.sequence, self.length, device, inode) = (sequence, length, String(file.device), String(file.inode))
    }

    /// By the mirrors' names.
    static func all(_ database: Database) throws -> [String: MirrorMark] {
        let cursor = try Row.fetchCursor(database, sql: "SELECT name, sequence, length, device, inode FROM mirrors")
        var marks: [String: MirrorMark] = [:]
        while let row = try cursor.next() {
            marks[row[0]] = MirrorMark(sequence: row[1], length: row[2], device: row[3], inode: row[4])
        }
        return marks
    }

    private init(sequence: Int64, length: Int64, device: String, inode: String) {
        (self.sequence, self.length, self.device, self.inode) = (sequence, length, device, inode)
    }

    func write(_ name: String, _ database: Database) throws {
        try database.execute(
            sql: "INSERT OR REPLACE INTO mirrors (name, sequence, length, device, inode) VALUES (?, ?, ?, ?, ?)",
            arguments: [name, sequence, length, device, inode])
    }

    func isOf(_ file: FileFingerprint) -> Bool { device == String(file.device) && inode == String(file.inode) }

    /// Whether the file is the recorded one and holds what was recorded. After a power failure a file may have its length
    /// without its bytes, so the last one is looked at.
    func fits(_ found: FileFingerprint, _ file: borrowing OpenFile) throws(FileError) -> Bool {
        guard isOf(found), found.size >= length else { return false }
        if length == 0 { return true }
        return try file.read(1, at: length - 1) == [0x0A]
    }
}
