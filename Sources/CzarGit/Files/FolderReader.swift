import CLibgit2
import Glibc
import SystemPackage

/// A folder whose content is looked at through one open handle, by paths of raw bytes and without following any link. Threads may share it.
final class FolderReader: Sendable {
    private static var here: UnsafePointer<CChar> { UnsafeRawPointer(("." as StaticString).utf8Start).assumingMemoryBound(to: CChar.self) }

    private let descriptor: Int32
    /// For sentences.
    let path: String

    init(opening path: String) throws(FileError) {
        let opened = retryingInterrupts { Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
        guard opened >= 0 else { throw FileError("open the folder", path) }
        (descriptor, self.path) = (opened, path)
    }

    deinit { close(descriptor) }

    /// Lends the folder at a path that ends with NUL, opened anew; the empty path is the folder itself.
    ///
    /// Nil when there is none: nothing, a file or a link stands there or on the way.
    func withFolder<Result>(_ name: UnsafePointer<CChar>, _ body: (Int32) throws(GitError) -> Result) throws(GitError) -> Result? {
        let opened = openBelow(descriptor, name[0] == 0 ? Self.here : name, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard opened >= 0 else {
            if Self.meansNothing(Glibc.errno) { return nil }
            throw error("open the folder", name)
        }
        defer { close(opened) }
        return try body(opened)
    }

    /// Gives each name in a folder that was opened for this, ended by NUL, with its kind; without `.` and `..`.
    ///
    /// `body` returns whether to go on.
    func list(
        _ folder: Int32, _ name: UnsafePointer<CChar>, _ buffer: UnsafeMutableRawBufferPointer,
        _ body: (_ name: UnsafeRawBufferPointer, _ kind: FileKind) throws(GitError) -> Bool
    ) throws(GitError) {
        while true {
            let count = retryingInterrupts { czar_list_folder(folder, buffer.baseAddress!, UInt32(buffer.count)) }
            guard count >= 0 else { throw error("list the folder", name) }
            if count == 0 { return }
            var position = 0
            while position < count {
                // struct linux_dirent64: inode, offset, length of the record, kind, name.
                let start = position
                position += Int(buffer.loadUnaligned(fromByteOffset: start + 16, as: UInt16.self))
                let entry = buffer.baseAddress! + start + 19
                let length = strlen(entry.assumingMemoryBound(to: CChar.self))
                let bytes = UnsafeRawBufferPointer(start: entry, count: length)
                if bytes[0] == 0x2E, length == 1 || (length == 2 && bytes[1] == 0x2E) { continue }
                guard let kind = kind(buffer[start + 18], of: entry.assumingMemoryBound(to: CChar.self), in: folder) else { continue }
                if try !body(bytes, kind) { return }
            }
        }
    }

    /// The kind that a folder's record tells; nil when the file system tells none and the file is gone meanwhile.
    private func kind(_ type: UInt8, of name: UnsafePointer<CChar>, in folder: Int32) -> FileKind? {
        switch Int(type) {
        case Int(DT_REG): return .file
        case Int(DT_DIR): return .folder
        case Int(DT_LNK): return .symlink
        case Int(DT_UNKNOWN):
            var info = stat()
            return fstatat(folder, name, &info, AT_SYMLINK_NOFOLLOW) == 0 ? FileKind(mode: info.st_mode) : nil
        default: return .other
        }
    }

    /// What lstat(2) says of a path that ends with NUL; nil when nothing is there.
    ///
    /// A folder's record tells what the file system holds there, and nothing of what is mounted over it.
    func facts(at path: UnsafePointer<CChar>) -> stat? {
        var info = stat()
        return fstatat(descriptor, path, &info, AT_SYMLINK_NOFOLLOW) == 0 ? info : nil
    }

    /// The whole content of a plain file; nil when there is none.
    func content(of name: [UInt8]) throws(GitError) -> [UInt8]? {
        let opened = withCName(name + [0]) { openBelow(descriptor, $0, O_RDONLY | O_CLOEXEC | O_NONBLOCK) }
        guard opened >= 0 else {
            // What may not be read holds no rules for git either: it warns and goes on.
            if Self.meansNothing(Glibc.errno) || Glibc.errno == EACCES { return nil }
            throw withCName(name + [0]) { error("open", $0) }
        }
        defer { close(opened) }
        var info = stat()
        guard fstat(opened, &info) == 0, info.st_mode & S_IFMT == S_IFREG else { return nil }
        return try onFiles { () throws(FileError) in try readAll(opened, joinPath(path, escapedForDisplay(name))) }
    }

    /// Opens a plain file or whatever else can be read, through no link; the caller closes it. Nil for a symbolic link.
    func open(_ name: [UInt8]) throws(GitError) -> Int32? {
        let opened = withCName(name + [0]) { openBelow(descriptor, $0, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK) }
        if opened >= 0 { return opened }
        if Glibc.errno == ELOOP { return nil }
        throw withCName(name + [0]) { error("read", $0) }
    }

    /// The target of the symbolic link at a path; nil for anything else.
    func linkTarget(_ path: RepositoryPath) -> [UInt8]? {
        let name = Array(path.bytes[(path.bytes.lastIndex(of: 0x2F).map { $0 + 1 } ?? 0)...])
        let folder = withCName(path.folder + [0]) { folder in
            openBelow(descriptor, folder[0] == 0 ? Self.here : folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        }
        guard folder >= 0 else { return nil }
        defer { close(folder) }
        return withCName(name + [0]) { CzarGit.linkTarget(folder, $0) }
    }

    private static func meansNothing(_ code: Int32) -> Bool { [ENOENT, ENOTDIR, ELOOP].contains(code) }

    /// The failure of the system call that has just failed.
    func error(_ operation: String, _ name: UnsafePointer<CChar>) -> GitError {
        let shown = escapedForDisplay(UnsafeRawBufferPointer(start: name, count: strlen(name)))
        return GitError(FileError(operation, joinPath(path, shown), Errno(rawValue: Glibc.errno)))
    }
}

/// Opens a path below a folder, through no symbolic link.
func openBelow(_ folder: Int32, _ path: UnsafePointer<CChar>, _ flags: Int32) -> Int32 {
    let opened = retryingInterrupts { czar_open_below(folder, path, flags) }
    guard opened < 0, Glibc.errno == ENOSYS || Glibc.errno == EPERM else { return opened }
    return openStepwise(folder, path, flags)
}

/// For kernels before 5.6 and sandboxes that do not know `openat2`.
private func openStepwise(_ folder: Int32, _ path: UnsafePointer<CChar>, _ flags: Int32) -> Int32 {
    var current = fcntl(folder, F_DUPFD_CLOEXEC, 0)
    let components = UnsafeRawBufferPointer(start: path, count: strlen(path)).split(separator: 0x2F)
    for (number, component) in components.enumerated() where current >= 0 {
        let isLast = number == components.count - 1
        let next = withCName(Array(component) + [0]) { name in
            retryingInterrupts { openat(current, name, (isLast ? flags : O_RDONLY | O_DIRECTORY | O_CLOEXEC) | O_NOFOLLOW) }
        }
        let code = Glibc.errno
        close(current)
        Glibc.errno = code
        current = next
    }
    return current
}
