import Glibc
import SystemPackage

extension Repository {
    /// Looks into every folder of this worktree for what git does not show: things named `.git` in tracked folders, empty folders, and
    /// folders that this user may not read or empty.
    ///
    /// `known`: folders whose content is looked at in another way; only what this user may do with it is found out here.
    /// - Complexity: O(folders), a listing each; the superuser may do everything, and is spared the known ones.
    func lookIntoFolders(except known: [RepositoryPath], _ found: inout WorktreeHoldings) throws(GitError) {
        guard let worktree else { return }
        let known = Set(known.map { $0.bytes.last == 0x2F ? Array($0.bytes.dropLast()) : $0.bytes })
        let mounts = Set(found.mounts.map(\.bytes))
        let entersKnown = geteuid() != 0
        try onFiles { () throws(FileError) in
            let root = try Folder(opening: worktree)
            var waiting: [(path: [UInt8], isKnown: Bool)] = [([], false)]
            while let (path, isKnown) = waiting.popLast() {
                let folder: Folder
                do throws(FileError) { folder = try root.subfolder(path) } catch {
                    if [.noSuchFileOrDirectory, .notDirectory, .tooManySymbolicLinkLevels].contains(error.errno) { continue }
                    guard error.errno == .permissionDenied else { throw error }
                    found.untouchable.append(RepositoryPath(bytes: path + [0x2F]))
                    continue
                }
                let entries = try folder.typedEntries()
                if !isKnown, !path.isEmpty, entries.contains(where: { $0.name == dotGit }) {
                    found.repositories.append(RepositoryPath(bytes: path + [0x2F]))
                    continue
                }
                if !isKnown, entries.isEmpty, !path.isEmpty { found.emptyFolders.append(RepositoryPath(bytes: path + [0x2F])) }
                if !entries.isEmpty, try !folder.canBeEmptied() { found.untouchable.append(RepositoryPath(bytes: path + [0x2F])) }
                for (name, type) in entries {
                    guard try folder.isFolder(name, type), !path.isEmpty || name != dotGit else { continue }
                    let below = path.isEmpty ? name : path + [0x2F] + name
                    let isKnown = isKnown || known.contains(below)
                    if !mounts.contains(below), entersKnown || !isKnown { waiting.append((below, isKnown)) }
                }
            }
        }
        found.untouchable.sort()
        found.emptyFolders.sort()
    }
}

private let dotGit = Array(".git".utf8)

extension Folder {
    fileprivate func isFolder(_ name: [UInt8], _ type: UInt8) throws(FileError) -> Bool {
        if Int(type) != Int(DT_UNKNOWN) { return Int(type) == Int(DT_DIR) }
        return try status(of: name).map { $0.st_mode & S_IFMT == S_IFDIR } ?? false
    }

    /// A removal makes folders of the user's own writable.
    fileprivate func canBeEmptied() throws(FileError) -> Bool {
        let user = geteuid()
        if user == 0 { return true }
        var info = stat()
        guard fstat(descriptor, &info) == 0 else { throw FileError("examine", path) }
        return info.st_uid == user || faccessat(descriptor, ".", W_OK | X_OK, AT_EACCESS) == 0
    }
}
