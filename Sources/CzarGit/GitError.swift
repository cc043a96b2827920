import CLibgit2
import Glibc
import SystemPackage

/// A call to libgit2, or a file operation of Git's own formats, that failed.
public struct GitError: Error, Hashable, Sendable, CustomStringConvertible {
    /// libgit2's return code: an open set, because libgit2 adds codes with each version.
    public struct Code: RawRepresentable, Hashable, Sendable {
        /// The number.
        public let rawValue: Int32
        /// Takes any number.
        public init(rawValue: Int32) { self.rawValue = rawValue }

        /// No finer code was given.
        public static let generic = Code(rawValue: GIT_ERROR.rawValue)
        /// The object, reference or path does not exist.
        public static let notFound = Code(rawValue: GIT_ENOTFOUND.rawValue)
        /// It exists already.
        public static let exists = Code(rawValue: GIT_EEXISTS.rawValue)
        /// An abbreviated name stands for more than one object.
        public static let ambiguous = Code(rawValue: GIT_EAMBIGUOUS.rawValue)
        /// The operation needs a work tree.
        public static let bareRepository = Code(rawValue: GIT_EBAREREPO.rawValue)
        /// HEAD names a branch without a commit.
        public static let unbornBranch = Code(rawValue: GIT_EUNBORNBRANCH.rawValue)
        /// The name breaks git's rules.
        public static let invalidName = Code(rawValue: GIT_EINVALIDSPEC.rawValue)
        /// Files in the work tree stand in the way.
        public static let conflict = Code(rawValue: GIT_ECONFLICT.rawValue)
        /// A lock file is held by another process.
        public static let locked = Code(rawValue: GIT_ELOCKED.rawValue)
        /// The reference does not have the value that was expected.
        public static let modified = Code(rawValue: GIT_EMODIFIED.rawValue)
        /// The repository belongs to another user.
        public static let foreignOwner = Code(rawValue: GIT_EOWNER.rawValue)
        /// A Swift callback stopped the operation.
        public static let stopped = Code(rawValue: GIT_EUSER.rawValue)
    }

    /// What kind of failure it is.
    public let code: Code
    /// What was being done, as a verb phrase: `open the repository`.
    public let operation: String
    /// The path, reference or id it was done on.
    public let subject: String
    /// Why it failed, in libgit2's or the system's words.
    public let message: String

    /// Describes a failure.
    public init(code: Code, operation: String, subject: String, message: String) {
        (self.code, self.operation, self.subject, self.message) = (code, operation, subject, message)
    }

    /// `cannot open the repository '/a/b': could not find repository`.
    public var description: String { "cannot \(operation) '\(subject)': \(message)" }
}

extension GitError.Code {
    /// A system call failed: errno, kept clear of libgit2's own codes.
    static func system(_ errno: Int32) -> Self { Self(rawValue: -100_000 - errno) }

    var isSystem: Bool { rawValue < -100_000 }

    /// A disk or quota is full.
    public static let noSpace = system(ENOSPC)

    /// A file's content is not what it must be.
    public static let damaged = system(EBADMSG)

    /// The file system's permissions forbid it.
    public static let denied = system(EACCES)

    /// A file that was found is not there any more: somebody works beside.
    package static let vanished = system(ENOENT)

    /// A file's content is one that git does not store: what its attributes or settings ask for forbids it.
    package static let cannotStore = Self(rawValue: -100_000)

    /// The file system takes no writes.
    package static let readOnly = system(EROFS)
}

extension GitError {
    /// What libgit2 calls locked because the file system refused it (`EACCES`), which no waiting ends; nil for a lock that somebody holds.
    ///
    /// It says `failed <action> - '<path>' is locked` for that and for nothing else.
    init?(_ status: Int32, deniedBy message: String) {
        guard Code(rawValue: status) == .locked, message.hasPrefix("failed "), let start = message.firstRange(of: " - '")?.upperBound,
            let end = message.firstRange(of: "' is locked")?.lowerBound, start < end
        else { return nil }
        let path = String(message[start..<end])
        let closed = Self.closedFolder(above: path)
        self.init(
            code: .denied, operation: closed == nil ? "read" : "look into", subject: closed ?? path,
            message: Errno.permissionDenied.description)
    }

    /// The topmost folder on the way to `path` that may not be entered; nil when it is the path itself that is refused.
    private static func closedFolder(above path: String) -> String? {
        var folder = splitPath(path).folder
        var closed: String?
        while !folder.isEmpty, folder != "/", folder != ".", access(folder, X_OK) != 0 {
            if errno == EACCES { closed = folder }
            folder = splitPath(folder).folder
        }
        return closed
    }
}

extension GitError {
    /// For a system call on a file or folder: whether nothing was to be changed. Nil for what libgit2 says.
    package var isReading: Bool? { code.isSystem ? FileError.isReading(operation) : nil }
}

extension GitError: FileFailure {
    /// A file operation on Git's own files that failed.
    package init(_ error: FileError) {
        self.init(
            code: error.isNoSpace ? .noSpace : .system(error.errno.rawValue), operation: error.operation, subject: error.path,
            message: error.reason)
    }
}

/// Runs file operations on Git's own files, whose failures are Git's failures.
func onFiles<Value: ~Copyable>(_ body: () throws(FileError) -> Value) throws(GitError) -> Value {
    try GitError.onFiles(body)
}
