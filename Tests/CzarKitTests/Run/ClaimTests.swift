import CzarGit
import CzarPlanning
import Testing

@testable import CzarKit

/// What has changed since the scheduler decided is seen when the start is claimed.
@Suite struct ClaimTests {
    private func key(_ id: String) throws -> WorkerKey {
        WorkerKey(phase: PhaseID(rawValue: "1"), id: try #require(WorkerID(rawValue: id)))
    }

    private func move(_ worker: WorkerKey, _ states: [WorkerState], _ ledger: Ledger) throws {
        for state in states {
            let from = try ledger.refresh()[worker].state
            #expect(try ledger.move(worker, from: [from], person: state == .active || state == .starting, StateMove(to: state)))
        }
    }

    @Test func nothingStartsOnADependencyThatWasReopenedMeanwhile() async throws {
        let fixture = try JournalFixture(), a = try key("a"), b = try key("b")
        let ledger = try Ledger(try fixture.open(), actor: "test")
        try move(a, [.ready, .starting, .active, .complete], ledger)
        try move(b, [.ready], ledger)
        try move(a, [.active], ledger)
        let recorder = JournalRecorder(ledger: ledger, queue: nil, dependencies: [a])
        let attempt = AttemptID(b, number: 1), supervisor = try ProcessIdentity.current()
        #expect(try await recorder.claim(attempt, supervisor: supervisor) == .lost(reason: "'a', which it depends on, is active"))
        #expect(try ledger.refresh()[b].state == .ready)
        try move(a, [.complete], ledger)
        #expect(try await recorder.claim(attempt, supervisor: supervisor) == .claimed)
    }

    /// Its end is known, so it ran, whatever could not be written down when it began.
    @Test func anEndWithoutARecordedStartIsThatOfAnAttempt() async throws {
        let fixture = try JournalFixture(), a = try key("a")
        let ledger = try Ledger(try fixture.open(), actor: "test")
        try move(a, [.ready], ledger)
        let recorder = JournalRecorder(ledger: ledger, queue: nil, logName: "a.1.log")
        let attempt = AttemptID(a, number: 1)
        #expect(try await recorder.claim(attempt, supervisor: try ProcessIdentity.current()) == .claimed)
        try await recorder.ended(attempt, .exited(0))
        let record = try ledger.refresh()[a]
        #expect(record.state == .active && record.attempts.lastEnd?.outcome == .exited(0) && record.attempts.log == "a.1.log")
        let types = try ledger.journal.entries().map(\.event.type).filter { [.processStarted, .processEnded].contains($0) }
        #expect(types == [.processStarted, .processEnded])
    }

    @Test func onlyAnAttemptThatNeverBeganGoesBackToReady() async throws {
        let fixture = try JournalFixture(), a = try key("a")
        let ledger = try Ledger(try fixture.open(), actor: "test")
        try move(a, [.ready], ledger)
        let recorder = JournalRecorder(ledger: ledger, queue: nil)
        #expect(try await recorder.claim(AttemptID(a, number: 1), supervisor: try ProcessIdentity.current()) == .claimed)
        try recorder.record(AttemptID(a, number: 1), .neverBegun)
        var record = try ledger.refresh()[a]
        #expect(record.state == .starting && record.attempts.lastEnd?.outcome == .neverBegun)
        try ledger.move(a, StateMove(to: .ready))
        #expect(try await recorder.claim(AttemptID(a, number: 2), supervisor: try ProcessIdentity.current()) == .claimed)
        try recorder.record(AttemptID(a, number: 2), .lost)
        record = try ledger.refresh()[a]
        #expect(record.state == .active && record.attempts.lastEnd?.outcome == .lost)
    }
}
