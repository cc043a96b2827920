import CzarGit
import CzarPlanning

/// Takes in what workers left in their worktrees because they could not write the journal: the outbox and the event log.
package struct EventIntake: Sendable {
    private let ledger: Ledger
    private let plan: Plan
    private let project: ProjectLayout

    package init(_ coordinator: Coordinator) {
        self.init(coordinator.ledger, plan: coordinator.plan, project: coordinator.project)
    }

    init(_ ledger: Ledger, plan: Plan, project: ProjectLayout) { (self.ledger, self.plan, self.project) = (ledger, plan, project) }

    private var stateFolder: String { project.stateFolder }

    /// Takes in everything that waits, once, and makes the changes of state that follow.
    /// - Returns: what could not be taken in, by worker.
    package func takeAll() throws -> [WorkerProblem] {
        try takeUnrecordedEndings()
        var problems: [WorkerProblem] = []
        for worker in plan.definitions { try WorkerProblem.collecting(&problems, for: worker.key) { try take(of: worker.key) } }
        return problems
    }

    /// ``take(of:)``, where what cannot be taken in keeps nobody from going on.
    /// - Returns: what could not be taken in.
    package func takeNoting(of worker: WorkerKey) throws -> [WorkerProblem] {
        var problems: [WorkerProblem] = []
        try WorkerProblem.collecting(&problems, for: worker) { try take(of: worker) }
        return problems
    }

    /// Takes in what waits of one worker, with the changes of state that follow.
    package func take(of worker: WorkerKey) throws {
        // What waits in another repository's worktree is for that one's journal.
        guard let path = try MovedWorktree.path(of: ledger.refresh()[worker], project),
            FileKind(at: path + "/" + WorkerFiles.folder) == .folder, try !project.isClaimedByOthers(path)
        else { return }
        let writer = EventWriter(ledger, plan: plan)
        try ledger.takeIn(writer.follow) { (following) throws(JournalError) in
            _ = try Outbox.take(into: ledger.journal, worktree: path, worker: worker, following: following)
            _ = try EventsLog.take(into: ledger.journal, worktree: path, worker: worker, following: following)
        }
    }

    /// Ends of commands that a supervisor could not write into the journal when they happened.
    func takeUnrecordedEndings() throws {
        let endings = try UnrecordedEnding.all(in: stateFolder)
        for ending in endings {
            let recorder = JournalRecorder(ledger: ledger, queue: self)
            try recorder.record(ending.attempt, ending.ending)
            try ending.remove(from: stateFolder)
        }
    }

    /// Clears away the space that killed supervisors had reserved for the endings of their attempts.
    func clearReserves() throws {
        try AttemptReserve.removeLeftovers(in: stateFolder) { try ledger.refresh().workers.values.compactMap(\.runningAttempt) }
    }
}
