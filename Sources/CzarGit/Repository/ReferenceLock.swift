import Glibc
import SystemPackage

/// git's own lock on a reference (or on `packed-refs`, or an index): the file `<name>.lock`, which holds what the file becomes.
///
/// A killed process leaves such a file, and git and Czar alike would fail on it for ever, for nobody can say whose it is. So the lock is
/// a hard link to a file in this process's folder below `czar/staging`: one inode under two names proves whose it was, and the record
/// beside it whether that process still lives.
struct ReferenceLock: ~Copyable {
    private static let contentName = "lock"

    private let staging: Staging
    private let folder: Folder
    private let name: String

    /// Takes the lock on `path` in the common directory, or returns nil while another process holds it.
    ///
    /// What dead processes of Czar's left on this path is removed first. On a file system without hard links the lock is an ordinary one.
    static func take(_ path: String, content: [UInt8], below commonDirectory: String, _ own: OwnFiles) throws(FileError) -> ReferenceLock? {
        let common = try Folder(opening: commonDirectory)
        let record = StagingRecord(
            owner: try .current(), kind: .lock, root: commonDirectory, path: path + ".lock", name: "lock", commit: .zero, extras: [])
        let (parent, name) = path.contains("/") ? splitPath(path) : ("", path)
        let staging = try Staging.make(record, below: common, own)
        do throws(FileError) {
            try staging.own.create(contentName, content)
            let folder = try common.subfolder(parent, creating: 0o777)
            var isTaken = try link(staging, name, in: folder, content)
            if !isTaken, try removeDead(path + ".lock", below: common) { isTaken = try link(staging, name, in: folder, content) }
            if isTaken { return ReferenceLock(staging: staging, folder: folder, name: name) }
        } catch {
            try staging.all.removeTree(staging.id)
            throw error
        }
        try staging.all.removeTree(staging.id)
        return nil
    }

    private init(staging: consuming Staging, folder: consuming Folder, name: String) {
        self.staging = staging
        self.folder = folder
        self.name = name
    }

    private static func link(
        _ staging: borrowing Staging, _ name: String, in folder: borrowing Folder, _ content: [UInt8]
    ) throws(FileError) -> Bool {
        if linkat(staging.own.descriptor, contentName, folder.descriptor, name + ".lock", 0) == 0 { return true }
        switch Glibc.errno {
        // A folder that somebody found empty and removed is made again by the next attempt.
        case EEXIST, ENOENT: return false
        case EPERM, EXDEV, EOPNOTSUPP, EMLINK, ENOSYS: break
        default: throw FileError("lock", folder.join(name))
        }
        do throws(FileError) { try folder.create(name + ".lock", content) } catch {
            if error.errno == .fileExists { return false }
            throw error
        }
        return true
    }

    /// A folder of this lock's own, which goes with it.
    func ownFolder() throws(FileError) -> Folder { try staging.all.subfolder(staging.id) }

    private static let promiseName = "moves-with"

    /// Notes that the lock's content becomes the file's as soon as a reference names that commit: should this process die in between,
    /// ``forget(_:_:in:)`` finishes it.
    func promise(_ reference: String, _ commit: ObjectID) throws(FileError) {
        try ownFolder().create(Self.promiseName, Array("\(commit.hex) \(reference)".utf8))
    }

    /// Replaces the content of the lock. Until ``commit()`` it is nobody's, so it is written where it is: the inode says whose lock this is.
    ///
    /// `model`: the file whose permissions it gets, where that is there.
    func refill(_ content: [UInt8], as model: String? = nil) throws(FileError) {
        let file = try folder.file(name + ".lock", O_WRONLY)
        try file.truncate(to: 0)
        try file.write(content)
        var info = stat()
        if let model, stat(model, &info) == 0 { try file.setMode(info.st_mode & 0o7777) }
        try file.flush()
    }

    /// Makes the content of the lock the reference's: the moment at which it moves.
    func commit() throws(FileError) {
        if renameat(folder.descriptor, name + ".lock", folder.descriptor, name) != 0 {
            // Folders that deleted references left empty give way, as with git.
            let failure = FileError("write", folder.join(name))
            guard folder.kind(of: name) == .folder, try removeEmptyFolders(name, in: folder) else { throw failure }
            try folder.rename(name + ".lock", to: name, in: folder)
        }
        // Everybody sees the new name now: a disk that does not flush it, or keeps what is left of the lock, has not undone that.
        do throws(FileError) {
            try folder.flush()
            try staging.all.removeTree(staging.id)
        } catch { return }
    }

