import CzarGit
import CzarKit
import CzarPlanning
import Foundation
import TestSupport
import Testing

@Suite struct TidyCrashTests {
    static let removal: [TidyStep] = [
        .recoveryKept, .planned, .removalRecorded, .treeAside, .entryAside, .treeRemoved, .worktreeRemoved, .branchDeleted, .recorded,
    ]

    @Test(arguments: removal)
    func aRemovalThatWasKilledEndsBeforeOrAfter(at step: TidyStep) async throws {
        let fixture = try TidyFixture()
        try fixture.create()
        let tip = try fixture.commit()
        let branch = try fixture.branch()
        try git("cherry-pick", tip, in: fixture.path)
        try fixture.makeMess()
        let before = try fixture.contents()
        let path = fixture.path
        await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String, step = step as TidyStep] in
            let coordinator = try Coordinator(around: path, actor: "cli")
            let remover = WorkspaceRemover(coordinator, options: RemovalOptions(branch: true, force: true)) {
                if $0 == step { kill(getpid(), SIGKILL) }
            }
            _ = try remover.remove(WorkerKey(phase: .first, id: WorkerID(rawValue: "api")!))
        }
        let said = try InterruptedTidying(fixture.coordinator()).finish()
        let record = try fixture.record()
        #expect(record.plannedTidying == nil)
        if [.recoveryKept, .planned, .removalRecorded, .treeAside].contains(step) {
            #expect(try fixture.contents() == before)
            #expect(try git("rev-parse", branch, in: path) == tip)
            #expect(record.creation?.worktree == fixture.tree())
            #expect(said.isEmpty == (step == .recoveryKept))
            // A second attempt finds the recovery of the first one.
            #expect(try fixture.remove(branch: true, force: true).recovery == "refs/czar/recovery/api/1")
        } else {
            #expect(record.creation == nil)
            #expect(said.isEmpty == (step == .recorded))
        }
        #expect(!exists(fixture.tree()))
        #expect(try FileManager.default.contentsOfDirectory(atPath: path + "/.czarina/worktrees").isEmpty)
        #expect(try fixture.worktreeCount() == 1)
        #expect(try run(["git", "rev-parse", "-q", "--verify", branch], in: path).status != 0)
        #expect(try fixture.check().isEmpty)
        #expect(try InterruptedTidying(fixture.coordinator()).finish().isEmpty)
        try fixture.undo()
        #expect(try fixture.contents() == before)
    }

    @Test(arguments: [TidyStep.undoPlanned, .branchMade, .worktreeAdded, .workRestored, .undoRecorded])
    func anUndoThatWasKilledIsFinished(at step: TidyStep) async throws {
        let fixture = try TidyFixture()
        try fixture.create()
        let tip = try fixture.commit()
        try git("cherry-pick", tip, in: fixture.path)
        try fixture.makeMess()
        let before = try fixture.contents()
        try fixture.remove(branch: true, force: true)
        let path = fixture.path
        await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String, step = step as TidyStep] in
            _ = try Undoer(Coordinator(around: path, actor: "cli")) { if $0 == step { kill(getpid(), SIGKILL) } }.undo()
        }
        let said = try InterruptedTidying(fixture.coordinator()).finish()
        #expect(said.isEmpty == (step == .undoRecorded))
        #expect(try fixture.contents() == before)
        #expect(try fixture.record().creation?.worktree == fixture.tree())
        #expect(try fixture.record().plannedTidying == nil)
        #expect(try fixture.worktreeCount() == 2)
        #expect(try fixture.check().isEmpty)
        #expect(try InterruptedTidying(fixture.coordinator()).finish().isEmpty)
    }

    @Test(arguments: [TidyStep.undoPlanned, .worktreeAdded, .workRestored])
    func anUndoThatWasKilledAndIsRepeatedTakesBackOneThing(at step: TidyStep) async throws {
        let fixture = try TidyFixture()
        for id in ["api", "docs"] { try fixture.create(id) }
        for id in ["api", "docs"] { try fixture.remove(id) }
        let path = fixture.path
        await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String, step = step as TidyStep] in
            _ = try Undoer(Coordinator(around: path, actor: "cli")) { if $0 == step { kill(getpid(), SIGKILL) } }.undo()
        }
        let finished = try InterruptedTidying(fixture.coordinator()).outcomes()
        let undone = try Undoer(fixture.coordinator()).undo(finished: finished)
        #expect(undone.worker == fixture.key("docs").id && undone.what == .worktreeRemoved)
        #expect(exists(fixture.tree("docs")) && !exists(fixture.tree("api")))
        // With nothing to finish the next one is taken back.
        #expect(try Undoer(fixture.coordinator()).undo(finished: []).worker == fixture.key("api").id)
    }

    @Test(arguments: [TidyStep.planned, .treeAside, .branchDeleted])
    func anUndoneCreationThatWasKilledEndsBeforeOrAfter(at step: TidyStep) async throws {
        let fixture = try TidyFixture()
        try fixture.create()
        let path = fixture.path
        await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String, step = step as TidyStep] in
            _ = try Undoer(Coordinator(around: path, actor: "cli")) { if $0 == step { kill(getpid(), SIGKILL) } }.undo()
        }
        _ = try InterruptedTidying(fixture.coordinator()).finish()
        if step != .branchDeleted { try fixture.undo() }
        #expect(try fixture.record().creation == nil)
        #expect(try fixture.worktreeCount() == 1)
        #expect(try fixture.check().isEmpty)
        #expect(throws: UndoError.nothing) { try fixture.undo() }
    }
}
