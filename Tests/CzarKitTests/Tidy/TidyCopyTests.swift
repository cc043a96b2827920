import CzarGit
import CzarKit
import CzarPlanning
import Foundation
import GRDB
import TestSupport
import Testing

/// A repository that was copied with all that belongs to Czar, while the original stands, with its worktrees and all that runs there.
@Suite struct TidyCopyTests {
    /// Records that an attempt of the worker runs, under the name of a process that does.
    private func begin(_ fixture: TidyFixture, at path: String, _ process: ChildProcess) throws {
        let ledger = try Coordinator(around: path, actor: "cli").ledger
        let key = fixture.key()
        try ledger.move(key, StateMove(to: .ready))
        let supervisor = try present(ProcessIdentity.of(process.pid)).text
        try ledger.change { state in
            let number = String(state[key].attempts.count + 1)
            let event = ledger.event(.stateChanged, worker: key, phase: key.phase)
            return [
                event.stateChanged(from: .ready, StateMove(to: .starting), fields: [Field.attempt: number, Field.process: supervisor]),
                event.stateChanged(from: .starting, StateMove(to: .active)),
            ]
        }
    }

    private func sleeper() throws -> ChildProcess {
        let process = try ChildProcess(["sleep", "600"], environment: ["PATH": "/usr/bin:/bin"])
        try waitUntil("it is there") { try ProcessIdentity.of(process.pid) != nil }
        return process
    }

    private func copy(_ fixture: TidyFixture) throws -> String {
        let copy = fixture.path + "-copy"
        try FileManager.default.copyItem(atPath: fixture.path, toPath: copy)
        return copy
    }

    @Test func whatRunsIsLeftToTheOriginal() throws {
        let fixture = try TidyFixture()
        try fixture.create()
        let process = try sleeper()
        try begin(fixture, at: fixture.path, process)
        let identity = try present(ProcessIdentity.of(process.pid))
        try writeFile(fixture.path + "/.git/czar/daemon", identity.text + " since=\(currentTime())\n")
        let copy = try copy(fixture)
        #expect(throws: JournalError.self) { try DaemonLock.endHolder(ProjectLayout(around: copy)) }
        let adopted = try fixture.doctor(adopt: true, repair: true, at: copy).first { $0.name == "journal-copied" }
        #expect(adopted?.sentence.hasSuffix("; what runs of api is left to '\(fixture.path)/.git'") == true, "\(adopted?.sentence ?? "")")
        #expect(try DaemonLock.endHolder(ProjectLayout(around: copy)) == nil)
        let coordinator = try Coordinator(around: copy, actor: "cli")
        let record = try coordinator.ledger.refresh()[fixture.key()]
        #expect(record.attempts.running == nil && record.state == .paused && record.causes == [.operator])
        #expect(record.attempts.lastEnd?.outcome == .leftToOriginal)
        let worker = try present(coordinator.plan[fixture.key().id])
        try Operations(coordinator).stop(worker)
        try Operations(coordinator).fail(worker, reason: "not here")
        #expect(process.isRunning)
        #expect(try fixture.record().attempts.running != nil)
        #expect(try DaemonLock.holder(ProjectLayout(around: fixture.path))?.pid == Int(process.pid))
    }

    /// One that was moved is the same one, and so is what runs there.
    @Test func whatRunsInAMovedRepositoryIsItsOwn() throws {
        let fixture = try TidyFixture()
        try fixture.create()
        let process = try sleeper()
        try begin(fixture, at: fixture.path, process)
        let moved = fixture.path + "-moved"
        try FileManager.default.moveItem(atPath: fixture.path, toPath: moved)
        defer { try? FileManager.default.moveItem(atPath: moved, toPath: fixture.path) }
        _ = try fixture.doctor(adopt: true, repair: true, at: moved)
        let coordinator = try Coordinator(around: moved, actor: "cli")
        #expect(try coordinator.ledger.refresh()[fixture.key()].attempts.running != nil)
        #expect(process.isRunning)
    }

    /// As in a journal that was adopted before it was known that this is a copy.
    @Test func noSignalGoesToWhatRunsInTheOriginalsWorktree() throws {
        let fixture = try TidyFixture()
        _ = try fixture.createOutside()
        let process = try sleeper()
        let copy = try copy(fixture)
        _ = try fixture.doctor(adopt: true, at: copy)
        try begin(fixture, at: copy, process)
        let coordinator = try Coordinator(around: copy, actor: "cli")
        let worker = try present(coordinator.plan[fixture.key().id])
        let operations = Operations(coordinator)
        let before = try coordinator.ledger.journal.lastSequence()
        let all: [(WorkerDefinition) throws -> Void] = [
            operations.stop, operations.pause, { try operations.fail($0, reason: "no") }, { _ = try operations.complete($0) },
        ]
        for operation in all {
            let refusal = #expect(throws: OperationError.self) { try operation(worker) }
            #expect(refusal?.remedy == "czar remove api && czar create api")
        }
        #expect(try coordinator.ledger.journal.lastSequence() == before)
        #expect(try WorkspaceRemover(coordinator, options: RemovalOptions()).remove(fixture.key()).isOthers)
        #expect(try coordinator.ledger.refresh()[fixture.key()].attempts.running == nil)
        _ = try WorkspaceCreator(coordinator).create(worker)
        try operations.stop(worker)
        #expect(process.isRunning)
    }

