import CzarGit
import CzarPlanning

/// One look of the daemon: what happened is recorded, the scheduler asked, and every decision that starts nothing is carried out.
struct DaemonRound: Sendable {
    private let coordinator: Coordinator
    private let observe: @Sendable ([JournalEntry]) -> Void
    /// The newest entry that was shown to the observer.
    private var observed: Int64 = 0
    /// For each worker the sequence number at which it was settled without a change: it is not tried again before something happens.
    private var settled: [WorkerID: Int64] = [:]
    /// The output of running agents, as far as it was read.
    private var outputs: [WorkerID: AttemptOutput] = [:]
    /// The problem of each worker that was written down last: it is not written again in every round.
    private var known: [WorkerKey: String] = [:]

    /// Where the branches and bases of workers are that nothing was made for yet: nothing records that, and the status shows it.
    private var unmade: [String: ObjectID] = [:]

    private let pulse: @Sendable (DaemonPulse) -> Void
    private var finder: NoticeFinder

    init(
        _ coordinator: Coordinator, observe: @escaping @Sendable ([JournalEntry]) -> Void,
        pulse: @escaping @Sendable (DaemonPulse) -> Void = { _ in }
    ) {
        (self.coordinator, self.observe, self.pulse) = (coordinator, observe, pulse)
        finder = NoticeFinder(coordinator.plan)
    }

    struct Outcome: Sendable {
        var schedule: Schedule
        var starts: [WorkerDefinition] = []
        /// Whether a decision changed something, so that the scheduler must be asked again.
        var acted = false
        /// Whether the journal has grown since the last round, or a branch moved that it says nothing of.
        var hasNews = false
        var nextMoment: Timestamp?
        var worktrees: [String] = []
        var supervisors: [ProcessIdentity] = []
        /// What the plan's files are now.
        var planFiles: PlanFiles
    }

    private var ledger: Ledger { coordinator.ledger }
    private var plan: Plan { coordinator.plan }

    /// Says that a daemon has begun and lets workers go on that the last one interrupted.
    mutating func begin(_ options: ScheduleOptions) throws {
        observed = try ledger.refresh().lastSequence
        let fields = options.fields.merging([Field.process: try ProcessIdentity.current().text]) { _, new in new }
        try ledger.record(.daemonStarted, worker: nil, phase: plan.phase, fields)
        // First of all: an interruption that no journal took is one of those that end now.
        try EventIntake(coordinator).takeUnrecordedEndings()
        try EventIntake(coordinator).clearReserves()
        // The first round finds the plan changed by it, and starts nobody.
        _ = try InterruptedTidying(coordinator).finish(withdrawing: true)
        for worker in plan.definitions {
            try ledger.change { state in
                let record = state[worker.key]
                guard record.state == .paused, record.causes.contains(.interrupted) else { return [] }
                return ledger.event(.stateChanged, worker: worker.key, phase: worker.phase)
                    .released(record, from: [.interrupted], reason: "goes on after an interruption")
            }
        }
    }

    mutating func end(_ reason: DaemonEnd.Reason) throws {
        try ledger.record(.daemonEnded, worker: nil, phase: plan.phase, [Field.reason: reason.rawValue])
        try tellObserver()
        try DaemonLock.clear(coordinator.project)
    }

    mutating func work(_ options: ScheduleOptions) throws -> Outcome {
        try note(try EventIntake(coordinator).takeAll() + TipObserver(coordinator).observe())
        try readOutputs()
        let state = try ledger.refresh()
        let facts = try FactsReader(project: coordinator.project, plan: plan, base: coordinator.base, history: coordinator.history)
            .scheduleFacts(
                state, now: currentTime())
        let schedule = Scheduler(plan: plan, order: coordinator.reading.graph.topologicalOrder, options: options).schedule(
            state, facts: facts)
        let files = try PlanSource(coordinator.project).files()
        var outcome = Outcome(schedule: schedule, nextMoment: schedule.nextMoment, planFiles: files)
        for decision in schedule.decisions { try carryOut(decision, state, &outcome) }
        let branches = try unmadeBranches(state)
        outcome.hasNews = try tellObserver(schedule) || branches != unmade
        unmade = branches
        for worker in plan.definitions {
            let record = try ledger.refresh()[worker.key]
            if let path = record.creation?.worktree { outcome.worktrees.append(path) }
            if let supervisor = record.supervisor { outcome.supervisors.append(supervisor) }
            if facts.sessions[worker.id] != nil, let session = try PersonSession.of(worker.key, coordinator.project) {
                outcome.supervisors.append(session.process)
            }
        }
        for record in running(outsideThePlan: try ledger.refresh()) {
            // Its supervisor settles it; until then this daemon is responsible for what runs.
            outcome.schedule.canContinue = true
            if let supervisor = record.supervisor { outcome.supervisors.append(supervisor) }
        }
        return outcome
    }

