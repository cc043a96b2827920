/// The plan's `orchestration` block, with its defaults.
public struct Orchestration: Hashable, Sendable {
    /// When a dependency is satisfied: with completion, or once its work has landed too.
    public enum DependencyGate: String, Hashable, Sendable, CaseIterable { case complete, integrated }
    /// Whether Czar commits what a command leaves behind.
    public enum AutoCommit: String, Hashable, Sendable, CaseIterable {
        /// When the command ends.
        case onExit = "on_exit"
        case never
    }
    /// Who starts workers: this machine, this machine with a terminal for each, or nobody because people work there.
    public enum Launcher: String, Hashable, Sendable, CaseIterable { case local, tmux, none }
    /// What happens where Git's configuration asks for signed commits.
    public enum Signing: String, Hashable, Sendable, CaseIterable {
        /// Committing is refused, because Czar cannot sign.
        case asConfigured = "as_configured"
        /// Czar's commits are made unsigned.
        case skip
    }

    /// Starting and active workers at one time; 0 means no limit.
    public var maxActive = 4
    /// The branch of a worker that names none.
    public var branchTemplate = "cz{phase}/feat/{id}"
    /// A worker's folder, relative to the main worktree.
    public var worktreeTemplate = ".czarina/worktrees/{id}"
    /// What a worker's start waits for.
    public var dependencyGate = DependencyGate.complete
    /// What happens to changes a command leaves behind.
    public var autoCommit = AutoCommit.onExit
    /// How long nothing may happen before a worker counts as stuck.
    public var stuckAfter = Duration.seconds(30 * 60)
    /// Limits for all workers together.
    public var budget = Budget()
    /// What happens after a failed attempt.
    public var retry = Retry()
    /// Who starts workers.
    public var launcher = Launcher.local
    /// The agent of workers that name none.
    public var defaultAgent: String?
    /// The agent of workers that name a role and no agent.
    public var agentsByRole: [String: String] = [:]
    /// What happens where Git asks for signatures.
    public var signing = Signing.asConfigured
    /// The remote that branches belong to.
    public var remote = "origin"

    /// The defaults.
    public init() {}
}

/// Limits on what a worker, or the whole plan, may use.
public struct Budget: Hashable, Sendable {
    /// What reaching a limit does.
    public enum OnLimit: String, Hashable, Sendable, CaseIterable { case warn, pause, stop }

    /// Tokens, of all attempts together.
    public var tokens: Int64?
    /// Active time.
    public var time: Duration?
    /// What reaching either limit does.
    public var onLimit = OnLimit.warn

    /// No limits, unless told otherwise.
    public init(tokens: Int64? = nil, time: Duration? = nil, onLimit: OnLimit = .warn) {
        (self.tokens, self.time, self.onLimit) = (tokens, time, onLimit)
    }
}

/// How often a failed attempt is repeated without asking, and how long after.
public struct Retry: Hashable, Sendable {
    /// How many more attempts follow a failed one.
    public var limit = 0
    /// How long to wait before each.
    public var backoff = Duration.seconds(60)

    /// No retries, unless told otherwise.
    public init(limit: Int = 0, backoff: Duration = .seconds(60)) {
        (self.limit, self.backoff) = (limit, backoff)
    }
}

/// The keys of an agent profile that a plan sets; nil keeps the built-in profile's value.
public struct AgentOverride: Hashable, Sendable {
    /// How much an agent may do unattended.
    public enum Autonomy: String, Hashable, Sendable, CaseIterable { case edits, sandboxed, full }
    /// How an agent is given its prompt.
    public enum Prompt: String, Hashable, Sendable, CaseIterable { case stdin, file }

    /// The argument vector, with placeholders.
    public var command: [String]?
    /// How many of its workers run at one time.
    public var maxActive: Int?
    /// How far it may go without asking.
    public var autonomy: Autonomy?
    /// Variables added to its environment.
    public var environment: [String: String]
    /// Files the agent leaves in a worktree that are no work.
    public var exclude: [String]?
    /// How it is given its prompt; where only a command is set, that says it.
    public var prompt: Prompt?
    /// The argument vector that goes on with an earlier session, `{session}`.
    public var resume: [String]?
    /// The argument vector that opens a session for a person, `{session}`.
    public var takeOver: [String]?
    /// Whose output its own is like (a name of ``AgentNames/outputs``): how usage, session and rate limits are read.
    public var output: String?
    /// How long a rate limit holds the agent where its output does not say until when.
    public var rateLimitWait: Duration?

    /// An override of its parts; nothing is checked here.
    public init(
        command: [String]? = nil, maxActive: Int? = nil, autonomy: Autonomy? = nil, environment: [String: String] = [:],
        exclude: [String]? = nil, prompt: Prompt? = nil, resume: [String]? = nil, takeOver: [String]? = nil, output: String? = nil,
        rateLimitWait: Duration? = nil
    ) {
        (self.command, self.maxActive, self.autonomy, self.environment, self.exclude) = (command, maxActive, autonomy, environment, exclude)
        (self.prompt, self.resume, self.takeOver, self.output) = (prompt, resume, takeOver, output)
        self.rateLimitWait = rateLimitWait
    }
}