    @Test func itsRemovalIsUndoneInAPlaceOfItsOwn() throws {
        let fixture = try TidyFixture()
        let tree = try fixture.createOutside()
        let copy = try copy(fixture)
        _ = try fixture.doctor(adopt: true, at: copy)
        let original = try fixture.contents(at: tree)
        let coordinator = try Coordinator(around: copy, actor: "cli")
        let removed = try WorkspaceRemover(coordinator, options: RemovalOptions(branch: true)).remove(fixture.key())
        #expect(removed.isOthers && removed.branchDeleted)
        _ = try Undoer(Coordinator(around: copy, actor: "cli")).undo()
        let own = copy + "/.czarina/worktrees/api"
        #expect(try Coordinator(around: copy, actor: "cli").ledger.refresh()[fixture.key()].creation?.worktree == own)
        #expect(try git("symbolic-ref", "HEAD", in: own) == "refs/heads/\(removed.branch)")
        #expect(try fixture.problems(at: copy) == [])
        #expect(try fixture.contents(at: tree) == original)
    }

    /// The user's folder may have been chosen in the configuration, and the copy may have the original's name.
    @Test func theOriginalsWorktreeInTheWayIsNotToBeMoved() throws {
        let fixture = try TidyFixture()
        let around = fixture.path + "-around"
        let copy = around + "/" + splitPath(fixture.path).name
        try FileManager.default.createDirectory(atPath: around, withIntermediateDirectories: true)
        let tree = try fixture.createOutside()
        try FileManager.default.copyItem(atPath: fixture.path, toPath: copy)
        _ = try fixture.doctor(adopt: true, at: copy)
        let coordinator = try Coordinator(around: copy, actor: "cli")
        let worker = try present(coordinator.plan[fixture.key().id])
        _ = try WorkspaceRemover(coordinator, options: RemovalOptions()).remove(fixture.key())
        let options = WorkspaceOptions(folder: fixture.outside)
        let refusal = WorkspaceError.othersInTheWay(worker: worker.id, path: tree)
        let other = fixture.outside + "-2"
        #expect(refusal.remedy == "mkdir -p \(other) && czar create api --worktrees \(other)")
        #expect(throws: refusal) { try WorkspaceCreator(coordinator, options: options).create(worker) }
        try fixture.mend(refusal.remedy)
        let made = try WorkspaceCreator(coordinator, options: WorkspaceOptions(folder: other)).create(worker)
        #expect(made.path == other + "/" + splitPath(tree).name)
        #expect(try fixture.problems() == [] && fixture.problems(at: copy) == [])
    }

    /// An undo that was cut off before the copy was made is the original's to finish there, and this one's to finish here.
    @Test func itsCutOffUndoIsFinishedInAPlaceOfItsOwn() throws {
        let fixture = try TidyFixture()
        try fixture.create()
        try fixture.create("docs")
        try fixture.remove()
        let ledger = try fixture.coordinator().ledger
        let removed = try present(ledger.journal.entries().last { $0.event.type == .worktreeRemoved })
        var fields = removed.event.fields
        (fields[Field.what], fields[Field.sequence]) = (EventType.worktreeRemoved.rawValue, String(removed.sequence))
        try ledger.record(.undoPlanned, worker: fixture.key(), phase: .first, fields)
        let copy = try copy(fixture)
        _ = try fixture.doctor(adopt: true, at: copy)
        let coordinator = try Coordinator(around: copy, actor: "cli")
        #expect(try InterruptedTidying(coordinator).finish().count == 1)
        #expect(!exists(fixture.tree()))
        let own = copy + "/.czarina/worktrees/api"
        #expect(try coordinator.ledger.refresh()[fixture.key()].creation?.worktree == own)
        #expect(try git("status", "--porcelain", in: own).isEmpty)
    }

