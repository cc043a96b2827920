import CLibgit2
import Glibc
import SystemPackage

/// The index of a worktree while a commit is made from it.
struct StagingIndex: ~Copyable {
    private let handle: OpaquePointer
    private let path: String

    private init(adopting handle: OpaquePointer, path: String) { (self.handle, self.path) = (handle, path) }

    /// Reads the index anew.
    static func read(of repository: borrowing Repository) throws(GitError) -> StagingIndex {
        let path = joinPath(repository.gitDirectory, "index")
        let index = StagingIndex(adopting: try make("read the index", path) { git_repository_index(&$0, repository.handle) }, path: path)
        try check("read the index", path) { git_index_read(index.handle, 1) }
        return index
    }

    deinit { git_index_free(handle) }

    var isEmpty: Bool { git_index_entrycount(handle) == 0 }

    /// Takes the files' state into the index, in memory only.
    func stage(
        _ entries: [WorktreeStatus.Entry], excluding excluded: [RepositoryPath], parent: ObjectID?, in repository: borrowing Repository
    ) throws(GitError) {
        // Deletions first: a file that became a folder must go before what is in the folder comes.
        for entry in entries where entry.unstaged == "D" {
            try check("stage the deletion of", entry.path.description) { entry.path.withCString { git_index_remove_bypath(handle, $0) } }
        }
        for entry in entries where entry.unstaged != "D" {
            try check("stage", entry.path.description) { entry.path.withCString { git_index_add_bypath(handle, $0) } }
        }
        try unstageNew(excluded, parent: parent, in: repository)
    }

    /// Takes out what is excluded and not in HEAD: an agent's `git add -f` does not bring a tool file into a commit.
    private func unstageNew(_ excluded: [RepositoryPath], parent: ObjectID?, in repository: borrowing Repository) throws(GitError) {
        var paths: [RepositoryPath] = []
        for index in 0..<git_index_entrycount(handle) {
            guard let entry = git_index_get_byindex(handle, index)?.pointee, let raw = entry.path else { continue }
            let path = RepositoryPath(cString: raw)
            if excluded.contains(where: { path.isInside($0) }) { paths.append(path) }
        }
        let tree = try parent.map { (id) throws(GitError) in try repository.tree(of: id) }
        for path in paths {
            if let tree, try repository.tracks(path, in: tree) { continue }
            try check("unstage", path.description) { path.withCString { git_index_remove(handle, $0, 0) } }
        }
    }

    func writeTree() throws(GitError) -> ObjectID {
        var id = git_oid()
        try check("write the tree of", path) { git_index_write_tree(&id, handle) }
        return ObjectID(id)
    }

    /// Writes the index file. The returned value can put the old one back.
    func save() throws(GitError) -> SavedIndex {
        let before = try onFiles { () throws(FileError) in try fileContent(path) }
        var backoff = Backoff(limit: .seconds(2))
        while true {
            do throws(GitError) {
                try check("write the index", path) { git_index_write(handle) }
                break
            } catch {
                guard error.code == .locked, backoff.pause() else { throw error }
            }
        }
        let after = try onFiles { () throws(FileError) in try fileContent(path) }
        return SavedIndex(path: path, before: before, after: after)
    }
}

/// An index file as it was before it was written.
struct SavedIndex: Sendable {
    let path: String
    let before: [UInt8]?
    let after: [UInt8]?

    /// Puts the old content back, under git's own lock, unless somebody has written the file since.
    func restore() throws(GitError) {
        try onFiles { () throws(FileError) in
            let (parent, name) = splitPath(path)
            let folder = try Folder(opening: parent)
            guard try folder.read(name) == after else { return }
            guard let before else {
                try folder.removeFile(name)
                return
            }
            try folder.create(name + ".lock", before)
            try folder.rename(name + ".lock", to: name, in: folder)
        }
    }
}
