/// Everything in a plan but its workers, with the places that later checks point at.
struct PlanSettings {
    let repository: String
    var project: Project
    var orchestration = Orchestration()
    var agents: [String: AgentOverride] = [:]
    var integration = IntegrationSettings()
    var testMarkers: [String: [String]] = [:]
    var notifications: Notifications?
    var reports = ReportTimes()
    /// Where `project.base`, the templates and so on stand, by field; what has no place was not written.
    var places: [String: SourcePosition] = [:]
    private(set) var root: SourcePosition

    init(repository: String, file: String) {
        self.repository = repository
        project = Project(name: repository, slug: SafeName.make(from: repository, fallback: "project"))
        root = SourcePosition(file: file, line: 1, column: 1)
    }

    /// The place of a field, or the start of the plan.
    func place(_ field: String) -> SourcePosition { places[field] ?? root }

    mutating func read(_ fields: Fields) {
        root = fields.position
        fields.accept("$schema")
        let project = fields.block("project")
        let orchestration = fields.block("orchestration")
        if let project { readProject(project) }
        if let orchestration { readOrchestration(orchestration) }
        readOmnibus(fields, project: project, orchestration: orchestration)
        readBase(project: project, orchestration: orchestration)
        readAgents(fields)
        checkAgentNames(fields)
        readIntegration(fields)
        readMetrics(fields)
        readReports(fields)
        fields.ignore("phase_completion_mode", "daemon", "checkpoints", "llm_monitor", "hopper", "memory", "agent_rules", "wiggum", "rules")
        fields.refuse("checks", "Czar runs no checks yet: remove this block, or the plan would promise what nothing tests.")
        readNotifications(fields)
        project?.finish()
        orchestration?.finish()
    }

    // MARK: Project

    private mutating func readProject(_ fields: Fields) {
        fields.accept("repository", "orchestration_dir")
        if let name = fields.name("name") {
            project.name = name.value
            project.slug = SafeName.make(from: name.value, fallback: "project")
        }
        if let slug = fields.name("slug") {
            project.slug = SafeName.make(from: slug.value, fallback: "project", keepingCase: true)
            if project.slug != slug.value {
                fields.problems.warn(
                    slug.position, fields.field("slug"),
                    "'\(slug.value.shortened)' cannot be part of a folder's name; '\(project.slug)' is used.")
            }
        }
        project.version = fields.name("version")?.value
        project.description = fields.text("description")
        if let phase = fields.phase("phase") { project.phase = phase }
        if let deadline = fields.located("deadline") {
            project.deadline = Self.moment(deadline.value)
            if project.deadline == nil {
                fields.problems.error(
                    deadline.position, fields.field("deadline"),
                    "'\(deadline.value.shortened)' is no date; write 2026-01-15 or 2026-01-15T18:00:00Z.")
            }
        }
    }

    /// A day as a deadline ends with that day, in UTC.
    private static func moment(_ text: String) -> Timestamp? {
        Timestamp(text) ?? Timestamp(text + "T23:59:59Z")
    }

    /// The integration branch stands in any of four places; those that are there must agree.
    private mutating func readOmnibus(_ root: Fields, project: Fields?, orchestration: Fields?) {
        let omnibus = root.block("omnibus")
        omnibus?.ignore("merge_order", because: "workers land in the order of their dependencies")
        var found: (name: Located<String>, field: String)?
        for (fields, key) in [
            (project, "omnibus_branch"), (root, "omnibus_branch"), (omnibus, "branch"), (orchestration, "omnibus_branch"),
        ] {
            guard let fields, let name = fields.name(key) else { continue }
            if let problem = BranchName.problem(in: name.value) {
                fields.problems.error(name.position, fields.field(key), "The branch name '\(name.value.shortened)' \(problem).")
            } else if let found, found.name.value != name.value {
                fields.problems.error(
                    name.position, fields.field(key),
                    "The omnibus branch is '\(name.value)' here and '\(found.name.value)' in \(found.field) (line \(found.name.position.line))."
                )
            } else if found == nil {
                found = (name, fields.field(key))
            }
        }
        omnibus?.finish()
        self.project.omnibusBranch = found?.name.value
        if let found { places["omnibus"] = found.name.position }
    }

    private mutating func readBase(project: Fields?, orchestration: Fields?) {
        var found: (name: Located<String>, field: String)?
        for (fields, key) in [(project, "base"), (orchestration, "base_branch")] {
            guard let fields, let name = fields.base(key) else { continue }
            if let found, found.name.value != name.value {
                fields.problems.error(
                    name.position, fields.field(key),
                    "The base is '\(name.value)' here and '\(found.name.value)' in \(found.field) (line \(found.name.position.line)).")
            } else if found == nil {
                found = (name, fields.field(key))
            }
        }
        self.project.base = found?.name.value
        if let found { places["base"] = found.name.position }
    }

    // MARK: Orchestration

