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
        let there = entries.filter { $0.unstaged != "D" }.map(\.path)
        let checkin = try Checkin(of: repository, concerning: there) { (path) throws(GitError) in try repository.indexedBlob(at: path) }
        for path in there { try stage(path, checkin, in: repository) }
        try unstageNew(excluded, parent: parent, in: repository)
    }

    private func stage(_ path: RepositoryPath, _ checkin: Checkin, in repository: borrowing Repository) throws(GitError) {
        guard let facts = repository.fileFacts(path), facts.st_mode & S_IFMT != S_IFDIR else {
            // A submodule; and libgit2 says what is wrong with anything else.
            try check("stage", path.description) { path.withCString { git_index_add_bypath(handle, $0) } }
            return
        }
        let known = path.withCString { git_index_get_bypath(handle, $0, 0)?.pointee }
        var entry = git_index_entry(facts)
        entry.mode = checkin.mode(of: facts, known: known?.mode)
        entry.id = try checkin.store(path, known: known.map { ObjectID($0.id) }, in: repository).raw
        try check("stage", path.description) {
            spelled(path, isKnown: known != nil).withCString {
                entry.path = $0
                return git_index_add(handle, &entry)
            }
        }
    }

    /// As git under `core.ignorecase`: a folder that the index has in another case keeps that.
    private func spelled(_ path: RepositoryPath, isKnown: Bool) -> RepositoryPath {
        guard !isKnown, git_index_caps(handle) & Int32(GIT_INDEX_CAPABILITY_IGNORE_CASE.rawValue) != 0 else { return path }
        var folder = path.folder
        while !folder.isEmpty {
            let wanted = (folder + [0x2F]).map { folded($0) }
            for position in 0..<git_index_entrycount(handle) {
                guard let raw = git_index_get_byindex(handle, position)?.pointee.path else { continue }
                let other = RepositoryPath(cString: raw).bytes.prefix(wanted.count)
                if other.map({ folded($0) }) == wanted { return RepositoryPath(bytes: other + path.bytes.dropFirst(wanted.count)) }
            }
            folder = RepositoryPath(bytes: folder).folder
        }
        return path
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

extension Repository {
    /// The blob that this handle's index has at a path; nil where there is none.
    func indexedBlob(at path: RepositoryPath) throws(GitError) -> ObjectID? {
        let index = try make("read the index of", gitDirectory) { git_repository_index(&$0, handle) }
        defer { git_index_free(index) }
        return path.withCString { git_index_get_bypath(index, $0, 0)?.pointee }.flatMap { $0.mode == submoduleMode ? nil : ObjectID($0.id) }
    }
}

extension git_index_entry {
    /// What lstat says of a file, as git keeps it.
    fileprivate init(_ facts: stat) {
        self.init()
        ctime = git_index_time(facts.st_ctim)
        mtime = git_index_time(facts.st_mtim)
        (dev, ino) = (UInt32(truncatingIfNeeded: facts.st_dev), UInt32(truncatingIfNeeded: facts.st_ino))
        (uid, gid) = (facts.st_uid, facts.st_gid)
        file_size = UInt32(truncatingIfNeeded: facts.st_size)
    }
}

extension git_index_time {
    fileprivate init(_ time: timespec) {
        self.init(seconds: Int32(truncatingIfNeeded: time.tv_sec), nanoseconds: UInt32(time.tv_nsec))
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
    /// Lets `body` stage into this worktree's index and make a commit of it, and moves the branch and the index together: the new index is in
    /// git's lock while `move` moves the branch, and takes the old one's place right after. Nothing is written where `body` returns nil or
    /// `move` false; a process that dies in between is finished by whoever finds its lock.
    ///
    /// - Returns: the commit; nil where there is none, or the branch was not moved.
    /// - Throws: ``GitError``, with ``GitError/Code/locked`` when another process holds the lock for longer than two seconds.
    func editIndex(
        with reference: String, _ body: (borrowing StagingIndex) throws(GitError) -> ObjectID?,
        move: (ObjectID) throws(GitError) -> Bool
    ) throws(GitError) -> ObjectID? {
        let place = try indexPlace()
        endDeadLocks(place)
        let lock = try Self.lock(place)
        var moved: ObjectID?
        do throws(GitError) {
            let before = try onFiles { () throws(FileError) in try IndexContent(at: place.path) }
            let index = try StagingIndex.copy(before, in: onFiles { () throws(FileError) in try lock.ownFolder() }, of: self)
            let edited = Swift.Result { () throws(GitError) in
                try body(index).map { (commit) throws(GitError) in (commit, try index.content()) }
            }
            try StagingIndex.giveBack(self)
            if let (commit, after) = try edited.get() {
                try onFiles { () throws(FileError) in
                    try lock.refill(after)
                    try lock.promise(reference, commit)
                }
                if try move(commit) { moved = commit }
            }
        } catch {
            try onFiles { () throws(FileError) in try lock.release() }
            throw error
        }
        try onFiles { () throws(FileError) in
            if moved != nil { try lock.commit() } else { try lock.release() }
        }
        return moved
    }

    /// What killed commits have left; whoever may not clear that away can commit all the same.
    private func endDeadLocks(_ place: IndexPlace) {
        do throws(FileError) { try ReferenceLock.endDead(below: place.common) } catch { return }
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
                    message: try place.holder().map { "\($0) is at work there just now; try again when that has ended" }
                        ?? "'\(place.path).lock' is there: \(GitError.holderUnknown)")
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

/// As git compares names without regard to case.
private func folded(_ byte: UInt8) -> UInt8 { byte >= 0x41 && byte <= 0x5A ? byte | 0x20 : byte }
