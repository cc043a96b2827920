import OrderedCollections

/// A validated plan: what the reader of a configuration file hands to everything else.
///
/// Every worker id in it names a worker of it, the dependency graph has no cycle, and no two workers share a branch.
public struct Plan: Hashable, Sendable {
    public var project: Project
    public var orchestration: Orchestration
    /// The plan's own agent profiles, or the keys by which it overrides a built-in one.
    public var agents: [String: AgentOverride]
    /// In the order of the file, then those of `czar add` by id.
    public var workers: OrderedDictionary<WorkerID, WorkerDefinition>
    /// How finished work is to land; kept, without effect yet.
    public var integration: IntegrationSettings
    /// What a test's declaration looks like, by language; kept, without effect yet.
    public var testMarkers: [String: [String]]

    public init(
        project: Project, orchestration: Orchestration = Orchestration(), agents: [String: AgentOverride] = [:],
        workers: OrderedDictionary<WorkerID, WorkerDefinition> = [:], integration: IntegrationSettings = IntegrationSettings(),
        testMarkers: [String: [String]] = [:]
    ) {
        (self.project, self.orchestration, self.agents, self.workers) = (project, orchestration, agents, workers)
        (self.integration, self.testMarkers) = (integration, testMarkers)
    }

    public var phase: PhaseID { project.phase }
}

/// The plan's `integration` block.
public struct IntegrationSettings: Hashable, Sendable {
    /// How a worker's commits become part of the target.
    public enum Strategy: String, Hashable, Sendable, CaseIterable { case merge, squash, rebase }

    public var strategy: Strategy
    /// How many workers one candidate may hold.
    public var batch: Int

    public init(strategy: Strategy = .merge, batch: Int = 8) { (self.strategy, self.batch) = (strategy, batch) }
}

/// The plan's `project` block.
public struct Project: Hashable, Sendable {
    public var name: String
    /// Made from the name when the plan has none.
    public var slug: String
    public var version: String?
    public var phase: PhaseID
    /// Nil: the branch that HEAD names when the plan is first accepted.
    public var base: String?
    public var omnibusBranch: String?
    public var deadline: Timestamp?
    public var description: String?

    public init(
        name: String, slug: String, version: String? = nil, phase: PhaseID = .first, base: String? = nil, omnibusBranch: String? = nil,
        deadline: Timestamp? = nil, description: String? = nil
    ) {
        (self.name, self.slug, self.version, self.phase) = (name, slug, version, phase)
        (self.base, self.omnibusBranch, self.deadline, self.description) = (base, omnibusBranch, deadline, description)
    }
}

/// The plan's `orchestration` block, with its defaults.
public struct Orchestration: Hashable, Sendable {
    public enum DependencyGate: String, Hashable, Sendable, CaseIterable { case complete, integrated }
    public enum AutoCommit: String, Hashable, Sendable, CaseIterable {
        case onExit = "on_exit"
        case never
    }
    public enum Launcher: String, Hashable, Sendable, CaseIterable { case local, none }
    /// What happens where Git's configuration asks for signed commits.
    public enum Signing: String, Hashable, Sendable, CaseIterable {
        /// Committing is refused, because Czar cannot sign.
        case asConfigured = "as_configured"
        /// Czar's commits are made unsigned.
        case skip
    }

    /// Starting and active workers at one time; 0 means no limit.
    public var maxActive = 4
    public var branchTemplate = "cz{phase}/feat/{id}"
    public var worktreeTemplate = ".czarina/worktrees/{id}"
    public var dependencyGate = DependencyGate.complete
    public var autoCommit = AutoCommit.onExit
    public var stuckAfter = Duration.seconds(30 * 60)
    public var budget = Budget()
    public var retry = Retry()
    public var launcher = Launcher.local
    public var defaultAgent: String?
    public var agentsByRole: [String: String] = [:]
    public var signing = Signing.asConfigured
    public var remote = "origin"

    public init() {}
}

/// Limits on what a worker, or the whole plan, may use.
public struct Budget: Hashable, Sendable {
    public enum OnLimit: String, Hashable, Sendable, CaseIterable { case warn, pause, stop }

