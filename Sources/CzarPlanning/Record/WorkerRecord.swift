/// What the journal says about one worker: a pure fold of its entries.
public struct WorkerRecord: Hashable, Sendable {
    public let key: WorkerKey
    public var state = WorkerState.pending
    /// Why it is blocked, paused or failed; empty in every other state.
    public var causes: Set<Cause> = []
    public var reason: String?
    /// Nil before the first change of state.
    public var stateSince: Timestamp?
    /// The worker's last entry: what a conditional append is conditional on.
    public var lastSequence: Int64 = 0

    /// What was recorded at creation; the record wins over the plan.
    public var creation: Creation?
    /// What a creation was about to make; nil once it is made.
    public var plannedStart: PlannedStart?
    /// What was recorded at a creation whose branch is deleted: its fork point still tells what was the worker's own.
    public var formerCreation: Creation?
    /// A removal, or the undoing of one, that began and whose end is not recorded.
    public var plannedTidying: PlannedTidying?
    public var attempts = Attempts()
    public var tokens = TokenLog()
    public var tasks = TaskLog()
    public var declaration: Declaration?
    /// The tip that was proven complete; later commits are stranded.
    public var completedTip: CommitID?
    /// The tip seen last, with the base's tip at that moment.
    public var tip: CommitID?
    /// Allowed to start where starting asks (`run --approve ask`).
    public var approved = false
    /// Set while a person works in the worktree of a worker without a running command.
    public var person = false
    public var stuckSince: Timestamp?
    /// The budget levels already reported in this attempt, such as `tokens-80`.
    public var budgetLevels: Set<String> = []

    public var startedAt: Timestamp?
    public var endedAt: Timestamp?
    /// Milliseconds in state active, without the current stretch.
    public var activeMilliseconds: Int64 = 0
    public var lastProgress: Progress?
    /// The newest entries, oldest first, at most ``latestLimit``.
    public var latest: [JournalEntry] = []

    public static let latestLimit = 12

    public init(key: WorkerKey) { self.key = key }

    /// What happened at creation.
    public struct Creation: Hashable, Sendable {
        public var branch: BranchName
        public var base: String
        /// Nil for an adopted branch: its fork point is not known and never guessed.
        public var forkPoint: CommitID?
        /// The worktree's absolute path; nil after it was removed or while only the branch exists.
        public var worktree: String?
        public var time: Timestamp

        public init(branch: BranchName, base: String, forkPoint: CommitID?, worktree: String?, time: Timestamp) {
            (self.branch, self.base, self.forkPoint, self.worktree, self.time) = (branch, base, forkPoint, worktree, time)
        }
    }

    /// The intention that is recorded before a branch is made: a branch found without it was not made by Czar.
    public struct PlannedStart: Hashable, Sendable {
        public var branch: BranchName
        public var commit: CommitID
    }

    /// The intention that is recorded before a worktree is removed or brought back.
    public struct PlannedTidying: Hashable, Sendable {
        /// The entry that says so.
        public var sequence: Int64
        /// Whether a removal is being undone.
        public var isUndo: Bool
        /// Everything that the end of it will record.
        public var fields: [String: String]
    }

    /// A worker said that it is done.
    public struct Declaration: Hashable, Sendable {
        public var sequence: Int64
        public var time: Timestamp
    }

    /// The newest sign of life.
    public struct Progress: Hashable, Sendable {
        public enum Kind: String, Hashable, Sendable { case commit, file, event, output }
        public var time: Timestamp
        public var kind: Kind
        public var text: String

        public init(time: Timestamp, kind: Kind, text: String) { (self.time, self.kind, self.text) = (time, kind, text) }
    }

    /// Milliseconds in state active until `now`.
    public func activeMilliseconds(at now: Timestamp) -> Int64 {
        guard state == .active, let stateSince else { return activeMilliseconds }
        return activeMilliseconds + max(0, now.milliseconds - stateSince.milliseconds)
    }
}

extension WorkerRecord {
    /// Why the latest attempt failed, from the newest entry that says so; nil when none did.
    public var lastFailure: String? {
        if state == .failed { return reason }
        return latest.last { $0.event.type == .stateChanged && $0.event.fields[Field.to] == WorkerState.failed.rawValue }?
            .event.fields[Field.reason]
    }
}
