import CLibgit2
import Glibc
import SystemPackage

extension Repository {
    /// Puts HEAD, index and files of this worktree back to what a recovery keeps; its files must be those of a fresh checkout.
    ///
    /// Repeatable after a crash: what differs is written again from the objects, by the checkout's own writer. Of operations that were in
    /// progress only `git am` can go on; unmerged paths are unmerged again. With a `cone` the worktree is sparse again: what lies outside and was
    /// not changed is left out. Settings of the worktree alone come first, since they say how its files are written.
    /// - Returns: files that hold a filter's input because Czar does not run the filter, as ``CheckoutReport/unfiltered`` names them.
    /// - Throws: ``GitError``; ``GitError/Code/noSpace`` when the disk is full.
    package func restoreWork(
        _ content: RecoveryCommit, in location: RepositoryLocation, cone: SparseCone? = nil
    ) throws(GitError) -> [String: Int] {
        guard let worktree, let extras = content.extras, try restoreSettings(extras) else { return try restore(content, location, cone) }
        // This handle knows the settings of before, as do the files of the fresh checkout.
        return try Repository(opening: worktree).restore(content, location, cone, anew: true)
    }

    private func restore(
        _ content: RecoveryCommit, _ location: RepositoryLocation, _ cone: SparseCone?, anew: Bool = false
    ) throws(GitError) -> [String: Int] {
        var unfiltered: [String: Int] = [:]
        try withExactNames { () throws(GitError) in unfiltered = try restoreFiles(content, location, cone, anew) }
        if let extras = content.extras { try restoreExtras(extras) }
        return unfiltered
    }

    private func restoreFiles(
        _ content: RecoveryCommit, _ location: RepositoryLocation, _ cone: SparseCone?, _ anew: Bool
    ) throws(GitError) -> [String: Int] {
        if let branch = content.branch {
            if try current() != branch {
                try check("switch HEAD to", branch) { git_repository_set_head(handle, "refs/heads/" + branch) }
            }
        } else if let head = content.head {
            var raw = head.raw
            try check("detach HEAD at", head.hex) { git_repository_set_head_detached(handle, &raw) }
        }
        guard let head = content.head else { return [:] }
        let base = try tree(of: head)
        let isCheckedOut = anew ? false : try indexHolds(base)
        if !isCheckedOut { try checkOutAgain(CheckoutContent(tree: base, cone: cone), location) }
        guard let stash = content.stash else {
            try restoreConflicts(content.conflicts)
            if let cone { try leaveOut(outside: cone, except: []) }
            return try unfiltered(try files(in: base), attributesOf: base)
        }
        let kept = try commit(stash)
        // Parents as git's own stash has them: HEAD, index, untracked files.
        let staged = try tree(of: kept.parents[1])
        let untracked = try kept.parents.count > 2 ? tree(of: kept.parents[2]) : nil
        let all = try union(kept.tree, untracked)
        try writeFiles(tracked: kept.tree, untracked: untracked, all, over: base, location)
        try restoreIndex(staged, head: base, files: kept.tree)
        try restoreConflicts(content.conflicts)
        if let cone { try leaveOut(outside: cone, except: differingPaths(base, staged).union(try differingPaths(base, kept.tree))) }
        // What was kept as it was on the disk is no filter's input.
        return try unfiltered(Array(Set(try files(in: staged)).intersection(try files(in: kept.tree))), attributesOf: kept.tree)
    }

    private func current() throws(GitError) -> String? {
        do throws(ReferenceError) { return try head().branchName } catch { throw error.gitError }
    }

    // MARK: - Files

    /// Whether the index is that of a checkout of the tree.
    private func indexHolds(_ tree: ObjectID) throws(GitError) -> Bool {
        guard let index = try IndexFile.read(in: gitDirectory) else { return false }
        let files = try files(in: tree)
        return index.entries.count == files.count
            && zip(index.entries, files).allSatisfy { entry, file in
                index.stage(entry) == 0 && index.id(entry) == file.id && index.mode(entry) == file.mode
                    && index.repositoryPath(entry) == file.path
            }
    }

    /// For a HEAD that was elsewhere than the worker's branch, and after an undo that was cut off.
    private func checkOutAgain(_ content: CheckoutContent, _ location: RepositoryLocation) throws(GitError) {
        let wanted = Set(try files(in: content.tree).map(\.path))
        if let index = try IndexFile.read(in: gitDirectory) {
            let left = index.entries.filter { !wanted.contains(index.repositoryPath($0)) }
            try removeFiles(left.map { TreeEntry(path: index.repositoryPath($0), id: index.id($0), mode: index.mode($0)) })
        }
        try fill(content, location)
    }

