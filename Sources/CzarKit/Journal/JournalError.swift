import CzarGit
import CzarPlanning
import GRDB
import Glibc
import SystemPackage

/// Why the journal could not be read or written: what, on which file, why; ``remedy`` says what to do.
package enum JournalError: FileFailure, Hashable, Sendable {
    /// A network or user-space file system, whose locks cannot be relied on.
    case notAvailable(path: String, fileSystem: String)
    case damaged(path: String, reason: String)
    /// The journal was written for another folder: the repository was copied or moved.
    case copied(path: String, recorded: String, found: String)
    /// Another process kept its lock for longer than the time limit.
    case busy(path: String)
    case denied(operation: String, path: String, reason: String)
    /// There is one, and this user may not even read it.
    case unreadable(path: String, reason: String)
    /// Written by a newer Czar.
    case newerFormat(path: String, version: Int)
    /// A database, but not Czar's.
    case foreign(path: String)
    case full(path: String)
    /// A symbolic link or a special file stands where one of Czar's own files belongs.
    case unsafe(path: String, reason: String)
    case missing(path: String)
    case io(operation: String, path: String, reason: String)

    /// What can be done about it; nil where nothing general can be said.
    package var remedy: String? {
        switch self {
        case .notAvailable(let path, _): "git clone \(ShellText.word(path)) /tmp/clone"
        case .damaged: "czar doctor --repair"
        case .copied: "czar doctor --adopt"
        case .busy: "czar status"
        case .denied(_, let path, let reason) where reason == String(cString: strerror(EROFS)): ReadOnlyDisk.remedy(for: path)
        case .denied(_, let path, _), .unreadable(let path, _): ShellText.line(["ls", "-ld", existingPath(nearestTo: path)])
        case .newerFormat: "czar --version"
        case .foreign(let path): ShellText.line(["mv", path, path + ".old"])
        case .full(let path): DiskSpace.remedy(for: path)
        case .unsafe(let path, _): ShellText.line(["ls", "-l", path])
        case .missing: "czar create"
        case .io(_, _, let reason) where reason == OpenFiles.reason: OpenFiles.remedy
        case .io(_, let path, _): ShellText.line(["ls", "-ld", existingPath(nearestTo: path)])
        }
    }

    /// From the error number of the call that just failed.
    init(errno number: CInt, _ operation: String, _ path: String) {
        let reason = String(cString: strerror(number))
        switch number {
        case ENOSPC, EDQUOT: self = .full(path: path)
        case EACCES, EPERM, EROFS: self = .denied(operation: operation, path: path, reason: reason)
        case ELOOP: self = .unsafe(path: path, reason: "a symbolic link stands there")
        case EWOULDBLOCK: self = .busy(path: path)
        default: self = .io(operation: operation, path: path, reason: reason)
        }
    }

    /// A file operation on one of Czar's own files that failed.
    package init(_ error: FileError) {
        switch error.errno {
        case .notDirectory: self = .unsafe(path: error.path, reason: "it is no folder, or a symbolic link")
        case _ where error.isNotPlainFile: self = .unsafe(path: error.path, reason: error.reason)
        default: self.init(errno: error.errno.rawValue, error.operation, error.path)
        }
    }

    init(_ error: DatabaseError, _ operation: String, _ path: String) {
        let reason = error.message ?? "SQLite's code \(error.extendedResultCode.rawValue)"
        switch error.resultCode {
        case .SQLITE_BUSY, .SQLITE_LOCKED: self = .busy(path: path)
        case .SQLITE_CORRUPT, .SQLITE_NOTADB: self = .damaged(path: path, reason: reason)
        case .SQLITE_FULL: self = .full(path: path)
        case .SQLITE_IOERR where DiskSpace.isUsedUp(at: path), .SQLITE_CANTOPEN where DiskSpace.isUsedUp(at: path): self = .full(path: path)
        case .SQLITE_CANTOPEN where OpenFiles.areUsedUp: self = .io(operation: operation, path: path, reason: OpenFiles.reason)
        case .SQLITE_READONLY, .SQLITE_PERM, .SQLITE_AUTH, .SQLITE_CANTOPEN:
            // SQLite says only that it could not; the system says why.
            let isWritable = access(existingPath(nearestTo: path), W_OK) == 0
            self = .denied(operation: operation, path: path, reason: isWritable ? reason : String(cString: strerror(errno)))
        default: self = .io(operation: operation, path: path, reason: reason)
        }
    }

    /// Runs `body` and turns whatever it throws into a journal error.
    static func describing<Value>(
        _ operation: String, _ path: String, _ body: () throws -> Value
    ) throws(JournalError) -> Value {
        do {
            return try body()
        } catch let error as JournalError {
            throw error
        } catch let error as DatabaseError {
            throw JournalError(error, operation, path)
        } catch {
            throw .io(operation: operation, path: path, reason: "\(error)")
        }
    }
}

extension JournalError: CustomStringConvertible {
    /// The sentence, without the remedy.
    package var description: String {
        switch self {
        case .notAvailable(let path, let fileSystem):
            "cannot keep a journal in '\(path)': it lies on \(fileSystem), whose locks cannot be relied on"
        case .damaged(let path, let reason): "the journal '\(path)' is damaged: \(reason)"
        case .copied(let path, let recorded, let found):
            "the journal '\(path)' belongs to another folder: it was made for \(recorded), but this is \(found)"
        case .busy(let path): "cannot lock '\(path)': another process holds it"
        case .denied(let operation, let path, let reason): "cannot \(operation) '\(path)': \(reason)"
        case .unreadable(let path, let reason): "cannot read the journal '\(path)': \(reason)"
        case .newerFormat(let path, let version): "the journal '\(path)' has format \(version), which is newer than this Czar"
        case .foreign(let path): "the file '\(path)' is not a journal of Czar"
        case .full(let path): "cannot write '\(path)': the disk or the quota is full"
        case .unsafe(let path, let reason): "refusing to use '\(path)': \(reason)"
        case .missing(let path): "there is no journal at '\(path)'"
        case .io(let operation, let path, let reason): "cannot \(operation) '\(path)': \(reason)"
        }
    }
}
