import Glibc
import SystemPackage

/// Two folders in which files are compared by their paths, byte by byte; threads may share it.
///
/// No symbolic link is followed on the way to either: behind one the other might be the very file that it is compared with.
package final class ComparedFolders: Sendable {
    private let left: FolderReader
    private let right: FolderReader

    package init(_ left: String, _ right: String) throws(FileError) {
        (self.left, self.right) = (try FolderReader(opening: left), try FolderReader(opening: right))
    }

    /// Whether a file with the same bytes, or a link with the same target, is at the path in both. What cannot be read is not the same.
    ///
    /// Neither size nor times are believed: a file that was changed can have those of before.
    /// - Complexity: O(bytes up to the first difference), with little memory for files of any size.
    package func hold(sameAt path: RepositoryPath) -> Bool {
        let facts = withCName(path.bytes + [0]) { name in (left.facts(at: name), right.facts(at: name)) }
        guard let one = facts.0, let other = facts.1, one.st_mode & S_IFMT == other.st_mode & S_IFMT else { return false }
        switch one.st_mode & S_IFMT {
        case S_IFLNK:
            let target = left.linkTarget(path)
            return target != nil && target == right.linkTarget(path)
        case S_IFREG: return one.st_size == other.st_size && hasSameBytes(path.bytes)
        default: return false
        }
    }

    private func hasSameBytes(_ path: [UInt8]) -> Bool {
        do throws(GitError) {
            guard let one = try left.open(path) else { return false }
            defer { close(one) }
            guard let other = try right.open(path) else { return false }
            defer { close(other) }
            return Self.haveSameBytes(one, other)
        } catch {
            return false
        }
    }

    private static func haveSameBytes(_ left: Int32, _ right: Int32) -> Bool {
        let size = 64 << 10
        return withUnsafeTemporaryAllocation(byteCount: 2 * size, alignment: 16) { buffer in
            let (one, other) = (buffer.baseAddress!, buffer.baseAddress! + size)
            while true {
                guard let count = fill(one, size, from: left), count == fill(other, size, from: right) else { return false }
                if count == 0 { return true }
                if memcmp(one, other, count) != 0 { return false }
            }
        }
    }

    /// How many bytes were read: fewer than `size` only at the end; nil when reading failed.
    private static func fill(_ start: UnsafeMutableRawPointer, _ size: Int, from file: Int32) -> Int? {
        var filled = 0
        while filled < size {
            let count = retryingInterrupts { Glibc.read(file, start + filled, size - filled) }
            if count < 0 { return nil }
            if count == 0 { break }
            filled += count
        }
        return filled
    }
}
