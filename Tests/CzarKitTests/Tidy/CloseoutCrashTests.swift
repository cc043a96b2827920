import CzarGit
import CzarKit
import CzarPlanning
import Foundation
import TestSupport
import Testing

@Suite struct CloseoutCrashTests {
    private func finished() throws -> TidyFixture {
        let fixture = try TidyFixture(ids: ["api"])
        try fixture.create()
        let coordinator = try fixture.coordinator()
        for move in [StateMove(to: .ready), StateMove(to: .starting), StateMove(to: .active)] {
            try coordinator.ledger.move(fixture.key(), person: true, move)
        }
        let tip = try fixture.commit()
        try coordinator.ledger.move(fixture.key(), fields: [Field.tip: tip], StateMove(to: .complete))
        try git("merge", "-q", "--no-ff", "-m", "land", try fixture.branch(), in: fixture.path)
        return fixture
    }

    @Test(arguments: CloseoutStep.allCases)
    func aCloseoutThatWasKilledIsFinishedByTheNextOne(at step: CloseoutStep) async throws {
        let fixture = try finished()
        let path = fixture.path
        await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String, step = step as CloseoutStep] in
            let coordinator = try Coordinator(around: path, actor: "cli")
            _ = try await PhaseCloser(coordinator, phase: nil, options: CloseoutOptions(), zone: .utc) {
                if $0 == step { kill(getpid(), SIGKILL) }
            }.close()
        }
        let coordinator = try fixture.coordinator()
        _ = try InterruptedTidying(coordinator).finish()
        let closed = try await PhaseCloser(coordinator, phase: nil, options: CloseoutOptions(), zone: .utc).close()
        #expect(closed.inputs.isDone && closed.kept.isEmpty)
        #expect(!exists(fixture.tree()) && exists(path + "/" + closed.archive + "/closeout.md"))
        #expect(try fixture.check().isEmpty)
        // One undo takes back all of it, whichever of the two removed the worktree.
        _ = try Undoer(coordinator).undo()
        #expect(exists(fixture.tree()))
        #expect(try fixture.check().isEmpty)
    }
}

extension CloseoutStep: Codable {}
