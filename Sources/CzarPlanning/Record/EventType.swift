/// What a journal entry is about: an open set, because workers may write types that Czar does not know.
///
/// Types are upper case (`[A-Z][A-Z0-9_]*`), worker ids are lower case: a command line can tell them apart.
package struct EventType: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    package let rawValue: String

    package init(rawValue: String) { self.rawValue = rawValue }

    package var description: String { rawValue }

    /// Whether the text has the form of an event type; at most 64 bytes.
    package static func isWellFormed(_ text: String) -> Bool {
        guard let first = text.utf8.first, (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(first), text.utf8.count <= 64 else {
            return false
        }
        return text.utf8.allSatisfy { byte in
            (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                || byte == UInt8(ascii: "_")
        }
    }

    // Written by workers.
    package static let workerStart = EventType(rawValue: "WORKER_START")
    package static let taskStart = EventType(rawValue: "TASK_START")
    package static let checkpoint = EventType(rawValue: "CHECKPOINT")
    package static let taskComplete = EventType(rawValue: "TASK_COMPLETE")
    package static let blocked = EventType(rawValue: "BLOCKED")
    package static let unblocked = EventType(rawValue: "UNBLOCKED")
    /// A worker gives up: it has failed, for its reason, once its command has ended.
    package static let workerFailed = EventType(rawValue: "WORKER_FAILED")
    package static let error = EventType(rawValue: "ERROR")
    package static let workerComplete = EventType(rawValue: "WORKER_COMPLETE")

    // Written by Czar alone, by the code that does the thing.
    package static let journalOpened = EventType(rawValue: "JOURNAL_OPENED")
    package static let journalRebuilt = EventType(rawValue: "JOURNAL_REBUILT")
    package static let planAccepted = EventType(rawValue: "PLAN_ACCEPTED")
    package static let trusted = EventType(rawValue: "TRUSTED")
    /// A worker's definition, and a brief where there was none, were written on the command line.
    package static let workerAdded = EventType(rawValue: "WORKER_ADDED")
    /// A worker of which nothing was left went with its removal; the texts of its files are in the entry.
    package static let workerWithdrawn = EventType(rawValue: "WORKER_WITHDRAWN")
    package static let workspacePlanned = EventType(rawValue: "WORKSPACE_PLANNED")
    package static let branchCreated = EventType(rawValue: "BRANCH_CREATED")
    package static let branchAdopted = EventType(rawValue: "BRANCH_ADOPTED")
    package static let worktreeCreated = EventType(rawValue: "WORKTREE_CREATED")
    package static let worktreeRemoved = EventType(rawValue: "WORKTREE_REMOVED")
    package static let branchDeleted = EventType(rawValue: "BRANCH_DELETED")
    package static let rebound = EventType(rawValue: "REBOUND")
    package static let stateChanged = EventType(rawValue: "STATE_CHANGED")
    /// The causes of a hold changed, the state did not.
    package static let causesChanged = EventType(rawValue: "CAUSES_CHANGED")
    package static let approved = EventType(rawValue: "APPROVED")
    package static let tipMoved = EventType(rawValue: "TIP_MOVED")
    package static let baseMoved = EventType(rawValue: "BASE_MOVED")
    package static let targetMoved = EventType(rawValue: "TARGET_MOVED")
    package static let processStarted = EventType(rawValue: "PROCESS_STARTED")
    package static let processEnded = EventType(rawValue: "PROCESS_ENDED")
    package static let committed = EventType(rawValue: "COMMITTED")
    package static let stuck = EventType(rawValue: "STUCK")
    /// Something about a worker keeps Czar from looking after it.
    package static let problem = EventType(rawValue: "PROBLEM")
    package static let budgetReached = EventType(rawValue: "BUDGET_REACHED")
    package static let checkFinished = EventType(rawValue: "CHECK_FINISHED")
    package static let integrated = EventType(rawValue: "INTEGRATED")
    package static let conflict = EventType(rawValue: "CONFLICT")
    /// Read from an agent's output: what the attempt has used until now.
    package static let usage = EventType(rawValue: "USAGE")
    /// Read from an agent's output: the session that a later attempt goes on with.
    package static let agentSession = EventType(rawValue: "AGENT_SESSION")
    /// An attempt ended because its agent may not ask its model any more; no worker of that agent starts before `until`.
    package static let rateLimited = EventType(rawValue: "RATE_LIMITED")
    /// What prepares the worktree has ended.
    package static let setupFinished = EventType(rawValue: "SETUP_FINISHED")
    /// Ports of this machine are the worktree's until it is removed.
    package static let portsLeased = EventType(rawValue: "PORTS_LEASED")
    /// Recorded before the branch moves to a commit that Czar has made, with all that the commit will record.
    package static let commitPlanned = EventType(rawValue: "COMMIT_PLANNED")
    /// A commit that was cut off before the branch moved to it.
    package static let commitAbandoned = EventType(rawValue: "COMMIT_ABANDONED")
    /// Recorded before anything is removed, with all that the removal will record.
    package static let removalPlanned = EventType(rawValue: "REMOVAL_PLANNED")
    /// A removal that was cut off before it changed anything.
    package static let removalAbandoned = EventType(rawValue: "REMOVAL_ABANDONED")
    /// Recorded before a removal is undone, so that an undo that was cut off can be finished.
    package static let undoPlanned = EventType(rawValue: "UNDO_PLANNED")
    /// An entry was undone; entries of the usual types before it, in the same transaction, say what changed.
    package static let undone = EventType(rawValue: "UNDONE")
    /// Recorded before a phase is closed, with where its archive goes.
    package static let closeoutPlanned = EventType(rawValue: "CLOSEOUT_PLANNED")
    /// A phase was archived and what is integrated of it removed.
    package static let phaseClosed = EventType(rawValue: "PHASE_CLOSED")
    package static let daemonStarted = EventType(rawValue: "DAEMON_STARTED")
    package static let daemonEnded = EventType(rawValue: "DAEMON_ENDED")

    /// The types that a worker's commands and Czarina's projects use; others may be written all the same.
    package static let forWorkers: [EventType] = [
        .workerStart, .taskStart, .checkpoint, .taskComplete, .blocked, .unblocked, .error, .workerComplete, .workerFailed,
    ]

    /// Refused from outside: an entry of these types is a fact that Czar itself established.
    package static let reserved: Set<EventType> = [
        .journalOpened, .journalRebuilt, .planAccepted, .trusted, .workspacePlanned, .branchCreated, .branchAdopted, .worktreeCreated,
        .worktreeRemoved,
        .branchDeleted, .rebound, .stateChanged, .causesChanged, .approved, .tipMoved, .baseMoved, .targetMoved, .processStarted,
        .processEnded,
        .commitPlanned, .commitAbandoned,
        .committed, .stuck, .problem, .budgetReached, .checkFinished, .integrated, .conflict, .usage, .removalPlanned, .removalAbandoned,
        .undoPlanned, .undone, .closeoutPlanned, .phaseClosed, .daemonStarted, .daemonEnded, .agentSession, .rateLimited,
        .setupFinished, .portsLeased, .workerAdded, .workerWithdrawn,
    ]
}
