/// A phase that the plan is no longer in, that was not closed, and in which something is open: as the journal alone tells.
package struct OpenPhase: Hashable, Sendable {
    package let phase: PhaseID
    /// Workers that are not complete.
    package var open = 0
    /// Complete ones whose branch was seen somewhere else than it was proven.
    package var moved = 0

    /// Those beside the plan's, in their order.
    /// - Complexity: O(recorded workers).
    static func all(beside plan: Plan, _ state: ProjectState) -> [OpenPhase] {
        var found: [PhaseID: OpenPhase] = [:]
        for record in state.workers.values where plan.lacks(record.key) && !record.isWithdrawn {
            let phase = record.key.phase
            guard state.closings[phase] == nil, state.plans[phase] != nil else { continue }
            let hasMoved = record.creation != nil && record.recordedTip != nil && record.recordedTip != record.completedTip
            if record.state != .complete {
                found[phase, default: OpenPhase(phase: phase)].open += 1
            } else if record.completedTip != nil, hasMoved {
                found[phase, default: OpenPhase(phase: phase)].moved += 1
            }
        }
        return found.values.sorted { $0.phase < $1.phase }
    }

    /// `phase 1 is not closed: 1 worker is not complete; czar report closeout --phase 1`.
    package var sentence: String {
        let parts = [
            open > 0 ? "\(Figures.plural(open, "worker")) \(open == 1 ? "is" : "are") not complete" : nil,
            moved > 0 ? "\(Figures.plural(moved, "worker")) \(moved == 1 ? "has" : "have") moved since completion" : nil,
        ].compactMap { $0 }.joined(separator: ", ")
        return "phase \(phase) is not closed: \(parts); czar report closeout --phase \(ShellText.word(phase.rawValue))"
    }
}

extension Plan {
    /// Whether a worker is of a phase that this plan is not in, and not one of those that it holds all the same.
    package func lacks(_ worker: WorkerKey) -> Bool { worker.phase != phase && self[worker.id]?.key != worker }
}
