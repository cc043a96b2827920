import CLibgit2
import Glibc
import Synchronization
import SystemPackage

/// Copies files' content the cheapest way that the file systems offer: sharing the blocks, else inside the kernel, else through memory.
///
/// What one file system refused is not asked of it again: one copier serves one pair of places.
final class FileCopier: Sendable {
    private let canClone = Atomic(true)
    private let canCopyInside = Atomic(true)

    /// Below this a copy through memory is as fast as one inside the kernel.
    private static let small = 128 << 10

    /// Copies up to the end of `source` into `target`, both open, which is empty. Holes stay holes. `path` is for messages.
    /// - Returns: the number of bytes.
    func copy(_ source: Int32, to target: Int32, _ size: Int, path: String) throws(FileError) -> Int {
        if canClone.load(ordering: .relaxed), size > 0 {
            if czar_clone_file(target, source) == 0 { return size }
            // Other places of the same file system may be able to; the next copier asks again.
            canClone.store(false, ordering: .relaxed)
        }
        var info = stat()
        // Fewer blocks than bytes: a disk image of a few megabytes may be hundreds long.
        if size >= Self.small, fstat(source, &info) == 0, info.st_blocks * 512 < info.st_size,
            let done = try copyAroundHoles(source, target, path)
        {
            return done
        }
        return try copyBytes(source, target, .max, path)
    }

    /// Copies `size` bytes, or up to the end, from where both files are read and written next.
    private func copyBytes(_ source: Int32, _ target: Int32, _ size: Int, _ path: String) throws(FileError) -> Int {
        var done = 0
        if size >= Self.small, canCopyInside.load(ordering: .relaxed) { done = try copyInside(source, target, size, path) }
        return done + (try copyThroughMemory(source, target, size - done, path))
    }

    /// Copies only what is no hole; nil, with nothing done, where the file system does not say what is one.
    private func copyAroundHoles(_ source: Int32, _ target: Int32, _ path: String) throws(FileError) -> Int? {
        var end = 0
        while true {
            let start = lseek(source, end, SEEK_DATA)
            if start < 0, Glibc.errno == EINVAL, end == 0 { return nil }
            // There is nothing but a hole behind.
            if start < 0, Glibc.errno == ENXIO { break }
            end = start < 0 ? -1 : lseek(source, start, SEEK_HOLE)
            guard end >= 0, lseek(source, start, SEEK_SET) >= 0 else { throw FileError("read", path) }
            guard lseek(target, start, SEEK_SET) >= 0 else { throw FileError("write", path) }
            // A file that is shortened meanwhile ends earlier.
            if try copyBytes(source, target, end - start, path) < end - start { break }
        }
        let size = lseek(source, 0, SEEK_END)
        guard size >= 0 else { throw FileError("read", path) }
        guard ftruncate(target, size) == 0 else { throw FileError("write", path) }
        return size
    }

    /// Copies as much as the kernel does by itself; nothing where it does not for these file systems.
    private func copyInside(_ source: Int32, _ target: Int32, _ size: Int, _ path: String) throws(FileError) -> Int {
        var done = 0
        while done < size {
            let count = retryingInterrupts { czar_copy_inside(source, target, min(size - done, 1 << 30)) }
            if count == 0 { return done }
            if count > 0 {
                done += count
            } else if done == 0, [EXDEV, ENOSYS, EINVAL, EOPNOTSUPP, EPERM].contains(Glibc.errno) {
                canCopyInside.store(false, ordering: .relaxed)
                return 0
            } else {
                throw FileError("write", path)
            }
        }
        return done
    }

    private func copyThroughMemory(_ source: Int32, _ target: Int32, _ size: Int, _ path: String) throws(FileError) -> Int {
        try withUnsafeTemporaryAllocation(byteCount: 64 << 10, alignment: 16) { (buffer) throws(FileError) in
            var sum = 0
            while sum < size {
                let count = retryingInterrupts { Glibc.read(source, buffer.baseAddress!, min(buffer.count, size - sum)) }
                guard count >= 0 else { throw FileError("read", path) }
                if count == 0 { return sum }
                var done = 0
                while done < count {
                    let written = retryingInterrupts { Glibc.write(target, buffer.baseAddress! + done, count - done) }
                    guard written > 0 else { throw FileError("write", path) }
                    done += written
                }
                sum += count
            }
            return sum
        }
    }
}
