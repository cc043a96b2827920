import OrderedCollections

/// The plan as text that decides nothing anew: defaults, templates and forms of older plans are resolved.
extension Plan {
    /// The whole plan as JSON, the same bytes for equal plans; ``PlanReader`` reads it back to an equal plan.
    ///
    /// Every default is written out, so that a later version of Czar with other defaults reads the same plan from it.
    public var normalised: String {
        var root: [String: CanonicalJSON] = [
            "project": .object(project.members), "orchestration": .object(orchestration.members),
            "workers": .list(workers.values.map { .object($0.members) }),
        ]
        if !agents.isEmpty { root["agents"] = .object(agents.mapValues { .object($0.members) }) }
        if integration != IntegrationSettings() {
            root["integration"] = .object(["strategy": .text(integration.strategy.rawValue), "batch": .number(Int64(integration.batch))])
        }
        if !testMarkers.isEmpty { root["metrics"] = .object(["tests": .object(testMarkers.mapValues { .texts($0) })]) }
        return CanonicalJSON.object(root).serialised
    }
}

extension Dictionary where Key == String, Value == CanonicalJSON {
    fileprivate mutating func set(_ key: String, _ text: String?) { if let text { self[key] = .text(text) } }
    fileprivate mutating func set(_ key: String, _ texts: [String]) { if !texts.isEmpty { self[key] = .texts(texts) } }
    fileprivate mutating func set(_ key: String, _ duration: Duration?) {
        if let duration { self[key] = .text(DurationText.format(duration)) }
    }
}

extension Project {
    fileprivate var members: [String: CanonicalJSON] {
        var members: [String: CanonicalJSON] = ["name": .text(name), "slug": .text(slug), "phase": .text(phase.rawValue)]
        members.set("version", version)
        members.set("base", base)
        members.set("omnibus_branch", omnibusBranch)
        members.set("deadline", deadline?.description)
        members.set("description", description)
        return members
    }
}

extension Orchestration {
    fileprivate var members: [String: CanonicalJSON] {
        var members: [String: CanonicalJSON] = [
            "max_active": .number(Int64(maxActive)), "branch_template": .text(branchTemplate), "worktree_template": .text(worktreeTemplate),
            "dependency_gate": .text(dependencyGate.rawValue), "auto_commit": .text(autoCommit.rawValue),
            "signing": .text(signing.rawValue),
            "remote": .text(remote), "stuck_after": .text(DurationText.format(stuckAfter)), "budget": .object(budget.members),
            "retry": .object(["limit": .number(Int64(retry.limit)), "backoff": .text(DurationText.format(retry.backoff))]),
            "launcher": .text(launcher.rawValue),
        ]
        members.set("default_agent", defaultAgent)
        if !agentsByRole.isEmpty { members["agents_by_role"] = .object(agentsByRole.mapValues { .text($0) }) }
        return members
    }
}

extension Budget {
    fileprivate var members: [String: CanonicalJSON] {
        var members: [String: CanonicalJSON] = ["on_limit": .text(onLimit.rawValue)]
        if let tokens { members["tokens"] = .number(tokens) }
        members.set("time", time)
        return members
    }
}

extension WorkerDefinition {
    fileprivate var members: [String: CanonicalJSON] {
        var members: [String: CanonicalJSON] = [
            "id": .text(id.rawValue), "phase": .text(phase.rawValue), "branch": .text(branch.rawValue), "worktree": .text(worktree),
            "priority": .number(Int64(priority)), "budget": .object(budget.members), "allow_empty": .bool(allowEmpty),
        ]
        switch work {
        case .agent(let name): members["agent"] = .text(name)
        case .command(let command): members["command"] = .texts(command)
        case .script(let script): members["script"] = .text(script)
        case .person: members["agent"] = .text("person")
        }
        members.set("display_name", displayName)
        members.set("description", description)
        members.set("role", role)
        members.set("dependencies", dependencies.map(\.rawValue))
        members.set("merges", merges.map(\.rawValue))
        members.set("base", base)
        members.set("planned_duration", plannedDuration)
        members.set("paths", paths)
        members.set("success", success)
        members.set("first_action", firstAction)
        members.set("brief", brief)
        members.set("tasks", tasks)
        return members
    }
}

extension AgentOverride {
    fileprivate var members: [String: CanonicalJSON] {
        var members: [String: CanonicalJSON] = [:]
        if let command { members["command"] = .texts(command) }
        if let maxActive { members["max_active"] = .number(Int64(maxActive)) }
        members.set("autonomy", autonomy?.rawValue)
        if !environment.isEmpty { members["environment"] = .object(environment.mapValues { .text($0) }) }
        if let exclude { members["exclude"] = .texts(exclude) }
        return members
    }
}
