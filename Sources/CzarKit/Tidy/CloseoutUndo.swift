import CzarPlanning

/// Opens a closed phase again: every worktree and branch that closing it removed comes back, the archive stays as a record.
///
/// What comes back is recorded one by one, so an undo that was cut off goes on with the rest.
struct CloseoutUndo {
    private let ledger: Ledger
    private let history: UndoHistory

    init(_ ledger: Ledger, _ history: UndoHistory) { (self.ledger, self.history) = (ledger, history) }

    /// `removal`: undoes one removal.
    /// Throws ``UndoError`` when something later needs that a worktree is gone; what came back before that stays.
    func undo(_ closed: JournalEntry, removal: (WorkerKey, UndoHistory.Action) throws -> String) throws -> String {
        let phase = closed.event.phase
        guard let from = closed.event.fields[Field.from].flatMap({ Int64($0) }) else {
            throw UndoError.notUndoable(sequence: closed.sequence, what: "a closeout that does not say where it began")
        }
        let removals = history.removals(in: from..<closed.sequence, phase: phase)
        for action in removals.reversed() {
            if let key = action.first.event.key { _ = try removal(key, action) }
        }
        let fields = [Field.sequence: String(closed.sequence), Field.what: EventType.phaseClosed.rawValue, Field.with: "0"]
        try ledger.record(.undone, worker: nil, phase: phase, fields)
        return "phase \(phase) is open again" + Self.back(removals)
    }

    /// A worktree that had been removed before gave its branch only.
    private static func back(_ removals: [UndoHistory.Action]) -> String {
        let worktrees = removals.count { $0.holds(.worktreeRemoved) }
        let branches = removals.count - worktrees
        func sentence(_ count: Int, _ one: String, _ many: String) -> String {
            count == 0 ? "" : "; \(Figures.plural(count, one, many)) \(count == 1 ? "is" : "are") back"
        }
        return sentence(worktrees, "worktree", "worktrees") + sentence(branches, "branch without a worktree", "branches without a worktree")
    }
}
