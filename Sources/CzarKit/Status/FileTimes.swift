import CzarPlanning
import Glibc

/// When a file was last written; nil when it does not exist.
func modificationTime(of path: String) -> Timestamp? {
    var info = stat()
    guard lstat(path, &info) == 0 else { return nil }
    return Timestamp(info.st_mtim)
}
