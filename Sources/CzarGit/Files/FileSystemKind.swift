import CLibgit2
import Glibc

/// The file system that holds `path`, by name, when its locks cannot be relied on: a network or user-space one; nil for a local one.
///
/// SQLite's and git's locks are not reliable there, and another machine may write at the same time.
package func networkFileSystem(holding path: String) throws(FileError) -> String? {
    var status = stat()
    guard stat(path, &status) == 0 else { throw FileError("examine", path) }
    let table = ProcFile.text("/proc/self/mountinfo") ?? ""
    if let type = MountTable.fileSystem(ofDevice: MountTable.name(ofDevice: UInt64(status.st_dev)), in: table) {
        return MountTable.isUnreliable(type) ? type : nil
    }
    // The table lists other device numbers than stat for btrfs subvolumes; and there may be no /proc.
    var info = statfs()
    guard statfs(path, &info) == 0 else { throw FileError("look at the file system of", path) }
    return networkFileSystems[UInt32(truncatingIfNeeded: info.f_type)]
}

// Magic numbers of linux/magic.h and the file systems' own sources; FUSE may be local (ntfs-3g), but says nothing about its locks.
private let networkFileSystems: [UInt32: String] = [
    0x6969: "NFS", 0xFF53_4D42: "CIFS", 0xFE53_4D42: "SMB2", 0x517B: "SMB", 0x6573_5546: "FUSE (sshfs and the like)",
    0x5346_414F: "AFS", 0x7375_7245: "Coda", 0x0102_1997: "9P", 0x00C3_6400: "Ceph", 0x0BD0_0BD0: "Lustre", 0x4750_4653: "GPFS",
    0x0161_1970: "GFS2", 0x7461_636F: "OCFS2",
]
