import CzarGit
import CzarPlanning
import TestSupport
import Testing

@testable import CzarKit

/// A supervisor that dies after it has recorded the end of its command, and before it has judged it.
@Suite struct UnjudgedEndTests {
    private func project() async throws -> (project: CzarProject, coordinator: Coordinator, worker: WorkerDefinition) {
        let dead = try await DeadSupervisor(isMade: true)
        try dead.recorder.record(dead.attempt, AttemptEnding.exited(3))
        #expect(try dead.coordinator.ledger.refresh()[dead.worker.key].state == .active)
        return (dead.project, dead.coordinator, dead.worker)
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