    private mutating func readOrchestration(_ fields: Fields) {
        readSchedule(fields)
        readTemplates(fields)
        fields.ignore("mode", "allow_parallel_when_possible", because: "dependencies alone decide what runs at the same time")
        fields.ignore("notes")
        for key in ["auto_push_branches", "auto_pr"] where fields.bool(key) == true {
            fields.problems.warn(fields.place(of: key), fields.field(key), "Czar does not push yet; push the branches yourself.")
        }
        if let hours = fields.integer("timeout_hours", in: 0...87_600), orchestration.budget.time == nil, hours > 0 {
            orchestration.budget.time = .seconds(hours * 3600)
        }
        fields.refuse("push", unless: ["never", "false"], "Czar does not push yet: write 'push: never' and push yourself.")
        fields.refuse("start_from", unless: ["base"], "Workers start from the base only for now: write 'start_from: base'.")
    }

    private mutating func readSchedule(_ fields: Fields) {
        if let limit = fields.integer("max_active", in: 0...100_000) { orchestration.maxActive = limit }
        if let gate = fields.choice("dependency_gate", Orchestration.DependencyGate.self) { orchestration.dependencyGate = gate }
        if let commit = fields.choice("auto_commit", Orchestration.AutoCommit.self) { orchestration.autoCommit = commit }
        if let signing = fields.choice("signing", Orchestration.Signing.self) { orchestration.signing = signing }
        if let time = fields.duration("stuck_after") {
            if time <= .zero {
                fields.problems.error(
                    fields.place(of: "stuck_after"), fields.field("stuck_after"),
                    "After no time at all every worker would be stuck; write 30m.")
            }
            orchestration.stuckAfter = time
        }
        if let remote = fields.name("remote") { orchestration.remote = remote.value }
        if let budget = fields.block("budget") {
            orchestration.budget = budget.budget()
            budget.finish()
        }
        if let retry = fields.block("retry") {
            if let limit = retry.integer("limit", in: 0...1000) { orchestration.retry.limit = limit }
            if let backoff = retry.duration("backoff") { orchestration.retry.backoff = backoff }
            retry.finish()
        }
        if let launcher = fields.choice("launcher", Orchestration.Launcher.self) { orchestration.launcher = launcher }
        if let agent = fields.name("default_agent") {
            (orchestration.defaultAgent, places["default_agent"]) = (agent.value, agent.position)
        }
        for (role, agent) in fields.texts("agents_by_role") {
            (orchestration.agentsByRole[role.value], places["agents_by_role.\(role.value)"]) = (agent.value, agent.position)
        }
    }

    private mutating func readTemplates(_ fields: Fields) {
        for (key, allowed) in [("branch_template", Placeholders.inBranchTemplate), ("worktree_template", Placeholders.inWorktreeTemplate)] {
            guard let template = fields.name(key) else { continue }
            places[key] = template.position
            var isUsable = true
            for name in Placeholders.names(in: template.value) where !allowed.contains(name) {
                isUsable = false
                let message = Placeholders.all.contains(name) ? "{\(name)} has no meaning in a \(key)." : Placeholders.unknown(name)
                fields.problems.error(template.position, fields.field(key), message)
            }
            let missing = isUsable ? missingValues(of: template.value) : []
            for (name, hint) in missing {
                fields.problems.error(template.position, fields.field(key), "{\(name)} has no value here: \(hint).")
            }
            if !isUsable || !missing.isEmpty { places["unusable " + key] = template.position }
            if key == "branch_template" {
                orchestration.branchTemplate = template.value
            } else {
                orchestration.worktreeTemplate = template.value
            }
        }
    }

    private func missingValues(of template: String) -> [(String, String)] {
        let names = Placeholders.names(in: template)
        var missing: [(String, String)] = []
        if names.contains("version"), project.version == nil { missing.append(("version", "the plan has no project.version")) }
        return missing
    }

    // MARK: Agents

    private mutating func readAgents(_ root: Fields) {
        guard let node = root.node("agents") else { return }
        guard case .map(let entries) = node.value else {
            root.problems.error(node.position, "agents", "This must be a mapping of names to profiles, not \(node.kind).")
            return
        }
        for entry in entries {
            guard let fields = Fields(entry.value, block: "agents", path: "agents.\(entry.key)", problems: root.problems) else { continue }
            places["agents.\(entry.key)"] = entry.position
            agents[entry.key] = readAgent(fields, name: entry.key, at: entry.position)
            fields.finish()
        }
    }

    private mutating func readAgent(_ fields: Fields, name: String, at position: SourcePosition) -> AgentOverride {
        var agent = AgentOverride()
        if fields.has("command") {
            agent.command = fields.command("command")
        } else {
            fields.accept("command")
            if !AgentNames.builtIn.contains(name) {
                fields.problems.error(
                    position, fields.path,
                    "'\(name.shortened)' is no built-in agent and has no command.\(NearName.question(for: name, among: AgentNames.builtIn))"
                )
            }
        }
        if name.isEmpty || name.unicodeScalars.contains(where: { $0.value <= 0x20 || $0.value == 0x7F }) {
            fields.problems.error(position, fields.path, "An agent's name may not be empty or hold spaces or control characters.")
        }
        agent.maxActive = fields.integer("max_active", in: 0...100_000)
        if fields.has("max_active") { places["agents.\(name).max_active"] = fields.place(of: "max_active") }
        agent.autonomy = fields.choice("autonomy", AgentOverride.Autonomy.self)
        let key = fields.has("env") ? "env" : "environment"
        fields.accept("env", "environment")
        for (variable, value) in fields.texts(key) {
            if variable.value.isEmpty || variable.value.contains("=") || variable.value.unicodeScalars.contains(where: { $0.value < 0x20 })
            {
                fields.problems.error(
                    variable.position, fields.field(key), "'\(variable.value.shortened)' cannot name an environment variable.")
            }
            agent.environment[variable.value] = value.value
        }
        if fields.has("exclude") { agent.exclude = fields.strings("exclude") } else { fields.accept("exclude") }
        readSessions(fields, &agent)
        return agent
    }

