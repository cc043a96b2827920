import CLibgit2
import Glibc
import SystemPackage

extension Repository {
    /// Puts HEAD, index and files of this worktree back to what a recovery keeps; its files must be those of a fresh checkout.
    ///
    /// Repeatable after a crash: everything is written again from the objects. An operation that was in progress is not resumed, its
    /// unmerged paths are unmerged again. With a `cone` the worktree is sparse again: what lies outside and was not changed is left out.
    /// - Throws: ``GitError``; ``GitError/Code/noSpace`` when the disk is full.
    package func restoreWork(_ content: RecoveryCommit, cone: SparseCone? = nil) throws(GitError) {
        try withExactNames { () throws(GitError) in try restoreFiles(content, cone) }
        if let extras = content.extras { try restoreExtras(extras) }
    }

    private func restoreFiles(_ content: RecoveryCommit, _ cone: SparseCone?) throws(GitError) {
        if let branch = content.branch {
            if try current() != branch {
                try check("switch HEAD to", branch) { git_repository_set_head(handle, "refs/heads/" + branch) }
            }
        } else if let head = content.head {
            var raw = head.raw
            try check("detach HEAD at", head.hex) { git_repository_set_head_detached(handle, &raw) }
        }
        guard let head = content.head else { return }
        try checkout(head)
        guard let stash = content.stash else {
            try restoreConflicts(content.conflicts)
            if let cone { try leaveOut(outside: cone, except: []) }
            return
        }
        let kept = try commit(stash)
        // Parents as git's own stash has them: HEAD, index, untracked files.
        let untracked = try kept.parents.count > 2 ? tree(of: kept.parents[2]) : nil
        try writeFiles(of: try union(kept.tree, untracked), over: try tree(of: head))
        try restoreIndex(try tree(of: kept.parents[1]), head: try tree(of: head), files: kept.tree)
        try restoreConflicts(content.conflicts)
        guard let cone else { return }
        let (base, staged) = (try tree(of: head), try tree(of: kept.parents[1]))
        try leaveOut(outside: cone, except: differingPaths(base, staged).union(try differingPaths(base, kept.tree)))
    }

    private func current() throws(GitError) -> String? {
        do throws(ReferenceError) { return try head().branchName } catch { throw error.gitError }
    }

    /// Takes the files outside a cone away; those of `changed` stay, as they do with git.
    private func leaveOut(outside cone: SparseCone, except changed: Set<RepositoryPath>) throws(GitError) {
        var left: [RepositoryPath] = []
        try withWorktreeIndex { index throws(GitError) in
            for position in 0..<git_index_entrycount(index) {
                guard let entry = git_index_get_byindex(index, position)?.pointee, let name = entry.path else { continue }
                let path = RepositoryPath(cString: name)
                let isWhole = entry.flags >> 12 & 3 == 0 && entry.mode != 0o160000
                if isWhole, !changed.contains(path), !cone.holdsFiles(in: path.folder) { left.append(path) }
            }
        }
        try leaveOut(left)
    }

    /// Takes files away and marks their entries as git does.
    func leaveOut(_ left: [RepositoryPath]) throws(GitError) {
        try withWorktreeIndex { index throws(GitError) in
            for path in left {
                let found = path.withCString { git_index_get_bypath(index, $0, 0)?.pointee }
                guard var entry = found else { continue }
                entry.flags_extended |= UInt16(GIT_INDEX_ENTRY_SKIP_WORKTREE.rawValue)
                try check("leave out", path.description) { git_index_add(index, &entry) }
            }
        }
        guard let worktree else { return }
        try onFiles { () throws(FileError) in
            let root = try Folder(opening: worktree)
            for path in left {
                do throws(FileError) { try root.removeFile(below: path) } catch {
                    // A file stands where the folder was: there is nothing of the folder's to take away.
                    guard error.errno == .notDirectory else { throw error }
                }
            }
        }
    }

    /// One tree of tracked and untracked files: checked out apart, the second would remove what the first wrote. Where an untracked file
    /// stood in the place of a folder that was left out, it wins.
    private func union(_ tracked: ObjectID, _ untracked: ObjectID?) throws(GitError) -> ObjectID {
        guard let untracked else { return tracked }
        let all = try ScratchIndex.empty()
        let others = try files(in: untracked)
        let names = Set(others.map(\.path.bytes))
        for entry in try files(in: tracked) where !Self.lies(entry.path, below: names) {
            try all.insert(entry.path, mode: entry.mode, id: entry.id.raw)
        }
        for entry in others { try all.insert(entry.path, mode: entry.mode, id: entry.id.raw) }
        return try all.writeTree(in: self)
    }

