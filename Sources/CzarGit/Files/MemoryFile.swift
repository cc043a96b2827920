import CLibgit2
import Glibc

/// A file without a name that holds `content`, for whoever takes nothing but a path (`/proc/self/fd/N`). The caller closes it.
func memoryFile(_ content: [UInt8]) throws(FileError) -> Int32 {
    let file = czar_memory_file()
    guard file >= 0 else { throw FileError("make a file in", "memory") }
    guard write(file, content, content.count) == content.count else {
        let failure = FileError("write a file in", "memory")
        close(file)
        throw failure
    }
    return file
}
