import CzarPlanning
import Synchronization

/// The journal together with the state that folds it: the only way in which anything is recorded.
///
/// Every change is one transaction: what others wrote since is folded first, then `decide` sees the state as it is and says what to
/// append, so whoever would have lost a race sees the winner's entry instead. The ledger may be used from several threads; one at a
/// time is inside.
package final class Ledger: Sendable {
    package let journal: Journal
    private let folded: Mutex<ProjectState>
    private let actor: String

    package init(_ journal: Journal, actor: String) throws {
        (self.journal, self.actor) = (journal, actor)
        folded = Mutex(ProjectState())
        try refresh()
    }

    /// The state with everything that was recorded until now.
    @discardableResult
    package func refresh() throws -> ProjectState {
        try folded.withLock { state in
            for entry in try journal.entries(after: state.lastSequence) { state.apply(entry) }
            return state
        }
    }

    /// Appends what `decide` returns for the state at that moment. A change of state that the table does not have is refused.
    /// - Returns: the entries that were written.
    @discardableResult
    package func change(_ decide: (ProjectState) throws -> [Event]) throws -> [JournalEntry] {
        try folded.withLock { current in
            var state = current
            let written = try journal.transaction(after: state.lastSequence) { view in
                for entry in view.entries { state.apply(entry) }
                let events = try decide(state)
                try Self.check(events, state)
                return (events, ())
            }.appended.entries
            for entry in written { state.apply(entry) }
            current = state
            return written
        }
    }

    /// Takes in what comes from outside: `take` appends it, each with what `react` says for the state at that moment.
    func takeIn<Answer: Sendable>(
        _ react: @escaping (Event, ProjectState) -> [Event], _ take: (Consequences) throws(JournalError) -> Answer
    ) throws(JournalError) -> Answer {
        try folded.withLock { (state) throws(JournalError) in
            let following = Consequences(state, react)
            let answer = try take(following)
            state = following.state
            return answer
        }
    }

    /// An event of this process, now.
    package func event(_ type: EventType, worker: WorkerKey?, phase: PhaseID, _ fields: [String: String] = [:]) -> Event {
        Event(time: currentTime(), phase: worker?.phase ?? phase, worker: worker?.id, type: type, fields: fields, actor: actor)
    }

    /// Appends one event about a worker, or about the project.
    @discardableResult
    package func record(_ type: EventType, worker: WorkerKey?, phase: PhaseID, _ fields: [String: String] = [:]) throws -> [JournalEntry] {
        try change { _ in [event(type, worker: worker, phase: phase, fields)] }
    }

    /// Moves a worker; nothing happens when it is no longer in one of the states in `from`.
    /// - Returns: whether it was moved.
    @discardableResult
    package func move(
        _ worker: WorkerKey, from: Set<WorkerState>? = nil, person: Bool = false, fields: [String: String] = [:], _ move: StateMove
    ) throws -> Bool {
        let written = try change { state in
            let current = state[worker].state
            if let from, !from.contains(current) { return [] }
            return [
                event(.stateChanged, worker: worker, phase: worker.phase).stateChanged(from: current, move, person: person, fields: fields)
            ]
        }
        return !written.isEmpty
    }

    /// Pauses a worker for one more cause, unless it is in none of the states in `from`; what else holds it stays a cause.
    ///
    /// `ends`: its running command is ended with it.
    /// - Returns: whether it was paused for this cause.
    @discardableResult
    package func pause(
        _ worker: WorkerKey, from: Set<WorkerState>, by cause: Cause, reason: String, ends: Bool, fields: [String: String] = [:]
    ) throws -> Bool {
        let written = try change { state in
            let record = state[worker]
            guard from.contains(record.state) else { return [] }
            return event(.stateChanged, worker: worker, phase: worker.phase).paused(
                record, by: cause, reason: reason, ends: ends, fields: fields)
        }
        return !written.isEmpty
    }

    /// Folds the new changes of state one after the other, so that each is held against the table.
    private static func check(_ events: [Event], _ state: ProjectState) throws {
        var states: [WorkerKey: WorkerState] = [:]
        for event in events where event.type == .stateChanged {
            guard let key = event.key, let next = event.fields[Field.to].flatMap(WorkerState.init) else { continue }
            let current = states[key] ?? state[key].state
            guard current.canMove(to: next) else { throw ForbiddenMove(worker: key.id, from: current, to: next) }
            states[key] = next
        }
    }
}
