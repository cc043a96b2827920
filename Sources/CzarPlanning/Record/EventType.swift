/// What a journal entry is about: an open set, because workers may write types that Czar does not know.
///
/// Types are upper case (`[A-Z][A-Z0-9_]*`), worker ids are lower case: a command line can tell them apart.
public struct EventType: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    public let rawValue: String

    public init(rawValue: String) { self.rawValue = rawValue }

    public var description: String { rawValue }

    /// Whether the text has the form of an event type; at most 64 bytes.
    public static func isWellFormed(_ text: String) -> Bool {
        guard let first = text.utf8.first, (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(first), text.utf8.count <= 64 else { return false }
        return text.utf8.allSatisfy { byte in
            (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                || byte == UInt8(ascii: "_")
        }
    }

    // Written by workers.
    public static let workerStart = EventType(rawValue: "WORKER_START")
    public static let taskStart = EventType(rawValue: "TASK_START")
    public static let checkpoint = EventType(rawValue: "CHECKPOINT")
    public static let taskComplete = EventType(rawValue: "TASK_COMPLETE")
    public static let blocked = EventType(rawValue: "BLOCKED")
    public static let unblocked = EventType(rawValue: "UNBLOCKED")
    public static let error = EventType(rawValue: "ERROR")
    public static let workerComplete = EventType(rawValue: "WORKER_COMPLETE")

    // Written by Czar alone, by the code that does the thing.
    public static let journalOpened = EventType(rawValue: "JOURNAL_OPENED")
    public static let journalRebuilt = EventType(rawValue: "JOURNAL_REBUILT")
    public static let planAccepted = EventType(rawValue: "PLAN_ACCEPTED")
    public static let trusted = EventType(rawValue: "TRUSTED")
    public static let workspacePlanned = EventType(rawValue: "WORKSPACE_PLANNED")
    public static let branchCreated = EventType(rawValue: "BRANCH_CREATED")
    public static let branchAdopted = EventType(rawValue: "BRANCH_ADOPTED")
    public static let worktreeCreated = EventType(rawValue: "WORKTREE_CREATED")
    public static let worktreeRemoved = EventType(rawValue: "WORKTREE_REMOVED")
    public static let branchDeleted = EventType(rawValue: "BRANCH_DELETED")
    public static let rebound = EventType(rawValue: "REBOUND")
    public static let stateChanged = EventType(rawValue: "STATE_CHANGED")
    /// The causes of a hold changed, the state did not.
    public static let causesChanged = EventType(rawValue: "CAUSES_CHANGED")
    public static let approved = EventType(rawValue: "APPROVED")
    public static let tipMoved = EventType(rawValue: "TIP_MOVED")
    public static let baseMoved = EventType(rawValue: "BASE_MOVED")
    public static let targetMoved = EventType(rawValue: "TARGET_MOVED")
    public static let processStarted = EventType(rawValue: "PROCESS_STARTED")
    public static let processEnded = EventType(rawValue: "PROCESS_ENDED")
    public static let committed = EventType(rawValue: "COMMITTED")
    public static let stuck = EventType(rawValue: "STUCK")
    public static let budgetReached = EventType(rawValue: "BUDGET_REACHED")
    public static let checkFinished = EventType(rawValue: "CHECK_FINISHED")
    public static let integrated = EventType(rawValue: "INTEGRATED")
    public static let conflict = EventType(rawValue: "CONFLICT")
    public static let usage = EventType(rawValue: "USAGE")
    /// Recorded before anything is removed, with all that the removal will record.
    public static let removalPlanned = EventType(rawValue: "REMOVAL_PLANNED")
    /// A removal that was cut off before it changed anything.
    public static let removalAbandoned = EventType(rawValue: "REMOVAL_ABANDONED")
    /// Recorded before a removal is undone, so that an undo that was cut off can be finished.
    public static let undoPlanned = EventType(rawValue: "UNDO_PLANNED")
    /// An entry was undone; entries of the usual types before it, in the same transaction, say what changed.
    public static let undone = EventType(rawValue: "UNDONE")
    public static let daemonStarted = EventType(rawValue: "DAEMON_STARTED")
    public static let daemonEnded = EventType(rawValue: "DAEMON_ENDED")

    /// What a worker or a person may write with `czar event`, beside types that Czar does not know.
    public static let forWorkers: Set<EventType> = [
        .workerStart, .taskStart, .checkpoint, .taskComplete, .blocked, .unblocked, .error, .workerComplete,
    ]

    /// Refused from outside: an entry of these types is a fact that Czar itself established.
    public static let reserved: Set<EventType> = [
        .journalOpened, .journalRebuilt, .planAccepted, .trusted, .workspacePlanned, .branchCreated, .branchAdopted, .worktreeCreated, .worktreeRemoved,
        .branchDeleted, .rebound, .stateChanged, .causesChanged, .approved, .tipMoved, .baseMoved, .targetMoved, .processStarted, .processEnded,
        .committed, .stuck, .budgetReached, .checkFinished, .integrated, .conflict, .usage, .removalPlanned, .removalAbandoned, .undoPlanned, .undone, .daemonStarted, .daemonEnded,
    ]
}
