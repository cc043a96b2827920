import Glibc
import SystemPackage

/// Records of unfinished work that came here with a copy of the whole repository: the folders that they name are the original's, which has the
/// same records, and finishes its work by itself.
extension RepositoryLocation {
    /// Whether the folder of an addition or a removal belongs to another repository.
    ///
    /// Where it does not say whose it is, as an empty one, the repository is asked whose root it was to be made below. A repository that is
    /// not there any more is this one before it was moved.
    func isOthers(_ record: StagingRecord) throws(FileError) -> Bool {
        let places: [String] =
            switch record.kind {
            case .add: [record.path, record.root]
            case .remove: record.extras.prefix(1).map { joinPath(record.root, $0) }
            // Its inode says whose it is.
            case .lock: []
            }
        for place in places {
            if let found = try repository(of: place).flatMap({ realPath($0) }) { return !isSameFolder(found, commonDirectory) }
        }
        return false
    }

    /// Takes away only what the copy brought here.
    func leaveToOriginal(_ record: StagingRecord, _ id: String, in all: borrowing Folder) throws(FileError) -> RecoveredWorktree {
        if record.kind == .remove { try unlock(record, id) }
        if record.kind == .add, let name = try entryName(initializedBy: id) {
            try Folder(opening: worktreesDirectory).removeTree(name)
        }
        try all.removeTree(id)
        return .forgotten(path: record.path)
    }

    /// Whether a folder's `.git` leads to an entry, or to nothing: the repository around it was moved.
    func mayBelong(_ folder: String, to entry: String) throws(FileError) -> Bool {
        guard let target = try gitFile(of: folder).flatMap({ realPath($0) }) else { return true }
        return isSameFolder(target, entry)
    }

    /// The git directory of the repository that a main or linked worktree's folder says it is one of; nil where it is none.
    private func repository(of folder: String) throws(FileError) -> String? {
        let mark = joinPath(folder, ".git")
        guard let kind = FileKind(at: mark) else { return isGitDirectory(folder) ? folder : nil }
        if kind == .folder { return mark }
        guard let named = try gitFile(of: folder) else { return nil }
        guard let target = realPath(named) else { return splitPath(splitPath(named).folder).folder }
        return FileKind(at: joinPath(target, "commondir")) == .file ? splitPath(splitPath(target).folder).folder : target
    }

    /// What a folder's `.git` file names, whether it is there or not.
    private func gitFile(of folder: String) throws(FileError) -> String? {
        let mark = joinPath(folder, ".git")
        return FileKind(at: mark) == .file ? try CzarGit.folder(namedByGitFile: mark) : nil
    }
}

/// Whether two paths lead to one folder: a repository may be mounted at two places.
func isSameFolder(_ left: String, _ right: String) -> Bool {
    var (one, other) = (stat(), stat())
    return stat(left, &one) == 0 && stat(right, &other) == 0 && one.st_ino == other.st_ino && one.st_dev == other.st_dev
}
