import CzarGit
import CzarPlanning

/// Takes a worker that `czar add` defined out of the plan, once its branch is gone and nothing of its own was ever on it.
package struct Withdrawal {
    private let coordinator: Coordinator

    package init(_ coordinator: Coordinator) { self.coordinator = coordinator }

    /// What was done, in a sentence; nil where the worker stays: the plan's main file has it, somebody has changed its files or depends on it, or
    /// it did something.
    /// - Complexity: O(entries of the journal).
    package func withdraw(_ key: WorkerKey) throws -> String? {
        guard coordinator.plan[key.id]?.key == key else { return nil }
        let history = UndoHistory(try coordinator.ledger.journal.entries())
        guard let added = history.standingAddition(of: key) else { return nil }
        do {
            return try AdditionUndo(coordinator).undo(key, added, completing: history.removal(of: key, after: added.sequence))
        } catch let error as UndoError {
            guard case .depends = error else { throw error }
            return nil
        }
    }
}

extension UndoHistory {
    /// The worker's addition, unless it was undone.
    fileprivate func standingAddition(of key: WorkerKey) -> JournalEntry? {
        guard let added = newest(.workerAdded, of: key, before: .max, where: { _ in true }), !isUndone(added) else { return nil }
        return added
    }

    /// The worker's newest removal.
    fileprivate func removal(of key: WorkerKey, after sequence: Int64) -> Action? {
        removals(in: sequence..<Int64.max, phase: key.phase).last { $0.first.event.key == key }
    }
}
