import HeapModule

/// The moving parts of a ``VirtualRun``: the clock, who works until when, who is ready and waits for room.
struct VirtualStage {
    private let scheduler: Scheduler
    private let workers: [WorkerDefinition]
    /// Milliseconds each worker takes.
    private let durations: [Int64]
    private let dependents: [[Int]]
    private let order: [Int]
    private let indexOf: [WorkerID: Int]
    private let limit: Int

    private var state = ProjectState()
    private var facts: ScheduleFacts
    private var lanes: [Lane]
    private let laneOf: [Int]
    /// How many dependencies are not complete yet.
    private var open: [Int]
    private var ends: Heap<End> = []
    private var active = 0
    private var occupied = 0
    private var reasons: [WorkerID: String] = [:]
    private var began: [Int64?]

    private(set) var spans: [VirtualRun.Span] = []
    private(set) var peak = 0
    private(set) var assumed: [WorkerID] = []

    init(_ plan: Plan, graph: PlanGraph, options: ScheduleOptions, assuming: Duration) {
        scheduler = Scheduler(plan: plan, order: graph.topologicalOrder, options: options)
        workers = plan.definitions
        let index = Dictionary(uniqueKeysWithValues: workers.enumerated().map { ($1.id, $0) })
        indexOf = index
        order = graph.topologicalOrder.compactMap { index[$0] }
        limit = options.maxActive ?? plan.orchestration.maxActive
        assumed = workers.filter { $0.expectedDuration == nil }.map(\.id)
        durations = workers.map { ($0.expectedDuration ?? assuming).milliseconds }
        var dependents = [[Int]](repeating: [], count: workers.count)
        for (number, worker) in workers.enumerated() {
            for dependency in worker.dependencies { if let other = index[dependency] { dependents[other].append(number) } }
        }
        self.dependents = dependents
        open = workers.map { worker in worker.dependencies.count { index[$0] != nil } }
        began = Array(repeating: nil, count: workers.count)
        facts = ScheduleFacts(now: Timestamp(milliseconds: 0))
        facts.planUse = PlanUse()
        (lanes, laneOf) = Self.lanes(plan, workers)
    }

    // MARK: Playing

    mutating func play() {
        for number in workers.indices where open[number] == 0 { enqueue(number) }
        startWhoMay()
        while let next = ends.popMin() {
            facts.now = Timestamp(milliseconds: next.time)
            complete(next.worker)
            while let same = ends.min, same.time == next.time {
                ends.removeMin()
                complete(same.worker)
            }
            startWhoMay()
        }
    }

    private mutating func enqueue(_ number: Int) {
        lanes[laneOf[number]].ready.insert(Ready(priority: workers[number].priority, worker: number))
    }

    /// Asks the scheduler about the first of each lane, as many as there is room for, until nobody more starts.
    private mutating func startWhoMay() {
        var hasStarted = true
        while hasStarted {
            let offered = takeOffers()
            guard !offered.isEmpty else { return }
            let schedule = scheduler.schedule(state, facts: facts, about: offered.map { workers[$0].id })
            hasStarted = carryOut(schedule)
            for number in offered where began[number] == nil {
                let id = workers[number].id
                if schedule.startable.contains(id) {
                    enqueue(number)
                } else {
                    reasons[id] = schedule.waiting[id]?.first?.why ?? "it is held"
                }
            }
        }
    }

    private mutating func takeOffers() -> [Int] {
        let room = limit == 0 ? Int.max : max(0, limit - occupied)
        var offered: [Int] = []
        for lane in lanes.indices {
            var most = lanes[lane].isForPeople ? Int.max : min(room, lanes[lane].room)
            while most > 0, let ready = lanes[lane].ready.popMin() {
                offered.append(ready.worker)
                most -= 1
            }
        }
        return offered
    }

    private mutating func carryOut(_ schedule: Schedule) -> Bool {
        var hasStarted = false
        for decision in schedule.decisions {
            switch decision {
            case .move(let id, let move):
                if let number = indexOf[id] { record(number, to: move) }
            case .start(let id):
                guard let number = indexOf[id] else { continue }
                start(number)
                hasStarted = true
            case .reachPlanBudget(let level, _, let reason):
                write(.budgetReached, worker: nil, [Field.level: level, Field.reason: reason])
            case .changeCauses, .settle, .reachBudget, .markStuck: continue
            }
        }
        return hasStarted
    }

