import Glibc

/// An open file or folder of Czar's own, reached without following a symbolic link in its last step and closed with the value.
struct OwnFile: ~Copyable {
    let descriptor: CInt
    /// For sentences.
    let path: String

    private init(descriptor: CInt, path: String) { (self.descriptor, self.path) = (descriptor, path) }

    deinit { close(descriptor) }

    /// Opens the folder a caller named; only a symlink as its last part is refused when `following` is false.
    static func folder(_ path: String, following: Bool = false) throws(JournalError) -> OwnFile {
        let flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC | (following ? 0 : O_NOFOLLOW)
        let descriptor = Glibc.open(path, flags)
        guard descriptor >= 0 else { throw folderError(errno, path) }
        return OwnFile(descriptor: descriptor, path: path)
    }

    /// Opens a folder inside this one, making it with `mode` first unless `mode` is nil.
    func folder(_ name: String, making mode: mode_t? = nil) throws(JournalError) -> OwnFile {
        let inner = path + "/" + name
        if let mode {
            if mkdirat(descriptor, name, mode) == 0 {
                if Self.isShared(mode), fchmodat(descriptor, name, mode, 0) != 0 { throw JournalError(errno: errno, "share", inner) }
                try sync()
            } else if errno != EEXIST {
                throw JournalError(errno: errno, "create", inner)
            }
        }
        let opened = openat(descriptor, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard opened >= 0 else { throw Self.folderError(errno, inner) }
        return OwnFile(descriptor: opened, path: inner)
    }

    /// Opens a plain file inside this folder. Never blocks on a FIFO; anything but a plain file is refused.
    func file(_ name: String, _ flags: CInt, mode: mode_t = 0o600) throws(JournalError) -> OwnFile {
        let inner = path + "/" + name
        let opened = openat(descriptor, name, flags | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, mode)
        guard opened >= 0 else {
            if errno == ENXIO { throw .unsafe(path: inner, reason: "it is no plain file") }
            throw JournalError(errno: errno, "open", inner)
        }
        let file = OwnFile(descriptor: opened, path: inner)
        let status = try file.status()
        guard status.st_mode & S_IFMT == S_IFREG else { throw .unsafe(path: inner, reason: "it is no plain file") }
        if flags & O_CREAT != 0, Self.isShared(mode), status.st_uid == geteuid(), status.st_mode & 0o777 != mode, fchmod(opened, mode) != 0
        {
            throw JournalError(errno: errno, "share", inner)
        }
        return file
    }

    /// The mask of the process takes from what is made; the group's bits are given back where the repository is shared.
    private static func isShared(_ mode: mode_t) -> Bool { mode & 0o020 != 0 }

    func status() throws(JournalError) -> stat {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw JournalError(errno: errno, "examine", path) }
        return status
    }

    /// Whether a name stands in this folder, whatever it is.
    func holds(_ name: String) -> Bool {
        var status = stat()
        return fstatat(descriptor, name, &status, AT_SYMLINK_NOFOLLOW) == 0
    }

    /// Up to `count` bytes from `offset`; fewer only at the end of the file.
    func read(_ count: Int, at offset: Int64) throws(JournalError) -> [UInt8] {
        var failure: CInt = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            while filled < count {
                let got = pread(descriptor, buffer.baseAddress! + filled, count - filled, off_t(offset) + filled)
                if got < 0, errno == EINTR { continue }
                if got < 0 { failure = errno }
                if got <= 0 { break }
                filled += got
            }
        }
        guard failure == 0 else { throw JournalError(errno: failure, "read", path) }
        return bytes
    }

    /// Writes all bytes at `offset`, or at the end of a file opened with O_APPEND when it is nil.
    func write(_ bytes: [UInt8], at offset: Int64? = nil) throws(JournalError) {
        let failure = bytes.withUnsafeBytes { buffer -> CInt in
            var done = 0
            while done < buffer.count {
                let start = buffer.baseAddress! + done
                let wrote =
                    if let offset { pwrite(descriptor, start, buffer.count - done, off_t(offset) + done) } else {
                        Glibc.write(descriptor, start, buffer.count - done)
                    }
                if wrote < 0, errno == EINTR { continue }
                if wrote < 0 { return errno }
                done += wrote
            }
            return 0
        }
        guard failure == 0 else { throw JournalError(errno: failure, "write", path) }
    }

    func truncate(to length: Int64) throws(JournalError) {
        guard ftruncate(descriptor, off_t(length)) == 0 else { throw JournalError(errno: errno, "shorten", path) }
    }

    func sync() throws(JournalError) {
        guard fsync(descriptor) == 0 else { throw JournalError(errno: errno, "flush", path) }
    }

    /// Renames within this folder.
    func rename(_ old: String, to new: String) throws(JournalError) {
        guard renameat(descriptor, old, descriptor, new) == 0 else { throw JournalError(errno: errno, "rename", path + "/" + old) }
    }

    /// Moves an entry of this folder, whatever it is, into `other`.
    func move(_ name: String, to new: String, in other: borrowing OwnFile) throws(JournalError) {
        guard renameat(descriptor, name, other.descriptor, new) == 0 else { throw JournalError(errno: errno, "move", path + "/" + name) }
    }

    /// Removes a file of this folder; one that is gone already is no error.
    func remove(_ name: String) throws(JournalError) {
        guard unlinkat(descriptor, name, 0) == 0 || errno == ENOENT else { throw JournalError(errno: errno, "remove", path + "/" + name) }
    }

    /// The names in this folder, sorted by their bytes.
    func names() throws(JournalError) -> [String] {
        // A descriptor of its own: reading a folder moves the descriptor's position, and closedir closes it.
        let copy = openat(descriptor, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard copy >= 0, let stream = fdopendir(copy) else { throw JournalError(errno: errno, "list", path) }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { tuple in
                tuple.withMemoryRebound(to: CChar.self, capacity: 256) { String(validatingCString: $0) }
            }
            if let name, name != ".", name != ".." { names.append(name) }
        }
        return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    private static func folderError(_ number: CInt, _ path: String) -> JournalError {
        // With O_NOFOLLOW and O_DIRECTORY a symlink is reported as ENOTDIR or ELOOP.
        number == ENOTDIR || number == ELOOP
            ? .unsafe(path: path, reason: "it is no folder, or a symbolic link") : JournalError(errno: number, "open", path)
    }
}
