import CLibgit2
import Glibc
import SystemPackage

/// An index in memory that is never written: trees are made from it.
struct ScratchIndex: ~Copyable {
    private let handle: OpaquePointer

    private init(adopting handle: OpaquePointer) { self.handle = handle }

    deinit { git_index_free(handle) }

    static func empty() throws(GitError) -> ScratchIndex {
        ScratchIndex(adopting: try make("prepare", "an index") { git_index_new(&$0) })
    }

    /// The worktree's own index, read anew; what is changed in it counts for libgit2's status of this handle.
    static func read(of repository: borrowing Repository) throws(GitError) -> ScratchIndex {
        let path = joinPath(repository.gitDirectory, "index")
        let index = ScratchIndex(adopting: try make("read the index", path) { git_repository_index(&$0, repository.handle) })
        try check("read the index", path) { git_index_read(index.handle, 1) }
        return index
    }

    /// The same apart from the repository's handle, so that names count byte for byte also where `core.ignorecase` is set.
    static func copy(of repository: borrowing Repository) throws(GitError) -> ScratchIndex {
        let path = joinPath(repository.gitDirectory, "index")
        do throws(GitError) { return ScratchIndex(adopting: try make("read the index", path) { git_index_open(&$0, path) }) } catch {
            // Of a damaged one libgit2 may say that it no longer exists.
            _ = try IndexFile.read(in: repository.gitDirectory)
            throw error
        }
    }

    /// Takes out what `git add --intent-to-add` announced: it has no content here.
    func takeOutIntended() throws(GitError) {
        var intended: [RepositoryPath] = []
        for position in 0..<git_index_entrycount(handle) {
            guard let entry = git_index_get_byindex(handle, position)?.pointee, let raw = entry.path else { continue }
            if UInt32(entry.flags_extended) & GIT_INDEX_ENTRY_INTENT_TO_ADD.rawValue != 0 { intended.append(RepositoryPath(cString: raw)) }
        }
        for path in intended { try remove(path) }
    }

    /// Of the files that a sparse checkout leaves out, those that are there all the same count again.
    func unhideSkipped(in repository: borrowing Repository) throws(GitError) {
        var hidden: [(path: RepositoryPath, mode: UInt32, id: git_oid)] = []
        for position in 0..<git_index_entrycount(handle) {
            guard let entry = git_index_get_byindex(handle, position)?.pointee, let raw = entry.path,
                UInt32(entry.flags_extended) & GIT_INDEX_ENTRY_SKIP_WORKTREE.rawValue != 0
            else { continue }
            let path = RepositoryPath(cString: raw)
            if repository.fileFacts(path) != nil { hidden.append((path, entry.mode, entry.id)) }
        }
        for entry in hidden { try insert(entry.path, mode: entry.mode, id: entry.id) }
    }

    /// What a sparse checkout left out and is not there.
    func leftOut(in repository: borrowing Repository) -> [RepositoryPath] {
        (0..<git_index_entrycount(handle)).compactMap { position in
            guard let entry = git_index_get_byindex(handle, position)?.pointee, let raw = entry.path,
                UInt32(entry.flags_extended) & GIT_INDEX_ENTRY_SKIP_WORKTREE.rawValue != 0
            else { return nil }
            let path = RepositoryPath(cString: raw)
            return repository.fileFacts(path) == nil ? path : nil
        }
    }

    /// Replaces unmerged entries by our side; answers a tree with all their sides.
    func takeConflicts(in repository: borrowing Repository) throws(GitError) -> ObjectID? {
        var sides: [(path: RepositoryPath, stage: UInt16, mode: UInt32, id: git_oid)] = []
        for position in 0..<git_index_entrycount(handle) {
            guard let entry = git_index_get_byindex(handle, position)?.pointee, let raw = entry.path else { continue }
            let stage = entry.flags >> 12 & 3
            if stage > 0 { sides.append((RepositoryPath(cString: raw), stage, entry.mode, entry.id)) }
        }
        guard !sides.isEmpty else { return nil }
        let kept = try ScratchIndex.empty()
        for side in sides {
            try kept.insert(RepositoryPath(bytes: Array("\(side.stage)/".utf8) + side.path.bytes), mode: side.mode, id: side.id)
        }
        for path in Set(sides.map(\.path)) {
            try check("resolve", path.description) { path.withCString { git_index_conflict_remove(handle, $0) } }
        }
        for side in sides where side.stage == 2 { try insert(side.path, mode: side.mode, id: side.id) }
        return try kept.writeTree(in: repository)
    }

    /// Takes the file's content as git would store it (byte for byte where `core.safecrlf` refuses that). A file that was known keeps its mode
    /// where modes do not count.
    func add(_ path: RepositoryPath, of repository: borrowing Repository, _ checkin: Checkin) throws(GitError) {
        guard let facts = repository.fileFacts(path) else {
            throw GitError(code: .vanished, operation: "keep", subject: path.description, message: "the file vanished meanwhile")
        }
        let mode = checkin.mode(of: facts, known: self.mode(of: path))
        if mode == 0o120000, !Self.mayBeRestored(linkAt: path) {
            throw GitError(
                code: .generic, operation: "keep", subject: path.description, message: "git takes no link of this name: move it away first")
        }
        try insert(path, mode: mode, id: try checkin.store(path, known: blob(at: path), in: repository, anyway: true).raw)
    }

    /// An index holds a link that is called as `.gitmodules` is, and no checkout makes it.
    private static func mayBeRestored(linkAt path: RepositoryPath) -> Bool {
        let name = path.bytes.split(separator: 0x2F).last ?? []
        return Array(name).withUnsafeBufferPointer { PathRules(protectsHFS: true, protectsNTFS: true).allows($0, isLink: true) }
    }

    func remove(_ path: RepositoryPath) throws(GitError) {
        guard mode(of: path) != nil else { return }
        try check("leave out", path.description) { path.withCString { git_index_remove(handle, $0, 0) } }
    }

    func isSubmodule(_ path: RepositoryPath) -> Bool { mode(of: path) == 0o160000 }

    /// The blob at a path; nil where there is none.
    func blob(at path: RepositoryPath) -> ObjectID? {
        path.withCString { git_index_get_bypath(handle, $0, 0)?.pointee }.flatMap { $0.mode == submoduleMode ? nil : ObjectID($0.id) }
    }

    private func mode(of path: RepositoryPath) -> UInt32? {
        path.withCString { git_index_get_bypath(handle, $0, 0)?.pointee.mode }
    }

    func insert(_ path: RepositoryPath, mode: UInt32, id: git_oid) throws(GitError) {
        try check("keep", path.description) {
            path.withCString { name in
                var entry = git_index_entry()
                (entry.path, entry.mode, entry.id) = (name, mode, id)
                return git_index_add(handle, &entry)
            }
        }
    }

    func writeTree(in repository: borrowing Repository) throws(GitError) -> ObjectID {
        var id = git_oid()
        try check("write a tree into", repository.commonDirectory) { git_index_write_tree_to(&id, handle, repository.handle) }
        return ObjectID(id)
    }
}