    private static func lies(_ path: RepositoryPath, below names: Set<[UInt8]>) -> Bool {
        path.bytes.indices.contains { path.bytes[$0] == 0x2F && names.contains(Array(path.bytes[..<$0])) }
    }

    /// Writes the tree's files; removes those of `baseline` that it lacks. The index stays.
    private func writeFiles(of tree: ObjectID, over baseline: ObjectID) throws(GitError) {
        let target = try treeHandle(tree)
        defer { git_tree_free(target) }
        let base = try treeHandle(baseline)
        defer { git_tree_free(base) }
        var options = git_checkout_options()
        let subject = worktree ?? gitDirectory
        try check("prepare the checkout", subject) { git_checkout_options_init(&options, UInt32(GIT_CHECKOUT_OPTIONS_VERSION)) }
        options.checkout_strategy = GIT_CHECKOUT_FORCE.rawValue | GIT_CHECKOUT_DONT_UPDATE_INDEX.rawValue
        options.baseline = base
        // Attributes first: they say how the other files are written, and libgit2 reads them from the disk.
        try withPatterns([".gitattributes", "*/.gitattributes"]) { patterns throws(GitError) in
            options.paths = patterns
            try check("restore the attributes of", subject) { git_checkout_tree(handle, target, &options) }
        }
        options.paths = git_strarray()
        try check("restore the files of", subject) { git_checkout_tree(handle, target, &options) }
    }

    private func withPatterns(_ patterns: [String], _ body: (git_strarray) throws(GitError) -> Void) throws(GitError) {
        var copies: [UnsafeMutablePointer<CChar>?] = patterns.map { strdup($0) }
        let list = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>.allocate(capacity: copies.count)
        list.initialize(from: &copies, count: copies.count)
        defer {
            copies.forEach { free($0) }
            list.deallocate()
        }
        try body(git_strarray(strings: list, count: copies.count))
    }

    private func restoreIndex(_ tree: ObjectID, head: ObjectID, files: ObjectID) throws(GitError) {
        let target = try treeHandle(tree)
        defer { git_tree_free(target) }
        try withWorktreeIndex { index throws(GitError) in
            try check("restore the index of", gitDirectory) { git_index_read_tree(index, target) }
            // Their recorded size and times are those of the checkout before: without them git looks at the content.
            for path in try differingPaths(head, files).union(try differingPaths(head, tree)) {
                let found = path.withCString { git_index_get_bypath(index, $0, 0)?.pointee }
                guard let found else { continue }
                try check("restore the index entry", path.description) {
                    path.withCString { name in
                        var entry = git_index_entry()
                        (entry.path, entry.mode, entry.id) = (name, found.mode, found.id)
                        return git_index_add(index, &entry)
                    }
                }
            }
        }
    }

    private func differingPaths(_ old: ObjectID, _ new: ObjectID) throws(GitError) -> Set<RepositoryPath> {
        old == new ? [] : Set(Set(try files(in: old)).symmetricDifference(try files(in: new)).map(\.path))
    }

    private func restoreConflicts(_ commit: ObjectID?) throws(GitError) {
        guard let commit else { return }
        var sides: [RepositoryPath: [TreeEntry?]] = [:]
        for entry in try files(in: try tree(of: commit)) {
            guard let stage = entry.path.bytes.first.map({ Int($0) - 0x31 }), (0...2).contains(stage) else { continue }
            sides[RepositoryPath(bytes: entry.path.bytes.dropFirst(2)), default: [nil, nil, nil]][stage] = entry
        }
        try withWorktreeIndex { index throws(GitError) in
            for (path, sides) in sides {
                try check("restore the conflict in", path.description) {
                    path.withCString { name in
                        var entries = sides.map { side in
                            var entry = git_index_entry()
                            (entry.path, entry.mode, entry.id) = (name, side?.mode ?? 0, (side?.id ?? .zero).raw)
                            return entry
                        }
                        return entries.withUnsafeMutableBufferPointer { buffer in
                            func side(_ number: Int) -> UnsafePointer<git_index_entry>? {
                                sides[number] == nil ? nil : buffer.baseAddress.map { UnsafePointer($0 + number) }
                            }
                            _ = git_index_remove_bypath(index, name)
                            return git_index_conflict_add(index, side(0), side(1), side(2))
                        }
                    }
                }
            }
        }
    }

    private func withWorktreeIndex(_ body: (OpaquePointer) throws(GitError) -> Void) throws(GitError) {
        let path = joinPath(gitDirectory, "index")
        let index = try make("read the index", path) { git_repository_index(&$0, handle) }
        defer { git_index_free(index) }
        try check("read the index", path) { git_index_read(index, 1) }
        try body(index)
        try check("write the index", path) { git_index_write(index) }
    }
}