    /// Gives the lock back; nothing has changed.
    func release() throws(FileError) {
        try folder.removeFile(name + ".lock")
        try staging.all.removeTree(staging.id)
    }

    /// Removes what is locked, and then the lock.
    func removeLocked() throws(FileError) {
        try folder.removeFile(name)
        try folder.flush()
        try release()
    }

    // MARK: What dead processes left

    /// Removes a lock whose owner, a process of Czar's, is dead; false when the lock is not such a one.
    private static func removeDead(_ lockPath: String, below common: borrowing Folder) throws(FileError) -> Bool {
        let all = try common.subfolder("czar/staging", creating: .asParent)
        let guarding = try FileLock("recovery.lock", in: common.subfolder("czar/locks", creating: .asParent))
        defer { guarding.hold() }
        for id in try all.names() where id.hasPrefix("lock-") && all.kind(of: id) == .folder {
            guard let bytes = try all.subfolder(id).read(Staging.recordName), let record = StagingRecord(bytes: bytes),
                record.kind == .lock, record.path == lockPath, !record.owner.isAlive
            else { continue }
            try forget(record, id, in: all)
            return true
        }
        return false
    }

    /// Ends the locks of all processes of Czar's that are dead. Those that stand in nobody's way, because they were taken or given back
    /// in part, would lie there for good.
    ///
    /// - Complexity: O(records), nothing but their names where all their processes live.
    static func endDead(below commonDirectory: String) throws(FileError) {
        let common = try Folder(opening: commonDirectory)
        let all = try common.subfolder("czar/staging", creating: .asParent)
        let dead = try all.names().filter { $0.hasPrefix("lock-") && ownerInStagingName($0)?.isAlive == false }
        guard !dead.isEmpty else { return }
        let guarding = try FileLock("recovery.lock", in: common.subfolder("czar/locks", creating: .asParent))
        defer { guarding.hold() }
        for id in dead where all.kind(of: id) == .folder {
            guard let bytes = try all.subfolder(id).read(Staging.recordName), let record = StagingRecord(bytes: bytes) else {
                // Cut off before the record: nothing else was made.
                try all.removeTree(id)
                continue
            }
            if record.kind == .lock, !record.owner.isAlive { try forget(record, id, in: all) }
        }
    }

    /// The end of a dead process's lock: the file goes if it is that process's, or takes the place that it was made for where its process had
    /// done all but that; then its folder. The caller holds `recovery.lock`.
    static func forget(_ record: StagingRecord, _ id: String, in all: borrowing Folder) throws(FileError) {
        let lock = joinPath(record.root, record.path)
        let own = joinPath(joinPath(all.path, id), contentName)
        var (left, right) = (stat(), stat())
        if lstat(lock, &left) == 0, lstat(own, &right) == 0, left.st_ino == right.st_ino, left.st_dev == right.st_dev {
            let (place, name) = splitPath(lock)
            let folder = try Folder(opening: place)
            if try isDue(id, in: all, record.root) {
                try folder.rename(name, to: String(name.dropLast(".lock".count)), in: folder)
            } else {
                try folder.removeFile(name)
            }
        }
        try all.removeTree(id)
    }

    /// Whether the reference that the lock's content goes with names the commit that was promised.
    private static func isDue(_ id: String, in all: borrowing Folder, _ common: String) throws(FileError) -> Bool {
        guard let bytes = try all.subfolder(id).read(promiseName) else { return false }
        let line = String(decoding: bytes, as: UTF8.self)
        guard let space = line.firstIndex(of: " ") else { return false }
        let reference = String(line[line.index(after: space)...])
        if let loose = try fileLine(joinPath(common, reference)) { return loose == line[..<space] }
        let packed = String(decoding: try fileContent(joinPath(common, "packed-refs")) ?? [], as: UTF8.self)
        return packed.split(separator: "\n").contains { $0 == line }
    }
}

/// Removes a tree of folders that holds nothing else; false when it holds anything.
func removeEmptyFolders(_ name: String, in folder: borrowing Folder) throws(FileError) -> Bool {
    let inner = try folder.subfolder(name)
    for entry in try inner.names() {
        guard inner.kind(of: entry) == .folder, try removeEmptyFolders(entry, in: inner) else { return false }
    }
    return try folder.removeEmptyFolder(name)
}
