import CzarPlanning
import Testing

@testable import CzarKit

/// What of the journal a person is told.
@Suite struct NoticeFinderTests {
    private let key = WorkerKey(phase: PhaseID(rawValue: "1"), id: WorkerID(rawValue: "w")!)

    /// A worker's way through its states, and what is told of the last `seen` entries.
    private func told(_ moves: [StateMove], seen: Int, retries: Int) throws -> [String] {
        let text = """
            project: {base: main}
            orchestration: {retry: {limit: \(retries)}}
            workers: [{id: w, script: 'exit 3'}]

            """
        let plan = try #require(PlanReader().read(PlanFile(name: "config.yaml", bytes: Array(text.utf8))).plan)
        var from = WorkerState.pending
        let entries = moves.enumerated().map { number, move in
            defer { from = move.to }
            let event = Event(
                time: Timestamp(milliseconds: Int64(number)), phase: key.phase, worker: key.id, type: .stateChanged, fields: [:],
                actor: "daemon")
            return JournalEntry(sequence: Int64(number + 1), event: event.stateChanged(from: from, move))
        }
        var finder = NoticeFinder(plan)
        return finder.notices(Array(entries.suffix(seen)), ProjectState(entries), nil).map(\.title)
    }

    private let start = [StateMove(to: .ready), StateMove(to: .starting), StateMove(to: .active)]
    private let failure = StateMove(to: .failed, causes: [.exit], reason: "its command ended with 3")
    private let retry = StateMove(to: .pending, reason: "retry 1 of 1", automatic: true)

    @Test func aFailureThatIsSeenTogetherWithItsRetryIsNotTold() throws {
        #expect(try told(start + [failure], seen: 1, retries: 1) == [])
        #expect(try told(start + [failure, retry], seen: 2, retries: 1) == [])
        #expect(try told(start + [failure, retry] + start, seen: 5, retries: 1) == [])
    }

    @Test func theFailureThatNothingFollowsIsToldOnce() throws {
        #expect(try told(start + [failure], seen: 1, retries: 0) == ["w failed"])
        #expect(try told(start + [failure, retry] + start + [failure], seen: 1, retries: 1) == ["w failed"])
        #expect(try told(start + [failure, retry] + start + [failure], seen: 6, retries: 1) == ["w failed"])
    }
}