    /// - Complexity: O(workers), a reference look-up for each of which nothing was made, and for each of their bases.
    private func unmadeBranches(_ state: ProjectState) throws -> [String: ObjectID] {
        let repository = try coordinator.openRepository()
        let unmade = plan.definitions.filter { state[$0.key].creation == nil }
        guard !unmade.isEmpty else { return [:] }
        let names = unmade.flatMap { [$0.branch.rawValue, $0.base ?? coordinator.base] } + [plan.project.omnibusBranch].compactMap { $0 }
        var tips: [String: ObjectID] = [:]
        for name in Set(names) {
            do throws(ReferenceError) { tips[name] = try repository.baseTip(name) } catch {
                // Whoever creates the worker is told.
                continue
            }
        }
        return tips
    }

    /// Workers that have left the plan while their command runs.
    private func running(outsideThePlan state: ProjectState) -> [WorkerRecord] {
        state.outside(plan).filter { $0.attempts.running != nil && !$0.isOrphaned }
    }

    /// Reads on in what running agents print: their figures count against budgets while they run.
    private mutating func readOutputs() throws {
        let state = try ledger.refresh()
        for worker in plan.definitions {
            let record = state[worker.key]
            guard record.attempts.running != nil else {
                outputs[worker.id] = nil
                continue
            }
            if outputs[worker.id]?.number != record.attempts.count {
                outputs[worker.id] = try AttemptOutput(worker, record, plan: plan, project: coordinator.project)
            }
            guard let found = try outputs[worker.id]?.readOn(), let output = outputs[worker.id] else { continue }
            try UsageRecorder(ledger: ledger).record(
                found, of: worker, agent: output.profile.name, attempt: output.number, .running)
        }
    }

    private mutating func carryOut(_ decision: Decision, _ state: ProjectState, _ outcome: inout Outcome) throws {
        switch decision {
        case .move, .changeCauses:
            if try HoldKeeper(coordinator).carryOut(decision, state) { outcome.acted = true }
        case .start(let id):
            // A worker that this same answer made ready is started by the next one.
            if let worker = plan[id], state[worker.key].state == .ready { outcome.starts.append(worker) }
        case .settle(let id):
            try settle(id, state, &outcome)
        case .reachBudget(let id, let level, let hold, let reason):
            try reachBudget(id, level, hold, reason)
            outcome.acted = true
        case .reachPlanBudget(let level, let hold, let reason):
            try ledger.record(.budgetReached, worker: nil, phase: plan.phase, [Field.level: level, Field.reason: reason])
            if let hold, hold != .warn {
                for worker in plan.definitions where state[worker.key].state == .active { try holdForBudget(worker, hold, reason) }
            }
            outcome.acted = true
        case .markStuck(let id, let since):
            guard let worker = plan[id] else { return }
            try ledger.record(.stuck, worker: worker.key, phase: worker.phase, ["since": since.description])
            outcome.acted = true
        }
    }

    private mutating func settle(_ id: WorkerID, _ state: ProjectState, _ outcome: inout Outcome) throws {
        guard let worker = plan[id] else { return }
        let record = state[worker.key]
        // Its own supervisor does it; only when that is gone is it anybody else's business.
        if !record.isOrphaned, let supervisor = record.attempts.lastEnd.flatMap({ ProcessIdentity(text: $0.supervisor) }),
            supervisor.isAlive
        {
            outcome.supervisors.append(supervisor)
            let soon = currentTime().advanced(by: .seconds(2))
            outcome.nextMoment = min(soon, outcome.nextMoment ?? soon)
            return
        }
        guard settled[id] != record.lastSequence else { return }
        var problems: [WorkerProblem] = []
        try WorkerProblem.collecting(&problems, for: worker.key) {
            if try Settlement(coordinator).settle(worker) == nil { outcome.acted = true }
        }
        try coordinator.record(problems)
        settled[id] = try ledger.refresh()[worker.key].lastSequence
    }

    /// Writes down problems that are new, and forgets those that are gone.
    private mutating func note(_ problems: [WorkerProblem]) throws {
        try coordinator.record(problems.filter { known[$0.worker] != "\($0.error)" })
        known = Dictionary(problems.map { ($0.worker, "\($0.error)") }, uniquingKeysWith: { _, last in last })
    }

    private func reachBudget(_ id: WorkerID, _ level: String, _ hold: Budget.OnLimit?, _ reason: String) throws {
        guard let worker = plan[id] else { return }
        let fields = [Field.level: level, Field.reason: reason]
        try ledger.record(.budgetReached, worker: worker.key, phase: worker.phase, fields)
        if let hold, hold != .warn { try holdForBudget(worker, hold, reason) }
    }

    private func holdForBudget(_ worker: WorkerDefinition, _ hold: Budget.OnLimit, _ reason: String) throws {
        let isHeld = try ledger.pause(
            worker.key, from: [.active, .blocked], by: .budget, reason: "budget reached: \(reason)", ends: hold == .stop)
        guard isHeld else { return }
        guard let supervisor = try ledger.refresh()[worker.key].supervisor else { return }
        let attempt = RunningAttempt(supervisor: supervisor)
        // The loop does not wait for a command that takes its time to end: its end is an event like any other.
        if hold == .pause { try attempt.pause() } else { try attempt.requestStop() }
    }

