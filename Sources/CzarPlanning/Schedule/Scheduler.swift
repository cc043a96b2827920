import OrderedCollections

/// Decides what happens next: a pure function of the plan, the journal's state and a few facts.
///
/// Dry run, replay, recovery and simulation are this function with other facts. It never waits for a wave: a worker starts as soon as
/// what it depends on is done and there is room.
///
/// - Complexity: O(workers + dependencies) for one call, plus sorting the ready ones.
package struct Scheduler: Sendable {
    let plan: Plan
    let options: ScheduleOptions
    private let order: [WorkerID]
    /// Where each worker stands in the plan.
    fileprivate let position: [WorkerID: Int]

    /// `order` lists every worker after its dependencies; ``PlanGraph`` gives it.
    package init(plan: Plan, order: [WorkerID], options: ScheduleOptions = ScheduleOptions()) {
        (self.plan, self.order, self.options) = (plan, order, options)
        position = Dictionary(uniqueKeysWithValues: plan.workers.keys.enumerated().map { ($1, $0) })
    }

    /// The decisions for this moment.
    package func schedule(_ state: ProjectState, facts: ScheduleFacts) -> Schedule { schedule(state, facts: facts, about: order) }

    /// The decisions about some workers only, for a caller who knows that nothing changes for the others; each after its dependencies.
    ///
    /// - Complexity: O(these workers and their dependencies + workers at one time), if ``ScheduleFacts/planUse`` is given or the plan has
    ///   no budget.
    func schedule(_ state: ProjectState, facts: ScheduleFacts, about some: [WorkerID]) -> Schedule {
        var round = Round(scheduler: self, state: state, facts: facts)
        round.checkPlanBudget()
        for id in some { round.consider(id) }
        round.startReady()
        return round.schedule
    }
}

/// One call: the states as they will be once the decisions made so far are done.
private struct Round {
    let scheduler: Scheduler
    let state: ProjectState
    let facts: ScheduleFacts
    var schedule = Schedule()
    private var states: [WorkerID: WorkerState] = [:]
    private var blockedReasons: [WorkerID: String] = [:]
    /// Failed workers that another attempt follows without a person.
    private var retrying: Set<WorkerID> = []
    private var ready: [WorkerDefinition] = []
    /// Why nothing may start at all.
    private var startHold: String?

    init(scheduler: Scheduler, state: ProjectState, facts: ScheduleFacts) {
        (self.scheduler, self.state, self.facts) = (scheduler, state, facts)
    }

    private var plan: Plan { scheduler.plan }

    mutating func consider(_ id: WorkerID) {
        guard let worker = plan.workers[id] else { return }
        let record = state[worker.key]
        states[id] = record.state
        settleIfEnded(worker, record)
        switch record.state {
        case .pending, .ready: considerIdle(worker, record)
        case .starting, .active: considerRunning(worker, record)
        case .blocked: considerBlocked(worker, record)
        case .paused: hold(worker, why: "paused" + (record.reason.map { ": \($0)" } ?? ""))
        case .failed: considerFailed(worker, record)
        case .complete: break
        }
    }

    // MARK: Workers that may start

    private mutating func considerIdle(_ worker: WorkerDefinition, _ record: WorkerRecord) {
        if record.attempts.running != nil {
            schedule.canContinue = true
            return hold(worker, why: "the end of its command")
        }
        let gates = unsatisfied(worker)
        if let reason = gates.failure {
            move(worker.id, StateMove(to: .blocked, causes: [.dependencyFailed], reason: reason))
            blockedReasons[worker.id] = reason
            return
        }
        schedule.waiting[worker.id] = gates.waiting.isEmpty ? nil : gates.waiting
        guard gates.waiting.isEmpty else {
            if record.state == .ready { move(worker.id, StateMove(to: .pending, reason: "waits for \(gates.waiting[0].why)")) }
            return
        }
        if record.state == .pending { move(worker.id, StateMove(to: .ready)) }
        if let drift = facts.drifted[worker.id] { return hold(worker, why: "drifted: \(drift)") }
        if let place = facts.moved[worker.id] {
            return hold(worker, why: "its worktree, which was moved to '\(place)': 'czar doctor --repair' records that")
        }
        if let process = facts.sessions[worker.id] { return hold(worker, why: "a person, who has taken it over (process \(process))") }
        if worker.phase != plan.phase { return hold(worker, why: "phase \(worker.phase); the plan is in phase \(plan.phase)") }
        if let startHold { return hold(worker, why: startHold) }
        if let selection = scheduler.options.selection, !selection.contains(worker.id) { return hold(worker, why: "not selected") }
        if scheduler.options.asksApproval, !record.approved {
            schedule.canContinue = true
            return hold(worker, why: "approval")
        }
        ready.append(worker)
    }

