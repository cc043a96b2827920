import Glibc
import SystemPackage

extension Folder {
    /// Opens a folder below this one by raw bytes; a symbolic link in any component is refused.
    func subfolder(_ path: [UInt8]) throws(FileError) -> Folder {
        let shown = path.isEmpty ? self.path : join(escapedForDisplay(path))
        // The folder itself is opened anew by its dot: the other has a position of its own.
        let opened = withCName((path.isEmpty ? [UInt8(ascii: ".")] : path) + [0]) {
            openBelow(descriptor, $0, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        }
        guard opened >= 0 else { throw FileError("open the folder", shown) }
        return Folder(descriptor: opened, path: shown)
    }

    /// The same, making missing folders on the way.
    func makingSubfolder(_ path: [UInt8]) throws(FileError) -> Folder {
        var current = try subfolder([])
        for component in path.split(separator: 0x2F) {
            if withCName(Array(component) + [0], { mkdirat(current.descriptor, $0, 0o777) }) != 0, Glibc.errno != EEXIST {
                throw FileError("create the folder", current.join(escapedForDisplay(component)))
            }
            current = try current.subfolder(Array(component))
        }
        return current
    }

    /// What stands under a name of raw bytes, without following a link; nil when nothing does.
    func status(of name: [UInt8]) throws(FileError) -> stat? {
        var info = stat()
        if withCName(name + [0], { fstatat(descriptor, $0, &info, AT_SYMLINK_NOFOLLOW) }) == 0 { return info }
        if Glibc.errno == ENOENT { return nil }
        throw FileError("look at", join(escapedForDisplay(name)))
    }
}
