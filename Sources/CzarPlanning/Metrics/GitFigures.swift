/// What Git says about one worker's branch and worktree at one moment. A nil figure could not be determined.
package struct GitFigures: Hashable, Sendable {
    /// Nil when the branch does not exist.
    package var tip: CommitID?
    /// The remote-tracking reference whose figures these are, where nobody has worked here and the branch is not here; nil for the branch's own.
    package var remoteReference: String?
    package var baseTip: CommitID?
    /// The comparison base B of SPEC section 1.
    package var comparedWith: CommitID?
    package var ahead: Int?
    package var behind: Int?
    package var total: Int?
    package var ownCommits: Int?
    package var integration = Integration.no
    /// The target's commit that took the change out; nil where it was not reverted.
    package var revert: CommitID?
    /// Whether nothing could be found out about ``integration``.
    package var lacksIntegration = false
    package var stranded: [CommitID] = []
    /// Whether nothing tells if there are stranded commits: the history of the branch cannot be read.
    package var lacksHistory: Bool { tip != nil && total == nil }
    package var files: FileCounts?
    package var lines: LineCounts?
    /// Test declarations in the added lines minus those in the removed ones.
    package var testsAdded: Int?
    /// New and changed files that declare a test.
    package var testFiles: Int?
    package var worktree = WorktreeFigures(path: nil, state: .none)
    package var lastCommit: LastCommit?
    /// Why some figure is nil.
    package var problem: String?
    /// Whether the branch is gone, and these are the figures of where the journal saw it last.
    package var isRecorded = false

    package init() {}

    /// How the target contains the worker's change.
    package enum Integration: String, Hashable, Sendable, CaseIterable { case no, ancestor, patch, squash, reverted }

    package struct FileCounts: Hashable, Sendable {
        package var created = 0
        package var modified = 0
        package var deleted = 0
        package var renamed = 0
        package init(created: Int = 0, modified: Int = 0, deleted: Int = 0, renamed: Int = 0) {
            (self.created, self.modified, self.deleted, self.renamed) = (created, modified, deleted, renamed)
        }
    }

    package struct LineCounts: Hashable, Sendable {
        package var inserted: Int
        package var deleted: Int
        package init(inserted: Int, deleted: Int) { (self.inserted, self.deleted) = (inserted, deleted) }
    }

    package struct LastCommit: Hashable, Sendable {
        package var id: CommitID
        /// Nil where the commit is damaged and tells none.
        package var time: Timestamp?
        package var author: String
        package var subject: String
        package init(id: CommitID, time: Timestamp?, author: String, subject: String) {
            (self.id, self.time, self.author, self.subject) = (id, time, author, subject)
        }
    }
}

/// A worktree's dirty state, as `git status --porcelain` counts it.
package struct WorktreeFigures: Hashable, Sendable {
    package enum State: String, Hashable, Sendable, CaseIterable {
        case ok, missing, locked, drifted, unreadable, none
        /// One of a moment that has passed: nobody looked then.
        case unknown
    }

    package var path: String?
    package var state: State
    package var staged = 0
    package var modified = 0
    package var untracked = 0
    package var conflicted = 0
    /// What it has checked out, where that is not its own branch.
    package var otherBranch: String?
    /// Which other worktree has its own branch checked out.
    package var branchPlace: String?
    /// When the newest changed file was written; nil when nothing is changed.
    package var newestChange: Timestamp?
    /// Which file that is, as it is shown.
    package var newestFile: String?
    /// Why an unreadable worktree cannot be read.
    package var problem: String?
    /// Where one is that is missing at its place, as far as anything tells.
    package var movedTo: String?

    package init(path: String?, state: State) { (self.path, self.state) = (path, state) }

    /// Changed, untracked and conflicted paths; a path both staged and modified counts once as modified.
    package var dirty: Int { max(staged, modified) + untracked + conflicted }

    /// Whether there is a worktree of which nobody can say what is changed in it.
    package var isUnknown: Bool { state == .unknown || state == .unreadable }

    /// ``dirty``; nil where there is no worktree, or nobody can say.
    package var knownDirty: Int? { path == nil || isUnknown ? nil : dirty }
}