    /// How an agent goes on, and how what it prints is read.
    private func readSessions(_ fields: Fields, _ agent: inout AgentOverride) {
        agent.prompt = fields.choice("prompt", AgentOverride.Prompt.self)
        agent.resume = fields.command("resume")
        agent.takeOver = fields.command("take_over")
        for (key, command) in [("resume", agent.resume), ("take_over", agent.takeOver)] {
            if let command, !command.contains(where: { Placeholders.names(in: $0).contains("session") }) {
                fields.problems.error(fields.place(of: key), fields.field(key), "This command must name the session: {session}.")
            }
        }
        if let output = fields.located("output") {
            if AgentNames.outputs.contains(output.value) {
                agent.output = output.value
            } else {
                fields.problems.error(
                    output.position, fields.field("output"),
                    "'\(output.value.shortened)' is not allowed; it must be one of \(AgentNames.outputs.joined(separator: ", ")).\(NearName.question(for: output.value, among: AgentNames.outputs))"
                )
            }
        }
        agent.rateLimitWait = fields.duration("rate_limit_wait")
    }

    private func checkAgentNames(_ root: Fields) {
        func check(_ name: String, at field: String) {
            if let message = AgentNames.problem(name, plan: agents) { root.problems.error(place(field), "orchestration.\(field)", message) }
        }
        if let agent = orchestration.defaultAgent { check(agent, at: "default_agent") }
        for (role, agent) in orchestration.agentsByRole { check(agent, at: "agents_by_role.\(role)") }
    }

    // MARK: Notifications

    private mutating func readNotifications(_ root: Fields) {
        guard let fields = root.block("notify") else { return }
        var notifications = Notifications()
        if fields.has("on") { notifications.on = [] }
        let allowed = Notifications.Occasion.allCases.map(\.rawValue)
        for word in fields.list("on", example: "[failed, stuck]") ?? [] {
            if let occasion = Notifications.Occasion(rawValue: word.value) {
                notifications.on.insert(occasion)
            } else {
                fields.problems.error(
                    word.position, fields.field("on"),
                    "'\(word.value.shortened)' is not allowed; it must be one of \(allowed.joined(separator: ", ")).\(NearName.question(for: word.value, among: allowed))"
                )
            }
        }
        notifications.command = fields.command("command", placeholders: Placeholders.inNotifications)
        fields.finish()
        self.notifications = notifications
    }

    // MARK: Landing and metrics

    private mutating func readIntegration(_ root: Fields) {
        guard let fields = root.block("integration") else { return }
        // What is written here must be what happens when landing comes; anything else would be ignored until then.
        let defaults = integration
        if let strategy = fields.choice("strategy", IntegrationSettings.Strategy.self), strategy != defaults.strategy {
            fields.problems.error(
                fields.place(of: "strategy"), fields.field("strategy"),
                "Czar lands nothing yet: write 'strategy: \(defaults.strategy.rawValue)' or remove it, and \(strategy.rawValue) by hand.")
        }
        if let batch = fields.integer("batch", in: 1...1000), batch != defaults.batch {
            fields.problems.error(
                fields.place(of: "batch"), fields.field("batch"), "Czar lands nothing yet: write 'batch: \(defaults.batch)' or remove it.")
        }
        fields.finish()
        root.problems.warn(root.place(of: "integration"), "integration", "Czar lands nothing yet: merge the workers' branches by hand.")
    }

    private mutating func readReports(_ root: Fields) {
        guard let fields = root.block("reports") else { return }
        if let text = fields.located("standup") {
            reports.standup = ClockTime(text.value)
            if reports.standup == nil {
                fields.problems.error(text.position, fields.field("standup"), "'\(text.value.shortened)' is no time of day; write 09:00.")
            }
        }
        if let text = fields.located("weekly") {
            reports.weekly = WeeklyTime(text.value)
            if reports.weekly == nil {
                fields.problems.error(
                    text.position, fields.field("weekly"), "'\(text.value.shortened)' is no day and time; write 'mon 09:00'.")
            }
        }
        fields.finish()
    }

    private mutating func readMetrics(_ root: Fields) {
        guard let fields = root.block("metrics") else { return }
        if let tests = fields.block("tests") {
            for language in tests.keys { testMarkers[language] = tests.strings(language, example: "[\"@Test\"]") }
        }
        fields.finish()
    }
}
