/// What `czar wait` waits for.
package enum WaitGoal: String, Hashable, Sendable, CaseIterable {
    /// All workers are complete.
    case complete
    /// All workers are complete and in the target.
    case integrated
    /// None of them runs, and none will be started before somebody does something.
    case idle
    /// One of them needs a person.
    case attention
}

/// Whether a goal is reached at one moment: a pure function of what is known then.
package struct WaitJudgement: Hashable, Sendable {
    package enum Outcome: String, Hashable, Sendable, CaseIterable {
        case met
        /// It will not be reached before somebody does something.
        case failed
        case open
    }

    package let outcome: Outcome
    /// The workers in the order in which they were asked for.
    package let workers: [Worker]

    /// One worker's part in it.
    package struct Worker: Hashable, Sendable {
        package let id: WorkerID
        package let state: WorkerState
        package let outcome: Outcome
        /// Why it has not reached the goal, or why it needs a person.
        package let why: String?
    }
}

/// What a judgement looks at.
package struct WaitFacts: Sendable {
    package var state: ProjectState
    package var schedule: Schedule
    /// Whether a `czar run` is there to start and retry workers.
    package var hasDaemon: Bool
    /// Whether one was there while somebody waited, and has ended for good.
    package var hasLostDaemon = false
    /// Workers whose supervisor died, and whom a `czar run` settles, where one is there.
    package var orphaned: Set<WorkerID> = []
    /// Complete workers that the target contains; only asked for ``WaitGoal/integrated``.
    package var integrated: Set<WorkerID> = []
    /// What needs a person; only asked for ``WaitGoal/attention``.
    package var attention: [StatusReport.Attention] = []

    package init(state: ProjectState, schedule: Schedule, hasDaemon: Bool) {
        (self.state, self.schedule, self.hasDaemon) = (state, schedule, hasDaemon)
    }
}

extension WaitJudgement {
    /// `order` lists all workers of the plan, each after its dependencies.
    /// - Complexity: O(workers + dependencies).
    package init(_ goal: WaitGoal, of asked: [WorkerDefinition], plan: Plan, order: [WorkerID], facts: WaitFacts) {
        let prospects = Prospects(plan: plan, order: order, facts: facts)
        workers = asked.map { worker in
            let (outcome, why) = prospects.judge(goal, worker)
            return Worker(id: worker.id, state: facts.state[worker.key].state, outcome: outcome, why: why)
        }
        let outcomes = Set(workers.map(\.outcome))
        switch goal {
        case .attention:
            outcome = outcomes.contains(.met) ? .met : outcomes.contains(.open) ? .open : .failed
        case .complete, .integrated, .idle:
            outcome = outcomes.contains(.failed) ? .failed : outcomes.contains(.open) ? .open : .met
        }
    }
}

/// What can still become of each worker without anybody's doing.
private struct Prospects {
    let facts: WaitFacts
    /// Workers that run, or will run by themselves.
    private var moving: Set<WorkerID> = []
    /// Workers that failed for good, and those that wait for them; with the reason.
    private var lost: [WorkerID: String] = [:]

    init(plan: Plan, order: [WorkerID], facts: WaitFacts) {
        self.facts = facts
        for id in order { if let worker = plan[id] { look(at: worker) } }
    }

    private mutating func look(at worker: WorkerDefinition) {
        let record = facts.state[worker.key]
        if isRunning(record) { moving.insert(worker.id) }
        switch record.state {
        case .failed where !facts.hasDaemon || !facts.schedule.startable.contains(worker.id):
            lost[worker.id] = record.reason ?? "failed"
        case .pending, .ready, .blocked, .failed:
            if record.attempts.running == nil, let dependency = worker.dependencies.first(where: { lost[$0] != nil }) {
                lost[worker.id] = "'\(dependency)' failed"
            } else if facts.hasDaemon, willRun(worker, record) {
                moving.insert(worker.id)
            } else if facts.hasLostDaemon, record.state == .pending || record.state == .ready {
                lost[worker.id] = "'czar run' has ended, and nobody starts it"
            }
        case .paused where facts.hasLostDaemon && record.causes == [.interrupted]:
            lost[worker.id] = record.reason ?? "'czar run' has ended"
        case .starting where !facts.hasDaemon && facts.orphaned.contains(worker.id),
            .active where !facts.hasDaemon && facts.orphaned.contains(worker.id):
            lost[worker.id] = "its supervisor died"
        case .starting, .active, .paused, .complete: break
        }
    }

    /// A person who works in a worktree is no process that could end.
    private func isRunning(_ record: WorkerRecord) -> Bool {
        guard !record.person, record.state != .paused else { return false }
        return record.state.occupiesSlot || record.attempts.running != nil
    }

    private func willRun(_ worker: WorkerDefinition, _ record: WorkerRecord) -> Bool {
        if facts.schedule.startable.contains(worker.id) { return true }
        guard record.state == .pending || record.state == .ready, let waits = facts.schedule.waiting[worker.id] else { return false }
        return waits.allSatisfy { wait in wait.worker.map { moving.contains($0) } ?? false }
    }

    func judge(_ goal: WaitGoal, _ worker: WorkerDefinition) -> (WaitJudgement.Outcome, String?) {
        let state = facts.state[worker.key].state
        switch goal {
        case .complete, .integrated:
            if let reason = lost[worker.id] { return (.failed, reason) }
            guard state == .complete else { return (.open, reason(worker)) }
            if goal == .integrated, !facts.integrated.contains(worker.id) { return (.open, "complete, not integrated") }
            return (.met, nil)
        case .idle:
            return moving.contains(worker.id) ? (.open, reason(worker)) : (.met, nil)
        case .attention:
            if let item = facts.attention.first(where: { $0.worker == worker.id }) { return (.met, item.why) }
            // Whoever works by hand may still ask for somebody.
            return moving.contains(worker.id) || facts.state[worker.key].person && state == .active ? (.open, nil) : (.failed, nil)
        }
    }

    private func reason(_ worker: WorkerDefinition) -> String? {
        let record = facts.state[worker.key]
        // What holds one that has begun stands beside its state: it waits for nothing.
        guard record.state == .pending || record.state == .ready else {
            return record.reason ?? (record.person ? "a person works there" : nil)
        }
        if let waits = facts.schedule.waiting[worker.id], !waits.isEmpty {
            return "waits for " + waits.map { wait in wait.worker.map { "'\($0)' (\(wait.why))" } ?? wait.why }.joined(separator: ", ")
        }
        return record.reason
    }
}