    /// Killed or refused at any moment, an adoption has either not happened, or left all that runs: SQLite refuses the last entry here.
    @Test func anAdoptionThatWasCutOffIsDoneAgain() throws {
        let fixture = try TidyFixture()
        try fixture.create()
        let process = try sleeper()
        try begin(fixture, at: fixture.path, process)
        let copy = try copy(fixture)
        let journal = copy + "/.git/czar/journal.sqlite"
        let refusal = "CREATE TRIGGER no BEFORE INSERT ON entries WHEN new.type = 'PROCESS_ENDED' BEGIN SELECT RAISE(ABORT, 'no'); END"
        try sqlite(journal, refusal)
        let first = Result { try fixture.doctor(adopt: true, at: copy) }
        if case .success(let findings) = first { #expect(!findings.contains { $0.name == "journal-copied" && $0.severity == .repaired }) }
        try sqlite(journal, "DROP TRIGGER no")
        _ = try fixture.doctor(adopt: true, at: copy)
        let coordinator = try Coordinator(around: copy, actor: "cli")
        #expect(try coordinator.ledger.refresh()[fixture.key()].attempts.running == nil)
        #expect(process.isRunning)
    }

    private func sqlite(_ path: String, _ statement: String) throws {
        try DatabaseQueue(path: path).write { try $0.execute(sql: statement) }
    }

    /// A person who has taken a worker over has done that in the original.
    @Test func whoHasAWorkerInTheOriginalHoldsNothingHere() throws {
        let fixture = try TidyFixture()
        try fixture.create()
        let worker = try present(fixture.coordinator().plan[fixture.key().id])
        let process = try sleeper()
        try PersonSession.begin(worker, ProjectLayout(around: fixture.path))
        let file = try present(FileManager.default.contentsOfDirectory(atPath: fixture.path + "/.git/czar/sessions").first)
        try writeFile(fixture.path + "/.git/czar/sessions/" + file, try present(ProcessIdentity.of(process.pid)).text + "\n")
        let copy = try copy(fixture)
        _ = try fixture.doctor(adopt: true, at: copy)
        try PersonSession.begin(worker, ProjectLayout(around: copy))
        #expect(throws: OperationError.inPersonsHands(worker: worker.id, pid: process.pid)) {
            try PersonSession.begin(worker, ProjectLayout(around: fixture.path))
        }
    }

    /// As a supervisor works in the folder of its journal.
    private func supervisor(_ fixture: TidyFixture) throws -> ChildProcess {
        let process = try ChildProcess(["sleep", "600"], in: fixture.path + "/.git/czar", environment: ["PATH": "/usr/bin:/bin"])
        try waitUntil("it is there") { try ProcessIdentity.of(process.pid)?.workingFolder()?.isAt(fixture.path + "/.git/czar") == true }
        return process
    }

    private func isRunning(_ fixture: TidyFixture, at path: String) throws -> Bool {
        try Coordinator(around: path, actor: "cli").ledger.refresh()[fixture.key()].attempts.running != nil
    }

    /// The original was renamed before the copy was adopted, which may even have its name now.
    @Test(arguments: [false, true]) func whatRunsIsLeftToAnOriginalThatWasRenamed(hasItsName: Bool) throws {
        let fixture = try TidyFixture()
        try fixture.create()
        let process = try supervisor(fixture)
        try begin(fixture, at: fixture.path, process)
        var copy = try copy(fixture)
        let renamed = fixture.path + "-renamed"
        try FileManager.default.moveItem(atPath: fixture.path, toPath: renamed)
        if hasItsName {
            try FileManager.default.moveItem(atPath: copy, toPath: fixture.path)
            copy = fixture.path
        }
        let refused = try fixture.doctor(adopt: true, repair: true, at: copy)
        #expect(refused.map(\.remedy) == ["czar doctor --adopt --repair -C \(renamed)"], "\(refused)")
        // It was moved, and goes on with what it has.
        _ = try fixture.doctor(adopt: true, repair: true, at: renamed)
        #expect(try isRunning(fixture, at: renamed))
        _ = try fixture.doctor(adopt: true, repair: true, at: copy)
        #expect(try !isRunning(fixture, at: copy))
        let other = try Coordinator(around: copy, actor: "cli")
        try Operations(other).stop(present(other.plan[fixture.key().id]))
        #expect(process.isRunning)
        let owner = try Coordinator(around: renamed, actor: "cli")
        try Operations(owner).stop(present(owner.plan[fixture.key().id]))
        try waitUntil("its command has ended") { !process.isRunning }
    }

    @Test func nothingIsLeftToRepairOfTheJournalOfAMovedProject() throws {
        let fixture = try TidyFixture()
        try fixture.create()
        _ = try fixture.remove()
        let renamed = fixture.path + "-renamed"
        try FileManager.default.moveItem(atPath: fixture.path, toPath: renamed)
        let found = try fixture.doctor(adopt: true, at: renamed)
        #expect(found.allSatisfy { $0.severity != .problem }, "\(found)")
    }

    /// As where a move has to copy: whoever has the only one has what runs.
    @Test func whatRunsIsTheCopysWhoseOriginalIsGone() throws {
        let fixture = try TidyFixture()
        try fixture.create()
        let process = try supervisor(fixture)
        try begin(fixture, at: fixture.path, process)
        let copy = try copy(fixture)
        try FileManager.default.removeItem(atPath: fixture.path)
        _ = try fixture.doctor(adopt: true, repair: true, at: copy)
        #expect(try isRunning(fixture, at: copy))
        let owner = try Coordinator(around: copy, actor: "cli")
        try Operations(owner).stop(present(owner.plan[fixture.key().id]))
        try waitUntil("its command has ended") { !process.isRunning }
    }
}
