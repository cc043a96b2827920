import CLibgit2
import Glibc
import SystemPackage

/// A linked worktree without an index. Git takes every file there for deleted and untracked, and its next commit takes all that is not added
/// again out of the branch.
extension RepositoryLocation {
    /// The commit that HEAD of such a worktree is at; nil for one that has an index, is being made or removed, or is at no commit, where git
    /// makes none either. While somebody writes an index there, it has one.
    package func commitWithoutIndex(_ entry: WorktreeEntry) throws(GitError) -> ObjectID? {
        guard entry.name != nil, entry.problem == nil, !entry.isBeingMade, !entry.isBeingRemoved, lacksIndex(entry.gitDirectory) else {
            return nil
        }
        let repository = try Repository(opening: commonDirectory)
        if let commit = entry.detachedAt { return try repository.peeledCommit(commit) }
        guard let branch = entry.branch else { return nil }
        do throws(ReferenceError) { return try repository.branchTip(branch) } catch {
            if case .invalidName = error { return nil }
            throw error.gitError
        }
    }

    /// Makes the index again from what a commit has, as `git reset` does: no file is touched, and git shows what differs.
    ///
    /// `sparse`: the paths of a worktree that was made sparse. Where its settings are lost too, and files outside the paths are not there, it
    /// is sparse again.
    /// - Returns: how many of the commit's files are neither there nor left out; nil, with nothing done, where patterns that are no cone say
    ///   what is left out, by which only git can tell.
    /// - Complexity: O(files of the commit).
    package func makeIndex(
        of name: String, worktree path: String, at commit: ObjectID, sparse: [RepositoryPath]?
    ) throws(GitError) -> Int? {
        let directory = joinPath(worktreesDirectory, name)
        // The entry itself may have no HEAD yet.
        let repository = try Repository.opening(commonDirectory, worktree: path)
        let tree = try repository.tree(of: commit)
        let absent = try repository.files(in: tree).map(\.path).filter { repository.fileFacts($0) == nil }
        var cone: SparseCone?
        if try worktreeFlag("core.sparsecheckout", in: directory) {
            cone = try sparseCone(of: directory)
            if cone == nil { return nil }
        } else if let sparse, try usesWorktreeConfiguration(), FileKind(at: joinPath(directory, WorktreeConfiguration.fileName)) == nil {
            let planned = try repository.cone(of: sparse, in: tree)
            if absent.contains(where: { !planned.holdsFiles(in: $0.folder) }) {
                cone = planned
                try onFiles { () throws(FileError) in
                    let entry = try Folder(opening: directory)
                    try entry.subfolder("info", creating: 0o777).write(planned.file, to: SparseCone.fileName)
                    try entry.write(Array(WorktreeConfiguration.sparse.utf8), to: WorktreeConfiguration.fileName)
                }
            }
        }
        let leftOut = absent.filter { path in cone.map { !$0.holdsFiles(in: path.folder) } ?? false }
        try writeIndex(joinPath(directory, "index"), of: repository.treeHandle(tree), leavingOut: leftOut)
        return absent.count - leftOut.count
    }

    private func worktreeFlag(_ name: String, in directory: String) throws(GitError) -> Bool {
        let settings = joinPath(directory, WorktreeConfiguration.fileName)
        guard try usesWorktreeConfiguration(), FileKind(at: settings) == .file else { return false }
        return try ConfigurationFile(onDisk: settings).flag(name) == true
    }

    /// Without sizes and times: git and Czar look at the files the next time. Takes the tree over.
    private func writeIndex(_ path: String, of tree: OpaquePointer, leavingOut leftOut: [RepositoryPath]) throws(GitError) {
        defer { git_tree_free(tree) }
        let index = try make("make the index", path) { git_index_open(&$0, path) }
        defer { git_index_free(index) }
        try check("make the index", path) { git_index_read_tree(index, tree) }
        for file in leftOut {
            let found = file.withCString { git_index_get_bypath(index, $0, 0)?.pointee }
            guard var entry = found else { continue }
            entry.flags_extended |= UInt16(GIT_INDEX_ENTRY_SKIP_WORKTREE.rawValue)
            try check("leave out", file.description) { git_index_add(index, &entry) }
        }
        try check("write the index", path) { git_index_write(index) }
    }
}

/// Whether a git directory has no index, and nobody writes one.
func lacksIndex(_ gitDirectory: String) -> Bool {
    ["index", "index.lock"].allSatisfy { FileKind(at: joinPath(gitDirectory, $0)) == nil }
}
