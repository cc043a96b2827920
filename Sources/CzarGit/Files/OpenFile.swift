import Glibc
import SystemPackage

/// An open plain file that was reached through a ``Folder``; closed with the value.
package struct OpenFile: ~Copyable {
    private let descriptor: Int32
    /// For sentences; never opened again.
    package let path: String

    init(descriptor: Int32, path: String) { (self.descriptor, self.path) = (descriptor, path) }

    deinit { close(descriptor) }

    package func status() throws(FileError) -> stat {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw FileError("examine", path) }
        return status
    }

    /// All that is left to read.
    func content() throws(FileError) -> [UInt8] { try readAll(descriptor, path) }

    /// Up to `count` bytes from `offset`; fewer only at the end of the file.
    package func read(_ count: Int, at offset: Int64) throws(FileError) -> [UInt8] {
        var failure: Errno?
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            while filled < count {
                let start = buffer.baseAddress! + filled
                let got = retryingInterrupts { pread(descriptor, start, count - filled, off_t(offset) + filled) }
                if got < 0 { failure = Errno(rawValue: Glibc.errno) }
                if got <= 0 { break }
                filled += got
            }
        }
        if let failure { throw FileError("read", path, failure) }
        return bytes
    }

    /// Writes all bytes at `offset`, or where the file stands (its end with `O_APPEND`) when it is nil.
    package func write(_ bytes: [UInt8], at offset: Int64? = nil) throws(FileError) {
        var done = 0
        while done < bytes.count {
            let count = bytes.withUnsafeBytes { buffer in
                let (start, left) = (buffer.baseAddress! + done, buffer.count - done)
                return retryingInterrupts {
                    if let offset { pwrite(descriptor, start, left, off_t(offset) + done) } else { Glibc.write(descriptor, start, left) }
                }
            }
            guard count > 0 else { throw FileError("write", path) }
            done += count
        }
    }

    package func truncate(to length: Int64) throws(FileError) {
        guard ftruncate(descriptor, off_t(length)) == 0 else { throw FileError("shorten", path) }
    }

    func setMode(_ bits: mode_t) throws(FileError) {
        guard fchmod(descriptor, bits) == 0 else { throw FileError("set the permissions of", path) }
    }

    /// Returns when the content is on the disk.
    package func flush() throws(FileError) {
        guard fsync(descriptor) == 0 else { throw FileError("flush", path) }
    }

    /// Takes the file's lock without waiting; the kernel drops it with the descriptor.
    borrowing func lock() throws(FileError) {
        guard retryingInterrupts({ flock(descriptor, LOCK_EX | LOCK_NB) }) == 0 else { throw FileError("take the lock", path) }
    }
}

extension Folder {
    /// Opens the plain file `name` of this folder; `mode` counts when it is made.
    ///
    /// A symbolic link is refused, and so is what is no plain file (``FileError/isNotPlainFile``) without ever waiting for it, as opening a
    /// FIFO would. An exact mode is given to a file of one's own also when it is there already.
    package func file(_ name: String, _ flags: Int32, mode: FileMode = .asParent) throws(FileError) -> OpenFile {
        OpenFile(descriptor: try descriptor(of: name, flags, mode: mode).rawValue, path: join(name))
    }

    /// The same as a descriptor to hand on, which the caller closes.
    package func descriptor(of name: String, _ flags: Int32, mode: FileMode = .asParent) throws(FileError) -> FileDescriptor {
        let mode = flags & O_CREAT == 0 ? mode : mode.resolved(in: try ownMode(), isFolder: false)
        let opened = retryingInterrupts {
            openat(descriptor, name, flags | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, mode.bits)
        }
        guard opened >= 0 else { throw FileError(flags & O_ACCMODE == O_RDONLY ? "read" : "open", join(name)) }
        do throws(FileError) {
            var status = stat()
            guard fstat(opened, &status) == 0 else { throw FileError("examine", join(name)) }
            guard status.st_mode & S_IFMT == S_IFREG else { throw FileError("open", join(name), .noSuchAddressOrDevice) }
            let isOwn = flags & O_CREAT != 0 && status.st_uid == geteuid()
            if case .exactly(let bits) = mode, isOwn, status.st_mode & 0o777 != bits, fchmod(opened, bits) != 0 {
                throw FileError("share", join(name))
            }
        } catch {
            close(opened)
            throw error
        }
        return FileDescriptor(rawValue: opened)
    }
}

/// All bytes from where `file` stands.
func readAll(_ file: Int32, _ path: String) throws(FileError) -> [UInt8] {
    var result: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 64 << 10)
    while true {
        let count = chunk.withUnsafeMutableBytes { buffer in
            retryingInterrupts { Glibc.read(file, buffer.baseAddress!, buffer.count) }
        }
        guard count >= 0 else { throw FileError("read", path) }
        if count == 0 { return result }
        result.append(contentsOf: chunk[..<count])
    }
}
