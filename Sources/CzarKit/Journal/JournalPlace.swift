import CzarGit
import CzarPlanning
import Glibc

/// Where a repository's journal and its mirrors lie.
package struct JournalPlace: Hashable, Sendable {
    /// The repository's common dir, absolute, symlinks resolved.
    package let commonDirectory: String
    /// The folder of the plan (`.czarina`, or `<common dir>/czarina` in a bare repository); nil keeps no mirrors.
    package let planFolder: String?
    /// Who may open the journal.
    package let ownFiles: OwnFiles

    /// Throws ``JournalError/io(operation:path:reason:)`` when the common dir does not exist.
    package init(commonDirectory: String, planFolder: String?, ownFiles: OwnFiles = .unshared) throws(JournalError) {
        guard let resolved = realpath(commonDirectory, nil) else { throw JournalError(errno: errno, "open", commonDirectory) }
        defer { free(resolved) }
        self.commonDirectory = String(cString: resolved)
        (self.planFolder, self.ownFiles) = (planFolder, ownFiles)
    }

    package var folder: String { commonDirectory + "/czar" }
    package var database: String { folder + "/" + Self.databaseName }
    package var jsonMirror: String? { planFolder.map { $0 + "/logs/events.jsonl" } }
    /// Both.
    var mirrors: [String] {
        guard let planFolder else { return [] }
        return MirrorFile.all.map { ([planFolder] + [$0.folder, $0.file].compactMap { $0 }).joined(separator: "/") }
    }

    static let databaseName = "journal.sqlite"

    /// Opens `<common dir>/czar`, making it first when `making`.
    func openFolder(making: Bool) throws(FileError) -> Folder {
        try subfolder("czar", of: Folder(opening: commonDirectory, following: false), making: making)
    }

    /// Opens a folder inside another one, making it durably first when `making`.
    func subfolder(_ name: String, of folder: borrowing Folder, making: Bool = true) throws(FileError) -> Folder {
        try folder.subfolder(name, creating: making ? ownFiles.folder : nil, durable: true)
    }

    /// Opens or makes a plain file with the journal's mode.
    func file(_ name: String, _ flags: CInt, in folder: borrowing Folder) throws(FileError) -> OpenFile {
        try folder.file(name, flags, mode: ownFiles.file)
    }

    /// Runs `body` while holding one of the locks in `<common dir>/czar/locks`.
    func withLock<Value>(
        _ name: String, limit: Duration = .seconds(10), _ body: () throws(JournalError) -> Value
    ) throws(JournalError) -> Value {
        let lock = try JournalError.onFiles { () throws(FileError) in
            let locks = try subfolder("locks", of: openFolder(making: true))
            return try FileLock(name, in: locks, mode: ownFiles.file, timeout: limit)
        }
        defer { lock.hold() }
        return try body()
    }

    /// Size, identity and time of last change of a file beside the database; nil when there is none.
    func fingerprint(_ suffix: String = "") -> FileFingerprint? { FileFingerprint(database + suffix) }

    /// Refuses file systems that do not keep SQLite's locks and shared memory.
    func checkFileSystem() throws(JournalError) {
        let found = try JournalError.onFiles { () throws(FileError) in try networkFileSystem(holding: commonDirectory) }
        guard let type = found else { return }
        throw .notAvailable(path: commonDirectory, fileSystem: type)
    }
}

/// Tells whether a file is still the one that was looked at before.
struct FileFingerprint: Hashable, Sendable {
    let device: UInt64
    let inode: UInt64
    let size: Int64
    let seconds: Int
    let nanoseconds: Int

    init?(_ path: String) {
        var status = stat()
        guard lstat(path, &status) == 0 else { return nil }
        self.init(status)
    }

    init(_ status: stat) {
        (device, inode, size) = (UInt64(status.st_dev), UInt64(status.st_ino), Int64(status.st_size))
        (seconds, nanoseconds) = (status.st_mtim.tv_sec, status.st_mtim.tv_nsec)
    }

    func isSameFile(as other: FileFingerprint) -> Bool { device == other.device && inode == other.inode }
}
