import CzarGit
import CzarKit
import CzarPlanning
import Foundation
import TestSupport
import Testing

@Suite struct CloseoutCrashTests {
    fileprivate func finished() throws -> TidyFixture {
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

extension CloseoutCrashTests {
    @Test func anUndoThatWasKilledAndIsRepeatedOpensThePhaseAgain() async throws {
        let fixture = try finished()
        let path = fixture.path
        _ = try await PhaseCloser(fixture.coordinator(), phase: nil, options: CloseoutOptions(), zone: .utc).close()
        await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String] in
            _ = try Undoer(Coordinator(around: path, actor: "cli")) { if $0 == .worktreeAdded { kill(getpid(), SIGKILL) } }.undo()
        }
        let finished = try InterruptedTidying(fixture.coordinator()).outcomes()
        #expect(try Undoer(fixture.coordinator()).undo(finished: finished).what == .phaseClosed)
        #expect(exists(fixture.tree()))
    }
}

extension CloseoutStep: Codable {}
