/// What a worktree holds beyond its HEAD, for all that removes or keeps it.
struct WorkOnDisk: Sendable {
    /// Staged, changed and unmerged paths, a renamed file as two.
    var tracked: [WorktreeStatus.Entry] = []
    var strangers = Strangers()
    /// The folders of submodules.
    var submodules: [RepositoryPath] = []
}

extension Repository {
    /// Looks at the files of this worktree, also behind `assume-unchanged` and `skip-worktree`.
    ///
    /// Never by libgit2: it takes a file for ignored that a `!` line of a deeper `.gitignore` takes back, and where `core.ignorecase` is
    /// set it sees one of two names that the file system holds both.
    /// - Complexity: O(files of the worktree).
    func work() throws(GitError) -> WorkOnDisk { try ownPass().work(self) }

    /// What git would list as untracked with every file, and as ignored.
    ///
    /// `patterns`: in the form of `.gitignore`, ignored too.
    /// - Complexity: O(files of the worktree).
    func strangers(ignoring patterns: [String] = []) throws(GitError) -> Strangers { try ownPass().strangers(self, ignoring: patterns) }

    private func ownPass() throws(GitError) -> WorktreePass {
        guard let worktree else {
            throw GitError(code: .bareRepository, operation: "look at the files of", subject: gitDirectory, message: "it has no worktree")
        }
        guard let pass = try WorktreePass(self, worktree: worktree) else {
            throw GitError(
                code: .generic, operation: "read the index", subject: joinPath(gitDirectory, "index"),
                message: "it is in a format that is not known here; 'git update-index --index-version 2' may change it")
        }
        return pass
    }
}
