import CLibgit2
import Glibc
import SystemPackage

/// The index of a worktree while a commit is made from it.
///
/// libgit2 takes `index.lock` by itself, and a process that is killed then leaves a lock of which nobody can say whose it is. So libgit2
/// works on a copy, and the lock is one that can be judged (``ReferenceLock``), held from the reading to the writing as git holds it.
struct StagingIndex: ~Copyable {
    private let handle: OpaquePointer
    /// The copy's path.
    private let path: String

    private init(adopting handle: OpaquePointer, path: String) { (self.handle, self.path) = (handle, path) }

    /// A copy of `content` in `folder`, as the index of `repository` until ``giveBack(_:)``.
    fileprivate static func copy(
        _ content: IndexContent?, in folder: borrowing Folder, of repository: borrowing Repository
    ) throws(GitError) -> StagingIndex {
        let name = "index"
        if let content { try onFiles { () throws(FileError) in try content.write(to: name, in: folder) } }
        let path = folder.join(name)
        let index = StagingIndex(adopting: try make("read the index", path) { git_index_open(&$0, path) }, path: path)
        try check("read the index", path) { git_repository_set_index(repository.handle, index.handle) }
        try check("read the index", path) { git_index_set_caps(index.handle, GIT_INDEX_CAPABILITY_FROM_OWNER.rawValue) }
        return index
    }

    /// Lets the repository read its own index again.
    fileprivate static func giveBack(_ repository: borrowing Repository) throws(GitError) {
        try check("read the index", repository.gitDirectory) { git_repository_set_index(repository.handle, nil) }
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

    /// The bytes of an index file with what is staged.
    fileprivate func content() throws(GitError) -> [UInt8] {
        try check("write the index", path) { git_index_write(handle) }
        return try onFiles { () throws(FileError) in try fileContent(path) ?? [] }
    }
}

/// An index file's bytes, and when they were written: what is younger than an index may have changed unnoticed.
private struct IndexContent {
    let bytes: [UInt8]
    let written: timespec

    init?(at path: String) throws(FileError) {
        var info = stat()
        // The time first: an index that is replaced in between then counts as older than it is, and more is looked at.
        guard stat(path, &info) == 0, let bytes = try fileContent(path) else { return nil }
        (self.bytes, written) = (bytes, info.st_mtim)
    }

    func write(to name: String, in folder: borrowing Folder) throws(FileError) {
        try folder.create(name, mode: 0o600, bytes, durable: false)
        var times = [timespec](repeating: written, count: 2)
        guard utimensat(folder.descriptor, name, &times, 0) == 0 else { throw FileError("set the time of", folder.join(name)) }
    }
}

extension Repository {
    /// Lets `body` stage into this worktree's index and writes it, all under git's lock; nothing is written where `body` returns nil.
    ///
    /// - Returns: what `body` returned, and the value that puts the old index back.
    /// - Throws: ``GitError``, with ``GitError/Code/locked`` when another process holds the lock for longer than two seconds.
    func editIndex<Result>(
        _ body: (borrowing StagingIndex) throws(GitError) -> Result?
    ) throws(GitError) -> (result: Result, previous: SavedIndex)? {
        let place = try indexPlace()
        let lock = try Self.lock(place)
        do throws(GitError) {
            let before = try onFiles { () throws(FileError) in try IndexContent(at: place.path) }
            let index = try StagingIndex.copy(before, in: onFiles { () throws(FileError) in try lock.ownFolder() }, of: self)
            let edited = Swift.Result { () throws(GitError) in
                try body(index).map { (result) throws(GitError) in (result, try index.content()) }
            }
            try StagingIndex.giveBack(self)
            if let (result, after) = try edited.get() {
                try onFiles { () throws(FileError) in
                    try lock.refill(after)
                    try lock.commit()
                }
                return (result, SavedIndex(place: place, before: before?.bytes, after: after))
            }
        } catch {
            try onFiles { () throws(FileError) in try lock.release() }
            throw error
        }
        try onFiles { () throws(FileError) in try lock.release() }
        return nil
    }

    private func indexPlace() throws(GitError) -> IndexPlace {
        let (own, common, ownFiles) = (gitDirectory, commonDirectory, try ownFiles())
        if own == common { return IndexPlace(common: common, relative: "index", ownFiles: ownFiles) }
        guard own.hasPrefix(common + "/") else {
            throw GitError(code: .generic, operation: "lock the index in", subject: own, message: "it is not below '\(common)'")
        }
        return IndexPlace(common: common, relative: joinPath(String(own.dropFirst(common.count + 1)), "index"), ownFiles: ownFiles)
    }

    fileprivate static func lock(_ place: IndexPlace) throws(GitError) -> ReferenceLock {
        var backoff = Backoff(limit: .seconds(2))
        while true {
            if let lock = try onFiles({ () throws(FileError) in
                try ReferenceLock.take(place.relative, content: [], below: place.common, place.ownFiles)
            }) {
                return lock
            }
            guard backoff.pause() else {
                throw GitError(
                    code: .locked, operation: "write the index", subject: place.path,
                    message: "'\(place.path).lock' is there: another git process is at work, or was killed; then remove the file")
            }
        }
    }
}

/// Where an index lies.
struct IndexPlace: Hashable, Sendable {
    let common: String
    /// Seen from the common directory.
    let relative: String
    let ownFiles: OwnFiles

    var path: String { joinPath(common, relative) }
}

/// An index file as it was before it was written.
struct SavedIndex: Sendable {
    let place: IndexPlace
    let before: [UInt8]?
    let after: [UInt8]

    /// Puts the old content back, under git's own lock, unless somebody has written the file since.
    func restore() throws(GitError) {
        let lock = try Repository.lock(place)
        try onFiles { () throws(FileError) in
            do throws(FileError) {
                guard try fileContent(place.path) == after else { return try lock.release() }
                guard let before else { return try lock.removeLocked() }
                try lock.refill(before)
                try lock.commit()
            } catch {
                try lock.release()
                throw error
            }
        }
    }
}
