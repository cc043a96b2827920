import CzarGit
import CzarPlanning
import TestSupport
import Testing

@testable import CzarKit

/// Another process starts a worker while it is being started here.
@Suite struct StartRaceTests {
    private struct Scene {
        let project: CzarProject
        let coordinator: Coordinator
        let worker: WorkerDefinition
        let launcher: SupervisorLauncher
        var attempt: AttemptID { AttemptID(worker.key, number: 1) }

        init() throws {
            project = try CzarProject("project: {base: main}\nworkers:\n  - {id: one, script: 'echo 1 > f'}\n")
            try project.expect(0, "trust", "--yes")
            coordinator = try Coordinator(around: project.path, actor: "cli")
            worker = try #require(coordinator.plan.definitions.first)
            launcher = SupervisorLauncher(executable: CzarProgram.path)
        }

        /// What the supervisor of another process writes when it has the start.
        func claim() async throws {
            let other = try Coordinator(around: project.path, actor: "supervisor")
            let claim = try await JournalRecorder(ledger: other.ledger, queue: nil).claim(
                attempt, supervisor: try ProcessIdentity.current())
            #expect(claim == .claimed)
        }
    }

    @Test func aStartThatAnotherSupervisorIsAboutToClaimIsAStart() async throws {
        let scene = try Scene()
        #expect(try Operations(scene.coordinator).makeReady(scene.worker, for: 1))
        let lifeline = try Lifeline(scene.attempt, stateFolder: scene.coordinator.project.stateFolder)
        async let start = WorkerStarter(scene.coordinator, launcher: scene.launcher).start(scene.worker, attempt: 1)
        for await end in scene.launcher.ends {
            #expect(end.status == Supervisor.Outcome.lost.rawValue)
            break
        }
        try await scene.claim()
        #expect(try await start == .elsewhere)
        _ = consume lifeline
    }

    @Test func aLifelineThatIsGivenBackWithoutAClaimIsTakenByTheNextLaunch() async throws {
        let scene = try Scene()
        #expect(try Operations(scene.coordinator).makeReady(scene.worker, for: 1))
        let lifeline = try Lifeline(scene.attempt, stateFolder: scene.coordinator.project.stateFolder)
        async let start = WorkerStarter(scene.coordinator, launcher: scene.launcher).start(scene.worker, attempt: 1)
        for await _ in scene.launcher.ends { break }
        _ = consume lifeline
        #expect(try await start == .here)
        try scene.project.wait(for: "one", toBe: "complete")
    }

    @Test func theAttemptThatWasAskedForAndRunsAlreadyIsNotRefused() async throws {
        let scene = try Scene()
        #expect(try Operations(scene.coordinator).makeReady(scene.worker, for: 1))
        try await scene.claim()
        #expect(try !Operations(scene.coordinator).makeReady(scene.worker, for: 1))
        #expect(try await WorkerStarter(scene.coordinator, launcher: scene.launcher).start(scene.worker, attempt: 1) == .elsewhere)
        // Whoever sees that it runs and asks for one more is refused as ever.
        #expect(throws: OperationError.self) { try Operations(scene.coordinator).makeReady(scene.worker, for: 2) }
    }
}
