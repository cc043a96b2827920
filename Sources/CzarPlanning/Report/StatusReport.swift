/// The answer of `czar status`: a pure function of plan, journal, Git facts and time.
package struct StatusReport: Hashable, Sendable {
    package var generatedAt: Timestamp
    package var repository: String
    package var base: String
    package var target: String
    /// Where the target begins that is still to be made; nil where there is such a branch.
    package var targetStart: String?
    package var daemon: Daemon?
    package var workers: [Worker]
    package var attention: [Attention]
    package var budgetTokens: Int64?
    /// When the plan's phase was closed; nil while it is open.
    package var closedAt: Timestamp?
    /// The phase that it is about.
    package var phase: PhaseID
    /// Workers that the journal knows and the plan no longer has: they keep their state and gate no one.
    package var unlisted: [WorkerRecord]
    /// Tokens that were used in the phase by workers that were taken back, and under a worker's name before it was added under it.
    package var tokensTakenBack: Int64
    /// Phases that the plan is no longer in and that have something open.
    package var openPhases: [OpenPhase]
    /// Whether the plan is no longer in the phase that it is about.
    package var isOfFormerPhase: Bool
    /// The command that gives workers something to start from, such as the first commit, where nothing can start before it.
    package var firstCommit: String?
    /// What is not as it looks, in sentences: a checkout without branches and journal, for one.
    package var limitations: [String] = []

    /// A running `czar run`.
    package struct Daemon: Hashable, Sendable {
        package var pid: Int
        package var since: Timestamp?
        package init(pid: Int, since: Timestamp?) { (self.pid, self.since) = (pid, since) }
    }

    /// Something that only a person can move on.
    package struct Attention: Hashable, Sendable {
        package var worker: WorkerID
        package var why: String
        package var since: Timestamp?
        /// The next command, and others that help.
        package var commands: [String]

        package init(worker: WorkerID, why: String, since: Timestamp?, commands: [String]) {
            (self.worker, self.why, self.since, self.commands) = (worker, why, since, commands)
        }
    }

    /// One worker: its definition, its record, its figures, and what follows from them.
    package struct Worker: Hashable, Sendable {
        package var definition: WorkerDefinition
        package var record: WorkerRecord
        package var figures: GitFigures
        package var wave: Int
        package var health: Health
        /// Since when it has given no sign of life, where that is too long, whatever else is wrong with it; nil where it is not.
        package var stuckSince: Timestamp?
        package var base: String
        package var waitingFor: [Schedule.Waiting]
        /// When the active `czar run` tries it again; nil when nobody does.
        package var retryAt: Timestamp?
        package var tasks: [Task]
        /// Whether ``tasks`` are all; else only those that were reported.
        package var tasksAreKnown: Bool
        /// The process of a person who has taken it over; nil when nobody has.
        package var sessionProcess: Int32?
        /// Whether its command has ended and the journal has not taken that yet.
        package var isUnrecorded: Bool
        package var log: String?
        package var lastProgress: WorkerRecord.Progress?
        /// Whether the branch that its worktree is on is another worker's.
        package var isOnAnothersBranch: Bool
        /// Whether an old folder's marks claim completion; a claim is shown, never believed.
        package var claimsComplete: Bool
    }

    package struct Task: Hashable, Sendable {
        package var text: String
        package var done: Bool
        package init(text: String, done: Bool) { (self.text, self.done) = (text, done) }
    }

    package enum Health: String, Hashable, Sendable, CaseIterable {
        case ok, idle, stuck, drifted, crashed
        case overBudget = "over-budget"
    }

    /// Tokens of all workers, also of those that have left the plan; nil when none reported any.
    package var tokens: Int64? { Self.sum((workers.map(\.record) + former).compactMap(\.tokens.used) + takenBack) }

    /// What the agents say that it cost, in US dollars; nil when none said anything.
    package var cost: Double? { TokenLog.sum((workers.map(\.record) + former).compactMap(\.tokens.cost)) }

    /// What workers used that have left the plan; nil when they reported nothing.
    package var formerTokens: Int64? { Self.sum(former.compactMap(\.tokens.used) + takenBack) }

    private var takenBack: [Int64] { tokensTakenBack > 0 ? [tokensTakenBack] : [] }

    /// The workers of the phase that have left the plan.
    package var former: [WorkerRecord] { unlisted.filter { $0.key.phase == phase } }

    private static func sum(_ used: [Int64]) -> Int64? { used.isEmpty ? nil : used.reduce(0, +) }

    /// The mean of the workers' progress, 0 to 1.
    package var progress: Double { workers.isEmpty ? 0 : workers.reduce(0) { $0 + $1.progress } / Double(workers.count) }

    package func count(_ state: WorkerState) -> Int { workers.count { $0.record.state == state } }
}

extension StatusReport.Worker {
    /// How many tasks are done, of how many; nil where nobody can say.
    package var taskCounts: (done: Int, all: Int)? { tasksAreKnown ? (tasks.count { $0.done }, tasks.count) : nil }

    /// ``progress``; nil where nobody can say.
    package var knownProgress: Double? { record.state == .complete || tasksAreKnown ? progress : nil }

    /// 1 when complete, else the share of its tasks that are done.
    package var progress: Double {
        if record.state == .complete { return 1 }
        return tasks.isEmpty ? 0 : Double(tasks.count { $0.done }) / Double(tasks.count)
    }

    package var branch: BranchName { record.creation?.branch ?? definition.branch }
}
