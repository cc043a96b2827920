import OrderedCollections

/// The plan as text that decides nothing anew: defaults, templates and forms of older plans are resolved.
extension Plan {
    /// The whole plan as JSON, the same bytes for equal plans; ``PlanReader`` reads it back to an equal plan.
    ///
    /// Every default is written out, so that a later version of Czar with other defaults reads the same plan from it.
    public var normalised: String { normalisedValue.text }

    /// The same before it is written out.
    package var normalisedValue: JSONValue {
        var root: [String: JSONValue] = [
            "project": .sorted(project.members), "orchestration": .sorted(orchestration.members),
            "workers": .array(workers.values.map { .sorted($0.members) }),
        ]
        if !agents.isEmpty { root["agents"] = .sorted(agents.mapValues { .sorted($0.members) }) }
        if integration != IntegrationSettings() {
            root["integration"] = .sorted(["strategy": .string(integration.strategy.rawValue), "batch": .integer(integration.batch)])
        }
        if !testMarkers.isEmpty { root["metrics"] = .sorted(["tests": .sorted(testMarkers.mapValues { .strings($0) })]) }
        if let notifications { root["notify"] = .sorted(notifications.members) }
        if !reports.kinds.isEmpty {
            var times: [String: JSONValue] = [:]
            times.set("standup", reports.standup?.description)
            times.set("weekly", reports.weekly?.description)
            root["reports"] = .sorted(times)
        }
        return .sorted(root)
    }
}

extension Dictionary where Key == String, Value == JSONValue {
    fileprivate mutating func set(_ key: String, _ text: String?) { if let text { self[key] = .string(text) } }
    fileprivate mutating func set(_ key: String, _ texts: [String]) { if !texts.isEmpty { self[key] = .strings(texts) } }
    fileprivate mutating func set(_ key: String, _ duration: Duration?) {
        if let duration { self[key] = .string(DurationText.format(duration)) }
    }
}

extension Project {
    fileprivate var members: [String: JSONValue] {
        var members: [String: JSONValue] = ["name": .string(name), "slug": .string(slug), "phase": .string(phase.rawValue)]
        members.set("version", version)
        members.set("base", base)
        members.set("omnibus_branch", omnibusBranch)
        members.set("deadline", deadline?.description)
        members.set("description", description)
        return members
    }
}

extension Orchestration {
    fileprivate var members: [String: JSONValue] {
        var members: [String: JSONValue] = [
            "max_active": .integer(maxActive), "branch_template": .string(branchTemplate), "worktree_template": .string(worktreeTemplate),
            "dependency_gate": .string(dependencyGate.rawValue), "auto_commit": .string(autoCommit.rawValue),
            "signing": .string(signing.rawValue),
            "remote": .string(remote), "stuck_after": .string(DurationText.format(stuckAfter)), "budget": .sorted(budget.members),
            "retry": .sorted(["limit": .integer(retry.limit), "backoff": .string(DurationText.format(retry.backoff))]),
            "launcher": .string(launcher.rawValue),
        ]
        members.set("default_agent", defaultAgent)
        if !agentsByRole.isEmpty { members["agents_by_role"] = .sorted(agentsByRole.mapValues { .string($0) }) }
        return members
    }
}

extension Budget {
    fileprivate var members: [String: JSONValue] {
        var members: [String: JSONValue] = ["on_limit": .string(onLimit.rawValue)]
        if let tokens { members["tokens"] = .integer(tokens) }
        members.set("time", time)
        return members
    }
}

extension WorkerDefinition {
    fileprivate var members: [String: JSONValue] {
        var members: [String: JSONValue] = [
            "id": .string(id.rawValue), "phase": .string(phase.rawValue), "branch": .string(branch.rawValue), "worktree": .string(worktree),
            "priority": .integer(priority), "budget": .sorted(budget.members), "allow_empty": .bool(allowEmpty),
        ]
        switch work {
        case .agent(let name): members["agent"] = .string(name)
        case .command(let command): members["command"] = .strings(command)
        case .script(let script): members["script"] = .string(script)
        case .person: members["agent"] = .string("person")
        }
        members.set("display_name", displayName)
        members.set("description", description)
        members.set("role", role)
        members.set("dependencies", dependencies.map(\.rawValue))
        members.set("merges", merges.map(\.rawValue))
        members.set("base", base)
        members.set("planned_duration", plannedDuration)
        members.set("paths", paths)
        members.set("copy", copy)
        if isSparse { members["sparse"] = .bool(true) }
        members.set("success", success)
        members.set("first_action", firstAction)
        members.set("brief", brief)
        members.set("tasks", tasks)
        if let setup {
            members["setup"] = .sorted(["run": .strings(setup.run), "timeout": .string(DurationText.format(setup.timeout))])
        }
        if ports > 0 { members["ports"] = .integer(ports) }
        return members
    }
}

extension Notifications {
    fileprivate var members: [String: JSONValue] {
        var members: [String: JSONValue] = ["on": .strings(on.map(\.rawValue).sorted())]
        if let command { members["command"] = .strings(command) }
        return members
    }
}

extension AgentOverride {
    fileprivate var members: [String: JSONValue] {
        var members: [String: JSONValue] = [:]
        if let command { members["command"] = .strings(command) }
        if let maxActive { members["max_active"] = .integer(maxActive) }
        members.set("autonomy", autonomy?.rawValue)
        if !environment.isEmpty { members["environment"] = .sorted(environment.mapValues { .string($0) }) }
        if let exclude { members["exclude"] = .strings(exclude) }
        members.set("prompt", prompt?.rawValue)
        if let resume { members["resume"] = .strings(resume) }
        if let takeOver { members["take_over"] = .strings(takeOver) }
        members.set("output", output)
        members.set("rate_limit_wait", rateLimitWait)
        return members
    }
}
