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
            return try AdditionUndo(coordinator).withdraw(key, added)
        } catch let error as UndoError {
            guard case .depends = error else { throw error }
            return nil
        }
    }
}

extension UndoHistory {
    /// The worker's addition, unless it was undone or withdrawn.
    fileprivate func standingAddition(of key: WorkerKey) -> JournalEntry? {
        guard let added = newest(.workerAdded, of: key, before: .max, where: { _ in true }), !isUndone(added) else { return nil }
        let withdrawn = newest(.workerWithdrawn, of: key, before: .max) { _ in true }
        if let withdrawn, withdrawn.sequence > added.sequence, !isUndone(withdrawn) { return nil }
        return added
    }
}

/// The inverse of a withdrawal: the worker's files are written again as they were.
struct WithdrawalUndo {
    private let coordinator: Coordinator

    init(_ coordinator: Coordinator) { self.coordinator = coordinator }

    /// Throws ``UndoError`` when the plan has a worker of that name again, or files of its own in their places; nothing has changed then.
    func undo(_ key: WorkerKey, _ entry: JournalEntry) throws -> String {
        let texts = AddedFile.all(of: key.id).compactMap { file in entry.event.fields[file.field].map { (name: file.name, text: $0) } }
        try coordinator.project.withLock("add") {
            let folder = try coordinator.project.openWorkersFolder()
            for (name, text) in texts {
                // An undo that was cut off has written it already.
                guard let found = try folder.read(name) else { continue }
                guard found == Array(text.utf8) else {
                    throw UndoError.depends(sequence: entry.sequence, why: "there is another 'workers/\(name)' now")
                }
            }
            for (name, text) in texts { try folder.write(text.utf8, to: name, mode: .asParent) }
            let fields = [Field.sequence: String(entry.sequence), Field.what: EventType.workerWithdrawn.rawValue, Field.with: "0"]
            try coordinator.ledger.record(.undone, worker: key, phase: key.phase, fields)
        }
        return "'\(key.id)' is in the plan again: \(texts.map { "'workers/\($0.name)'" }.joined(separator: " and ")) "
            + (texts.count == 1 ? "is back" : "are back")
    }
}
