import Glibc
import SystemPackage

/// What a worktree holds beyond its commits, as trees in the object database.
package struct WorkSnapshot: Hashable, Sendable {
    /// The index; of conflicted paths our side.
    package let index: ObjectID
    /// The tracked files as they are on disk.
    package let files: ObjectID
    /// The untracked files that are not ignored; nil when there are none.
    package let untracked: ObjectID?
    /// Staged, changed and unmerged paths.
    let changedPaths: [RepositoryPath]
    /// The paths in ``untracked``.
    let untrackedPaths: [RepositoryPath]
    /// The sides of unmerged paths, below `1/` (base), `2/` (ours) and `3/` (theirs); nil when there are none.
    package let conflicts: ObjectID?
}

extension Repository {
    /// Stores index, changed files and untracked files as objects, as `git stash --include-untracked` would; nothing on disk changes but
    /// the object database.
    ///
    /// A file that git would refuse to convert (`core.safecrlf`) is stored byte for byte. Files behind `assume-unchanged` and `skip-worktree` are looked at.
    /// `excluded`: paths of Czar's own; where they are untracked they are left out, but for those that are `included`.
    /// - Complexity: O(files of the worktree); what changed is read once.
    /// Throws ``GitError`` when a file cannot be read or stored: then nothing may be removed.
    package func snapshotOfWork(excluding excluded: [RepositoryPath], including included: [RepositoryPath] = []) throws(GitError)
        -> WorkSnapshot
    {
        // Of a worktree whose folder is gone only the index is left.
        let hasFiles = worktree.map { FileKind(at: $0) == .folder } ?? false
        let work = try hasFiles ? work() : WorkOnDisk()
        let index = try ScratchIndex.copy(of: self)
        try index.takeOutIntended()
        let conflicts = try index.takeConflicts(in: self)
        let indexTree = try index.writeTree(in: self)
        try takeFiles(work.tracked.filter { $0.unstaged != " " || $0.isConflicted }.map(\.path), into: index)
        let found = work.strangers.untracked.filter { !$0.isCzarsOwn(excluded) && $0.bytes.last != 0x2F }
        let untrackedPaths = found + (hasFiles ? included : [])
        let untracked = try ScratchIndex.empty()
        if !untrackedPaths.isEmpty {
            // Of an index that has been emptied, as git's own stash does it.
            let checkin = try Checkin(of: self, concerning: untrackedPaths) { _ in nil }
            for path in untrackedPaths { try untracked.add(path, of: self, checkin) }
        }
        return WorkSnapshot(
            index: indexTree, files: try index.writeTree(in: self),
            untracked: untrackedPaths.isEmpty ? nil : try untracked.writeTree(in: self), changedPaths: work.tracked.map(\.path),
            untrackedPaths: untrackedPaths, conflicts: conflicts)
    }

    /// What is gone goes first: attributes that were deleted say nothing of the other files.
    private func takeFiles(_ paths: [RepositoryPath], into index: borrowing ScratchIndex) throws(GitError) {
        var there: [RepositoryPath] = []
        for path in paths {
            switch fileFacts(path)?.st_mode {
            case .some(let mode) where mode & S_IFMT == S_IFREG || mode & S_IFMT == S_IFLNK: there.append(path)
            case .some(let mode) where mode & S_IFMT == S_IFDIR && index.isSubmodule(path): continue
            default: try index.remove(path)
            }
        }
        guard !there.isEmpty else { return }
        let checkin = try Checkin(of: self, concerning: there) { (path) throws(GitError) in index.blob(at: path) }
        for path in there { try index.add(path, of: self, checkin) }
    }

    /// What lstat says about a path of this worktree; nil when nothing is there, and for what is there only through a link on the way, as
    /// in a folder that a link has replaced: to git that is gone.
    func fileFacts(_ path: RepositoryPath) -> stat? {
        guard let worktree else { return nil }
        var info = stat()
        guard withCName(Array(worktree.utf8) + [0x2F] + path.bytes + [0], { lstat($0, &info) }) == 0 else { return nil }
        return hasLinkOnTheWay(path, worktree) ? nil : info
    }

    private func hasLinkOnTheWay(_ path: RepositoryPath, _ worktree: String) -> Bool {
        guard !path.folder.isEmpty else { return false }
        let root = open(worktree, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard root >= 0 else { return false }
        defer { close(root) }
        let folder = withCName(path.folder + [0]) { openBelow(root, $0, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
        guard folder >= 0 else { return Glibc.errno == ELOOP || Glibc.errno == ENOTDIR }
        close(folder)
        return false
    }
}

extension RepositoryPath {
    /// Whether it is one of `paths` or lies in one; a folder listed as one entry ends with a slash.
    package func isCzarsOwn(_ paths: [RepositoryPath]) -> Bool {
        paths.contains { isInside($0) || self == RepositoryPath(bytes: $0.bytes + [0x2F]) }
    }
}
