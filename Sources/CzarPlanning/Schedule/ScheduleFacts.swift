/// What the scheduler cannot read from the journal: looked up by the caller just before it asks.
package struct ScheduleFacts: Hashable, Sendable {
    package var now: Timestamp
    /// Workers whose change the target contains; only looked up where the gate is `integrated`.
    package var integrated: Set<WorkerID> = []
    /// Workers whose change the target contained and lacks again, as far as looked up.
    package var reverted: Set<WorkerID> = []
    /// Workers whose recorded branch or folder the plan no longer agrees with, and how.
    package var drifted: [WorkerID: String] = [:]
    /// Where workers' worktrees are that are not where they were recorded: nothing is started before that is mended.
    package var moved: [WorkerID: String] = [:]
    /// Running attempts whose supervisor is gone, so that nobody will record their end.
    package var orphaned: Set<WorkerID> = []
    /// The process of each person's session that is open in a worker's worktree: nothing is started beside it.
    package var sessions: [WorkerID: Int32] = [:]
    /// The newest sign of life that is not in the journal: output or changed files.
    package var activity: [WorkerID: Timestamp] = [:]

    /// What all workers together have used; nil: the scheduler adds it up, where the plan has a budget.
    var planUse: PlanUse?

    package init(now: Timestamp) { self.now = now }
}

/// What the workers of a plan have used together.
struct PlanUse: Hashable, Sendable {
    /// Nil when none reported any.
    var tokens: Int64?
    /// The first start; nil before.
    var begun: Timestamp?

    init() {}

    /// What a worker used that has left the plan since stays used, also where another one has its name by now.
    /// - Complexity: O(recorded workers).
    init(of plan: Plan, _ state: ProjectState) {
        let records = plan.definitions.map { state[$0.key] }
        let former = state.workers.values.filter { $0.key.phase == plan.phase && plan[$0.key.id]?.key != $0.key }
        let used = (records + former).compactMap(\.tokensOfAllLives)
        tokens = used.isEmpty ? nil : used.reduce(0, +)
        begun = records.compactMap(\.startedAt).min()
    }
}

/// What the person who called `run` allows.
package struct ScheduleOptions: Hashable, Sendable {
    /// Overrides the plan's `max_active`; 0 means no limit.
    package var maxActive: Int?
    /// Nil: every worker of the plan may start.
    package var selection: Set<WorkerID>?
    /// Whether a ready worker waits for `czar approve`.
    package var asksApproval = false

    package init(maxActive: Int? = nil, selection: Set<WorkerID>? = nil, asksApproval: Bool = false) {
        (self.maxActive, self.selection, self.asksApproval) = (maxActive, selection, asksApproval)
    }

    /// The journal fields of DAEMON_STARTED: who looks at the project while the daemon runs decides as it does.
    package var fields: [String: String] {
        var fields: [String: String] = [:]
        fields[Field.maxActive] = maxActive.map(String.init)
        fields[Field.workers] = selection.map { $0.map(\.rawValue).sorted().joined(separator: " ") }
        if asksApproval { fields[Field.approve] = "ask" }
        return fields
    }

    /// Reads ``fields``.
    package init(fields: [String: String]) {
        self.init(
            maxActive: fields[Field.maxActive].flatMap { Int($0) },
            selection: fields[Field.workers].map { Set($0.split(separator: " ").compactMap { WorkerID(rawValue: String($0)) }) },
            asksApproval: fields[Field.approve] == "ask")
    }
}
