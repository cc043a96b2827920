import Glibc
import SystemPackage

/// A folder held open, below which names are resolved one by one and never through a symlink.
///
/// A worker can put a symlink wherever it may write, and a log or a prompt opened by its path would then be another file.
/// With the folder in hand nothing above it can be exchanged any more (openat(2)).
struct GuardedFolder: ~Copyable {
    /// For sentences; never opened again.
    let path: String
    let descriptor: Int32

    /// Opens a folder whose own path is trusted: the repository's, the worktree's, the common dir's.
    init(trusted path: String) throws(LaunchError) {
        try self.init(parent: AT_FDCWD, name: path, path: path, extra: 0)
    }

    private init(parent: Int32, name: String, path: String, extra: Int32) throws(LaunchError) {
        let descriptor = openat(parent, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | extra)
        guard descriptor >= 0 else { throw Self.failure("open folder", path, Errno(rawValue: errno)) }
        (self.path, self.descriptor) = (path, descriptor)
    }

    deinit { close(descriptor) }

    /// A folder right below this one, made (0700) where it is missing.
    func folder(_ name: String) throws(LaunchError) -> GuardedFolder {
        let below = path + "/" + name
        if mkdirat(descriptor, name, 0o700) != 0 && errno != EEXIST {
            throw .system(operation: "make folder", subject: below, errno: Errno(rawValue: errno))
        }
        return try GuardedFolder(parent: descriptor, name: name, path: below, extra: O_NOFOLLOW)
    }

    /// Opens a plain file right below this folder; `mode` counts when it is made.
    func file(_ name: String, _ flags: Int32, mode: mode_t = 0o600) throws(LaunchError) -> FileDescriptor {
        let below = path + "/" + name
        // Without O_NONBLOCK opening a FIFO that someone put there would wait for ever.
        let opened = openat(descriptor, name, flags | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, mode)
        guard opened >= 0 else { throw Self.failure("open", below, Errno(rawValue: errno)) }
        let file = FileDescriptor(rawValue: opened)
        var facts = stat()
        guard fstat(opened, &facts) == 0, facts.st_mode & S_IFMT == S_IFREG else {
            close(opened)
            throw .unsafeFile(path: below, found: "no plain file")
        }
        return file
    }

    /// Makes `name` a symlink to `target`, replacing one that is there in one step. Anything that is no symlink is kept.
    func link(_ name: String, to target: String) throws(LaunchError) {
        var facts = stat()
        if fstatat(descriptor, name, &facts, AT_SYMLINK_NOFOLLOW) == 0 && facts.st_mode & S_IFMT != S_IFLNK {
            throw .unsafeFile(path: path + "/" + name, found: "no symlink of Czar's")
        }
        let aside = ".\(name).\(getpid())"
        guard unlinkat(descriptor, aside, 0) == 0 || errno == ENOENT, symlinkat(target, descriptor, aside) == 0,
            renameat(descriptor, aside, descriptor, name) == 0
        else { throw .system(operation: "link", subject: path + "/" + name, errno: Errno(rawValue: errno)) }
    }

    /// Writes a file aside, flushes it and renames it into place; 0600.
    func write(_ content: [UInt8], to name: String) throws(LaunchError) {
        let aside = ".\(name).\(getpid())"
        let file = try file(aside, O_WRONLY | O_CREAT | O_TRUNC)
        let subject = path + "/" + name
        do {
            try file.closeAfter {
                _ = try file.writeAll(content)
                guard fsync(file.rawValue) == 0 else { throw Errno(rawValue: errno) }
            }
            guard renameat(descriptor, aside, descriptor, name) == 0, fsync(descriptor) == 0 else { throw Errno(rawValue: errno) }
        } catch {
            unlinkat(descriptor, aside, 0)
            throw .system(operation: "write", subject: subject, errno: (error as? Errno) ?? .ioError)
        }
    }

    /// ELOOP is what O_NOFOLLOW says to a symlink, and ENOTDIR what O_DIRECTORY says first.
    private static func failure(_ operation: String, _ path: String, _ code: Errno) -> LaunchError {
        switch code {
        case .tooManySymbolicLinkLevels: .unsafeFile(path: path, found: "a symlink")
        case .notDirectory: .unsafeFile(path: path, found: "no folder, or a symlink")
        default: .system(operation: operation, subject: path, errno: code)
        }
    }
}
