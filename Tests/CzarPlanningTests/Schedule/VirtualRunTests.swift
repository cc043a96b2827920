import CzarPlanning
import OrderedCollections
import Testing

/// A plan in virtual time against the scheduler itself, asked about everything at every moment.
@Suite struct VirtualRunTests {
    private func play(_ plan: Plan, maxActive: Int? = nil) -> VirtualRun {
        VirtualRun(plan, graph: PlanGraph(plan), options: ScheduleOptions(maxActive: maxActive), assuming: .seconds(3600))
    }

    private func seconds(_ run: VirtualRun) -> [String] {
        run.spans.map { "\($0.worker) \($0.start.components.seconds)-\($0.end.components.seconds)" }
    }

    @Test func workersStartWhenTheirDependenciesAreDoneAndThereIsRoom() {
        let plan = makePlan(["a": [], "b": [], "c": ["a"], "d": ["b", "c"]]) { plan in
            for (id, time) in [("a", 10), ("b", 30), ("c", 5), ("d", 1)] as [(WorkerID, Int)] {
                plan.workers[id]?.plannedDuration = .seconds(time)
            }
        }
        let free = play(plan, maxActive: 0)
        #expect(seconds(free) == ["a 0-10", "b 0-30", "c 10-15", "d 30-31"])
        #expect(free.total == .seconds(31) && free.peak == 2 && free.left.isEmpty)
        #expect(free.criticalPath == ["b", "d"] && free.criticalDuration == .seconds(31))
        let alone = play(plan, maxActive: 1)
        #expect(seconds(alone) == ["a 0-10", "b 10-40", "c 40-45", "d 45-46"])
        #expect(alone.peak == 1 && alone.mean == 1)
    }

    @Test func aDurationIsThePlannedOneElseTheBudgetElseAnAssumption() {
        let plan = makePlan(["a": [], "b": [], "c": []]) { plan in
            plan.workers["a"]?.plannedDuration = .seconds(60)
            plan.workers["a"]?.budget.time = .seconds(90)
            plan.workers["b"]?.budget.time = .seconds(90)
        }
        let run = play(plan)
        #expect(seconds(run) == ["a 0-60", "b 0-90", "c 0-3600"])
        #expect(run.assumed == ["c"])
    }

    @Test func whatIsHeldNeverStartsAndNeitherDoesWhoeverWaitsForIt() {
        let plan = makePlan(["a": [], "b": [], "c": ["b"]]) { $0.workers["b"]?.phase = PhaseID(rawValue: "2") }
        let run = play(plan)
        #expect(run.spans.map(\.worker) == ["a"])
        #expect(run.left.map(\.worker) == ["b", "c"])
        #expect(run.left.map(\.why) == ["phase 2; the plan is in phase 1", "waits for 'b'"])
    }

    @Test func aUsedUpBudgetOfThePlanStartsNobody() {
        let plan = makePlan(["a": [], "b": ["a"], "c": ["b"]]) { plan in
            plan.orchestration.budget = Budget(time: .seconds(2 * 3600), onLimit: .pause)
        }
        let run = play(plan)
        #expect(run.spans.map(\.worker) == ["a", "b"])
        #expect(run.left.map(\.why) == ["the plan's budget: 2h of 2h"])
    }

    @Test(arguments: 1...40) func itIsTheSchedulersOwnRun(seed: Int) {
        var random = SeededGenerator(seed: UInt64(seed))
        let plan = randomPlan(&random)
        let run = play(plan)
        let expected = playAsking(Scheduler(plan: plan, order: PlanGraph(plan).topologicalOrder), about: plan)
        #expect(seconds(run).sorted() == expected.sorted())
        #expect(run.left.isEmpty)
        let limit = plan.orchestration.maxActive
        let people = plan.definitions.count { $0.work == .person }
        if limit > 0 { #expect(run.peak <= limit + people) }
        #expect(run.total >= run.criticalDuration)
    }

    private func randomPlan(_ random: inout SeededGenerator) -> Plan {
        var plan = makePlan([:]) { plan in
            plan.orchestration.maxActive = Int.random(in: 0...4, using: &random)
            plan.agents["shy"] = AgentOverride(maxActive: 1)
        }
        for index in 0..<Int.random(in: 1...30, using: &random) {
            let earlier = plan.workers.keys.filter { _ in Int.random(in: 0...6, using: &random) == 0 }
            let id = WorkerID(rawValue: "w\(index)")!
            let work: [WorkerDefinition.Work] = [.command(["true"]), .command(["true"]), .agent("shy"), .person]
            var worker = WorkerDefinition(
                id: id, work: work.randomElement(using: &random)!, dependencies: Array(earlier), branch: BranchName(rawValue: "b/\(id)")!,
                worktree: "\(id)")
            worker.priority = Int.random(in: 0...2, using: &random)
            worker.plannedDuration = .seconds(Int.random(in: 0...5, using: &random))
            plan.workers[id] = worker
        }
        return plan
    }

    /// The same in the plainest way: everybody is looked at, again and again.
    private func playAsking(_ scheduler: Scheduler, about plan: Plan) -> [String] {
        var state = ProjectState()
        var now = Timestamp(milliseconds: 0)
        var ends: [(time: Timestamp, worker: WorkerDefinition)] = []
        var spans: [String] = []
        func change(_ worker: WorkerDefinition, _ next: WorkerState) {
            let event = Event(time: now, phase: worker.phase, worker: worker.id, type: .stateChanged, actor: "test")
            let from = state[worker.key].state
            state.apply(
                JournalEntry(
                    sequence: state.lastSequence + 1,
                    event: event.stateChanged(from: from, StateMove(to: next), person: worker.work == .person)))
        }
        repeat {
            var acted = true
            while acted {
                acted = false
                for decision in scheduler.schedule(state, facts: ScheduleFacts(now: now)).decisions {
                    if case .move(let id, let move) = decision, let worker = plan[id] {
                        change(worker, move.to)
                    } else if case .start(let id) = decision, let worker = plan[id] {
                        change(worker, .starting)
                        change(worker, .active)
                        let end = now.advanced(by: worker.plannedDuration ?? .zero)
                        ends.append((end, worker))
                        spans.append("\(id) \(now.milliseconds / 1000)-\(end.milliseconds / 1000)")
                        acted = true
                    }
                }
            }
            guard let next = ends.map(\.time).min() else { return spans }
            now = next
            for (_, worker) in ends.filter({ $0.time == next }) {
                if worker.work != .person {
                    let event = Event(
                        time: now, phase: worker.phase, worker: worker.id, type: .processEnded,
                        fields: Attempts.Outcome.exited(0).fields, actor: "test")
                    state.apply(JournalEntry(sequence: state.lastSequence + 1, event: event))
                }
                change(worker, .complete)
            }
            ends.removeAll { $0.time == next }
        } while true
    }
}
