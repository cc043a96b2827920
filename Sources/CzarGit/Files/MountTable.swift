/// What `/proc/self/mountinfo` says about file systems: it tells a local disk behind FUSE (`fuseblk`) from a remote one,
/// which the numbers of statfs(2) do not.
package enum MountTable {
    /// The type of the file system with a device number `major:minor`; nil when the table does not list it, as for some btrfs subvolumes.
    ///
    /// - Complexity: linear in the number of mounts.
    package static func fileSystem(ofDevice device: String, in table: String) -> String? {
        for line in table.split(separator: "\n") {
            let words = line.split(separator: " ")
            guard words.count > 2, words[2] == device, let dash = words.firstIndex(of: "-"), dash + 1 < words.count else { continue }
            return String(words[dash + 1])
        }
        return nil
    }

    /// Where something is mounted at a folder (`.`) and below it, as paths from there; none where the system has no table of mounts.
    ///
    /// - Complexity: linear in the number of mounts.
    static func mountPoints(in folder: String) throws(GitError) -> [RepositoryPath] {
        guard let root = realPath(folder) else { return [] }
        let table = try onFiles { () throws(FileError) in try fileContent("/proc/self/mountinfo") ?? [] }
        let start = Array((root + "/").utf8)
        let found = table.split(separator: 0x0A).compactMap { line -> RepositoryPath? in
            let words = line.split(separator: 0x20, maxSplits: 5)
            guard words.count > 4 else { return nil }
            let path = unescaped(words[4])
            if path == start.dropLast() { return RepositoryPath(".") }
            return path.starts(with: start) ? RepositoryPath(bytes: path.dropFirst(start.count)) : nil
        }
        return Set(found).sorted()
    }

    /// Spaces and their kin are written as three octal digits.
    private static func unescaped(_ word: ArraySlice<UInt8>) -> [UInt8] {
        var result: [UInt8] = []
        var rest = word
        while let byte = rest.popFirst() {
            let digits = rest.prefix(3)
            if byte == 0x5C, digits.count == 3, let value = UInt8(String(decoding: digits, as: UTF8.self), radix: 8) {
                result.append(value)
                rest = rest.dropFirst(3)
            } else {
                result.append(byte)
            }
        }
        return result
    }

    /// `major:minor`, as gnu_dev_major(3) and gnu_dev_minor(3) take a number apart.
    package static func name(ofDevice device: UInt64) -> String {
        let major = (device >> 8) & 0xFFF | (device >> 32) & ~0xFFF
        let minor = device & 0xFF | (device >> 12) & 0xFFFF_FF00
        return "\(major):\(minor)"
    }

    /// Whether locks of one machine, or of several, cannot be relied on there.
    package static func isUnreliable(_ type: String) -> Bool { type == "fuse" || type.hasPrefix("fuse.") || remote.contains(type) }

    private static let remote: Set<String> = [
        "nfs", "nfs4", "smb3", "smbfs", "cifs", "afs", "coda", "ceph", "9p", "ncpfs", "lustre", "gpfs", "beegfs", "ocfs2", "gfs2",
        "glusterfs",
    ]
}
