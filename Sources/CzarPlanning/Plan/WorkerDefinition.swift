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

    /// Its name within the phase.
    public var id: WorkerID
    /// What an old plan called it, where that is no valid id.
    public var displayName: String?
    /// The phase it belongs to.
    public var phase: PhaseID
    /// What it is to do, in a sentence.
    public var description: String?
    /// What kind of work it is: `code`, `docs`, `integration`.
    public var role: String?
    /// What runs there.
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
    /// Higher goes first among workers that are ready.
    public var priority: Int
    /// What it may use.
    public var budget: Budget
    /// How long it is expected to take.
    public var plannedDuration: Duration?
    /// Patterns of the paths it may touch.
    public var paths: [String]
    /// Patterns in `.gitignore` syntax: ignored files of the main worktree that are brought into its worktree.
    public var copy: [String]
    /// Whether its worktree holds only the folders of ``paths``.
    public var isSparse: Bool
    /// Whether it may complete without a commit.
    public var allowEmpty: Bool
    /// What must be true in the end, in words.
    public var success: [String]
    /// What it should do first.
    public var firstAction: String?
    /// The brief's text, where the definition holds it itself; otherwise the brief is `.czarina/workers/<id>.md`.
    public var brief: String?
    /// What an old plan lists as the worker's tasks; the brief's checklist is the usual place.
    public var tasks: [String]
    /// What prepares its worktree before the first command.
    public var setup: Setup?
    /// How many TCP ports it gets for its own, as `CZAR_PORT_0` and so on.
    public var ports: Int

    /// A definition of its parts; nothing is checked here.
    public init(
        id: WorkerID, displayName: String? = nil, phase: PhaseID = .first, description: String? = nil, role: String? = nil,
        work: Work = .person, dependencies: [WorkerID] = [], merges: [WorkerID] = [], branch: BranchName, base: String? = nil,
        worktree: String, priority: Int = 0, budget: Budget = Budget(), plannedDuration: Duration? = nil, paths: [String] = [],
        copy: [String] = [], isSparse: Bool = false, allowEmpty: Bool = false, success: [String] = [], firstAction: String? = nil,
        brief: String? = nil, tasks: [String] = [],
        setup: Setup? = nil, ports: Int = 0
    ) {
        (self.id, self.displayName, self.phase, self.description, self.role) = (id, displayName, phase, description, role)
        (self.work, self.dependencies, self.merges, self.branch, self.base) = (work, dependencies, merges, branch, base)
        (self.worktree, self.priority, self.budget, self.plannedDuration) = (worktree, priority, budget, plannedDuration)
        (self.paths, self.allowEmpty, self.success, self.firstAction, self.brief) = (paths, allowEmpty, success, firstAction, brief)
        (self.tasks, self.setup, self.ports, self.copy, self.isSparse) = (tasks, setup, ports, copy, isSparse)
    }

    /// Its identity in the journal.
    public var key: WorkerKey { WorkerKey(phase: phase, id: id) }
}
