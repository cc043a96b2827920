/// What a worktree holds beyond its HEAD: git's categories.
package struct WorktreeStatus: Hashable, Sendable {
    /// One line of `git status --porcelain`.
    package struct Entry: Hashable, Sendable {
        /// Folders that are untracked as a whole end with `/`.
        package let path: RepositoryPath
        /// Where a renamed file was.
        package let oldPath: RepositoryPath?
        /// HEAD against the index: `A M D R T`, a space for none, `?` untracked, `!` ignored.
        package let staged: Character
        /// The index against the files.
        package let unstaged: Character

        /// Unmerged: then the letters tell the two sides of the conflict (`UU`, `AA`, `DD`, `AU`, …), as git's do.
        package var isConflicted: Bool {
            staged == "U" || unstaged == "U" || (staged == unstaged && (staged == "A" || staged == "D"))
        }
    }

    /// By path; ignored ones are not among them.
    package let entries: [Entry]
    package let operation: OperationInProgress?
    /// How many ignored entries there are, folders counted once; nil when that was not asked.
    package let ignored: [RepositoryPath]?

    package var staged: Int { entries.count { !$0.isConflicted && !" ?".contains($0.staged) } }
    package var modified: Int { entries.count { !$0.isConflicted && !" ?".contains($0.unstaged) } }
    package var untracked: Int { entries.count { $0.staged == "?" } }
    package var conflicted: Int { entries.count { $0.isConflicted } }
    /// Nothing to commit and nothing untracked.
    package var isClean: Bool { entries.isEmpty }
}
