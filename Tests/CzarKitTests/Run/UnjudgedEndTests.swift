import CzarGit
import CzarPlanning
import TestSupport
import Testing

@testable import CzarKit

/// A supervisor that dies after it has recorded the end of its command, and before it has judged it.
@Suite struct UnjudgedEndTests {
    private func project() async throws -> (project: CzarProject, coordinator: Coordinator, worker: WorkerDefinition) {
        let project = try CzarProject("project: {name: one, base: main}\nworkers:\n  - {id: one, script: 'echo 1 > f'}\n")
        try project.expect(0, "trust", "--yes")
        try project.expect(0, "create", "one")
        let coordinator = try Coordinator(around: project.path, actor: "cli")
        let worker = try #require(coordinator.plan.definitions.first)
        #expect(try Operations(coordinator).makeReady(worker, for: 1))
        let mine = try ProcessIdentity.current()
        let gone = ProcessIdentity(host: mine.host, bootID: mine.bootID, pid: mine.pid, startTime: mine.startTime + 1)
        let recorder = JournalRecorder(ledger: coordinator.ledger, queue: EventIntake(coordinator))
        let attempt = AttemptID(worker.key, number: 1)
        #expect(try await recorder.claim(attempt, supervisor: gone) == .claimed)
        try recorder.record(attempt, AttemptEnding.exited(3))
        #expect(try coordinator.ledger.refresh()[worker.key].state == .active)
        return (project, coordinator, worker)
    }

    @Test func isNamedAndWaitedForByNobody() async throws {
        let (project, _, _) = try await project()
        let status = try project.expect(0, "status", "--attention").output
        #expect(status.contains("its supervisor died") && status.contains("czar run"), "\(status)")
        #expect(try project.workers()["one"]?["health"].string == "crashed")
        let doctor = try project.czar("doctor")
        #expect(doctor.status != 0 && doctor.output.contains("died without judging"), "\(doctor.output)")
        let wait = try project.czar("wait", "one", "--timeout", "60s")
        #expect(wait.status == 1 && (wait.output + wait.errors).contains("its supervisor died"), "\(wait.output)\(wait.errors)")
        let repaired = try project.expect(0, "doctor", "--repair").output
        #expect(repaired.contains("was settled"), "\(repaired)")
        #expect(try project.state("one") == "failed")
    }

    @Test func isJudgedByWhoeverTriesAgainOrStarts() async throws {
        let (project, coordinator, worker) = try await project()
        try Operations(coordinator).retry(worker)
        #expect(try project.events().contains { $0.type == "STATE_CHANGED" && $0.fields["to"] == "failed" })
        #expect(try project.state("one") == "pending")
        let another = try await self.project()
        #expect(try Operations(another.coordinator).makeReady(another.worker, for: 2))
        #expect(try another.project.state("one") == "ready")
    }
}
