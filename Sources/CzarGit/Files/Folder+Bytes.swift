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

    /// What is in the folder at a path below this one.
    package func children(of path: [UInt8]) throws(FileError) -> [(name: [UInt8], kind: FileKind)] {
        let folder = try subfolder(path)
        var found: [(name: [UInt8], kind: FileKind)] = []
        for name in try folder.entries() {
            if let info = try folder.status(of: name) { found.append((name, FileKind(mode: info.st_mode))) }
        }
        return found
    }

    /// What stands under a name of raw bytes, without following a link; nil when nothing does.
    func status(of name: [UInt8]) throws(FileError) -> stat? {
        var info = stat()
        if withCName(name + [0], { fstatat(descriptor, $0, &info, AT_SYMLINK_NOFOLLOW) }) == 0 { return info }
        if Glibc.errno == ENOENT { return nil }
        throw FileError("look at", join(escapedForDisplay(name)))
    }

    /// Removes the file or link (or, with `isFolder`, the empty folder) at a path below this folder, where there is one, and the folders that
    /// this leaves empty.
    func removeFile(below path: RepositoryPath, isFolder: Bool = false) throws(FileError) {
        var (rest, isFolder) = (path.bytes, isFolder)
        while !rest.isEmpty {
            let (parent, name) = (RepositoryPath(bytes: rest).folder, Array(rest[(rest.lastIndex(of: 0x2F).map { $0 + 1 } ?? 0)...]))
            do throws(FileError) {
                let folder = try subfolder(parent)
                let removed = withCName(name + [0]) { unlinkat(folder.descriptor, $0, isFolder ? AT_REMOVEDIR : 0) }
                if removed != 0, isFolder, [ENOTEMPTY, EEXIST].contains(Glibc.errno) { return }
                if removed != 0, Glibc.errno != ENOENT { throw FileError("remove", folder.join(escapedForDisplay(name))) }
            } catch {
                if error.errno != .noSuchFileOrDirectory { throw error }
            }
            (rest, isFolder) = (parent, true)
        }
    }

    /// Replaces what a plain file holds, which keeps its permissions; nothing is written where it holds that already.
    func replaceContent(of name: [UInt8], by bytes: [UInt8]) throws(FileError) {
        func open(_ flags: Int32) throws(FileError) -> OpenFile {
            let opened = withCName(name + [0]) { file in
                retryingInterrupts { openat(descriptor, file, flags | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC) }
            }
            guard opened >= 0 else { throw FileError("open", join(escapedForDisplay(name))) }
            return OpenFile(descriptor: opened, path: join(escapedForDisplay(name)))
        }
        if try open(O_RDONLY).content() == bytes { return }
        let file = try open(O_WRONLY)
        try file.write(bytes, at: 0)
        try file.truncate(to: Int64(bytes.count))
    }
}

extension RepositoryPath {
    /// The bytes of the folder around it, without a slash at the end; empty for the root.
    var folder: [UInt8] { bytes.lastIndex(of: 0x2F).map { Array(bytes[..<$0]) } ?? [] }

    /// The bytes of the last component.
    var name: [UInt8] { Array(bytes[(bytes.lastIndex(of: 0x2F).map { $0 + 1 } ?? 0)...]) }
}
