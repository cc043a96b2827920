import Glibc
import SystemPackage

/// An open folder: everything done through it stays below it, because no component is ever looked up through a symbolic link.
///
/// The root itself may be reached through links (the caller vouches for it); below it each step is one `openat` with `O_NOFOLLOW`, so a
/// link that is put in the way afterwards is refused (`ELOOP`) instead of followed. Names are given as text or raw bytes.
package struct Folder: ~Copyable {
    package let descriptor: Int32
    /// For sentences; never opened again.
    package let path: String

    init(descriptor: Int32, path: String) { (self.descriptor, self.path) = (descriptor, path) }

    deinit { close(descriptor) }

    /// Opens the trusted root. Unless `following`, a symbolic link as the last component of its path is refused.
    package init(opening path: String, following: Bool = true) throws(FileError) {
        let descriptor = retryingInterrupts { open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | (following ? 0 : O_NOFOLLOW)) }
        guard descriptor >= 0 else { throw FileError("open the folder", path) }
        self.init(descriptor: descriptor, path: path)
    }

    /// Opens the folder `relative` (components separated by `/`), making missing ones with `mode` when that is given.
    ///
    /// `durable` flushes the entry of one that is made.
    ///
    /// - Throws: ``FileError`` with `ELOOP` or `ENOTDIR` when a component is a symbolic link or a file; `EINVAL` for `..`.
    package func subfolder(
        _ relative: String, creating mode: FileMode? = nil, durable: Bool = false
    ) throws(FileError) -> Folder {
        var current = Folder(descriptor: try duplicate(), path: path)
        for component in relative.split(separator: "/") where component != "." {
            guard component != ".." else { throw FileError("open the folder", join(relative), .invalidArgument) }
            if let mode { try current.makeMissing(String(component), mode, durable: durable) }
            current = try current.child(String(component))
        }
        return current
    }

    private func duplicate() throws(FileError) -> Int32 {
        let copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
        guard copy >= 0 else { throw FileError("open the folder", path) }
        return copy
    }

    private func makeMissing(_ name: String, _ mode: FileMode, durable: Bool) throws(FileError) {
        do throws(FileError) { try makeFolder(name, mode: mode) } catch {
            if error.errno == .fileExists { return }
            throw error
        }
        if durable { try flush() }
    }

    private func child(_ name: String) throws(FileError) -> Folder {
        let opened = retryingInterrupts { openat(descriptor, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC) }
        guard opened >= 0 else {
            // Linux answers ENOTDIR for a link when O_DIRECTORY is given too; say what it is.
            let failure = Errno(rawValue: Glibc.errno)
            let isLink = failure == .notDirectory && kind(of: name) == .symlink
            throw FileError("open the folder", join(name), isLink ? .tooManySymbolicLinkLevels : failure)
        }
        return Folder(descriptor: opened, path: join(name))
    }

    /// The mode bits of this folder itself.
    func ownMode() throws(FileError) -> mode_t {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw FileError("examine", path) }
        return status.st_mode
    }

    func join(_ name: String) -> String { path.hasSuffix("/") ? path + name : path + "/" + name }

    /// Makes the folder `name`, which must not exist.
    package func makeFolder(_ name: String, mode: FileMode = 0o777) throws(FileError) {
        let mode = mode.resolved(in: try ownMode(), isFolder: true)
        guard mkdirat(descriptor, name, mode.bits) == 0 else { throw FileError("create the folder", join(name)) }
        if case .exactly(let bits) = mode, fchmodat(descriptor, name, bits, 0) != 0 { throw FileError("share", join(name)) }
    }

    /// What stands under `name`, without following a link; nil when nothing does.
    package func kind(of name: String) -> FileKind? {
        var info = stat()
        guard fstatat(descriptor, name, &info, AT_SYMLINK_NOFOLLOW) == 0 else { return nil }
        return FileKind(mode: info.st_mode)
    }

    /// The names in this folder, as raw bytes (without `.` and `..`), in no order.
    package func entries() throws(FileError) -> [[UInt8]] {
        try typedEntries().map(\.name)
    }

    /// The names in this folder with the kind that `readdir` knows (`DT_REG` and so on; 0 where the file system does not say).
    func typedEntries() throws(FileError) -> [(name: [UInt8], type: UInt8)] {
        let copy = retryingInterrupts { openat(descriptor, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
        guard copy >= 0, let stream = fdopendir(copy) else { throw FileError("list the folder", path) }
        defer { closedir(stream) }
        var result: [(name: [UInt8], type: UInt8)] = []
        Glibc.errno = 0
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { start in
                    Array(UnsafeRawBufferPointer(start: start, count: strlen(start)))
                }
            }
            if name != [0x2E] && name != [0x2E, 0x2E] { result.append((name, entry.pointee.d_type)) }
            Glibc.errno = 0
        }
        guard Glibc.errno == 0 else { throw FileError("list the folder", path) }
        return result
    }

    /// The names in this folder that are UTF-8, sorted by their bytes.
    package func names() throws(FileError) -> [String] {
        try entries().compactMap { String(validating: $0, as: UTF8.self) }.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    /// Flushes the folder's own entries: a rename in it is durable afterwards.
    package func flush() throws(FileError) {
        // Some file systems cannot flush folders and say EINVAL; there is nothing more to do there.
        guard fsync(descriptor) == 0 || Glibc.errno == EINVAL else { throw FileError("flush", path) }
    }
}

/// The kinds of file that Czar tells apart.
package enum FileKind: Hashable, Sendable {
    case file, folder, symlink, other

    init(mode: mode_t) {
        switch mode & S_IFMT {
        case S_IFREG: self = .file
        case S_IFDIR: self = .folder
        case S_IFLNK: self = .symlink
        default: self = .other
        }
    }

    /// What stands at `path`, without following a link in its last component; nil when nothing does.
    package init?(at path: String) {
        var info = stat()
        guard lstat(path, &info) == 0 else { return nil }
        self.init(mode: info.st_mode)
    }

    /// The same, where it matters that nothing is there: a folder on the way that may not be entered, or a disk that does not answer, tells
    /// nothing of what is behind.
    package init?(reaching path: String) throws(FileError) {
        var info = stat()
        guard lstat(path, &info) == 0 else {
            if Glibc.errno == ENOENT || Glibc.errno == ENOTDIR { return nil }
            throw FileError("look at", path)
        }
        self.init(mode: info.st_mode)
    }
}
