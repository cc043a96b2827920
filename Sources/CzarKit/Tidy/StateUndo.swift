import CzarGit
import CzarPlanning

/// The inverse of a change of state, as far as the table of moves has one.
struct StateUndo {
    private let coordinator: Coordinator
    private let history: UndoHistory

    init(_ coordinator: Coordinator, _ history: UndoHistory) { (self.coordinator, self.history) = (coordinator, history) }

    private var ledger: Ledger { coordinator.ledger }

    func undo(_ key: WorkerKey, _ entry: JournalEntry) throws -> String {
        let fields = entry.event.fields
        guard let from = fields[Field.from].flatMap(WorkerState.init), let to = fields[Field.to].flatMap(WorkerState.init) else {
            throw UndoError.notUndoable(sequence: entry.sequence, what: "an unreadable change of state")
        }
        if let newest = history.newestStateChange(of: key), newest.sequence != entry.sequence {
            let state = newest.event.fields[Field.to] ?? ""
            throw UndoError.depends(sequence: entry.sequence, why: "'\(key.id)' became \(state) since (#\(newest.sequence))")
        }
        let record = try ledger.refresh()[key]
        let move = try inverse(from: from, to: to, entry, record)
        if record.state == .paused, move.end == .active, let supervisor = record.supervisor {
            try SessionProcesses(supervisor: supervisor).resume()
        }
        try write(key, entry, move, from: to)
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

    private func inverse(from: WorkerState, to: WorkerState, _ entry: JournalEntry, _ record: WorkerRecord) throws -> Inverse {
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
        case (.failed, .pending), (.paused, _), (.blocked, _):
            return Inverse(StateMove(to: from, causes: causes, reason: before.reason), person: person)
        case (.complete, .active): return Inverse(StateMove(to: .complete), fields: try completion(record, entry))
        case (.active, .complete):
            try requireNoDependents(record.key, entry)
            return Inverse(StateMove(to: .active, reason: reason), person: true)
        case (.pending, .ready): return Inverse(StateMove(to: .pending, reason: reason))
        default: throw UndoError.notUndoable(sequence: entry.sequence, what: "a move from \(from) to \(to), which has no inverse")
        }
    }

    /// A worker is complete again only at the tip that was proven.
    private func completion(_ record: WorkerRecord, _ entry: JournalEntry) throws -> [String: String] {
        let completed = history.newest(.stateChanged, of: record.key, before: entry.sequence) {
            $0.fields[Field.to] == WorkerState.complete.rawValue
        }
        guard let tip = completed?.event.fields[Field.tip], let branch = record.creation?.branch else {
            throw UndoError.notUndoable(sequence: entry.sequence, what: "a reopening without a recorded tip")
        }
        let found = try coordinator.openRepository().branchTip(branch.rawValue)
        guard found?.hex == tip else {
            throw UndoError.depends(sequence: entry.sequence, why: "the branch '\(branch)' has moved since; declare it complete instead")
        }
        return completed?.event.fields.filter { $0.key == Field.tip || $0.key == Field.baseTip } ?? [:]
    }

    private func requireNoDependents(_ key: WorkerKey, _ entry: JournalEntry) throws {
        let state = try ledger.refresh()
        let started = coordinator.plan.definitions.first { worker in
            worker.dependencies.contains(key.id) && [.starting, .active, .complete].contains(state[worker.key].state)
        }
        if let started { throw UndoError.depends(sequence: entry.sequence, why: "'\(started.id)' was started on it") }
    }
}
