import Glibc

/// What `/proc/self/mountinfo` says about file systems: it tells a local disk behind FUSE (`fuseblk`) from a remote one,
/// which the numbers of statfs(2) do not.
enum MountTable {
    /// The type of the file system with a device number `major:minor`; nil when the table does not list it, as for some btrfs subvolumes.
    ///
    /// - Complexity: linear in the number of mounts.
    static func fileSystem(ofDevice device: String, in table: String? = nil) -> String? {
        for line in (table ?? read()).split(separator: "\n") {
            let words = line.split(separator: " ")
            guard words.count > 2, words[2] == device, let dash = words.firstIndex(of: "-"), dash + 1 < words.count else { continue }
            return String(words[dash + 1])
        }
        return nil
    }

    /// `major:minor`, as gnu_dev_major(3) and gnu_dev_minor(3) take a number apart.
    static func name(ofDevice device: UInt64) -> String {
        let major = (device >> 8) & 0xFFF | (device >> 32) & ~0xFFF
        let minor = device & 0xFF | (device >> 12) & 0xFFFF_FF00
        return "\(major):\(minor)"
    }

    /// Whether locks of one machine, or of several, cannot be relied on there.
    static func isUnreliable(_ type: String) -> Bool { type == "fuse" || type.hasPrefix("fuse.") || remote.contains(type) }

    private static let remote: Set<String> = [
        "nfs", "nfs4", "smb3", "smbfs", "cifs", "afs", "coda", "ceph", "9p", "ncpfs", "lustre", "gpfs", "beegfs", "ocfs2", "gfs2",
        "glusterfs",
    ]

    /// Empty where there is no /proc: then nothing is known against the file system.
    private static func read() -> String {
        let descriptor = open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return "" }
        defer { close(descriptor) }
        var table: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 16_384)
        while true {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            if count <= 0 { return String(decoding: table, as: UTF8.self) }
            table += buffer[..<count]
        }
    }
}
