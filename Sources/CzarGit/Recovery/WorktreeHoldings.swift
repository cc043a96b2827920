import Glibc
import SystemPackage

/// What a removal of a worktree would take away.
package struct WorktreeHoldings: Hashable, Sendable {
    /// Staged or changed, and unmerged paths.
    package var changed: [RepositoryPath] = []
    /// Neither tracked nor ignored.
    package var untracked: [RepositoryPath] = []
    /// Ignored files, and as one entry each ignored folder.
    package var ignored: [RepositoryPath] = []
    /// Folders with something of their own that is named `.git`, tracked ones too: repositories, of which nothing can be kept.
    package var repositories: [RepositoryPath] = []
    /// Repositories of submodules, which would go with it: those whose files are in it, and those with commits that no remote is known to
    /// have.
    package var submodules: [RepositoryPath] = []
    /// Those of them whose files are not just those of their commit.
    package var changedSubmodules: [RepositoryPath] = []
    /// Files in the folders of submodules that are not cloned: git does not look there.
    package var strays: [RepositoryPath] = []
    /// Folders that this user may not read or empty.
    package var untouchable: [RepositoryPath] = []
    /// Places where something is mounted; `.` for the worktree itself.
    package var mounts: [RepositoryPath] = []
    /// Folders with nothing in them; with a slash at the end.
    package var emptyFolders: [RepositoryPath] = []
    package var operation: OperationInProgress?
    package var head: Head

    /// Found in two ways, a folder counts once.
    fileprivate var normalized: WorktreeHoldings {
        var result = self
        result.repositories = Set(repositories).sorted()
        return result
    }

    package var isClean: Bool { changed.isEmpty && untracked.isEmpty && operation == nil }
}

extension Repository {
    /// Looks at everything in this worktree, also behind `assume-unchanged` and `skip-worktree`.
    ///
    /// `excluded`: paths of Czar's own, left out where they are untracked or ignored.
    /// - Complexity: O(files of the worktree).
    package func holdings(excluding excluded: [RepositoryPath]) throws(GitError) -> WorktreeHoldings {
        let head: Head
        do throws(ReferenceError) { head = try self.head() } catch { throw error.gitError }
        var found = WorktreeHoldings(head: head)
        found.operation = OperationInProgress.inProgress(gitDirectory: gitDirectory)
        if let worktree { found.mounts = try MountTable.mountPoints(in: worktree) }
        let work = try work()
        let ignored = work.strangers.ignored.filter { !$0.isCzarsOwn(excluded) }
        let untracked = work.strangers.untracked.filter { !$0.isCzarsOwn(excluded) }
        found.changed = work.tracked.map(\.path)
        found.ignored = ignored.filter { !isRepository($0) }
        found.untracked = untracked.filter { $0.bytes.last != 0x2F }
        found.repositories = ignored.filter { isRepository($0) } + untracked.filter { $0.bytes.last == 0x2F }
        try lookIntoFolders(except: found.ignored + work.submodules, &found)
        try lookAtSubmodules(work.submodules, &found)
        return found.normalized
    }

    /// Those of ignored entries that hold a repository of their own, however deep; as paths of the repositories.
    ///
    /// - Complexity: O(folders in them).
    package func repositories(within ignored: [RepositoryPath]) throws(GitError) -> [RepositoryPath] {
        guard let worktree else { return [] }
        return try onFiles { () throws(FileError) in
            let root = try Folder(opening: worktree)
            var found: [RepositoryPath] = []
            for entry in ignored where entry.bytes.last == 0x2F {
                var waiting = [Array(entry.bytes.dropLast())]
                while let folder = waiting.popLast() {
                    let entries = try root.subfolder(folder).typedEntries()
                    if entries.contains(where: { $0.name == Array(".git".utf8) }) {
                        found.append(RepositoryPath(bytes: folder + [0x2F]))
                        continue
                    }
                    for (name, type) in entries where Int(type) == Int(DT_DIR) { waiting.append(folder + [0x2F] + name) }
                }
            }
            return found.sorted()
        }
    }

    /// Those of untracked files that no index may hold, because git refuses a name on the way to them: up to that name, each once.
    package func namesRefused(_ untracked: [RepositoryPath]) throws(GitError) -> [RepositoryPath] {
        let rules = try CheckoutSettings(self).rules
        var found: Set<RepositoryPath> = []
        for path in untracked {
            let isLink = fileFacts(path).map { $0.st_mode & S_IFMT == S_IFLNK } ?? false
            if let name = rules.refusedPart(of: path, isLink: isLink) { found.insert(name) }
        }
        return found.sorted()
    }

    private func isRepository(_ folder: RepositoryPath) -> Bool {
        folder.bytes.last == 0x2F && fileFacts(RepositoryPath(bytes: folder.bytes + Array(".git".utf8))) != nil
    }
}
