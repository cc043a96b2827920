/// What the scheduler cannot read from the journal: looked up by the caller just before it asks.
public struct ScheduleFacts: Hashable, Sendable {
    public var now: Timestamp
    /// Workers whose change the target contains; only looked up where the gate is `integrated`.
    public var integrated: Set<WorkerID> = []
    /// Workers whose recorded branch or folder the plan no longer agrees with, and how.
    public var drifted: [WorkerID: String] = [:]
    /// Running attempts whose supervisor is gone, so that nobody will record their end.
    public var orphaned: Set<WorkerID> = []
    /// The newest sign of life that is not in the journal: output or changed files.
    public var activity: [WorkerID: Timestamp] = [:]

    public init(now: Timestamp) { self.now = now }
}

/// What the person who called `run` allows.
public struct ScheduleOptions: Hashable, Sendable {
    /// Overrides the plan's `max_active`; 0 means no limit.
    public var maxActive: Int?
    /// Nil: every worker of the plan may start.
    public var selection: Set<WorkerID>?
    /// Whether a ready worker waits for `czar approve`.
    public var asksApproval = false

    public init(maxActive: Int? = nil, selection: Set<WorkerID>? = nil, asksApproval: Bool = false) {
        (self.maxActive, self.selection, self.asksApproval) = (maxActive, selection, asksApproval)
    }
}
