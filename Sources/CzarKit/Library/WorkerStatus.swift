import CzarPlanning

/// Where one worker stands: the part of `czar status` that programs ask for most. The whole is `czar status --json`.
public struct WorkerStatus: Hashable, Sendable {
    /// The worker; ``CzarPlanning/Plan`` has its definition.
    public let id: WorkerID
    /// Its state, as the journal has it.
    public let state: WorkerState
    /// Why it is blocked, paused or failed, in words; nil in other states.
    public let reason: String?
    /// The workers that it waits for.
    public let waitsFor: [WorkerID]
    /// Its branch, as recorded, else as planned.
    public let branch: BranchName
    /// The commit that the branch points at; nil while it does not exist.
    public let tip: CommitID?
    /// Commits that the branch has and its base has not, and the reverse; nil while there is no branch or it could not be found out.
    public let ahead: Int?
    /// See ``ahead``.
    public let behind: Int?
    /// The absolute path of its worktree; nil while it has none.
    public let worktree: String?
    /// What it needs a person for; nil when it needs none.
    public let attention: String?
    /// The commands that help, the next one first.
    public let commands: [String]

    init(_ worker: StatusReport.Worker, attention all: [StatusReport.Attention]) {
        let item = all.first { $0.worker == worker.definition.id }
        id = worker.definition.id
        state = worker.record.state
        reason = worker.record.reason
        waitsFor = worker.waitingFor.compactMap(\.worker)
        branch = worker.branch
        tip = worker.figures.tip
        (ahead, behind) = (worker.figures.ahead, worker.figures.behind)
        worktree = worker.figures.worktree.path
        attention = item?.why
        commands = item?.commands ?? []
    }
}

/// One entry of the journal.
public struct JournalEvent: Hashable, Sendable {
    /// Ascending; entries never change.
    public let sequence: Int64
    /// When it was written.
    public let time: Timestamp
    /// The plan's phase.
    public let phase: PhaseID
    /// Nil for what is about the whole project.
    public let worker: WorkerID?
    /// `CHECKPOINT`, `STATE_CHANGED`, …: upper case; there may be types that this version does not know.
    public let type: String
    /// What it says, by name.
    public let fields: [String: String]
    /// Who wrote it: `cli`, `daemon`, `supervisor`.
    public let actor: String

    init(_ entry: JournalEntry) {
        (sequence, time, phase) = (entry.sequence, entry.event.time, entry.event.phase)
        (worker, type) = (entry.event.worker, entry.event.type.rawValue)
        (fields, actor) = (entry.event.fields, entry.event.actor)
    }
}
