import OrderedCollections

/// A validated plan: what the reader of a configuration file hands to everything else.
///
/// Every worker id in it names a worker of it, the dependency graph has no cycle, and no two workers share a branch.
public struct Plan: Hashable, Sendable {
    /// What the plan is for.
    public var project: Project
    /// How its workers are run.
    public var orchestration: Orchestration
    /// The plan's own agent profiles, or the keys by which it overrides a built-in one.
    public var agents: [String: AgentOverride]
    /// In the order of the file, then those of `czar add` by id.
    public var workers: OrderedDictionary<WorkerID, WorkerDefinition>
    /// How finished work is to land; kept, without effect yet.
    public var integration: IntegrationSettings
    /// Texts that declare a test, by language or file extension, beside those that Czar knows.
    public var testMarkers: [String: [String]]
    /// Who is told what happens.
    public var notifications: Notifications?
    /// When reports are written without being asked for.
    package var reports = ReportTimes()

    /// A plan of validated parts; nothing is checked here.
    public init(
        project: Project, orchestration: Orchestration = Orchestration(), agents: [String: AgentOverride] = [:],
        workers: OrderedDictionary<WorkerID, WorkerDefinition> = [:], integration: IntegrationSettings = IntegrationSettings(),
        testMarkers: [String: [String]] = [:], notifications: Notifications? = nil
    ) {
        (self.project, self.orchestration, self.agents, self.workers) = (project, orchestration, agents, workers)
        (self.integration, self.testMarkers, self.notifications) = (integration, testMarkers, notifications)
    }

    /// The phase that the plan is in.
    public var phase: PhaseID { project.phase }
}

/// The plan's `integration` block.
public struct IntegrationSettings: Hashable, Sendable {
    /// How a worker's commits become part of the target.
    public enum Strategy: String, Hashable, Sendable, CaseIterable { case merge, squash, rebase }

    /// The way of landing.
    public var strategy: Strategy
    /// How many workers one candidate may hold.
    public var batch: Int

    /// Merges in batches of eight, unless told otherwise.
    public init(strategy: Strategy = .merge, batch: Int = 8) { (self.strategy, self.batch) = (strategy, batch) }
}

/// The plan's `project` block.
public struct Project: Hashable, Sendable {
    /// What people call it.
    public var name: String
    /// Made from the name when the plan has none.
    public var slug: String
    /// As the plan writes it: `1.10` stays `1.10`.
    public var version: String?
    /// The phase of every worker that names none.
    public var phase: PhaseID
    /// Nil: the branch that HEAD names when the plan is first accepted.
    public var base: String?
    /// The branch that the work of all workers lands on; nil: the base.
    public var omnibusBranch: String?
    /// When it is due; a day ends at its last second in UTC.
    public var deadline: Timestamp?
    /// What it is about.
    public var description: String?

    /// A project of its parts; nothing is checked here.
    public init(
        name: String, slug: String, version: String? = nil, phase: PhaseID = .first, base: String? = nil, omnibusBranch: String? = nil,
        deadline: Timestamp? = nil, description: String? = nil
    ) {
        (self.name, self.slug, self.version, self.phase) = (name, slug, version, phase)
        (self.base, self.omnibusBranch, self.deadline, self.description) = (base, omnibusBranch, deadline, description)
    }
}
