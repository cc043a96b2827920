import Glibc

/// The folder that a process works in, wherever it was moved since.
package struct WorkingFolder: Sendable {
    /// Where it is now; of one that was deleted, where it was.
    package let path: String
    package let isDeleted: Bool
    private let device: dev_t
    private let inode: ino_t

    fileprivate init?(of pid: Int32) {
        let link = "/proc/\(pid)/cwd"
        var info = stat()
        guard let target = ProcFile.linkTarget(link), stat(link, &info) == 0 else { return nil }
        // What the kernel says of a deleted folder; one may also be called that.
        isDeleted = info.st_nlink == 0 || (target.hasSuffix(" (deleted)") && FileKind(at: target) == nil)
        (path, device, inode) = (target, info.st_dev, info.st_ino)
    }

    /// Whether a path leads to it: a repository may be mounted at two places.
    package func isAt(_ other: String) -> Bool {
        var info = stat()
        return stat(other, &info) == 0 && info.st_dev == device && info.st_ino == inode
    }
}

extension ProcessIdentity {
    /// Nil for a process that is gone, or that may not be looked at.
    package func workingFolder() throws(FileError) -> WorkingFolder? {
        guard try status() != nil, let folder = WorkingFolder(of: pid), try status() != nil else { return nil }
        return folder
    }
}
