import CzarPlanning
import OrderedCollections
import Testing

/// Random plans run to their end on the real scheduler, with commands that succeed, fail and are retried.
@Suite struct SimulationTests {
    @Test(arguments: 1...60) func noOrderOfEventsBreaksTheRules(seed: Int) {
        var random = SeededGenerator(seed: UInt64(seed))
        let plan = randomPlan(&random)
        var journal = TestJournal()
        var started: [WorkerID: Int] = [:]
        let scheduler = Scheduler(plan: plan, order: Array(plan.workers.keys))
        for _ in 0..<5000 {
            let schedule = scheduler.schedule(journal.state, facts: ScheduleFacts(now: journal.now))
            let acted = perform(schedule.decisions, plan, &journal, &started, &random)
            check(plan, journal)
            if acted { continue }
            if let running = plan.workers.keys.filter({ journal[$0].attempts.running != nil }).randomElement(using: &random) {
                journal.end(running, exit: Int32.random(in: 0...2, using: &random) == 0 ? 1 : 0)
            } else if let moment = schedule.nextMoment, moment > journal.now {
                journal.now = moment
            } else {
                #expect(!schedule.canContinue, "nothing runs, nothing is due, and yet it says that it can go on")
                break
            }
        }
        for worker in plan.workers.values {
            let state = journal[worker.id].state
            #expect([.complete, .failed, .blocked].contains(state), "\(worker.id) ended as \(state)")
            if state == .blocked { #expect(worker.dependencies.contains { [.failed, .blocked].contains(journal[$0].state) }) }
        }
    }

    private func randomPlan(_ random: inout SeededGenerator) -> Plan {
        var plan = makePlan([:]) { plan in
            plan.orchestration.maxActive = Int.random(in: 0...4, using: &random)
            plan.orchestration.retry = Retry(limit: Int.random(in: 0...2, using: &random), backoff: .seconds(5))
        }
        for index in 0..<Int.random(in: 1...25, using: &random) {
            let earlier = plan.workers.keys.filter { _ in Int.random(in: 0...5, using: &random) == 0 }
            let id = WorkerID(rawValue: "w\(index)")!
            plan.workers[id] = WorkerDefinition(
                id: id, work: .command(["true"]), dependencies: Array(earlier), branch: BranchName(rawValue: "b/\(id)")!, worktree: "\(id)")
        }
        return plan
    }

    /// Whether anything was done.
    private func perform(
        _ decisions: [Decision], _ plan: Plan, _ journal: inout TestJournal, _ started: inout [WorkerID: Int],
        _ random: inout SeededGenerator
    ) -> Bool {
        for decision in decisions {
            switch decision {
            case .move(let id, let move): journal.move(id, move)
            case .changeCauses(let id, let causes, let reason):
                let event = Event(time: journal.now, phase: .first, worker: id, type: .checkpoint, actor: "test")
                journal.add(event.causesChanged(causes, reason: reason))
            case .start(let id):
                #expect(journal[id].state == .ready)
                #expect(journal[id].attempts.running == nil, "\(id) started twice")
                for dependency in plan.workers[id]!.dependencies { #expect(journal[dependency].state == .complete) }
                started[id, default: 0] += 1
                #expect(started[id]! <= plan.orchestration.retry.limit + 1)
                journal.start(id)
            case .settle(let id):
                if journal[id].attempts.lastEnd?.outcome == .exited(0) {
                    journal.move(id, StateMove(to: .complete), fields: [Field.tip: "1"])
                } else {
                    journal.move(id, StateMove(to: .failed, causes: [.exit], reason: "no"))
                }
            case .markStuck(let id, _): journal.write(id, .stuck)
            case .reachPlanBudget(let level, _, _): journal.write(nil, .budgetReached, [Field.level: level])
            case .reachBudget(let id, let level, _, _): journal.write(id, .budgetReached, [Field.level: level])
            }
        }
        return !decisions.isEmpty
    }

    private func check(_ plan: Plan, _ journal: TestJournal) {
        let active = plan.workers.keys.count { journal[$0].state.occupiesSlot || journal[$0].attempts.running != nil }
        if plan.orchestration.maxActive > 0 { #expect(active <= plan.orchestration.maxActive) }
    }
}

/// SplitMix64: the same seed gives the same run everywhere.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64
    init(seed: UInt64) { state = seed }
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}
