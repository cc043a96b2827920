/// What Git says about one worker's branch and worktree at one moment. A nil figure could not be determined.
public struct GitFigures: Hashable, Sendable {
    /// Nil when the branch does not exist.
    public var tip: CommitID?
    public var baseTip: CommitID?
    /// The comparison base B of SPEC section 1.
    public var comparedWith: CommitID?
    public var ahead: Int?
    public var behind: Int?
    public var total: Int?
    public var ownCommits: Int?
    public var integration = Integration.no
    public var stranded: [CommitID] = []
    public var files: FileCounts?
    public var lines: LineCounts?
    public var worktree = WorktreeFigures(path: nil, state: .none)
    public var lastCommit: LastCommit?
    /// Why some figure is nil.
    public var problem: String?

    public init() {}

    /// How the target contains the worker's change.
    public enum Integration: String, Hashable, Sendable { case no, ancestor, patch, squash, reverted }

    public struct FileCounts: Hashable, Sendable {
        public var created = 0
        public var modified = 0
        public var deleted = 0
        public var renamed = 0
        public init(created: Int = 0, modified: Int = 0, deleted: Int = 0, renamed: Int = 0) {
            (self.created, self.modified, self.deleted, self.renamed) = (created, modified, deleted, renamed)
        }
    }

    public struct LineCounts: Hashable, Sendable {
        public var inserted: Int
        public var deleted: Int
        public init(inserted: Int, deleted: Int) { (self.inserted, self.deleted) = (inserted, deleted) }
    }

    public struct LastCommit: Hashable, Sendable {
        public var id: CommitID
        public var time: Timestamp
        public var author: String
        public var subject: String
        public init(id: CommitID, time: Timestamp, author: String, subject: String) {
            (self.id, self.time, self.author, self.subject) = (id, time, author, subject)
        }
    }
}

/// A worktree's dirty state, as `git status --porcelain` counts it.
public struct WorktreeFigures: Hashable, Sendable {
    public enum State: String, Hashable, Sendable { case ok, missing, locked, drifted, none }

    public var path: String?
    public var state: State
    public var staged = 0
    public var modified = 0
    public var untracked = 0
    public var conflicted = 0
    /// When the newest changed file was written; nil when nothing is changed.
    public var newestChange: Timestamp?

    public init(path: String?, state: State) { (self.path, self.state) = (path, state) }

    /// Changed, untracked and conflicted paths; a path both staged and modified counts once as modified.
    public var dirty: Int { max(staged, modified) + untracked + conflicted }
}
