import OrderedCollections

/// The workers without the dictionary that holds them, so that callers need not import its module.
extension Plan {
    /// A worker of the plan; nil when the plan has none of that id.
    public subscript(id: WorkerID) -> WorkerDefinition? { workers[id] }

    /// All workers, in the plan's order.
    public var definitions: [WorkerDefinition] { Array(workers.values) }

    /// The ids of all workers, in the plan's order.
    public var ids: [WorkerID] { Array(workers.keys) }
}

extension Plan {
    /// The plan as far as it concerns what one worker runs: that worker, and the profile of its agent.
    package func reduced(to worker: WorkerDefinition) -> Plan {
        var plan = self
        plan.workers = [worker.id: worker]
        if case .agent(let name) = worker.work { plan.agents = agents.filter { $0.key == name } } else { plan.agents = [:] }
        return plan
    }

    /// The plan as far as starting these workers runs it: a person's worker is not started, and only `czar run` tells anybody.
    package func started(_ workers: [WorkerDefinition]) -> Plan {
        let own = workers.filter { $0.work != .person }
        let names = Set(own.compactMap { if case .agent(let name) = $0.work { AgentNames.canonical(name) } else { nil } })
        var plan = self
        plan.workers = OrderedDictionary(own.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        plan.agents = agents.filter { names.contains(AgentNames.canonical($0.key)) }
        plan.notifications = nil
        return plan
    }

    /// Puts a worker into the place of the one with its id, or behind all others.
    public mutating func replace(_ worker: WorkerDefinition) { workers[worker.id] = worker }

    /// Takes a worker out; the others still name it where they did.
    package mutating func remove(_ id: WorkerID) { workers[id] = nil }
}
