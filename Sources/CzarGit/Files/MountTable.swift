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
