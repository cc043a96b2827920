import CzarPlanning

/// Carries out the scheduler's decisions that only change what holds a worker.
///
/// The daemon does it in every round. Where none runs, a command of an operator does it once: a retry unblocks whoever was blocked by
/// the failure, a failure blocks them, and the status file says so.
package struct HoldKeeper {
    private let coordinator: Coordinator
    /// What follows from the rules is no action of the operator whose command sees to it: `czar undo` would take it for the last one.
    static let actor = "rules"

    package init(_ coordinator: Coordinator) { self.coordinator = coordinator }

    private var ledger: Ledger { coordinator.ledger }

    /// Brings holds and the status file up to date, unless a daemon does. Returns why the file is not up to date.
    package func keepWithoutDaemon() throws -> String? {
        guard try DaemonLock.holder(coordinator.project) == nil else { return nil }
        let scheduler = Scheduler(plan: coordinator.plan, order: coordinator.reading.graph.topologicalOrder)
        let facts = FactsReader(
            project: coordinator.project, plan: coordinator.plan, base: coordinator.base, history: coordinator.history)
        var changed = true
        // Each turn moves at least one worker, and no hold comes back by itself: a chain of workers takes one turn a link at most.
        while changed {
            let state = try ledger.refresh()
            let schedule = scheduler.schedule(state, facts: try facts.scheduleFacts(state, now: currentTime()))
            changed = try schedule.decisions.filter { isHold($0, state) }.map { try carryOut($0, state, as: Self.actor) }.contains(true)
        }
        return StatusFileWriter.write(coordinator, coordinator.history)
    }

    private func isHold(_ decision: Decision, _ state: ProjectState) -> Bool {
        switch decision {
        case .move(let id, let move): move.to == .blocked || coordinator.plan[id].map { state[$0.key].state == .blocked } == true
        case .changeCauses: true
        default: false
        }
    }

    /// Whether the decision changed anything. `actor`: who is to stand in the journal for it; nil for who the ledger writes for.
    func carryOut(_ decision: Decision, _ state: ProjectState, as actor: String? = nil) throws -> Bool {
        switch decision {
        case .move(let id, let move):
            guard let worker = coordinator.plan[id] else { return false }
            let record = state[worker.key]
            var event = ledger.event(.stateChanged, worker: worker.key, phase: worker.phase)
            event.actor = actor ?? event.actor
            return try !ledger.change { [event] now in
                now[worker.key].state == record.state ? [event.stateChanged(from: record.state, move, person: record.person)] : []
            }.isEmpty
        case .changeCauses(let id, let causes, let reason):
            guard let worker = coordinator.plan[id] else { return false }
            var event = ledger.event(.causesChanged, worker: worker.key, phase: worker.phase)
            event.actor = actor ?? event.actor
            return try !ledger.change { [event] now in
                now[worker.key].causes == causes ? [] : [event.causesChanged(causes, reason: reason)]
            }.isEmpty
        default:
            return false
        }
    }
}