    public var tokens: Int64?
    public var time: Duration?
    public var onLimit = OnLimit.warn

    public init(tokens: Int64? = nil, time: Duration? = nil, onLimit: OnLimit = .warn) {
        (self.tokens, self.time, self.onLimit) = (tokens, time, onLimit)
    }
}

/// How often a failed attempt is repeated without asking, and how long after.
public struct Retry: Hashable, Sendable {
    public var limit = 0
    public var backoff = Duration.seconds(60)

    public init(limit: Int = 0, backoff: Duration = .seconds(60)) {
        (self.limit, self.backoff) = (limit, backoff)
    }
}

/// One worker as the plan defines it.
public struct WorkerDefinition: Hashable, Sendable {
    /// What the worker runs.
    public enum Work: Hashable, Sendable {
        /// The name of a profile: a built-in one or one of the plan's `agents`.
        case agent(String)
        /// An argument vector with placeholders; never goes through a shell.
        case command([String])
        /// Shell text, given to `/bin/sh -c`.
        case script(String)
        /// A person works there.
        case person
    }

    public var id: WorkerID
    /// What an old plan called it, where that is no valid id.
    public var displayName: String?
    public var phase: PhaseID
    public var description: String?
    public var role: String?
    public var work: Work
    /// Includes those implied by a base that is another worker's branch.
    public var dependencies: [WorkerID]
    /// Workers whose work this worker's branch must contain when it is complete.
    public var merges: [WorkerID]
    /// The branch, with the template's placeholders filled in.
    public var branch: BranchName
    /// Nil: the plan's base.
    public var base: String?
    /// The worktree's path, relative to the main worktree, with placeholders filled in.
    public var worktree: String
    public var priority: Int
    public var budget: Budget
    public var plannedDuration: Duration?
    public var paths: [String]
    public var allowEmpty: Bool
    public var success: [String]
    public var firstAction: String?
    /// The brief's text, where the definition holds it itself; otherwise the brief is `.czarina/workers/<id>.md`.
    public var brief: String?
    /// What an old plan lists as the worker's tasks; the brief's checklist is the usual place.
    public var tasks: [String]

    public init(
        id: WorkerID, displayName: String? = nil, phase: PhaseID = .first, description: String? = nil, role: String? = nil,
        work: Work = .person, dependencies: [WorkerID] = [], merges: [WorkerID] = [], branch: BranchName, base: String? = nil,
        worktree: String, priority: Int = 0, budget: Budget = Budget(), plannedDuration: Duration? = nil, paths: [String] = [],
        allowEmpty: Bool = false, success: [String] = [], firstAction: String? = nil, brief: String? = nil, tasks: [String] = []
    ) {
        (self.id, self.displayName, self.phase, self.description, self.role) = (id, displayName, phase, description, role)
        (self.work, self.dependencies, self.merges, self.branch, self.base) = (work, dependencies, merges, branch, base)
        (self.worktree, self.priority, self.budget, self.plannedDuration) = (worktree, priority, budget, plannedDuration)
        (self.paths, self.allowEmpty, self.success, self.firstAction, self.brief) = (paths, allowEmpty, success, firstAction, brief)
        self.tasks = tasks
    }

    public var key: WorkerKey { WorkerKey(phase: phase, id: id) }
}

/// The keys of an agent profile that a plan sets; nil keeps the built-in profile's value.
public struct AgentOverride: Hashable, Sendable {
    /// How much an agent may do unattended.
    public enum Autonomy: String, Hashable, Sendable, CaseIterable { case edits, sandboxed, full }

    public var command: [String]?
    public var maxActive: Int?
    public var autonomy: Autonomy?
    public var environment: [String: String]
    /// Files the agent leaves in a worktree that are no work.
    public var exclude: [String]?

    public init(
        command: [String]? = nil, maxActive: Int? = nil, autonomy: Autonomy? = nil, environment: [String: String] = [:],
        exclude: [String]? = nil
    ) {
        (self.command, self.maxActive, self.autonomy, self.environment, self.exclude) = (command, maxActive, autonomy, environment, exclude)
    }
}
