import CzarPlanning

extension Ledger {
    /// In a copied repository: what says that an attempt is the original's, whose processes have the same names here. It goes on there; here it
    /// is over, and the worker is held until somebody starts it.
    func leavingToOriginal(_ record: WorkerRecord) -> [Event] {
        guard let running = record.attempts.running else { return [] }
        let reason = "its command is that of the repository that this one is a copy of"
        let change = event(.stateChanged, worker: record.key, phase: record.key.phase)
        var held: [Event] = []
        if record.state == .paused || record.state.canMove(to: .paused) {
            held = change.paused(record, by: .operator, reason: reason, ends: true)
        } else if record.state == .starting {
            let move = StateMove(to: .failed, causes: [.operator], reason: reason)
            held = [change.stateChanged(from: .starting, move, fields: [Field.ends: "true"])]
        }
        let fields = Attempts.Outcome.leftToOriginal.fields.merging([Field.attempt: String(running.number)]) { _, new in new }
        return held + [event(.processEnded, worker: record.key, phase: record.key.phase, fields)]
    }
}
