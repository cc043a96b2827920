import CzarPlanning
import OrderedCollections

/// A plan from a short description: id → dependencies.
func makePlan(
    _ workers: KeyValuePairs<String, [String]>, configure: (inout Plan) -> Void = { _ in },
    worker: (inout WorkerDefinition) -> Void = { _ in }
) -> Plan {
    var plan = Plan(project: Project(name: "test", slug: "test", base: "main"))
    for (name, dependencies) in workers {
        let id = WorkerID(rawValue: name)!
        var definition = WorkerDefinition(
            id: id, work: .command(["true"]), dependencies: dependencies.map { WorkerID(rawValue: $0)! },
            branch: BranchName(rawValue: "feat/\(name)")!, worktree: ".czarina/worktrees/\(name)")
        worker(&definition)
        plan.workers[id] = definition
    }
    configure(&plan)
    return plan
}

extension WorkerID: ExpressibleByStringLiteral {
    /// An id that the test knows to be valid.
    public init(stringLiteral value: String) { self = WorkerID(rawValue: value)! }
}

/// A journal in memory, with a clock that moves one second an entry.
struct TestJournal {
    var state = ProjectState()
    var entries: [JournalEntry] = []
    var now = Timestamp(milliseconds: 1_790_000_000_000)

    @discardableResult
    mutating func write(_ worker: WorkerID?, _ type: EventType, _ fields: [String: String] = [:]) -> Event {
        let event = Event(time: now, phase: .first, worker: worker, type: type, fields: fields, actor: "test")
        add(event)
        return event
    }

    mutating func add(_ event: Event) {
        let entry = JournalEntry(sequence: state.lastSequence + 1, event: event)
        entries.append(entry)
        state.apply(entry)
        now = now.advanced(by: .seconds(1))
    }

    mutating func move(_ worker: WorkerID, _ move: StateMove, fields: [String: String] = [:], person: Bool = false) {
        let record = self[worker]
        let event = Event(time: now, phase: .first, worker: worker, type: .stateChanged, actor: "test")
        precondition(record.state.canMove(to: move.to), "\(record.state) → \(move.to)")
        add(event.stateChanged(from: record.state, move, person: person, fields: fields))
    }

    subscript(worker: WorkerID) -> WorkerRecord { state[WorkerKey(phase: .first, id: worker)] }

    mutating func start(_ worker: WorkerID) {
        if self[worker].state == .pending { move(worker, StateMove(to: .ready)) }
        move(worker, StateMove(to: .starting), fields: [Field.attempt: String(self[worker].attempts.count + 1), Field.process: "pid=1"])
        write(worker, .processStarted, [Field.process: "pid=2"])
        move(worker, StateMove(to: .active))
    }

    mutating func end(_ worker: WorkerID, exit: Int32) { write(worker, .processEnded, Attempts.Outcome.exited(exit).fields) }
}
