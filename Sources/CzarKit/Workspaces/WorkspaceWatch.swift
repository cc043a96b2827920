import CzarGit

/// What the caller of a long creation sees of it, and how it ends it.
package struct WorkspaceWatch: Sendable {
    /// Called from any thread, one call at a time.
    package var progress: (@Sendable (WorkspaceProgress) -> Void)?
    /// Called from any thread before a file is put together that takes more memory than there should be in use.
    package var largeFile: (@Sendable (LargeFile) -> Void)?
    /// Called when the creation of a worker's worktree before its start has ended, with nil where it failed.
    package var finished: (@Sendable (Workspace?) -> Void)?
    /// After a true nothing more is made, and what was being made is taken back: ``WorkspaceError/interrupted(worker:)``.
    package var isCancelled: (@Sendable () -> Bool)?

    package init(progress: (@Sendable (WorkspaceProgress) -> Void)? = nil, isCancelled: (@Sendable () -> Bool)? = nil) {
        (self.progress, self.isCancelled) = (progress, isCancelled)
    }

    /// The same for the checkout that is a part of the creation.
    func checkoutOptions() -> CheckoutOptions {
        var options = CheckoutOptions()
        (options.isCancelled, options.largeFile) = (isCancelled, largeFile)
        if let progress {
            options.progress = {
                progress(WorkspaceProgress(step: .checkingOut, files: $0.files, totalFiles: $0.totalFiles, bytes: $0.bytes))
            }
        }
        return options
    }
}

/// How far a step is, over all worktrees that are made together.
package struct WorkspaceProgress: Hashable, Sendable {
    package enum Step: Hashable, Sendable {
        /// Tracked files are written.
        case checkingOut
        /// Ignored files of the main worktree are brought along.
        case bringing
    }

    package let step: Step
    package let files: Int
    package let totalFiles: Int
    /// Written so far.
    package let bytes: Int
}
