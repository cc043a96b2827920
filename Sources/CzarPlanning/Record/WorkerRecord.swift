/// What the journal says about one worker: a pure fold of its entries.
package struct WorkerRecord: Hashable, Sendable {
    package let key: WorkerKey
    package var state = WorkerState.pending
    /// Why it is blocked, paused or failed; while it is starting, what will block it once it is active; empty in every other state.
    package var causes: Set<Cause> = []
    /// What each of the causes came with.
    package private(set) var reasons: [Cause: String] = [:]
    package var reason: String?
    /// The command that removes what made it fail; nil in every other state, and where none is known.
    package var remedy: String?
    /// Nil before the first change of state.
    package var stateSince: Timestamp?
    /// The worker's last entry: what a conditional append is conditional on.
    package var lastSequence: Int64 = 0

    /// What was recorded at creation; the record wins over the plan.
    package var creation: Creation?
    /// What a creation was about to make, for the first time or again; nil once it is made.
    package var plannedStart: PlannedStart?
    /// What was recorded at a creation whose branch is deleted: its fork point still tells what was the worker's own.
    package var formerCreation: Creation?
    /// A removal, or the undoing of one, that began and whose end is not recorded.
    package var plannedTidying: PlannedTidying?
    /// What is to follow a removal, or the undoing of one, that is recorded.
    package var plannedWithdrawal: PlannedWithdrawal?
    /// What the end of a commit will record that began and whose end is not recorded.
    package var plannedCommit: [String: String]?
    package var attempts = Attempts()
    package var tokens = TokenLog()
    /// The agent's session that a later attempt goes on with.
    package var session: Session?
    /// The set-up that the worktree has had, as the plan wrote it; nil when it has had none.
    package var setup: String?
    /// The ports that are leased to the worktree.
    package var ports: [Int] = []
    package var tasks = TaskLog()
    /// What it asked when it could not go on, oldest first, at most ``questionLimit``.
    package var questions: [Question] = []
    package var declaration: Declaration?
    /// Why the worker has given up in its running attempt; nil when it has not, or has declared itself complete since.
    package var surrender: String?
    /// The tip that was proven complete; later commits are stranded.
    package var completedTip: CommitID?
    /// The base's tip at that moment, by which its own commits were told; nil where it was not recorded.
    package var completedBase: CommitID?
    /// The tip that a look at the repository found last.
    package var tip: CommitID?
    /// The newest tip that any entry names: that look's, or one that was proven, or committed, since.
    package var recordedTip: CommitID?
    /// Allowed to start where starting asks (`run --approve ask`).
    package var approved = false
    /// Set while a person works in the worktree of a worker without a running command.
    package var person = false
    package var stuckSince: Timestamp?
    /// Since when it had given no sign of life when the run that it belonged to was stopped; nil where it had, and in every other state.
    package var stuckWhenStopped: Timestamp?
    /// The budget levels already reported in this attempt, such as `tokens-80`.
    package var budgetLevels: Set<String> = []

    /// Its addition was undone and nothing was made of it: there is no such worker any more, as far as nobody adds it again.
    package var isWithdrawn = false
    /// What it had done by the entries that took it out of the plan.
    var lives: [Int64: Life] = [:]
    /// What was used under its name before it was added under it.
    var tokensBefore: Int64 = 0

    package var startedAt: Timestamp?
    package var endedAt: Timestamp?
    /// Milliseconds in state active, without the current stretch.
    package var activeMilliseconds: Int64 = 0
    package var lastProgress: Progress?
    /// The newest entries, oldest first, at most ``latestLimit``.
    package var latest: [JournalEntry] = []

    package static let latestLimit = 12
    package static let questionLimit = 12

    package init(key: WorkerKey) { self.key = key }

    /// What happened at creation.
    package struct Creation: Hashable, Sendable {
        package var branch: BranchName
        package var base: String
        /// Nil for an adopted branch: its fork point is not known and never guessed.
        package var forkPoint: CommitID?
        /// The worktree's absolute path; nil after it was removed or while only the branch exists.
        package var worktree: String?
        /// Whether it is where somebody has moved it.
        package var wasMoved = false
        package var time: Timestamp

        package init(branch: BranchName, base: String, forkPoint: CommitID?, worktree: String?, time: Timestamp) {
            (self.branch, self.base, self.forkPoint, self.worktree, self.time) = (branch, base, forkPoint, worktree, time)
        }
    }

    /// The intention that is recorded before a branch is made: a branch found without it was not made by Czar.
    package struct PlannedStart: Hashable, Sendable {
        package var branch: BranchName
        package var commit: CommitID
    }

    /// The intention that is recorded before a worktree is removed or brought back.
    package struct PlannedTidying: Hashable, Sendable {
        /// The entry that says so.
        package var sequence: Int64
        /// Whether a removal is being undone.
        package var isUndo: Bool
        /// Everything that the end of it will record.
        package var fields: [String: String]
    }

    /// The second half of `czar remove --branch` for a worker that `czar add` defined, and of its undoing.
    package enum PlannedWithdrawal: Hashable, Sendable {
        /// The worker leaves the plan.
        case leave
        /// It comes back to the plan that it left by that entry.
        case comeBack(from: Int64)
    }

    /// A conversation of one agent.
    package struct Session: Hashable, Sendable {
        package var id: String
        /// The agent's canonical name: no other can go on with it.
        package var agent: String
        /// The attempt that began it.
        package var attempt: Int
    }

    /// A worker said that it cannot go on.
    package struct Question: Hashable, Sendable {
        package var text: String
        /// Nil before it is let go on, and where nobody said anything to it.
        package var answer: String?
        /// Whether it was let go on.
        package var isClosed = false

        package init(text: String, answer: String? = nil, isClosed: Bool = false) {
            (self.text, self.answer, self.isClosed) = (text, answer, isClosed)
        }
    }

    /// A worker said that it is done.
    package struct Declaration: Hashable, Sendable {
        package var sequence: Int64
        package var time: Timestamp
        /// Where the branch was then; nil where nobody knew.
        package var tip: CommitID?
    }

    /// The newest sign of life.
    package struct Progress: Hashable, Sendable {
        package enum Kind: String, Hashable, Sendable, CaseIterable { case commit, file, event, output }
        package var time: Timestamp
        package var kind: Kind
        package var text: String

        package init(time: Timestamp, kind: Kind, text: String) { (self.time, self.kind, self.text) = (time, kind, text) }
    }

    /// The causes as they are now; `reason` belongs to those that are new, and to one that is brought about again.
    mutating func setCauses(_ next: Set<Cause>, reason: String?, renewing renewed: Cause? = nil) {
        var kept: [Cause: String] = [:]
        for cause in next { kept[cause] = causes.contains(cause) && cause != renewed ? reasons[cause] : reason }
        (causes, reasons) = (next, kept)
    }

    /// Whether a look would find nothing new there: neither since the last look nor since what was proven or committed after it.
    package func isAt(_ commit: CommitID) -> Bool { tip == commit && recordedTip == commit }

    /// Where its branch was when the journal heard of it last: the start, where nothing was committed.
    package var lastSeenTip: CommitID? { recordedTip ?? (creation ?? formerCreation)?.forkPoint }

    /// When the worker last gave a sign of life: an entry of its own, its last change of state, or `activity` outside the journal.
    package func lastSign(activity: Timestamp?) -> Timestamp? { [lastProgress?.time, activity, stateSince].compactMap { $0 }.max() }

    /// Milliseconds in state active until `now`.
    package func activeMilliseconds(at now: Timestamp) -> Int64 {
        guard state == .active, let stateSince else { return activeMilliseconds }
        return activeMilliseconds + max(0, now.milliseconds - stateSince.milliseconds)
    }
}

extension WorkerRecord {
    /// Why the latest attempt failed, from the newest entry that says so; nil when none did.
    package var lastFailure: String? {
        if state == .failed { return reason }
        return latest.last { $0.event.type == .stateChanged && $0.event.fields[Field.to] == WorkerState.failed.rawValue }?
            .event.fields[Field.reason]
    }
}
