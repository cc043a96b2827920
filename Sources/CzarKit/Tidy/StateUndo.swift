import CzarGit
import CzarPlanning

/// The inverse of a change of state, in one move or several, as far as the table of moves has one.
struct StateUndo {
    private let coordinator: Coordinator
    private let history: UndoHistory

    init(_ coordinator: Coordinator, _ history: UndoHistory) { (self.coordinator, self.history) = (coordinator, history) }

    private var ledger: Ledger { coordinator.ledger }

    func undo(_ key: WorkerKey, _ action: UndoHistory.Action) throws -> String {
        let last = action.entries[action.entries.count - 1].event.fields
        guard let from = action.first.event.fields[Field.from].flatMap(WorkerState.init), let to = last[Field.to].flatMap(WorkerState.init)
        else {
            throw UndoError.notUndoable(sequence: action.sequence, what: "an unreadable change of state")
        }
        let record = try ledger.refresh()[key]
        let followed = record.state != to && to == .pending && history.isFollowedByRulesAlone(action, of: key)
        if let newest = history.newestStateChange(of: key), newest.sequence != action.last, !followed {
            let state = newest.event.fields[Field.to] ?? ""
            throw UndoError.depends(sequence: action.sequence, why: "'\(key.id)' became \(state) since (#\(newest.sequence))")
        }
        var move = try inverse(from: from, to: to, action, record)
        // What the rules made of it goes with it.
        if followed { move.moves.insert(StateMove(to: .pending, reason: "undo of entry #\(action.sequence)"), at: 0) }
        if record.state == .paused, move.end == .active, let supervisor = record.supervisor {
            try SessionProcesses(supervisor: supervisor).resume()
        }
        try write(key, action.first, move, from: followed ? record.state : to)
        if move.end == .paused, let supervisor = record.supervisor { try SessionProcesses(supervisor: supervisor).pause() }
        return "'\(key.id)' is \(move.end) again" + (move.end == from ? "" : " (it was \(from), which nothing can bring back)")
    }

    private struct Inverse {
        /// One after the other: the table has no way from a failure to anything but `pending`.
        var moves: [StateMove]
        var person = false
        /// Of the last move.
        var fields: [String: String] = [:]

        init(_ moves: StateMove..., person: Bool = false, fields: [String: String] = [:]) {
            self.init(moves, person: person, fields: fields)
        }

        init(_ moves: [StateMove], person: Bool = false, fields: [String: String] = [:]) {
            (self.moves, self.person, self.fields) = (moves, person, fields)
        }

        var end: WorkerState { moves[moves.count - 1].to }
    }

    private func write(_ key: WorkerKey, _ entry: JournalEntry, _ inverse: Inverse, from: WorkerState) throws {
        try ledger.change { state in
            let record = state[key]
            guard record.state == from else {
                throw UndoError.depends(sequence: entry.sequence, why: "'\(key.id)' became \(record.state) meanwhile")
            }
            let event = ledger.event(.stateChanged, worker: key, phase: key.phase)
            var from = from
            let changes = inverse.moves.enumerated().map { number, move in
                defer { from = move.to }
                let isLast = number == inverse.moves.count - 1
                return event.stateChanged(from: from, move, person: inverse.person, fields: isLast ? inverse.fields : [:])
            }
            let undone = [
                Field.sequence: String(entry.sequence), Field.what: EventType.stateChanged.rawValue, Field.with: String(changes.count),
            ]
            return changes + [ledger.event(.undone, worker: key, phase: key.phase, undone)]
        }
    }

