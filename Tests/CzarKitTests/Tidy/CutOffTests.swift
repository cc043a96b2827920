import CzarGit
import CzarKit
import CzarPlanning
import Foundation
import TestSupport
import Testing

/// What was cut off between two entries is told from what the worker did itself.
@Suite struct CutOffTests {
    /// What `doctor` calls a problem.
    private func problems(_ fixture: TidyFixture) throws -> [String] {
        var doctor = try Doctor(around: fixture.path, options: Doctor.Options())
        return try doctor.examine().filter { $0.severity == .problem && $0.name != "mirrors" }.map(\.sentence)
    }

    /// The branch had moved when Czar died, and may have moved on since.
    @Test(arguments: [0, 1]) func aCommitThatWasMadeIsRecordedAndCanBeUndone(_ later: Int) throws {
        let fixture = try TidyFixture()
        try fixture.create()
        let before = try git("rev-parse", "HEAD", in: fixture.tree())
        let commit = try fixture.commit()
        let ledger = try fixture.coordinator().ledger
        try ledger.record(.commitPlanned, worker: fixture.key(), phase: .first, [Field.commit: commit, Field.subject: "work"])
        for number in 0..<later { try fixture.commit(file: "later\(number)") }
        let check = try problems(fixture)
        #expect(check.contains { $0.contains("the commit \(commit.prefix(10)) of 'api' was cut off") }, "\(check)")
        #expect(
            try InterruptedTidying(fixture.coordinator()).finish() == ["the interrupted commit \(commit.prefix(10)) of 'api' was completed"]
        )
        #expect(try fixture.record().plannedCommit == nil)
        #expect(try InterruptedTidying(fixture.coordinator()).finish() == [])
        guard later == 0 else { return }
        try fixture.undo()
        #expect(try git("rev-parse", "HEAD", in: fixture.tree()) == before)
        #expect(try git("status", "--porcelain", in: fixture.tree()) == "A  work")
    }

    @Test func aCommitThatTheBranchNeverCameToIsForgotten() throws {
        let fixture = try TidyFixture()
        try fixture.create()
        let tree = try git("rev-parse", "HEAD^{tree}", in: fixture.tree())
        let loose = try git("commit-tree", "-m", "x", tree, in: fixture.tree())
        try fixture.coordinator().ledger.record(
            .commitPlanned, worker: fixture.key(), phase: .first, [Field.commit: loose, Field.subject: "x"])
        #expect(try InterruptedTidying(fixture.coordinator()).finish() == ["the interrupted commit of 'api' had changed nothing"])
        #expect(try fixture.record().plannedCommit == nil)
    }

    /// Who is committing at this moment holds the lock.
    @Test func aCommitThatIsBeingMadeIsLeftAlone() throws {
        let fixture = try TidyFixture()
        try fixture.create()
        let coordinator = try fixture.coordinator()
        try coordinator.ledger.record(
            .commitPlanned, worker: fixture.key(), phase: .first, [Field.commit: String(repeating: "1", count: 40)])
        let said = try coordinator.project.withLock("commit-1-api") { try InterruptedTidying(coordinator).finish() }
        #expect(said == [])
        #expect(try fixture.record().plannedCommit != nil)
    }

    /// The record of a worktree that vanished does not say that the new one is finished.
    @Test func aRebindingAndItsUndoThatWereCutOffAreNamedWithTheirCommands() throws {
        let fixture = try TidyFixture(ids: ["api"])
        let tree = try fixture.create()
        let former = try fixture.branch()
        let worker = "{\"id\":\"api\",\"launcher\":\"none\",\"branch\":\"other/api\"}"
        try fixture.repository.write(".czarina/config.json", "{\"project\":{\"name\":\"p\",\"base\":\"main\"},\"workers\":[\(worker)]}")
        func remedies() throws -> [String?] { try fixture.doctor(repair: true).filter { $0.severity == .problem }.map(\.remedy) }
        try git("branch", "other/api", former, in: fixture.path)
        try git("symbolic-ref", "HEAD", "refs/heads/other/api", in: tree)
        #expect(try remedies() == ["czar create --rebind api"])
        _ = try WorkspaceCreator(fixture.coordinator(), options: WorkspaceOptions(rebind: true)).create(fixture.worker())
        #expect(try remedies() == [])
        let rebound = try present(fixture.coordinator().ledger.journal.entries().last { $0.event.type == .rebound }).sequence
        try git("symbolic-ref", "HEAD", "refs/heads/" + former, in: tree)
        #expect(try remedies() == ["czar undo \(rebound)"])
        try git("update-ref", "-d", "refs/heads/other/api", in: fixture.path)
        #expect(try remedies() == ["czar undo \(rebound)"])
        _ = try Undoer(fixture.coordinator()).undo(rebound)
        #expect(try fixture.record().creation?.branch.rawValue == former)
        #expect(try remedies() == [])
    }

    @Test func aWorktreeThatWasCutOffWhenItWasMadeAgainIsFinished() throws {
        let fixture = try TidyFixture()
        let tree = try fixture.create()
        try FileManager.default.removeItem(atPath: tree)
        try fixture.create()
        #expect(try fixture.record().plannedStart == nil)
        #expect(try fixture.coordinator().ledger.journal.entries().count { $0.event.type == .workspacePlanned } == 2)
        // As it is when Czar dies before its own files are written.
        let record = try fixture.record()
        try fixture.coordinator().ledger.record(
            .workspacePlanned, worker: fixture.key(), phase: .first,
            [Field.branch: try present(record.creation).branch.rawValue, Field.commit: try present(record.creation?.forkPoint).rawValue])
        try FileManager.default.removeItem(atPath: tree + "/WORKER_IDENTITY.md")
        let check = try problems(fixture)
        #expect(check.contains { $0.contains("creation of 'api' was cut off") }, "\(check)")
        try fixture.create()
        #expect(exists(tree + "/WORKER_IDENTITY.md"))
        #expect(try fixture.record().plannedStart == nil)
        #expect(try problems(fixture) == [])
    }
}
