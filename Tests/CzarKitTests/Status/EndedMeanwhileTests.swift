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
        let dead = try await DeadSupervisor(isMade: false)
        let reader = try StatusReader(around: dead.project.path)
        #expect(try health(reader) == .crashed, "nobody has written its end")
        try dead.recorder.record(dead.attempt, AttemptEnding.exited(0))
        #expect(try health(reader) != .crashed, "its end is written, although this reader has not read it")
        #expect(try health(StatusReader(around: dead.project.path)) == .crashed, "nobody judges that end")
    }
}
