import CzarGit
import CzarPlanning

/// Takes in what workers left in their worktrees because they could not write the journal: the outbox and the event log.
package struct EventIntake: Sendable {
    private let coordinator: Coordinator

    package init(_ coordinator: Coordinator) { self.coordinator = coordinator }

    /// Takes in everything that waits, once, and makes the changes of state that follow.
    /// - Returns: the number of entries taken in.
    @discardableResult
    package func takeAll() throws -> Int {
        let ledger = coordinator.ledger
        var count = try takeUnrecordedEndings()
        for worker in coordinator.plan.definitions {
            guard let path = try ledger.refresh()[worker.key].creation?.worktree, FileKind(at: path + "/" + WorkerFiles.folder) == .folder
            else { continue }
            let before = try ledger.refresh()
            let taken =
                try Outbox.take(into: ledger.journal, worktree: path, worker: worker.key).entries
                + EventsLog.take(into: ledger.journal, worktree: path, worker: worker.key).entries
            count += taken.count
            try follow(taken, before)
        }
        return count
    }

    private func follow(_ entries: [JournalEntry], _ before: ProjectState) throws {
        let writer = EventWriter(coordinator.ledger, plan: coordinator.plan)
        for entry in entries where entry.event.type == .blocked || entry.event.type == .unblocked || entry.event.type == .workerStart {
            try coordinator.ledger.change { state in writer.follow(entry.event, state) }
        }
    }

    /// Ends of commands that a supervisor could not write into the journal when they happened.
    private func takeUnrecordedEndings() throws -> Int {
        let folder = coordinator.project.stateFolder
        let endings = try UnrecordedEnding.all(in: folder)
        for ending in endings {
            let recorder = JournalRecorder(ledger: coordinator.ledger)
            try recorder.record(ending.attempt, ending.ending)
            try ending.remove(from: folder)
        }
        return endings.count
    }
}
