/// Files of the main worktree to bring into one new worktree.
package struct BringRequest: Hashable, Sendable {
    /// Which of the ignored, untracked files.
    package let patterns: IgnorePatterns
    /// The worktree's root; its `.czar` is used on the way.
    package let worktree: String
    /// Where its index lies; what was brought is recorded there.
    package let gitDirectory: String
    package let ownFiles: OwnFiles

    package init(patterns: IgnorePatterns, worktree: String, gitDirectory: String, ownFiles: OwnFiles = .unshared) {
        (self.patterns, self.worktree, self.gitDirectory, self.ownFiles) = (patterns, worktree, gitDirectory, ownFiles)
    }
}

/// What was brought into one worktree.
package struct BringReport: Hashable, Sendable {
    /// Files and links.
    package var files = 0
    package var bytes = 0
    package var leftOut: [LeftOut] = []

    package init() {}
}

/// Something that was selected and not brought.
package struct LeftOut: Hashable, Sendable {
    package let path: RepositoryPath
    package let why: Reason

    package enum Reason: Hashable, Sendable, CaseIterable {
        /// Git would see it as untracked in the new worktree: its branch does not ignore it.
        case notIgnored
        /// A relative link that climbs out of the main worktree.
        case leadsOutside
        /// A repository of its own.
        case repository
        /// A socket, a pipe or a device.
        case special
        case unreadable
        /// It was there when the folder was listed.
        case vanished

        /// The end of a sentence that names the path.
        package var sentence: String {
            switch self {
            case .notIgnored: "its branch does not ignore it"
            case .leadsOutside: "it is a link that leads out of the main worktree"
            case .repository: "it is a repository of its own"
            case .special: "it is no plain file"
            case .unreadable: "it cannot be read"
            case .vanished: "it vanished meanwhile"
            }
        }
    }
}

/// How to bring.
package struct BringOptions: Sendable {
    package var threads: Int
    /// Called from any of the threads, one call at a time.
    package var progress: (@Sendable (BringProgress) -> Void)?
    /// Asked between folders; after a true every worktree that is not done fails with ``GitError/Code/stopped``.
    package var isCancelled: (@Sendable () -> Bool)?

    package init(threads: Int = processorCount()) { self.threads = max(1, threads) }
}

/// How far it is, over all worktrees.
package struct BringProgress: Hashable, Sendable {
    package let files: Int
    package let totalFiles: Int
    package let bytes: Int
}
