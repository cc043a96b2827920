import CLibgit2
import Glibc
import SystemPackage

/// Files that git's conversions (encodings, line ends, `$Id$`) do not give back as they were: git stores another form of them, and what a checkout
/// makes of that differs.
extension Repository {
    /// Those of a snapshot, as blobs of their very bytes. `all`: also of files that are not changed, which may have been written before a
    /// setting of this worktree that an undo writes them by.
    /// - Complexity: O(bytes of the snapshot's files whose attributes ask for a conversion).
    func bytesLost(in work: WorkSnapshot, all: Bool) throws(GitError) -> [RepositoryPath: ObjectID] {
        if work.changedPaths.isEmpty, work.untrackedPaths.isEmpty, !all { return [:] }
        let tracked = try files(in: work.files)
        var lost = try bytesLost(of: all ? tracked.map(\.path) : work.changedPaths, storedIn: tracked, attributesOf: tracked)
        if let tree = work.untracked {
            let untracked = try files(in: tree)
            lost.merge(try bytesLost(of: work.untrackedPaths, storedIn: untracked, attributesOf: tracked + untracked)) { $1 }
        }
        return lost
    }

    /// `all`: the files by whose attributes a checkout goes.
    private func bytesLost(
        of paths: [RepositoryPath], storedIn entries: [TreeEntry], attributesOf all: [TreeEntry]
    ) throws(GitError) -> [RepositoryPath: ObjectID] {
        let regular = Set(paths.filter { fileFacts($0).map { $0.st_mode & S_IFMT == S_IFREG } ?? false })
        guard !regular.isEmpty else { return [:] }
        let stored = entries.filter { regular.contains($0.path) || $0.path.name.elementsEqual(".gitattributes".utf8) }
        let ids = Dictionary(uniqueKeysWithValues: stored.map { ($0.path, $0.id) })
        // A file of attributes that was deleted counts for git as the index has it.
        let checkin = try Checkin(of: self, concerning: regular.sorted()) { (path) throws(GitError) in
            if let id = ids[path] { return id }
            return try indexBlob(path)
        }
        let replacements = try Replacements(of: self)
        let written = try attributes(of: all)
        var lost: [RepositoryPath: ObjectID] = [:]
        for path in regular {
            guard let id = ids[path] else { continue }
            let wanted = written.wanted(for: path.bytes)
            // What a filter or an encoding that is not known stored is not written back: Czar runs neither.
            let isFiltered = wanted.unknownEncoding != nil || wanted.filter.map { $0 != "lfs" } ?? false
            let bytes = try checkin.bytes(
                of: path, lostIn: id, replacedBy: replacements.resolve(id), writtenBy: wanted.conversion, isFiltered: isFiltered, in: self)
            if let bytes { lost[path] = try createBlob(bytes) }
        }
        return lost
    }

    private func indexBlob(_ path: RepositoryPath) throws(GitError) -> ObjectID? {
        let index = try make("read the index", gitDirectory) { git_repository_index(&$0, handle) }
        defer { git_index_free(index) }
        return path.withCString { git_index_get_bypath(index, $0, 0)?.pointee }.map { ObjectID($0.id) }
    }

    /// Gives files of this worktree the bytes that were kept of them; what is no plain file by now stays.
    func restoreBytes(_ kept: [RepositoryPath: ObjectID]) throws(GitError) {
        guard let worktree else { return }
        for (path, id) in kept where fileFacts(path).map({ $0.st_mode & S_IFMT == S_IFREG }) ?? false {
            let bytes = try blob(id)
            try onFiles { () throws(FileError) in
                try Folder(opening: worktree).subfolder(path.folder).replaceContent(of: path.name, by: bytes)
            }
        }
        if !kept.isEmpty { try forgetFacts(of: Array(kept.keys)) }
    }

    /// Lets the index know nothing of files but their content: git takes one of another size for changed without a look.
    private func forgetFacts(of paths: [RepositoryPath]) throws(GitError) {
        try withWorktreeIndex { index throws(GitError) in
            for path in paths {
                let found = path.withCString { git_index_get_bypath(index, $0, 0)?.pointee }
                guard var entry = found else { continue }
                (entry.ctime, entry.mtime, entry.file_size) = (git_index_time(), git_index_time(), 0)
                try check("restore the index entry", path.description) { git_index_add(index, &entry) }
            }
        }
    }
}
