import CzarGit
import CzarPlanning
import TestSupport
import Testing

@testable import CzarKit

/// A command that ends while somebody looks.
@Suite struct EndedMeanwhileTests {
    private func health(_ reader: StatusReader) throws -> StatusReport.Health? { try reader.report().workers.first?.health }

    @Test func aReportOfAStateShowsThatState() throws {
        let fixture = try TidyFixture(ids: ["api"])
        let coordinator = try fixture.coordinator()
        let state = try coordinator.ledger.refresh()
        try coordinator.ledger.move(fixture.key(), StateMove(to: .ready))
        #expect(try StatusReader(coordinator, state: state).report().workers.first?.record.state == .pending)
    }

    @Test func aWorkerWhoseEndWasWrittenAfterTheJournalWasReadHasNotCrashed() async throws {
        let project = try CzarProject("project: {base: main}\nworkers:\n  - {id: one, script: 'echo 1 > f'}\n")
        try project.expect(0, "trust", "--yes")
        let coordinator = try Coordinator(around: project.path, actor: "cli")
        let worker = try #require(coordinator.plan.definitions.first)
        #expect(try Operations(coordinator).makeReady(worker, for: 1))
        // A supervisor that runs no more.
        let mine = try ProcessIdentity.current()
        let gone = ProcessIdentity(host: mine.host, bootID: mine.bootID, pid: mine.pid, startTime: mine.startTime + 1)
        let recorder = JournalRecorder(ledger: coordinator.ledger, queue: EventIntake(coordinator))
        let attempt = AttemptID(worker.key, number: 1)
        #expect(try await recorder.claim(attempt, supervisor: gone) == .claimed)
        let reader = try StatusReader(around: project.path)
        #expect(try health(reader) == .crashed, "nobody has written its end")
        try recorder.record(attempt, AttemptEnding.exited(0))
        #expect(try health(reader) != .crashed, "its end is written, although this reader has not read it")
        #expect(try health(StatusReader(around: project.path)) == .crashed, "nobody judges that end")
    }
}
