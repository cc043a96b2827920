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
                var failure: JournalError?
                for mirror in MirrorFile.all {
                    do throws(JournalError) { try update(mirror, in: planFolder) } catch { failure = error }
                }
                return failure
            }
        } catch {
            return error
        }
    }

    private func update(_ mirror: MirrorFile, in planFolder: String) throws(JournalError) {
        let folder = try openMirrorFolder(planFolder, mirror.folder)
        let recorded = try read("read") { try MirrorMark(mirror.name, $0) }
        let file = try openMirror(mirror.file, in: folder, recorded)
        let found = FileFingerprint(try file.status())
        var mark = MirrorMark(sequence: 0, length: 0, found)
        if let recorded, recorded.fits(found) { mark = recorded } else { try record(mirror, mark) }
        if found.size != mark.length { try file.truncate(to: mark.length) }
        try append(to: file, mirror, &mark)
    }

    private func append(to file: borrowing OwnFile, _ mirror: MirrorFile, _ mark: inout MirrorMark) throws(JournalError) {
        let start = mark
        while true {
            let entries = try entries(after: mark.sequence, limit: 2000)
            guard let last = entries.last else { break }
            var bytes: [UInt8] = []
            for entry in entries { mirror.append(entry, to: &bytes) }
            try file.write(bytes, at: mark.length)
            mark.length += Int64(bytes.count)
            mark.sequence = last.sequence
        }
        if mark != start { try record(mirror, mark) }
    }

    private func record(_ mirror: MirrorFile, _ mark: MirrorMark) throws(JournalError) {
        try writingCarelessly("write") { try mark.write(mirror.name, $0) }
    }

    private func openMirrorFolder(_ planFolder: String, _ name: String?) throws(JournalError) -> OwnFile {
        if mkdir(planFolder, place.folderMode) != 0, errno != EEXIST { throw JournalError(errno: errno, "create", planFolder) }
        let folder = try OwnFile.folder(planFolder)
        guard let name else { return folder }
        return try folder.folder(name, making: place.folderMode)
    }

    /// Opens or makes the file; one that is not ours but holds something is first renamed to `<name>.found-<milliseconds>`.
    private func openMirror(_ name: String, in folder: borrowing OwnFile, _ mark: MirrorMark?) throws(JournalError) -> OwnFile {
        if folder.holds(name) {
            let file = try folder.file(name, O_RDWR, mode: place.fileMode)
            let found = FileFingerprint(try file.status())
            if found.size == 0 || mark?.isOf(found) == true { return file }
            try folder.rename(name, to: "\(name).found-\(Timestamp.wallClock.milliseconds)")
        }
        return try folder.file(name, O_RDWR | O_CREAT | O_EXCL, mode: place.fileMode)
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

    init?(_ name: String, _ database: Database) throws {
        let sql = "SELECT sequence, length, device, inode FROM mirrors WHERE name = ?"
        guard let row = try Row.fetchOne(database, sql: sql, arguments: [name]) else { return nil }
        (sequence, length, device, inode) = (row[0], row[1], row[2], row[3])
    }

    func write(_ name: String, _ database: Database) throws {
        try database.execute(
            sql: "INSERT OR REPLACE INTO mirrors (name, sequence, length, device, inode) VALUES (?, ?, ?, ?, ?)",
            arguments: [name, sequence, length, device, inode])
    }

    func isOf(_ file: FileFingerprint) -> Bool { device == String(file.device) && inode == String(file.inode) }

    /// Whether the file is the recorded one and holds at least what was recorded.
    func fits(_ file: FileFingerprint) -> Bool { isOf(file) && file.size >= length }
}
