/// What an event from a worker changes at once: appended in the same transaction as the event itself.
package enum Reaction {
    /// The change of state that follows from `event` for the worker whose record (before the event) is `record`; nil for none.
    package static func follow(_ event: Event, record: WorkerRecord, isPerson: Bool) -> [Event] {
        switch event.type {
        case .blocked: block(event, record)
        case .unblocked: unblock(event, record)
        case .workerStart where isPerson: begin(event, record)
        default: []
        }
    }

    private static func block(_ event: Event, _ record: WorkerRecord) -> [Event] {
        let reason = event.fields[Field.reason] ?? event.fields[Field.message] ?? "the worker reported that it is blocked"
        switch record.state {
        case .active, .pending, .ready:
            return [
                event.stateChanged(from: record.state, StateMove(to: .blocked, causes: [.event], reason: reason), person: record.person)
            ]
        // A command may report before its start is recorded: that holds it from the moment it is active.
        case .blocked, .paused, .starting:
            return record.causes.contains(.event) ? [] : [event.causesChanged(record.causes.union([.event]), reason: reason)]
        case .complete, .failed: return []
        }
    }

    private static func unblock(_ event: Event, _ record: WorkerRecord) -> [Event] {
        guard record.causes.contains(.event) else { return [] }
        switch record.state {
        case .blocked, .paused: return event.released(record, from: [.event])
        case .starting: return [event.causesChanged(record.causes.subtracting([.event]), reason: nil)]
        default: return []
        }
    }

    private static func begin(_ event: Event, _ record: WorkerRecord) -> [Event] {
        guard record.state == .pending || record.state == .ready else { return [] }
        var path: [WorkerState] = [.ready, .starting, .active]
        if record.state == .ready { path.removeFirst() }
        var from = record.state
        return path.map { next in
            defer { from = next }
            return event.stateChanged(from: from, StateMove(to: next), person: next != .ready)
        }
    }
}

extension Event {
    /// The STATE_CHANGED entry of the same worker, time and actor. The caller has checked the move against ``WorkerState/moves``.
    package func stateChanged(
        from: WorkerState, _ move: StateMove, person: Bool = false, fields extra: [String: String] = [:]
    ) -> Event {
        var fields = extra
        fields[Field.from] = from.rawValue
        fields[Field.to] = move.to.rawValue
        if !move.causes.isEmpty { fields[Field.causes] = Cause.text(of: move.causes) }
        if let reason = move.reason { fields[Field.reason] = reason }
        if let remedy = move.remedy { fields[Field.remedy] = remedy }
        if move.automatic { fields[Field.automatic] = "true" }
        if person { fields[Field.person] = "true" }
        return Event(time: time, phase: phase, worker: worker, type: .stateChanged, fields: fields, actor: actor)
    }

    /// The CAUSES_CHANGED entry of the same worker, time and actor.
    package func causesChanged(_ causes: Set<Cause>, reason: String?, fields extra: [String: String] = [:]) -> Event {
        var fields = extra
        fields[Field.causes] = Cause.text(of: causes)
        if let reason { fields[Field.reason] = reason }
        return Event(time: time, phase: phase, worker: worker, type: .causesChanged, fields: fields, actor: actor)
    }
}