    private func inverse(
        from: WorkerState, to: WorkerState, _ action: UndoHistory.Action, _ record: WorkerRecord
    ) throws -> Inverse {
        let entry = action.first
        let reason = "undo of entry #\(entry.sequence)"
        // What held the worker before, and whether a person worked there.
        let before = history.record(of: record.key, before: entry.sequence)
        let (causes, person) = (before.causes, before.person)
        switch (from, to) {
        case (.active, .paused) where record.stateWithoutHolds == .pending && !person,
            (.active, .blocked) where record.stateWithoutHolds == .pending && !person, (.starting, .paused):
            return Inverse(StateMove(to: .pending, reason: reason))
        case (_, .paused), (_, .blocked):
            return Inverse(StateMove(to: from, causes: causes, reason: before.reason), person: person)
        case (.paused, .failed), (.blocked, .failed):
            let held = StateMove(to: from, causes: causes, reason: before.reason)
            return Inverse(StateMove(to: .pending, reason: reason), held, person: person)
        case (.ready, .failed): return Inverse(StateMove(to: .pending, reason: reason), StateMove(to: .ready, reason: reason))
        case (.active, .failed) where person:
            let path = [WorkerState.ready, .starting].map { StateMove(to: $0, reason: reason) }
            return Inverse(StateMove(to: .pending, reason: reason), path[0], path[1], StateMove(to: .active), person: true)
        case (_, .failed): return Inverse(StateMove(to: .pending, reason: reason))
        case (.complete, .complete):
            try requireNoDependents(record.key, action)
            return Inverse(
                StateMove(to: .active, reason: reason), StateMove(to: .complete), fields: try completed(record.key, before: entry))
        case (.active, .complete):
            try requireNoDependents(record.key, action)
            return Inverse(StateMove(to: .active, reason: reason), person: true)
        case (_, .complete):
            try requireNoDependents(record.key, action)
            return Inverse([StateMove(to: .active, reason: reason)] + wayBack(to: from, before, reason), person: person)
        case (.complete, .active): return Inverse(StateMove(to: .complete), fields: try completion(record, entry))
        case (.failed, _), (.paused, _), (.blocked, _), (.pending, .active), (.ready, .active):
            return Inverse(wayBack(to: from, before, reason), person: person)
        // A person worked there, until another attempt was asked for.
        case (.active, .ready): return Inverse(StateMove(to: .starting, reason: reason), StateMove(to: .active), person: true)
        case (.pending, .ready): return Inverse(StateMove(to: .pending, reason: reason))
        default: throw UndoError.notUndoable(sequence: entry.sequence, what: "a move from \(from) to \(to), which has no inverse")
        }
    }

    /// From active, or from where nothing holds the worker.
    private func wayBack(to state: WorkerState, _ before: WorkerRecord, _ reason: String) -> [StateMove] {
        switch state {
        case .pending, .ready: [StateMove(to: .paused, reason: reason), StateMove(to: state, reason: reason)]
        default: [StateMove(to: state, causes: before.causes, reason: before.reason, remedy: before.remedy)]
        }
    }

    /// A worker is complete again only at the tip that was proven.
    private func completion(_ record: WorkerRecord, _ entry: JournalEntry) throws -> [String: String] {
        let fields = try completed(record.key, before: entry)
        guard let tip = fields[Field.tip], let branch = record.creation?.branch else {
            throw UndoError.notUndoable(sequence: entry.sequence, what: "a reopening of a branch that is gone")
        }
        let found = try coordinator.openRepository().branchTip(branch.rawValue)
        guard found?.hex == tip else {
            throw UndoError.depends(sequence: entry.sequence, why: "the branch '\(branch)' has moved since; declare it complete instead")
        }
        return fields
    }

    /// What was proven when the worker was complete before an entry.
    private func completed(_ key: WorkerKey, before entry: JournalEntry) throws -> [String: String] {
        let completed = history.newest(.stateChanged, of: key, before: entry.sequence) {
            $0.fields[Field.to] == WorkerState.complete.rawValue
        }
        guard let completed, completed.event.fields[Field.tip] != nil else {
            throw UndoError.notUndoable(sequence: entry.sequence, what: "a reopening without a recorded tip")
        }
        return completed.event.fields.filter { $0.key == Field.tip || $0.key == Field.baseTip }
    }

    /// Who had begun when the worker was complete once before does not stand on this completion.
    private func requireNoDependents(_ key: WorkerKey, _ action: UndoHistory.Action) throws {
        let state = try ledger.refresh()
        let started = coordinator.plan.definitions.first { worker in
            guard worker.dependencies.contains(key.id), [.starting, .active, .complete].contains(state[worker.key].state) else {
                return false
            }
            let start = history.newest(.stateChanged, of: worker.key, before: .max) { $0.fields[Field.to] == WorkerState.starting.rawValue }
            return (start?.sequence ?? 0) > action.last
        }
        if let started { throw UndoError.depends(sequence: action.sequence, why: "'\(started.id)' was started on it") }
    }
}
