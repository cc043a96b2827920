import CLibgit2

extension Repository {
    /// What this worktree holds beyond its HEAD, as `git status --porcelain` says it.
    ///
    /// Reads only: the index is never refreshed or locked, so a worker's own git is never in the way of it or the reverse. Untracked
    /// folders count as one entry, also where the configuration has git not show them. Submodules: as git, changed when their HEAD or
    /// content is.
    /// - Parameters:
    ///   - ignored: whether ignored entries are listed too.
    ///   - threads: how many threads share the files.
    /// - Returns: the entries by path, and what is in progress.
    /// - Complexity: O(tracked + untracked files), about a microsecond and a half for each; files whose stat data are not those of the
    ///   index are read.
    /// - Throws: ``GitError``: ``GitError/Code/bareRepository``; unreadable index extensions (split or sparse index).
    package func status(ignored: Bool = false, threads: Int = 1) throws(GitError) -> WorktreeStatus {
        var entries = try ownEntries(threads: threads)
        if entries == nil { entries = try libgit2Entries() }
        return WorktreeStatus(
            entries: entries ?? [],
            operation: OperationInProgress.inProgress(gitDirectory: gitDirectory), ignored: ignored ? try strangers().ignored : nil)
    }

    private func ownEntries(threads: Int, listsUntracked: Bool = true) throws(GitError) -> [WorktreeStatus.Entry]? {
        guard let worktree, let pass = try WorktreePass(self, worktree: worktree), pass.isGitsAnswer else { return nil }
        return try pass.entries(self, threads: threads, listsUntracked: listsUntracked)
    }

    /// What the status says of tracked files. What a sparse checkout leaves out and somebody wrote all the same is one of them.
    func trackedEntries() throws(GitError) -> [WorktreeStatus.Entry] {
        if let entries = try ownEntries(threads: 1, listsUntracked: false) { return entries }
        let index = try ScratchIndex.read(of: self)
        if try StatusSettings(self).seesPresentSkipped { try index.unhideSkipped(in: self) }
        return try statusEntries(flags: GIT_STATUS_OPT_NO_REFRESH.rawValue)
    }

    private func libgit2Entries() throws(GitError) -> [WorktreeStatus.Entry] {
        try statusEntries(
            flags: GIT_STATUS_OPT_INCLUDE_UNTRACKED.rawValue | GIT_STATUS_OPT_RENAMES_HEAD_TO_INDEX.rawValue
        ).flatMap(\.lines)
    }

    /// The commit that HEAD leads to; nil on a branch without one.
    func headCommit() throws(GitError) -> ObjectID? {
        do throws(ReferenceError) {
            switch try head() {
            case .branch(_, let id), .detached(let id): return id
            case .unborn: return nil
            }
        } catch {
            throw error.gitError
        }
    }

    /// The entries for libgit2's status flags, without what a sandbox left.
    func statusEntries(flags: UInt32) throws(GitError) -> [WorktreeStatus.Entry] {
        var options = git_status_options()
        let subject = worktree ?? gitDirectory
        try check("prepare the status", subject) { git_status_options_init(&options, UInt32(GIT_STATUS_OPTIONS_VERSION)) }
        options.show = GIT_STATUS_SHOW_INDEX_AND_WORKDIR
        options.flags = flags
        let list = try make("look at the files of", subject) { git_status_list_new(&$0, handle, &options) }
        defer { git_status_list_free(list) }
        var entries: [WorktreeStatus.Entry] = []
        for index in 0..<git_status_list_entrycount(list) {
            guard let raw = git_status_byindex(list, index)?.pointee else { continue }
            guard let entry = WorktreeStatus.Entry(raw) else { continue }
            if entry.staged == "?", let facts = fileFacts(entry.path), SandboxStub.isOne(entry.path.bytes, facts) { continue }
            entries.append(entry)
        }
        return try withoutSkipped(entries).sorted { $0.path < $1.path }
    }

    /// What a sparse worktree leaves out is not deleted; libgit2 does not know that.
    private func withoutSkipped(_ entries: [WorktreeStatus.Entry]) throws(GitError) -> [WorktreeStatus.Entry] {
        guard entries.contains(where: { $0.unstaged == "D" }) else { return entries }
        let path = joinPath(gitDirectory, "index")
        let index = try make("read the index", path) { git_repository_index(&$0, handle) }
        defer { git_index_free(index) }
        return entries.compactMap { entry in
            guard entry.unstaged == "D", let found = entry.path.withCString({ git_index_get_bypath(index, $0, 0) }),
                UInt32(found.pointee.flags_extended) & GIT_INDEX_ENTRY_SKIP_WORKTREE.rawValue != 0
            else { return entry }
            if entry.staged == " " { return nil }
            return WorktreeStatus.Entry(path: entry.path, oldPath: entry.oldPath, staged: entry.staged, unstaged: " ")
        }
    }
}

extension WorktreeStatus.Entry {
    /// What git shows on two lines: deleted from the index, and there as an untracked file.
    fileprivate var lines: [WorktreeStatus.Entry] {
        guard unstaged == "?", staged != "?" else { return [self] }
        return [
            WorktreeStatus.Entry(path: oldPath ?? path, oldPath: nil, staged: staged, unstaged: " "),
            WorktreeStatus.Entry(path: path, oldPath: nil, staged: "?", unstaged: "?"),
        ]
    }

    fileprivate init?(_ raw: git_status_entry) {
        let delta = raw.index_to_workdir ?? raw.head_to_index
        guard let delta else { return nil }
        let newPath = RepositoryPath(cString: delta.pointee.new_file.path ?? delta.pointee.old_file.path)
        var old: RepositoryPath?
        if raw.status.rawValue & GIT_STATUS_INDEX_RENAMED.rawValue != 0, let head = raw.head_to_index {
            old = RepositoryPath(cString: head.pointee.old_file.path)
        }
        let bits = raw.status.rawValue
        func has(_ flag: git_status_t) -> Bool { bits & flag.rawValue != 0 }
        let (staged, unstaged): (Character, Character)
        if has(GIT_STATUS_CONFLICTED) {
            (staged, unstaged) = ("U", "U")
        } else {
            let index: Character =
                has(GIT_STATUS_INDEX_NEW)
                ? "A"
                : has(GIT_STATUS_INDEX_RENAMED)
                    ? "R"
                    : has(GIT_STATUS_INDEX_MODIFIED)
                        ? "M" : has(GIT_STATUS_INDEX_DELETED) ? "D" : has(GIT_STATUS_INDEX_TYPECHANGE) ? "T" : " "
            let files: Character =
                has(GIT_STATUS_WT_NEW)
                ? "?"
                : has(GIT_STATUS_WT_MODIFIED)
                    ? "M" : has(GIT_STATUS_WT_DELETED) ? "D" : has(GIT_STATUS_WT_TYPECHANGE) ? "T" : " "
            if index == " " && files == " " { return nil }
            // git shows `??` only for what neither HEAD nor the index knows; `D ` plus a new file are two lines there.
            (staged, unstaged) = files == "?" && index == " " ? ("?", "?") : (index, files)
        }
        self.init(path: newPath, oldPath: old, staged: staged, unstaged: unstaged)
    }
}
