import CzarPlanning
import Glibc

/// Changes whenever a file's content does: inode, size and times; nil when it does not exist.
func fileStamp(of path: String) -> String? {
    var info = stat()
    guard stat(path, &info) == 0 else { return nil }
    return
        "\(path) \(info.st_ino) \(info.st_size) \(info.st_mtim.tv_sec).\(info.st_mtim.tv_nsec) \(info.st_ctim.tv_sec).\(info.st_ctim.tv_nsec)"
}

/// A file's length in bytes; nil when it does not exist.
func fileSize(of path: String) -> Int? {
    var info = stat()
    return lstat(path, &info) == 0 ? Int(info.st_size) : nil
}

/// When a file was last written; nil when it does not exist.
func modificationTime(of path: String) -> Timestamp? {
    var info = stat()
    guard lstat(path, &info) == 0 else { return nil }
    return Timestamp(info.st_mtim)
}