    /// What the dependencies still owe: a reason to block, or what is waited for.
    private func unsatisfied(_ worker: WorkerDefinition) -> (failure: String?, waiting: [Schedule.Waiting]) {
        var waiting: [Schedule.Waiting] = []
        for id in worker.dependencies {
            switch states[id] ?? recordedState(id) {
            case .failed where !retrying.contains(id):
                return ("'\(id)' failed", [])
            case .blocked where blockedReasons[id] != nil:
                return ("'\(id)' is blocked: \(blockedReasons[id] ?? "")", [])
            case .complete:
                if plan.orchestration.dependencyGate == .integrated, !facts.integrated.contains(id) {
                    let why = facts.reverted.contains(id) ? Schedule.Waiting.reverted : Schedule.Waiting.notIntegrated
                    waiting.append(Schedule.Waiting(worker: id, why: why))
                }
            case let other:
                waiting.append(Schedule.Waiting(worker: id, why: other.rawValue))
            }
        }
        return (nil, waiting)
    }

    private func recordedState(_ id: WorkerID) -> WorkerState { plan.workers[id].map { state[$0.key].state } ?? .pending }

    private mutating func considerBlocked(_ worker: WorkerDefinition, _ record: WorkerRecord) {
        let gates = unsatisfied(worker)
        // A worker that has begun is past its dependencies: what fails now does not hold it.
        let failure = record.stateWithoutHolds == .active ? nil : gates.failure
        var causes = record.causes
        if failure == nil { causes.remove(.dependencyFailed) } else { causes.insert(.dependencyFailed) }
        if causes.contains(.rateLimit) {
            if rateLimit(of: worker) == nil {
                causes.remove(.rateLimit)
            } else if causes == [.rateLimit] {
                schedule.canContinue = true
            }
        }
        if causes.isEmpty {
            move(worker.id, StateMove(to: record.stateWithoutHolds))
            return considerIdleAfterHold(worker, gates.waiting)
        }
        if causes != record.causes {
            schedule.decisions.append(.changeCauses(worker.id, causes, reason: failure ?? record.whyHeld(by: causes)))
        }
        if causes.contains(.dependencyFailed) { blockedReasons[worker.id] = failure }
        if record.attempts.running != nil { considerRunning(worker, record) }
        hold(worker, why: failure ?? record.whyHeld(by: causes) ?? Cause.text(of: causes))
    }

    private mutating func considerIdleAfterHold(_ worker: WorkerDefinition, _ waiting: [Schedule.Waiting]) {
        schedule.waiting[worker.id] = waiting.isEmpty ? nil : waiting
        schedule.canContinue = true
    }

    private mutating func considerFailed(_ worker: WorkerDefinition, _ record: WorkerRecord) {
        guard record.attempts.retries < plan.orchestration.retry.limit, !record.causes.isEmpty,
            record.causes.isSubset(of: Cause.retriable), record.attempts.running == nil, isSelected(worker.id)
        else { return hold(worker, why: record.reason ?? "failed") }
        retrying.insert(worker.id)
        schedule.startable.insert(worker.id)
        schedule.canContinue = true
        let due = (record.stateSince ?? facts.now).advanced(by: plan.orchestration.retry.backoff)
        schedule.retries[worker.id] = due
        guard due <= facts.now else {
            schedule.wake(at: due)
            return hold(worker, why: "retry at \(due)")
        }
        let number = record.attempts.retries + 1
        move(
            worker.id,
            StateMove(
                to: .pending, reason: "retry \(number) of \(plan.orchestration.retry.limit): \(record.reason ?? "failed")", automatic: true)
        )
    }

    // MARK: Workers that run

    private mutating func settleIfEnded(_ worker: WorkerDefinition, _ record: WorkerRecord) {
        let ended = record.attempts.running == nil && !record.person && (record.state == .active || record.state == .starting)
        let declared = record.person && record.state == .active && (record.declaration != nil || record.surrender != nil)
        if ended || declared || record.isDeclaredAgain || facts.orphaned.contains(worker.id) {
            schedule.decisions.append(.settle(worker.id))
        }
    }

    private mutating func considerRunning(_ worker: WorkerDefinition, _ record: WorkerRecord) {
        // One that is starting cannot be held yet, and a level is told once: it is looked at when the command runs, a moment later.
        if record.state == .active { checkBudget(worker, record) }
        // A person goes on with or without a daemon, and nobody knows until when.
        if record.person, record.state == .active, record.attempts.running == nil { return hold(worker, why: "a person works there") }
        schedule.canContinue = true
        guard record.state == .active, !record.person, record.attempts.running != nil else { return }
        let heard = record.lastSign(activity: facts.activity[worker.id]) ?? facts.now
        // Said once for each silence.
        if let said = record.stuckSince, heard <= said { return }
        let due = heard.advanced(by: plan.orchestration.stuckAfter)
        if due <= facts.now {
            schedule.decisions.append(.markStuck(worker.id, since: heard))
        } else {
            schedule.wake(at: due)
        }
    }

