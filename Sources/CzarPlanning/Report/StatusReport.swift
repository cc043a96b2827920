/// The answer of `czar status`: a pure function of plan, journal, Git facts and time.
public struct StatusReport: Hashable, Sendable {
    public var generatedAt: Timestamp
    public var repository: String
    public var base: String
    public var target: String
    public var daemon: Daemon?
    public var workers: [Worker]
    public var attention: [Attention]
    public var budgetTokens: Int64?

    /// A running `czar run`.
    public struct Daemon: Hashable, Sendable {
        public var pid: Int
        public var since: Timestamp?
        public init(pid: Int, since: Timestamp?) { (self.pid, self.since) = (pid, since) }
    }

    /// Something that only a person can move on.
    public struct Attention: Hashable, Sendable {
        public var worker: WorkerID
        public var why: String
        public var since: Timestamp?
        /// The next command, and others that help.
        public var commands: [String]
    }

    /// One worker: its definition, its record, its figures, and what follows from them.
    public struct Worker: Hashable, Sendable {
        public var definition: WorkerDefinition
        public var record: WorkerRecord
        public var figures: GitFigures
        public var wave: Int
        public var health: Health
        public var base: String
        public var waitingFor: [Schedule.Waiting]
        public var tasks: [Task]
        public var log: String?
        public var lastProgress: WorkerRecord.Progress?
        /// Whether an old folder's marks claim completion; a claim is shown, never believed.
        public var claimsComplete: Bool
    }

    public struct Task: Hashable, Sendable {
        public var text: String
        public var done: Bool
        public init(text: String, done: Bool) { (self.text, self.done) = (text, done) }
    }

    public enum Health: String, Hashable, Sendable {
        case ok, idle, stuck, drifted, crashed
        case overBudget = "over-budget"
    }

    /// Tokens of all workers; nil when none reported any.
    public var tokens: Int64? {
        let used = workers.compactMap(\.record.tokens.used)
        return used.isEmpty ? nil : used.reduce(0, +)
    }

    /// The mean of the workers' progress, 0 to 1.
    public var progress: Double { workers.isEmpty ? 0 : workers.reduce(0) { $0 + $1.progress } / Double(workers.count) }

    public func count(_ state: WorkerState) -> Int { workers.count { $0.record.state == state } }
}

extension StatusReport.Worker {
    /// 1 when complete, else the share of its tasks that are done.
    public var progress: Double {
        if record.state == .complete { return 1 }
        return tasks.isEmpty ? 0 : Double(tasks.count { $0.done }) / Double(tasks.count)
    }

    public var branch: BranchName { record.creation?.branch ?? definition.branch }
}
