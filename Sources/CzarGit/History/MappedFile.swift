import Glibc

/// A whole file mapped into memory for reading.
///
/// Only for files that their writers replace by rename and never shorten in place (git's graph files, `packed-refs`, Czar's cache):
/// a mapping of a file that shrinks would end the process with SIGBUS.
final class MappedFile: Sendable {
    // The mapping is read-only and lives exactly as long as this object, so threads may share it.
    nonisolated(unsafe) let bytes: UnsafeRawBufferPointer
    let path: String
    let identity: FileIdentity

    /// Maps the file, or returns nil where there is none.
    ///
    /// - Throws: ``GitError`` when the file exists and cannot be read.
    static func open(_ path: String) throws(GitError) -> MappedFile? {
        // A pipe in the file's place must not hold up whoever opens it.
        let descriptor = path.withCString { Glibc.open($0, O_RDONLY | O_CLOEXEC | O_NONBLOCK) }
        guard descriptor >= 0 else {
            if errno == ENOENT || errno == ENOTDIR { return nil }
            throw GitError(system: errno, operation: "read the file", subject: path)
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw GitError(system: errno, operation: "read the file", subject: path) }
        let size = Int(status.st_size)
        guard size > 0 else { return MappedFile(bytes: UnsafeRawBufferPointer(start: nil, count: 0), path: path, status: status) }
        guard let start = mmap(nil, size, PROT_READ, MAP_PRIVATE, descriptor, 0), start != MAP_FAILED else {
            throw GitError(system: errno, operation: "map the file", subject: path)
        }
        return MappedFile(bytes: UnsafeRawBufferPointer(start: start, count: size), path: path, status: status)
    }

    private init(bytes: UnsafeRawBufferPointer, path: String, status: stat) {
        (self.bytes, self.path, self.identity) = (bytes, path, FileIdentity(status))
    }

    deinit {
        guard let start = bytes.baseAddress else { return }
        munmap(UnsafeMutableRawPointer(mutating: start), bytes.count)
    }

    /// Gives the pages back to the kernel, which reads them from the file again when they are needed.
    func letGo() {
        guard let start = bytes.baseAddress else { return }
        // A refusal costs memory, nothing else.
        _ = madvise(UnsafeMutableRawPointer(mutating: start), bytes.count, MADV_DONTNEED)
    }

    /// The file's lines without their ends; invalid UTF-8 is repaired, which no object id survives.
    var lines: [Substring] {
        String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline)
    }
}

/// What tells one version of a file from the next without reading it.
struct FileIdentity: Hashable, Sendable {
    let device: UInt64
    let inode: UInt64
    let size: Int64
    let modified: Int64
    let changed: Int64

    init(_ status: stat) {
        device = UInt64(status.st_dev)
        inode = UInt64(status.st_ino)
        size = Int64(status.st_size)
        modified = Int64(status.st_mtim.tv_sec) &* 1_000_000_000 &+ Int64(status.st_mtim.tv_nsec)
        changed = Int64(status.st_ctim.tv_sec) &* 1_000_000_000 &+ Int64(status.st_ctim.tv_nsec)
    }

    /// The identity of the file at `path`; nil where there is none.
    init?(path: String) {
        var status = stat()
        guard path.withCString({ stat($0, &status) }) == 0 else { return nil }
        self.init(status)
    }
}

extension GitError {
    init(system code: Int32, operation: String, subject: String) {
        self.init(code: .generic, operation: operation, subject: subject, message: String(cString: strerror(code)))
    }
}
