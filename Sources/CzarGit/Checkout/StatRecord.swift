import Glibc

/// What an index entry says of its file, in the byte order of the index.
struct StatRecord: Sendable {
    // ctime, mtime (seconds, nanoseconds), device, inode.
    private var first: (UInt32, UInt32, UInt32, UInt32, UInt32, UInt32) = (0, 0, 0, 0, 0, 0)
    // User, group, size; the mode lies between the two parts.
    private var second: (UInt32, UInt32, UInt32) = (0, 0, 0)

    init() {}

    init(_ info: stat) {
        first = (
            number(info.st_ctim.tv_sec), number(info.st_ctim.tv_nsec), number(info.st_mtim.tv_sec), number(info.st_mtim.tv_nsec),
            number(info.st_dev), number(info.st_ino)
        )
        second = (number(info.st_uid), number(info.st_gid), number(info.st_size))
    }

    /// Writes the record into the entry that starts at `entry`.
    func write(to entry: UnsafeMutableRawPointer) {
        withUnsafeBytes(of: first) { entry.copyMemory(from: $0.baseAddress!, byteCount: 24) }
        withUnsafeBytes(of: second) { (entry + 28).copyMemory(from: $0.baseAddress!, byteCount: 12) }
    }

    /// Whether the entry that starts at `entry` says exactly this.
    func matches(_ entry: UnsafeRawPointer) -> Bool {
        withUnsafeBytes(of: first) { memcmp($0.baseAddress!, entry, 24) } == 0
            && withUnsafeBytes(of: second) { memcmp($0.baseAddress!, entry + 28, 12) } == 0
    }
}

/// The lower 32 bits, big-endian: what git keeps of larger numbers.
private func number(_ value: some BinaryInteger) -> UInt32 { UInt32(truncatingIfNeeded: value).bigEndian }