    private mutating func start(_ number: Int) {
        let isPerson = workers[number].work == .person
        record(number, to: StateMove(to: .starting), isPerson: isPerson)
        record(number, to: StateMove(to: .active), isPerson: isPerson)
        let now = facts.now.milliseconds
        if facts.planUse?.begun == nil { facts.planUse?.begun = facts.now }
        began[number] = now
        ends.insert(End(time: now + durations[number], worker: number))
        spans.append(
            VirtualRun.Span(
                worker: workers[number].id, start: .milliseconds(now), end: .milliseconds(now + durations[number])))
        active += 1
        peak = max(peak, active)
        guard !isPerson else { return }
        occupied += 1
        lanes[laneOf[number]].room -= 1
    }

    private mutating func complete(_ number: Int) {
        let isPerson = workers[number].work == .person
        if !isPerson {
            write(.processEnded, worker: number, Attempts.Outcome.exited(0).fields)
            occupied -= 1
            lanes[laneOf[number]].room += 1
        }
        record(number, to: StateMove(to: .complete))
        active -= 1
        for next in dependents[number] {
            open[next] -= 1
            if open[next] == 0 { enqueue(next) }
        }
    }

    // MARK: Events

    private mutating func record(_ number: Int, to move: StateMove, isPerson: Bool = false) {
        let key = workers[number].key
        let event = Event(time: facts.now, phase: key.phase, worker: key.id, type: .stateChanged, actor: "simulation")
        apply(event.stateChanged(from: state[key].state, move, person: isPerson))
    }

    private mutating func write(_ type: EventType, worker number: Int?, _ fields: [String: String]) {
        let key = number.map { workers[$0].key }
        let phase = key?.phase ?? scheduler.plan.phase
        apply(Event(time: facts.now, phase: phase, worker: key?.id, type: type, fields: fields, actor: "simulation"))
    }

    private mutating func apply(_ event: Event) { state.apply(JournalEntry(sequence: state.lastSequence + 1, event: event)) }

    // MARK: What is left

    /// Workers that never started: held, or waiting for one that is.
    var left: [VirtualRun.Left] {
        workers.indices.filter { began[$0] == nil }.map { number in
            let worker = workers[number]
            let dependency = worker.dependencies.first { id in indexOf[id].map { began[$0] == nil } ?? false }
            return VirtualRun.Left(worker: worker.id, why: reasons[worker.id] ?? dependency.map { "waits for '\($0)'" } ?? "it is held")
        }
    }

    /// The chain of dependencies that takes longest.
    func longestChain() -> (path: [WorkerID], duration: Duration) {
        var finish = durations
        var before = [Int?](repeating: nil, count: workers.count)
        for number in order {
            for next in dependents[number] where finish[number] + durations[next] > finish[next] {
                finish[next] = finish[number] + durations[next]
                before[next] = number
            }
        }
        guard let last = workers.indices.max(by: { (finish[$0], $1) < (finish[$1], $0) }) else { return ([], .zero) }
        let chain = sequence(first: last) { before[$0] }
        return (chain.reversed().map { workers[$0].id }, .milliseconds(finish[last]))
    }
}

/// Ready workers that the same limit applies to: those of one agent with a limit of its own, people, everybody else.
private struct Lane {
    var isForPeople = false
    var room: Int
    var ready: Heap<Ready> = []
}

extension VirtualStage {
    private static func lanes(_ plan: Plan, _ workers: [WorkerDefinition]) -> (lanes: [Lane], laneOf: [Int]) {
        var lanes = [Lane(room: .max), Lane(isForPeople: true, room: .max)]
        var ofAgent: [String: Int] = [:]
        let laneOf = workers.map { worker -> Int in
            switch worker.work {
            case .person: return 1
            case .agent(let name):
                guard let most = plan.agents[name]?.maxActive else { return 0 }
                if let lane = ofAgent[name] { return lane }
                lanes.append(Lane(room: most))
                ofAgent[name] = lanes.count - 1
                return lanes.count - 1
            case .command, .script: return 0
            }
        }
        return (lanes, laneOf)
    }
}

/// By priority, then in the order of the plan: as the scheduler starts them.
private struct Ready: Comparable {
    let priority: Int
    let worker: Int

    static func < (left: Self, right: Self) -> Bool {
        left.priority == right.priority ? left.worker < right.worker : left.priority > right.priority
    }
}

private struct End: Comparable {
    let time: Int64
    let worker: Int

    static func < (left: Self, right: Self) -> Bool { (left.time, left.worker) < (right.time, right.worker) }
}

extension WorkerDefinition {
    /// How long the plan expects it to take: its planned duration, else its budget of time.
    package var expectedDuration: Duration? { plannedDuration ?? budget.time }
}

extension Duration {
    fileprivate var milliseconds: Int64 { components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000 }
}
