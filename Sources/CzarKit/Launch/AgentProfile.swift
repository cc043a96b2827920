import CzarPlanning

/// How one kind of agent is run unattended: data that a plan overrides key by key.
package struct AgentProfile: Hashable, Sendable {
    /// How the agent gets its prompt; never as one huge argument.
    package typealias PromptDelivery = AgentOverride.Prompt

    /// What to run for one level of autonomy.
    package struct Variant: Hashable, Sendable {
        package var command: [String]
        /// What goes on with `{session}`; nil where the agent cannot.
        package var resume: [String]?
        package var environment: [String: String] = [:]
    }

    package var name: String
    package var prompt: PromptDelivery
    package var edits: Variant
    package var sandboxed: Variant
    package var full: Variant
    /// Whether what it runs is kept in its worktree by itself: without that `sandboxed` is no more than what it is let do.
    package var knowsSandbox = true
    package var autonomy = AgentOverride.Autonomy.sandboxed
    /// What opens `{session}` for a person; nil where the agent cannot.
    package var takeOver: [String]?
    /// Most workers of this agent at one time; nil: as many as the plan allows.
    package var maxActive: Int?
    /// Patterns, in the form of `info/exclude`, of files the agent leaves behind that are no work.
    package var exclude: [String] = []
    /// How its output is read; nil: not at all.
    package var output: AgentOutput?
    /// How long a rate limit holds the agent where its output does not say until when.
    package var rateLimitWait = Duration.seconds(15 * 60)
    /// By what the profile was made, and when; nil for the plan's own.
    package var source: String?

    /// What the profile's level of autonomy runs.
    package var variant: Variant {
        switch autonomy {
        case .edits: edits
        case .sandboxed: sandboxed
        case .full: full
        }
    }

    /// The profile with what a plan sets in the place of its own values.
    package func overridden(by plan: AgentOverride) -> AgentProfile {
        var profile = self
        if let command = plan.command { profile.replaceCommand(command) }
        if let resume = plan.resume { (profile.edits.resume, profile.sandboxed.resume, profile.full.resume) = (resume, resume, resume) }
        profile.takeOver = plan.takeOver ?? takeOver
        profile.prompt = plan.prompt ?? profile.prompt
        profile.autonomy = plan.autonomy ?? autonomy
        profile.maxActive = plan.maxActive ?? maxActive
        profile.exclude = plan.exclude ?? exclude
        if let output = plan.output { profile.output = AgentOutput.named(output) }
        profile.rateLimitWait = plan.rateLimitWait ?? rateLimitWait
        profile.edits.environment.merge(plan.environment) { _, new in new }
        profile.sandboxed.environment.merge(plan.environment) { _, new in new }
        profile.full.environment.merge(plan.environment) { _, new in new }
        return profile
    }

    /// A plan's command is one for all levels; it gets the prompt on standard input unless it names it. How the built-in command goes
    /// on says nothing about this one.
    private mutating func replaceCommand(_ command: [String]) {
        (edits.command, sandboxed.command, full.command) = (command, command, command)
        (edits.resume, sandboxed.resume, full.resume) = (nil, nil, nil)
        // That was said about the command that is replaced.
        (source, knowsSandbox) = (nil, true)
        let names = command.flatMap(CommandPlaceholder.all(in:))
        prompt = names.contains(.prompt) || names.contains(.promptFile) ? .file : .stdin
    }

    /// The agents that are chosen where nobody names one, the first choice first.
    package static let choices = ["claude", "codex", "gemini", "opencode", "cursor", "aider"]

    /// The first of ``choices`` whose program is on this machine; nil when none is.
    package static func firstInstalled(environment: [String: String]) -> String? {
        choices.first { name in
            guard let program = builtIn[name]?.variant.command.first else { return false }
            do throws(Program.Missing) {
                _ = try Program.path(of: program, in: "/", searchPath: environment["PATH"])
                return true
            } catch {
                return false
            }
        }
    }

    /// The profile a plan means by a name: a built-in one, with the plan's keys, or the plan's own.
    /// - Throws: ``LaunchError/unknownAgent(name:known:)``.
    package static func named(_ name: String, in agents: [String: AgentOverride]) throws(LaunchError) -> AgentProfile {
        let plan = agents[name]
        if let profile = builtIn[AgentNames.canonical(name)] { return plan.map(profile.overridden(by:)) ?? profile }
        guard let plan, plan.command?.isEmpty == false else {
            throw .unknownAgent(name: name, known: Set(builtIn.keys).union(agents.keys).sorted())
        }
        let empty = Variant(command: [])
        return AgentProfile(name: name, prompt: .stdin, edits: empty, sandboxed: empty, full: empty).overridden(by: plan)
    }
}
