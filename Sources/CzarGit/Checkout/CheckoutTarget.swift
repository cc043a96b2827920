import Glibc

/// What a worktree is to hold.
package struct CheckoutContent: Hashable, Sendable {
    package let tree: ObjectID
    /// The folders of a sparse worktree; nil for all files.
    package let cone: SparseCone?
    /// The only files that are written, into a worktree that has the others; then its index stays. Nil for all.
    let only: Set<RepositoryPath>?

    package init(tree: ObjectID, cone: SparseCone? = nil) { self.init(tree: tree, cone: cone, only: nil) }

    init(tree: ObjectID, cone: SparseCone? = nil, only: Set<RepositoryPath>?) { (self.tree, self.cone, self.only) = (tree, cone, only) }
}

/// What may stand where a checkout writes.
package enum CheckoutGround: Hashable, Sendable {
    /// Nothing; what does is a failure.
    case empty
    /// What a checkout of the same content that was cut off had written: it is gone on with. All else is somebody's, and stays.
    case begun
    /// Other content, which is replaced.
    case replaced
}

/// A worktree to fill: registered, and holding nothing but its `.git` and what its ground says.
package struct CheckoutTarget: Hashable, Sendable {
    package let content: CheckoutContent
    /// Absolute; only components below it are guarded against links.
    package let path: String
    /// Where the worktree's index lies.
    package let gitDirectory: String
    package let ground: CheckoutGround

    package init(_ content: CheckoutContent, path: String, gitDirectory: String, over ground: CheckoutGround = .empty) {
        (self.content, self.path, self.gitDirectory, self.ground) = (content, path, gitDirectory, ground)
    }
}

/// A worktree that may have content to copy.
package struct CheckoutDonor: Hashable, Sendable {
    package let path: String
    /// Where its index lies.
    package let gitDirectory: String

    package init(path: String, gitDirectory: String) { (self.path, self.gitDirectory) = (path, gitDirectory) }
}

/// How far a checkout is, over all its worktrees.
package struct CheckoutProgress: Hashable, Sendable {
    package let files: Int
    package let totalFiles: Int
    /// Written so far.
    package let bytes: Int
}

/// A file that has to be put together in memory, and is larger than what is meant for that.
package struct LargeFile: Hashable, Sendable {
    package enum Reason: Hashable, Sendable {
        /// It is stored as the difference from another version.
        case delta
        /// Attributes ask for other line ends, or for its keywords.
        case conversion
    }

    package let path: RepositoryPath
    package let size: Int
    package let why: Reason
    /// How many bytes it takes in memory until it is written.
    package let memory: Int
}

/// How to check out.
package struct CheckoutOptions: Sendable {
    /// Threads that read and write; a repository handle each.
    package var threads: Int
    /// Worktrees whose unmodified files may be copied instead of being inflated; tried in order.
    package var donors: [CheckoutDonor]
    /// Blobs in memory at one time, in bytes. What is stored in one piece and written as it is needs none; any other larger one is taken
    /// alone, and told to ``largeFile`` before.
    package var memory: Int
    /// Indexes of distinct trees that are put together at one time, in bytes; a larger one is put together alone.
    package var indexes = 100 << 20
    /// Called from any of the threads.
    package var largeFile: (@Sendable (LargeFile) -> Void)?
    /// Called from any of the threads, one call at a time, after each batch of files.
    package var progress: (@Sendable (CheckoutProgress) -> Void)?
    /// Asked between batches; after a true every target fails with ``GitError/Code/stopped``.
    package var isCancelled: (@Sendable () -> Bool)?

    package init(threads: Int = processorCount(), donors: [CheckoutDonor] = [], memory: Int = 96 << 20) {
        (self.threads, self.donors, self.memory) = (max(1, threads), donors, memory)
    }
}

/// What one checkout wrote.
package struct CheckoutReport: Hashable, Sendable {
    package let files: Int
    /// Files that hold a filter's input because Czar does not run the filter, or that stay in UTF-8 because their encoding is not known or
    /// cannot hold them: `filter=name` or `working-tree-encoding=name`, and how many.
    package let unfiltered: [String: Int]
}

/// Processors this process may use.
package func processorCount() -> Int { max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }
