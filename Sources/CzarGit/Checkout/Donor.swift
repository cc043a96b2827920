import Glibc
import SystemPackage

/// A worktree whose unmodified files hold blobs as they are: reading them is faster than inflating.
///
/// A file is looked at where it counts as unmodified by git's own rule: its stat data are exactly those of the index, and the index is
/// younger than the file (or a change in the same tick of the clock could have gone unnoticed). It is used only where it hashes to the
/// blob: a filter could have made it when it was written there, of any size, and neither attributes nor configuration need say so by now.
final class Donor: Sendable {
    private let index: MappedFile
    private let root: Int32
    /// For each entry of the plan where its index entry starts, 0 when there is none to use.
    private let offsets: [UInt32]
    /// How many entries it has content for.
    let matches: Int

    /// Nil when the worktree has nothing to offer: no index, or one of a kind that is not read here.
    init?(_ place: CheckoutDonor, plan: CheckoutPlan) throws(GitError) {
        guard let file = try MappedFile.open(joinPath(place.gitDirectory, "index")) else { return nil }
        guard let found = DonorIndex.offsets(in: file, for: plan) else { return nil }
        let opened = retryingInterrupts { open(place.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
        guard opened >= 0 else { return nil }
        (index, root, offsets) = (file, opened, found)
        matches = found.count { $0 != 0 }
    }

    deinit { close(root) }

    /// The size of its file for `entry`; nil when it has none.
    func size(of entry: Int) -> Int? {
        guard offsets[entry] != 0 else { return nil }
        return Int(UInt32(bigEndian: index.bytes.loadUnaligned(fromByteOffset: Int(offsets[entry]) + 36, as: UInt32.self)))
    }

    /// Opens its file for `entry` where that is what the index says, and its content the blob; nil otherwise.
    func file(for entry: Int, size: Int) -> DonorFile? {
        guard self.size(of: entry) == size else { return nil }
        let start = index.bytes.baseAddress! + Int(offsets[entry])
        let path = (start + 62).assumingMemoryBound(to: CChar.self)
        let opened = retryingInterrupts { openat(root, path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK) }
        guard opened >= 0 else { return nil }
        let file = DonorFile(descriptor: opened, index: index, entry: start)
        return file.isUnmodified && file.holds(size) ? file : nil
    }

    /// Appends the blob for `entry` as it is hashed: a header, then the `size` bytes of the content. False, with `bytes` unchanged, when the
    /// file is not what the index says, or was converted on its way there.
    func append(_ entry: Int, size: Int, to bytes: inout [UInt8]) -> Bool {
        let start = index.bytes.baseAddress! + Int(offsets[entry])
        let path = (start + 62).assumingMemoryBound(to: CChar.self)
        let file = retryingInterrupts { openat(root, path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK) }
        guard file >= 0 else { return false }
        defer { close(file) }
        let before = bytes.count
        bytes.append(contentsOf: "blob \(size)\0".utf8)
        let content = bytes.count
        bytes.append(contentsOf: repeatElement(0, count: size))
        var done = 0
        while done < size {
            let count = bytes.withUnsafeMutableBytes { Glibc.read(file, $0.baseAddress! + content + done, size - done) }
            guard count > 0 else { break }
            done += count
        }
        // Looked at after reading: what was changed before or while it was read shows now.
        var info = stat()
        if done == size, fstat(file, &info) == 0, info.st_mode & S_IFMT == S_IFREG, Int(info.st_size) == size,
            StatRecord(info).matches(start),
            bytes.withUnsafeBytes({ SHA1.digest(of: UnsafeRawBufferPointer(rebasing: $0[before...])) }) == ObjectID(bytes: start + 40)
        {
            return true
        }
        bytes.removeLast(bytes.count - before)
        return false
    }
}

/// An open file of a donor.
final class DonorFile {
    let descriptor: Int32
    // Kept mapped: `entry` lies in it.
    private let index: MappedFile
    private let entry: UnsafeRawPointer

    fileprivate init(descriptor: Int32, index: MappedFile, entry: UnsafeRawPointer) {
        (self.descriptor, self.index, self.entry) = (descriptor, index, entry)
    }

    deinit { close(descriptor) }

    /// Whether it is what the index says; asked after copying, too, for what was changed meanwhile shows now.
    var isUnmodified: Bool {
        var info = stat()
        return fstat(descriptor, &info) == 0 && info.st_mode & S_IFMT == S_IFREG && StatRecord(info).matches(entry)
    }

    /// Whether its `size` bytes are the blob's. Read piece by piece; the file stays at its start.
    fileprivate func holds(_ size: Int) -> Bool {
        var hash = SHA1.Stream()
        Array("blob \(size)\0".utf8).withUnsafeBytes { hash.add($0) }
        var done = 0
        let isWhole = withUnsafeTemporaryAllocation(byteCount: 1 << 18, alignment: 16) { buffer in
            while done < size {
                let count = retryingInterrupts { pread(descriptor, buffer.baseAddress!, min(buffer.count, size - done), done) }
                guard count > 0 else { return false }
                hash.add(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
                done += count
            }
            return true
        }
        return isWhole && hash.digest() == ObjectID(bytes: entry + 40)
    }
}

/// Looks up the plan's entries in a worktree's index.
private enum DonorIndex {
    /// Both are sorted by path, so one pass finds all. Nil for an index that is not of version 2 or 3.
    static func offsets(in file: MappedFile, for plan: CheckoutPlan) -> [UInt32]? {
        let bytes = file.bytes
        guard bytes.count > 32, bytes.count < Int(UInt32.max), bytes.starts(with: Array("DIRC".utf8)) else { return nil }
        func number(_ offset: Int) -> UInt32 { UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self)) }
        guard number(4) == 2 || number(4) == 3 else { return nil }
        var result = [UInt32](repeating: 0, count: plan.entries.count)
        plan.names.withUnsafeBufferPointer { names in
            var position = 12
            var next = 0
            for _ in 0..<number(8) {
                guard position + 64 < bytes.count - 20 else { return }
                let start = position
                let flags = number(start + 60) >> 16
                let name = start + (flags & 0x4000 != 0 ? 64 : 62)
                let isPlain = flags & 0xF000 == 0
                var length = Int(flags & 0xFFF)
                if length == 0xFFF {
                    guard let end = bytes[name...].firstIndex(of: 0) else { return }
                    length = end - name
                }
                guard name + length < bytes.count - 20 else { return }
                position = start + ((name - start + length) / 8 + 1) * 8
                while next < plan.entries.count {
                    let order = strcmp(
                        UnsafeRawPointer(names.baseAddress! + Int(plan.entries[next].path)).assumingMemoryBound(to: CChar.self),
                        (bytes.baseAddress! + name).assumingMemoryBound(to: CChar.self))
                    if order > 0 { break }
                    if order == 0, isPlain, isUsable(bytes.baseAddress! + start, plan.entries[next], file.identity) {
                        result[next] = UInt32(start)
                    }
                    next += 1
                }
            }
        }
        return result
    }

    private static func isUsable(_ start: UnsafeRawPointer, _ entry: CheckoutPlan.Entry, _ index: FileIdentity) -> Bool {
        func number(_ offset: Int) -> UInt32 { UInt32(bigEndian: start.loadUnaligned(fromByteOffset: offset, as: UInt32.self)) }
        guard entry.isFile, number(24) == entry.mode, ObjectID(bytes: start + 40) == entry.id else { return false }
        let (seconds, nanoseconds) = (Int64(number(8)), Int64(number(12)))
        // A file system, or a tool, that keeps whole seconds only leaves a whole second in doubt.
        if nanoseconds == 0 { return seconds < index.modified / 1_000_000_000 }
        return seconds * 1_000_000_000 + nanoseconds < index.modified
    }
}