    private mutating func checkBudget(_ worker: WorkerDefinition, _ record: WorkerRecord) {
        for use in BudgetUse.of(worker.budget, tokens: record.tokens.used, milliseconds: record.activeMilliseconds(at: facts.now)) {
            if let level = use.level, !record.budgetLevels.contains(level) {
                schedule.decisions.append(
                    .reachBudget(worker.id, level: level, hold: use.isOver ? worker.budget.onLimit : nil, reason: use.text))
            }
            if let rest = use.millisecondsToNextLevel { wake(after: rest) }
        }
    }

    /// Reports the plan's own budget; once it is used up and the plan wants a hold, nothing more is started.
    mutating func checkPlanBudget() {
        let budget = plan.orchestration.budget
        guard budget.tokens != nil || budget.time != nil else { return }
        let use = facts.planUse ?? PlanUse(of: plan, state)
        let begun = use.begun
        let uses = BudgetUse.of(
            budget, tokens: use.tokens, milliseconds: begun.map { facts.now.milliseconds - $0.milliseconds } ?? 0)
        for use in uses {
            // The limit is part of the level: a plan with a raised budget is reported anew.
            if let level = use.level.map({ "\($0) \(use.limit)" }), !state.budgetLevels.contains(level) {
                schedule.decisions.append(
                    .reachPlanBudget(level: level, hold: use.isOver ? budget.onLimit : nil, reason: "the plan has used \(use.text)"))
            }
            if use.isOver, budget.onLimit != .warn { startHold = "the plan's budget: \(use.text)" }
            if begun != nil, let rest = use.millisecondsToNextLevel { wake(after: rest) }
        }
    }

    private mutating func wake(after milliseconds: Int64) {
        schedule.wake(at: Timestamp(milliseconds: facts.now.milliseconds + max(1, milliseconds)))
    }

    // MARK: Starting

    /// Starts as many ready workers as there is room for: by priority, then in the order of the plan.
    mutating func startReady() {
        let limit = scheduler.options.maxActive ?? plan.orchestration.maxActive
        let running = state.occupying.compactMap { key in plan.workers[key.id].flatMap { $0.key == key ? $0 : nil } }
        var room = limit == 0 ? Int.max : max(0, limit - running.count(where: { !state[$0.key].person }))
        var perAgent: [String: Int] = [:]
        for worker in running { if case .agent(let name) = worker.work { perAgent[name, default: 0] += 1 } }
        let position = scheduler.position
        let queue = ready.sorted { left, right in
            left.priority == right.priority ? (position[left.id] ?? 0) < (position[right.id] ?? 0) : left.priority > right.priority
        }
        for worker in queue {
            schedule.canContinue = true
            schedule.startable.insert(worker.id)
            if case .person = worker.work {
                schedule.decisions.append(.start(worker.id))
                continue
            }
            guard room > 0 else {
                hold(worker, why: "a free slot (max_active \(limit))")
                continue
            }
            if let until = rateLimit(of: worker), case .agent(let name) = worker.work {
                hold(worker, why: "agent '\(name)', which is rate-limited until \(until)")
                continue
            }
            if case .agent(let name) = worker.work, let most = plan.agents[name]?.maxActive, perAgent[name, default: 0] >= most {
                hold(worker, why: "a free slot for agent '\(name)' (max_active \(most))")
                continue
            }
            if case .agent(let name) = worker.work { perAgent[name, default: 0] += 1 }
            room -= 1
            schedule.decisions.append(.start(worker.id))
        }
    }

    /// Until when the worker's agent may not be started; nil when it may. The schedule is asked again then.
    private mutating func rateLimit(of worker: WorkerDefinition) -> Timestamp? {
        guard case .agent(let name) = worker.work, let until = state.agentHolds[AgentNames.canonical(name)], until > facts.now else {
            return nil
        }
        schedule.wake(at: until)
        return until
    }

    // MARK: Notes

    private mutating func move(_ id: WorkerID, _ move: StateMove) {
        schedule.decisions.append(.move(id, move))
        states[id] = move.to
        if move.to != .blocked { schedule.canContinue = true }
    }

    private mutating func hold(_ worker: WorkerDefinition, why: String) {
        schedule.waiting[worker.id] = [Schedule.Waiting(why: why)]
    }

    private func isSelected(_ id: WorkerID) -> Bool { scheduler.options.selection?.contains(id) ?? true }
}
