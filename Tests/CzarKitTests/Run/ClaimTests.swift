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
}
