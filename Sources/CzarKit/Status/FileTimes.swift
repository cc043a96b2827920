import CzarPlanning
import Glibc

/// When a file was last written; nil when it does not exist.
func modificationTime(of path: String) -> Timestamp? {
    var info = stat()
    guard lstat(path, &info) == 0 else { return nil }
    return Timestamp(milliseconds: Int64(info.st_mtim.tv_sec) * 1000 + Int64(info.st_mtim.tv_nsec) / 1_000_000)
}
