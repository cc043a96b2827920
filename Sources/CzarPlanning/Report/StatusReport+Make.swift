import OrderedCollections

extension StatusReport {
    /// Puts the report together.
    /// - Complexity: O(workers + dependencies).
    package init(plan: Plan, waves: [[WorkerID]], state: ProjectState, facts: StatusFacts) {
        let options = facts.daemon == nil ? ScheduleOptions() : state.daemonOptions
        let schedule = Scheduler(plan: plan, order: waves.flatMap { $0 }, options: options).schedule(state, facts: facts.schedule)
        var waveOf: [WorkerID: Int] = [:]
        for (index, wave) in waves.enumerated() { for id in wave { waveOf[id] = index + 1 } }
        generatedAt = facts.now
        repository = facts.repository
        base = facts.base
        (target, targetStart) = (plan.project.omnibusBranch ?? facts.base, facts.targetStart)
        daemon = facts.daemon
        budgetTokens = Self.budget(of: plan)
        workers = plan.workers.values.map { definition in
            Worker(
                definition: definition, state: state, facts: facts, wave: waveOf[definition.id] ?? 0,
                waiting: schedule.waiting[definition.id] ?? [], retryAt: facts.daemon == nil ? nil : schedule.retries[definition.id],
                stuckAfter: plan.orchestration.stuckAfter)
        }
        phase = plan.phase
        unlisted = state.outside(plan)
        tokensTakenBack = state.workers.values.filter { $0.key.phase == plan.phase }.reduce(0) { sum, record in
            sum + record.tokensBefore + (record.isWithdrawn ? record.tokens.used ?? 0 : 0)
        }
        closedAt = state.closings[plan.phase]
        limitations = facts.limitations
        firstCommit = facts.firstCommit
        attention = []
        let waiting = Self.waitingForMerges(schedule, plan)
        isOfFormerPhase = facts.isOfFormerPhase
        openPhases = isOfFormerPhase ? [] : OpenPhase.all(beside: plan, state)
        if !facts.isOfFormerPhase { attention = [trustAttention(facts.untrusted)].compactMap { $0 } }
        // Of another phase's worker the plan's own report says it.
        let left = facts.isOfFormerPhase ? former : unlisted
        attention += left.compactMap { Self.unlistedAttention($0, plan.phase) }
        attention += workers.flatMap { worker in
            // What keeps others comes before what is the worker's own.
            let found = [waiting[worker.definition.id].flatMap { mergeAttention(worker, $0) }, worker.attention(facts)].compactMap { $0 }
            guard found.isEmpty, facts.daemon == nil || facts.namesPeople else { return found }
            return Self.personAttention(worker, isJudged: facts.daemon != nil).map { [$0] } ?? []
        }
        if facts.isOfFormerPhase {
            for index in attention.indices {
                attention[index].commands = PhaseHint(plan.phase).commands(attention[index].commands, of: attention[index].worker)
            }
        } else if facts.daemon == nil, state.lastSequence > 0, let idle = idleAttention(asks: state.lastRunAsked) {
            attention.append(idle)
        }
    }

    /// By worker, those that wait for nothing but that it, and others, be merged.
    private static func waitingForMerges(_ schedule: Schedule, _ plan: Plan) -> [WorkerID: [WorkerID]] {
        var result: [WorkerID: [WorkerID]] = [:]
        for id in plan.ids {
            guard let waits = schedule.waiting[id], waits.allSatisfy(\.isForLanding) else { continue }
            for worker in waits.compactMap(\.worker) { result[worker, default: []].append(id) }
        }
        return result
    }

    /// The tokens that all workers may use together: what the plan says, else the sum of their own.
    static func budget(of plan: Plan) -> Int64? {
        if let tokens = plan.orchestration.budget.tokens { return tokens }
        let budgets = plan.workers.values.compactMap(\.budget.tokens)
        return budgets.isEmpty ? nil : budgets.reduce(0) { $0.addingReportingOverflow($1).partialValue }
    }
}