    /// Ends all running commands because the daemon was told to end; the next daemon starts these workers again.
    ///
    /// All are told at once, so that they need ten seconds together and not each; ``endAtOnce(_:)`` beside it cuts that short.
    mutating func interruptWorkers() throws {
        try letStartsFinish(until: ContinuousClock.now + .seconds(5))
        let state = try ledger.refresh()
        let listed = plan.definitions.map { state[$0.key] }.filter { $0.attempts.running != nil && !$0.person }
        let running = listed + running(outsideThePlan: state)
        var told: [WorkerRecord] = []
        var ended: [WorkerID] = []
        var kept: [WorkerID] = []
        var full: String?
        for record in running {
            // It has ended by itself, and only the journal does not know: that was no interruption.
            if let attempt = record.runningAttempt, try UnrecordedEnding.of(attempt, in: coordinator.project.stateFolder) != nil {
                continue
            }
            let silence = try silence(of: record)
            // The next run starts it again, and whoever looks in the morning is to know that it hung.
            let reason = silence.map { "stuck since \($0) when czar run was stopped" } ?? "czar run was stopped"
            do {
                try ledger.pause(
                    record.key, from: [.active, .blocked, .paused], by: .interrupted, reason: reason, ends: true,
                    fields: silence.map { [Field.stuckSince: $0.description] } ?? [:])
                told.append(record)
            } catch let error as JournalError {
                guard case .full(let path) = error, let attempt = record.runningAttempt else { throw error }
                full = path
                if UnrecordedHold.paused(attempt, by: .interrupted, reason: reason).wasKept(in: coordinator.project.stateFolder) {
                    told.append(record)
                    ended.append(record.key.id)
                } else {
                    kept.append(record.key.id)
                }
            }
        }
        try Self.end(told.compactMap(\.supervisor), grace: .seconds(10))
        if let full { throw OperationError.unrecorded(ended: ended, kept: kept, path: full) }
    }

    /// Since when a worker has given no sign of life; nil where that was not worth a word, or it has given one since.
    private func silence(of record: WorkerRecord) throws -> Timestamp? {
        guard record.state == .active, let said = record.stuckSince else { return nil }
        let reader = FactsReader(project: coordinator.project, plan: plan, base: coordinator.base, history: coordinator.history)
        let heard = record.lastSign(activity: try reader.activity(of: record, now: currentTime()))
        return heard.flatMap { $0 <= said ? $0 : nil }
    }

    /// Waits while workers are starting: within a moment they are active, or have failed. One that is starting cannot be held, its end
    /// would count as a failure, and nobody can say yet what becomes of it.
    /// - Returns: whether there was anything to wait for that has happened.
    @discardableResult
    func letStartsFinish(until deadline: ContinuousClock.Instant) throws -> Bool {
        var hasHappened = false
        while true {
            let state = try ledger.refresh()
            guard state.workers.values.contains(where: \.isBeingStarted), ContinuousClock.now < deadline else { return hasHappened }
            if try JournalChanges(of: ledger.journal).wait(after: state.lastSequence, timeout: .seconds(1)) { hasHappened = true }
        }
    }

    /// Kills whatever runs of the workers that were told to end: somebody does not want to wait for them. One that was not told yet is
    /// left alone, because its end would count as a failure.
    static func endAtOnce(_ coordinator: Coordinator) throws {
        let state = try coordinator.ledger.refresh()
        let told = try state.workers.values.filter { record in
            guard let attempt = record.runningAttempt else { return false }
            return try record.causes.contains(.interrupted) || UnrecordedHold.of(attempt, in: coordinator.project.stateFolder) != nil
        }
        try end(told.compactMap(\.supervisor), grace: .zero)
    }

    private static func end(_ supervisors: [ProcessIdentity], grace: Duration) throws {
        guard !supervisors.isEmpty else { return }
        let ends = inParallel(supervisors.count) { number in
            Result<Void, any Error> {
                try SessionProcesses(supervisor: supervisors[number]).terminate(grace: grace)
                _ = try supervisors[number].waitForEnd(timeout: .seconds(10))
            }
        }
        for end in ends { try end.get() }
    }

    /// Whether there was anything to tell.
    @discardableResult
    private mutating func tellObserver(_ schedule: Schedule? = nil) throws -> Bool {
        let entries = try ledger.journal.entries(after: observed)
        if let last = entries.last {
            observed = last.sequence
            observe(entries)
        }
        let state = try ledger.refresh()
        let notices = finder.notices(entries, state, schedule)
        if !entries.isEmpty || !notices.isEmpty {
            let states = plan.definitions.reduce(into: [:]) { $0[state[$1.key].state, default: 0] += 1 }
            pulse(DaemonPulse(states: states, notices: notices))
        }
        return !entries.isEmpty
    }
}
