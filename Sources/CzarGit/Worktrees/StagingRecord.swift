import Glibc
import SystemPackage

/// What one addition or removal intends, on disk in `<common>/czar/staging/<id>/record` before it changes anything.
///
/// Whoever finds the record of a dead process knows all that it may have made and finishes or undoes it (``RepositoryLocation/recoverStaging(step:)``).
struct StagingRecord: Hashable, Sendable {
    enum Kind: String, Sendable {
        case add, remove
        /// A reference's lock: ``path`` is the lock file, seen from ``root``.
        case lock
    }

    let owner: ProcessIdentity
    let kind: Kind
    /// The trusted folder that paths are walked from.
    let root: String
    /// The worktree's folder.
    let path: String
    /// For a removal: the entry's name in `worktrees`; for an addition the wanted one.
    let name: String
    let commit: ObjectID
    /// For an addition the parents that did not exist, outermost first; for a removal where the tree is put aside.
    let extras: [String]

    // NUL cannot be in a path, so it separates without quoting.
    var bytes: [UInt8] {
        Array(
            (["1", "\(owner.bootID) \(owner.pid) \(owner.startTime)", kind.rawValue, root, path, name, commit.hex] + extras).joined(
                separator: "\0"
            ).utf8)
    }

    init(owner: ProcessIdentity, kind: Kind, root: String, path: String, name: String, commit: ObjectID, extras: [String]) {
        (self.owner, self.kind, self.root, self.path) = (owner, kind, root, path)
        (self.name, self.commit, self.extras) = (name, commit, extras)
    }

    init?(bytes: [UInt8]) {
        let fields = bytes.split(separator: 0, omittingEmptySubsequences: false).map { String(decoding: $0, as: UTF8.self) }
        guard fields.count >= 7, fields[0] == "1", let owner = ProcessIdentity(here: fields[1].split(separator: " ")),
            let kind = Kind(rawValue: fields[2]),
            let commit = ObjectID(hex: fields[6])
        else { return nil }
        self.init(
            owner: owner, kind: kind, root: fields[3], path: fields[4], name: fields[5], commit: commit, extras: Array(fields[7...]))
    }
}

/// The folder of one addition or removal below `<common>/czar/staging`.
struct Staging: ~Copyable {
    static let adminName = "admin"
    static let recordName = "record"
    /// For a removal: since when nobody has looked at what is in the folder.
    static let lookName = "looked"

    let id: String
    let all: Folder
    let own: Folder

    /// Makes the folder and the record in it; nothing is left when that fails.
    static func make(_ record: StagingRecord, below common: borrowing Folder, _ own: OwnFiles) throws(FileError) -> Staging {
        let all = try common.subfolder("czar/staging", creating: own.folder)
        // The owner is in the name too: a crash before the record is complete leaves a folder that can be judged.
        let owner = record.owner
        let id = "\(record.name)-\(owner.pid)-\(owner.startTime)-\(String(UInt32.random(in: 0 ... .max), radix: 36))"
        try all.makeFolder(id, mode: .asParent)
        do throws(FileError) {
            try all.subfolder(id).write(record.bytes, to: recordName, mode: .asParent)
        } catch {
            try all.removeTree(id)
            throw error
        }
        let own = try all.subfolder(id)
        return Staging(id: id, all: all, own: own)
    }

    /// What the lock file of an entry says while it is being made; the id leads back to the record.
    static func lockText(_ id: String) -> String { "initializing (czar \(id))" }

    /// What it says while the worktree is being removed: git does not prune a locked one, whose folder is not where it should be.
    static func removalLock(_ id: String) -> String { removalLockStart + "\(id))" }

    static let removalLockStart = "removing (czar "
}

/// The process named in a staging folder's name, for folders without a complete record.
func ownerInStagingName(_ id: String) -> ProcessIdentity? {
    let parts = id.split(separator: "-")
    guard parts.count >= 4, let boot = Machine.current?.bootID else { return nil }
    return ProcessIdentity(here: [boot[...], parts[parts.count - 3], parts[parts.count - 2]])
}

extension ProcessIdentity {
    /// From boot, pid and start time of a process of this machine: who can reach a repository's files here, runs here, and a machine that gets
    /// another name has the same processes.
    fileprivate init?(here parts: [Substring]) {
        guard parts.count == 3, let host = Machine.current?.host, let pid = Int32(parts[1]), let start = UInt64(parts[2]) else {
            return nil
        }
        self.init(host: host, bootID: String(parts[0]), pid: pid, startTime: start)
    }
}