    private func fill(_ content: CheckoutContent, _ location: RepositoryLocation) throws(GitError) {
        let target = CheckoutTarget(content, path: worktree ?? gitDirectory, gitDirectory: gitDirectory, over: .replaced)
        for result in location.checkOut([target]) { _ = try result.get() }
    }

    /// Writes what `baseline` has not; removes what it has and `all`, the union of both trees, lacks. The index stays.
    ///
    /// As in git's stash attributes that are untracked say nothing of tracked files.
    private func writeFiles(
        tracked: ObjectID, untracked: ObjectID?, _ all: ObjectID, over baseline: ObjectID, _ location: RepositoryLocation
    ) throws(GitError) {
        let (old, new) = (try files(in: baseline), try files(in: all))
        let kinds = Dictionary(uniqueKeysWithValues: new.map { ($0.path, $0.isSubmodule) })
        try removeFiles(old.filter { kinds[$0.path] != $0.isSubmodule })
        let changed = Set(new).subtracting(old)
        try clearFolders(at: changed.filter { !$0.isSubmodule }.map(\.path))
        let others = Set(try untracked.map { (tree) throws(GitError) in try files(in: tree) } ?? []).intersection(changed)
        for (tree, part) in [(tracked, changed.subtracting(others)), (all, others)] where !part.isEmpty {
            try fill(CheckoutContent(tree: tree, only: Set(part.map(\.path))), location)
        }
    }

    /// Takes files away, and the empty folders of submodules.
    private func removeFiles(_ entries: [TreeEntry]) throws(GitError) {
        guard let worktree else { return }
        try onFiles { () throws(FileError) in
            let root = try Folder(opening: worktree)
            for entry in entries {
                do throws(FileError) { try root.removeFile(below: entry.path, isFolder: entry.isSubmodule) } catch {
                    // Something stands there, or where the folder was, that is not of the checkout: there is nothing of it to take away.
                    guard [.notDirectory, .isDirectory, .tooManySymbolicLinkLevels].contains(error.errno) else { throw error }
                }
            }
        }
    }

    /// Takes away folders at the places of files: in a fresh checkout they are Czar's own.
    private func clearFolders(at paths: [RepositoryPath]) throws(GitError) {
        guard let worktree else { return }
        for path in paths {
            guard let facts = fileFacts(path), facts.st_mode & S_IFMT == S_IFDIR else { continue }
            try onFiles { () throws(FileError) in
                let name = Array(path.bytes[(path.bytes.lastIndex(of: 0x2F).map { $0 + 1 } ?? 0)...])
                try Folder(opening: worktree).subfolder(path.folder).removeTree(name + [0])
            }
        }
    }

    /// Takes the files outside a cone away; those of `changed` stay, as they do with git.
    private func leaveOut(outside cone: SparseCone, except changed: Set<RepositoryPath>) throws(GitError) {
        var left: [RepositoryPath] = []
        try withWorktreeIndex { index throws(GitError) in
            for position in 0..<git_index_entrycount(index) {
                guard let entry = git_index_get_byindex(index, position)?.pointee, let name = entry.path else { continue }
                let path = RepositoryPath(cString: name)
                let isWhole = entry.flags >> 12 & 3 == 0
                if isWhole, !changed.contains(path), !cone.holdsFiles(in: path.folder) { left.append(path) }
            }
        }
        try leaveOut(left)
    }

    /// Takes files away and marks their entries as git does.
    func leaveOut(_ left: [RepositoryPath]) throws(GitError) {
        var entries: [TreeEntry] = []
        try withWorktreeIndex { index throws(GitError) in
            for path in left {
                let found = path.withCString { git_index_get_bypath(index, $0, 0)?.pointee }
                guard var entry = found else { continue }
                entries.append(TreeEntry(path: path, id: ObjectID(entry.id), mode: entry.mode))
                entry.flags_extended |= UInt16(GIT_INDEX_ENTRY_SKIP_WORKTREE.rawValue)
                try check("leave out", path.description) { git_index_add(index, &entry) }
            }
        }
        try removeFiles(entries)
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

    func withWorktreeIndex(_ body: (OpaquePointer) throws(GitError) -> Void) throws(GitError) {
        let path = joinPath(gitDirectory, "index")
        let index = try make("read the index", path) { git_repository_index(&$0, handle) }
        defer { git_index_free(index) }
        try check("read the index", path) { git_index_read(index, 1) }
        try body(index)
        try check("write the index", path) { git_index_write(index) }
    }
}
