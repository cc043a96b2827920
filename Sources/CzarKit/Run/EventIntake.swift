import CzarGit
import CzarPlanning

/// Takes in what workers left in their worktrees because they could not write the journal: the outbox and the event log.
package struct EventIntake: Sendable {
    private let coordinator: Coordinator

    package init(_ coordinator: Coordinator) { self.coordinator = coordinator }

    /// Takes in everything that waits, once, and makes the changes of state that follow.
    /// - Returns: what could not be taken in, by worker.
    package func takeAll() throws -> [WorkerProblem] {
        try takeUnrecordedEndings()
        var problems: [WorkerProblem] = []
        for worker in coordinator.plan.definitions { try WorkerProblem.collecting(&problems, for: worker.key) { try take(of: worker.key) } }
        return problems
    }

    /// Takes in what waits of one worker.
    package func take(of worker: WorkerKey) throws {
        let ledger = coordinator.ledger
        guard let path = try ledger.refresh()[worker].creation?.worktree, FileKind(at: path + "/" + WorkerFiles.folder) == .folder
        else { return }
        try follow(try Outbox.take(into: ledger.journal, worktree: path, worker: worker).entries)
        try follow(try EventsLog.take(into: ledger.journal, worktree: path, worker: worker).entries)
    }

    private func follow(_ entries: [JournalEntry]) throws {
        let writer = EventWriter(coordinator.ledger, plan: coordinator.plan)
        for entry in entries where entry.event.type == .blocked || entry.event.type == .unblocked || entry.event.type == .workerStart {
            try coordinator.ledger.change { state in writer.follow(entry.event, state) }
        }
    }

    /// Ends of commands that a supervisor could not write into the journal when they happened.
    func takeUnrecordedEndings() throws {
        let folder = coordinator.project.stateFolder
        let endings = try UnrecordedEnding.all(in: folder)
        for ending in endings {
            let recorder = JournalRecorder(ledger: coordinator.ledger)
            try recorder.record(ending.attempt, ending.ending)
            try ending.remove(from: folder)
        }
    }

    /// Clears away the space that killed supervisors had reserved for the endings of their attempts.
    func clearReserves() throws {
        let state = try coordinator.ledger.refresh()
        let running = state.workers.values.compactMap(\.runningAttempt)
        try AttemptReserve.removeLeftovers(in: coordinator.project.stateFolder, running: running)
    }
}
