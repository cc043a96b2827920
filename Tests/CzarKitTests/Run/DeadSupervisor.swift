import CzarGit
import CzarPlanning
import TestSupport
import Testing

@testable import CzarKit

/// A worker whose first attempt was claimed by a supervisor that runs no more.
struct DeadSupervisor {
    let project: CzarProject
    let coordinator: Coordinator
    let worker: WorkerDefinition
    let attempt: AttemptID
    let recorder: JournalRecorder

    /// `isMade`: with its branch and worktree.
    init(isMade: Bool) async throws {
        project = try CzarProject("project: {name: one, base: main}\nworkers:\n  - {id: one, script: 'echo 1 > f'}\n")
        try project.expect(0, "trust", "--yes")
        if isMade { try project.expect(0, "create", "one") }
        coordinator = try Coordinator(around: project.path, actor: "cli")
        worker = try #require(coordinator.plan.definitions.first)
        #expect(try Operations(coordinator).makeReady(worker, for: 1))
        let mine = try ProcessIdentity.current()
        let gone = ProcessIdentity(host: mine.host, bootID: mine.bootID, pid: mine.pid, startTime: mine.startTime + 1)
        recorder = JournalRecorder(ledger: coordinator.ledger, queue: EventIntake(coordinator))
        attempt = AttemptID(worker.key, number: 1)
        #expect(try await recorder.claim(attempt, supervisor: gone) == .claimed)
    }
}
