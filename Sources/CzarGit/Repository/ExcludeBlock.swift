import Glibc
import SystemPackage

/// One marked block in `<common>/info/exclude`, which git reads in every worktree; all other lines stay byte for byte.
extension RepositoryLocation {
    private static let opening = "# >>> czar: kept by Czar; lines outside this block are yours"
    private static let closing = "# <<< czar"

    /// The patterns in the block; nil when there is none.
    package func excludeBlock() throws(GitError) -> [String]? {
        let bytes = try onFiles { () throws(FileError) in try fileContent(joinPath(commonDirectory, "info/exclude")) }
        guard let block = Self.block(in: bytes ?? []) else { return nil }
        let lines = bytes![block].split(separator: 0x0A).map { String(decoding: $0, as: UTF8.self) }
        return Array(lines.filter { $0 != Self.opening && $0 != Self.closing })
    }

    /// Makes the block hold exactly `patterns`; no patterns remove it. Writes nothing when it does already.
    ///
    /// Written aside, flushed and renamed under a lock, so that several processes lose nothing of each other's.
    package func writeExcludeBlock(_ patterns: [String]) throws(GitError) {
        precondition(!patterns.contains { $0.utf8.contains(0x0A) }, "a pattern is one line")
        // Looked at first, because a process in a sandbox may not even take the lock.
        if try excludeBlock() ?? [] == patterns { return }
        try onFiles { () throws(FileError) in
            let common = try Folder(opening: commonDirectory)
            let own = try common.subfolder("czar/locks", creating: ownFiles.folder)
            let lock = try FileLock("exclude.lock", in: own)
            defer { lock.hold() }
            // git follows a link at info/exclude or info; replacing one would take the user's shared file away, so it is written through.
            let target = realPath(joinPath(commonDirectory, "info/exclude"))
            let folder =
                if let target { try Folder(opening: splitPath(target).folder) } else { try common.subfolder("info", creating: 0o777) }
            let name = target.map { splitPath($0).name } ?? "exclude"
            let old = try folder.read(name)
            let new = Self.replacing(in: old ?? [], with: patterns)
            guard new != old ?? [] else { return }
            try folder.write(new, to: name, mode: Self.mode(of: name, in: folder), aside: own)
        }
    }

    private static func replacing(in old: [UInt8], with patterns: [String]) -> [UInt8] {
        let text = patterns.isEmpty ? [] : Array(([opening] + patterns + [closing]).map { $0 + "\n" }.joined().utf8)
        if let block = block(in: old) { return Array(old[..<block.lowerBound]) + text + Array(old[block.upperBound...]) }
        if text.isEmpty { return old }
        return old + (old.isEmpty || old.last == 0x0A ? [] : [0x0A]) + text
    }

    /// The bytes from the opening line to the end of the closing one; to the end of the opening line where the closing one was lost.
    private static func block(in bytes: [UInt8]) -> Range<Int>? {
        var start: Int?
        var openingEnd = 0
        var position = 0
        while position < bytes.count {
            let end = bytes[position...].firstIndex(of: 0x0A).map { $0 + 1 } ?? bytes.count
            let line = bytes[position..<end].last == 0x0A ? bytes[position..<(end - 1)] : bytes[position..<end]
            if start == nil, line.elementsEqual(opening.utf8) {
                (start, openingEnd) = (position, end)
            } else if let start, line.elementsEqual(closing.utf8) {
                return start..<end
            }
            position = end
        }
        return start.map { $0..<openingEnd }
    }

    private static func mode(of name: String, in folder: borrowing Folder) -> FileMode {
        var info = stat()
        return fstatat(folder.descriptor, name, &info, AT_SYMLINK_NOFOLLOW) == 0 ? .exactly(info.st_mode & 0o777) : 0o644
    }
}
