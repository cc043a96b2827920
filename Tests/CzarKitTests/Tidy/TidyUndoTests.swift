import CzarGit
import CzarKit
import CzarPlanning
import Foundation
import TestSupport
import Testing

extension TidyFixture {
    @discardableResult
    func undo(_ sequence: Int64? = nil) throws -> Undoer.Undone { try Undoer(coordinator()).undo(sequence) }

    /// Makes a person's worker active.
    func activate(_ id: String = "api") throws {
        let coordinator = try coordinator()
        try EventWriter(coordinator.ledger, plan: coordinator.plan).write(.workerStart, worker: key(id), phase: .first, [:])
    }

    func worker(_ id: String = "api") throws -> WorkerDefinition { try present(coordinator().plan[key(id).id]) }
}

@Suite struct TidyUndoTests {
    @Test func aForcedRemovalComesBackWithEveryByte() throws {
        let (fixture, before) = try TidyFixture.removedByForce()
        #expect(!exists(fixture.tree()))
        let undone = try fixture.undo()
        #expect(undone.what == .worktreeRemoved)
        let after = try fixture.contents()
        for name in Set(before.keys).union(after.keys) { #expect(before[name] == after[name], "\(name)") }
        #expect(try fixture.record().creation?.worktree == fixture.tree())
        #expect(try fixture.check().isEmpty)
        #expect(exists(fixture.tree() + "/WORKER_IDENTITY.md") && exists(fixture.tree() + "/.czar/outbox"))
        // The removal is undone, so the next undo is that of the creation, which is refused: there is work.
        #expect(throws: RemovalError.self) { try fixture.undo() }
    }

    @Test func anUnmergedIndexComesBackUnmerged() throws {
        let fixture = try TidyFixture()
        try fixture.create()
        try fixture.commit("api", file: "src/file0", "ours\n")
        try git("checkout", "-q", "-b", "other", "main", in: fixture.path)
        try fixture.repository.write("src/file0", "theirs\n")
        try git("rm", "-q", "src/file1", in: fixture.path)
        try fixture.repository.commitAll()
        try git("checkout", "-q", "main", in: fixture.path)
        _ = try run(["git", "merge", "other"], in: fixture.tree())
        let before = try fixture.contents()
        try writeFile(fixture.path + "/.git/info/exclude", "*.o\n")
        try writeFile(fixture.tree() + "/x.o", "o")
        let recovery = try present(fixture.remove(force: true, ignored: true).recovery)
        let sentence = try fixture.undo().sentence
        #expect(sentence.contains("; the merge that was in progress is not resumed, 'git ls-tree -r "), "\(sentence)")
        #expect(sentence.hasSuffix("' names its files; ignored files are not back: 1"), "\(sentence)")
        let after = try fixture.contents()
        #expect(after[" status"] == before[" status"])
        #expect(after["src/file0"] == before["src/file0"])
        #expect(after[" index"] == before[" index"])
        #expect(try git("show", recovery + ":src/file0", in: fixture.path).contains("<<<<<<<"))
    }

    @Test func aDeletedBranchAndADetachedHeadComeBack() throws {
        let fixture = try TidyFixture()
        try fixture.create()
        let tip = try fixture.commit()
        let branch = try fixture.branch()
        try git("cherry-pick", tip, in: fixture.path)
        try git("checkout", "-q", "--detach", in: fixture.tree())
        try writeFile(fixture.tree() + "/loose", "loose\n")
        try git("add", "-A", in: fixture.tree())
        try git("commit", "-qm", "loose", in: fixture.tree())
        let head = try git("rev-parse", "HEAD", in: fixture.tree())
        let creation = try fixture.record().creation
        #expect(try fixture.remove(branch: true, force: true).branchDeleted)
        try git("reflog", "expire", "--expire=now", "--all", in: fixture.path)
        try git("gc", "-q", "--prune=now", in: fixture.path)
        try fixture.undo()
        #expect(try git("rev-parse", branch, in: fixture.path) == tip)
        #expect(try git("rev-parse", "HEAD", in: fixture.tree()) == head)
        #expect(try run(["git", "symbolic-ref", "HEAD"], in: fixture.tree()).status != 0)
        let back = try fixture.record().creation
        #expect(back?.forkPoint == creation?.forkPoint && back?.branch == creation?.branch && back?.worktree == creation?.worktree)
        #expect(try git("status", "--porcelain", in: fixture.tree()).isEmpty)
    }

    @Test func aRemovalIsNotUndoneOverWhatCameLater() throws {
        let fixture = try TidyFixture()
        try fixture.create()
        let branch = try fixture.branch()
        try fixture.remove()
        try git(
            "update-ref", "refs/heads/" + branch, try git("commit-tree", "-m", "x", "main^{tree}", "-p", "main", in: fixture.path),
            in: fixture.path)
        #expect(throws: UndoError.self) { try fixture.undo() }
        try git("update-ref", "refs/heads/" + branch, "main", in: fixture.path)
        try writeFile(fixture.tree() + "/mine", "mine")
        #expect(throws: UndoError.self) { try fixture.undo() }
        #expect(try fixture.worktreeCount() == 1)
        #expect(try fixture.record().plannedTidying == nil)
    }

    @Test func aCreationIsUndoneOnlyWhereNothingWasDone() throws {
        let fixture = try TidyFixture()
        try fixture.create()
        let branch = try fixture.branch()
        try fixture.undo()
        #expect(try run(["git", "rev-parse", "-q", "--verify", branch], in: fixture.path).status != 0)
        #expect(!exists(fixture.tree()))
        #expect(try fixture.record().creation == nil)
        #expect(throws: UndoError.nothing) { try fixture.undo() }
        try fixture.create("docs")
        try fixture.commit("docs")
        #expect(throws: RemovalError.self) { try fixture.undo() }
        #expect(exists(fixture.tree("docs") + "/work"))
    }

    @Test func theUndoingOfACreationNamesWhatItKeeps() throws {
        let fixture = try TidyFixture()
        let tree = try fixture.create()
        let commit = try fixture.commit()
        try git("reset", "-q", "--hard", "HEAD~1", in: tree)
        #expect(try fixture.undo().sentence.hasSuffix(": worktree and branch are gone; kept in refs/czar/recovery/api/1"))
        #expect(try git("merge-base", "--is-ancestor", commit, "refs/czar/recovery/api/1", in: fixture.path) == "")
    }

    @Test func aCommitIsTakenBackAndItsWorkIsStaged() throws {
        let fixture = try TidyFixture()
        try fixture.create()
        try fixture.activate()
        try writeFile(fixture.tree() + "/work", "work\n")
        let coordinator = try fixture.coordinator()
        let parent = try git("rev-parse", "HEAD", in: fixture.tree())
        let commit = try WorkerCommit(coordinator).commit(fixture.worker(), fixture.record(), message: "work")
        #expect(try fixture.undo().what == .committed)
        #expect(try git("rev-parse", "HEAD", in: fixture.tree()) == parent)
        #expect(try git("status", "--porcelain", in: fixture.tree()) == "A  work")
        #expect(try fixture.record().tip?.rawValue == parent)
        let sequence = try present(coordinator.ledger.journal.entries().last { $0.event.type == .committed }).sequence
        #expect(throws: UndoError.self) { try fixture.undo(sequence) }
        // What left the machine stays.
        let again = try WorkerCommit(coordinator).commit(fixture.worker(), fixture.record(), message: "again")
        try git("update-ref", "refs/remotes/origin/x", again.hex, in: fixture.path)
        #expect(throws: UndoError.self) { try fixture.undo() }
        #expect(try git("rev-parse", "HEAD", in: fixture.tree()) == again.hex)
        #expect(commit != again)
    }

    /// Only the index of the worktree that is on the branch keeps it.
    @Test func aCommitStaysWhereNothingWouldKeepItsWork() throws {
        let fixture = try TidyFixture()
        try fixture.create()
        try writeFile(fixture.tree() + "/work", "work\n")
        let commit = try WorkerCommit(fixture.coordinator()).commit(fixture.worker(), fixture.record(), message: "work")
        let branch = try fixture.branch()
        let sequence = try present(fixture.coordinator().ledger.journal.entries().last { $0.event.type == .committed }).sequence
        try git("checkout", "-q", "--detach", in: fixture.tree())
        #expect(throws: UndoError.self) { try fixture.undo(sequence) }
        try git("switch", "-q", branch, in: fixture.tree())
        _ = try fixture.remove()
        let error = #expect(throws: UndoError.self) { try fixture.undo(sequence) }
        #expect(error?.remedy == "czar create api")
        #expect(try git("rev-parse", branch, in: fixture.path) == commit.hex)
        try fixture.create()
        try fixture.undo(sequence)
        #expect(try git("status", "--porcelain", in: fixture.tree()) == "A  work")
    }

    @Test func statesGoBackAsFarAsTheTableAllows() throws {
        let fixture = try TidyFixture()
        try fixture.create()
        try fixture.activate()
        let operations = Operations(try fixture.coordinator())
        let worker = try fixture.worker()
        try operations.pause(worker)
        try fixture.undo()
        #expect(try fixture.record().state == .active)
        #expect(try fixture.record().person)
        try operations.fail(worker, reason: "no")
        try fixture.undo()
        #expect(try fixture.record().state == .active)
        #expect(try fixture.record().person)
        try operations.fail(worker, reason: "again")
        try operations.retry(worker)
        try fixture.undo()
        #expect(try fixture.record().state == .failed)
        #expect(try fixture.record().reason == "again")
        try operations.retry(worker)
        try operations.approve(worker)
        try fixture.undo()
        #expect(try !fixture.record().approved)
    }

    @Test func aFailureIsUndoneToWhatHeldTheWorkerBefore() throws {
        let fixture = try TidyFixture()
        try fixture.create()
        try fixture.activate()
        let coordinator = try fixture.coordinator()
        let operations = Operations(coordinator)
        let worker = try fixture.worker()
        try operations.pause(worker)
        let event = coordinator.ledger.event(.blocked, worker: worker.key, phase: worker.phase, [Field.reason: "no key"])
        try coordinator.ledger.change { state in [event] + Reaction.follow(event, record: state[worker.key], isPerson: true) }
        let paused = try fixture.record()
        try operations.fail(worker, reason: "no")
        #expect(try fixture.undo().sentence == "'api' is paused again")
        let restored = try fixture.record()
        #expect(restored.state == .paused && restored.causes == [.operator, .event] && restored.person)
        #expect(restored.causes == paused.causes && restored.whyHeld(by: paused.causes) == paused.whyHeld(by: paused.causes))
        try operations.resume(worker)
        #expect(try fixture.record().state == .blocked)
        try operations.fail(worker, reason: "no")
        try fixture.undo()
        #expect(try fixture.record().state == .blocked && fixture.record().causes == [.event])
    }

    @Test func completionAndReopeningGoBack() throws {
        let fixture = try TidyFixture()
        try fixture.create()
        try fixture.activate()
        let tip = try fixture.commit()
        let operations = Operations(try fixture.coordinator())
        _ = try operations.complete(fixture.worker())
        try operations.reopen(fixture.worker())
        try fixture.undo()
        #expect(try fixture.record().state == .complete)
        #expect(try fixture.record().completedTip?.rawValue == tip)
        try fixture.undo()
        #expect(try fixture.record().state == .active)
        #expect(try fixture.record().completedTip == nil)
    }

    /// What `czar start` does.
    private func expectStart(_ fixture: TidyFixture) async throws {
        let coordinator = try fixture.coordinator(), worker = try fixture.worker()
        #expect(try Operations(coordinator).makeReady(worker, for: 1))
        try await WorkerStarter(coordinator, launcher: SupervisorLauncher(executable: "/bin/true")).start(worker)
        #expect(try fixture.record().state == .active && fixture.record().person)
    }

    @Test func theStartOfAPersonsWorkerIsOneAction() async throws {
        let fixture = try TidyFixture()
        try fixture.create()
        try writeFile(fixture.tree() + "/work", "work\n")
        try await expectStart(fixture)
        #expect(try fixture.undo().sentence == "'api' is pending again")
        #expect(try !fixture.record().person)
        #expect(exists(fixture.tree() + "/work"))
        // Undone once; what comes before is next, and keeps what was done.
        #expect(throws: RemovalError.self) { try fixture.undo() }
        try await expectStart(fixture)
        let ready = try present(fixture.coordinator().ledger.journal.entries().last { $0.event.fields[Field.to] == "ready" }).sequence
        try fixture.undo(ready)
        #expect(try fixture.record().state == .pending)
    }

    @Test func aCompletionFromAPauseGoesBackToThePause() throws {
        let fixture = try TidyFixture()
        try fixture.create()
        try fixture.activate()
        try fixture.commit()
        let operations = Operations(try fixture.coordinator()), worker = try fixture.worker()
        try operations.pause(worker)
        _ = try operations.complete(worker)
        #expect(try fixture.undo().sentence == "'api' is paused again")
        #expect(try fixture.record().causes == [.operator] && fixture.record().completedTip == nil)
        try operations.fail(worker, reason: "no")
        _ = try operations.complete(worker)
        #expect(try fixture.undo().sentence == "'api' is failed again")
        #expect(try fixture.record().reason == "no")
    }

    @Test func whatWasCommittedAfterACompletionIsDeclaredAndThatIsUndone() throws {
        let fixture = try TidyFixture()
        try fixture.create()
        try fixture.activate()
        let first = try fixture.commit()
        let operations = Operations(try fixture.coordinator()), worker = try fixture.worker()
        _ = try operations.complete(worker)
        try writeFile(fixture.tree() + "/more", "more\n")
        #expect(try operations.complete(worker) == .complete(tip: CommitID(rawValue: first)))
        try git("add", "more", in: fixture.tree())
        try git("commit", "-qm", "more", in: fixture.tree())
        let second = try git("rev-parse", "HEAD", in: fixture.tree())
        try writeFile(fixture.tree() + "/left", "left\n")
        #expect(throws: OperationError.self) { try operations.complete(worker) }
        #expect(try fixture.record().completedTip?.rawValue == first)
        try prepare("rm", fixture.tree() + "/left")
        #expect(try operations.complete(worker) == .complete(tip: CommitID(rawValue: second)))
        #expect(try fixture.record().state == .complete && fixture.record().completedTip?.rawValue == second)
        #expect(try fixture.undo().sentence == "'api' is complete again")
        #expect(try fixture.record().completedTip?.rawValue == first)
    }
}
