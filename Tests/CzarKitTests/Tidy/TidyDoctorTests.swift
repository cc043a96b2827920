import CzarGit
import CzarKit
import CzarPlanning
import Foundation
import TestSupport
import Testing

extension TidyFixture {
    func doctor(adopt: Bool = false, repair: Bool = false, at path: String? = nil) throws -> [DoctorFinding] {
        var doctor = try Doctor(around: path ?? self.path, options: Doctor.Options(adopt: adopt, repair: repair))
        return try doctor.examine()
    }

    func problems(adopt: Bool = false, repair: Bool = false, at path: String? = nil) throws -> [String] {
        try doctor(adopt: adopt, repair: repair, at: path).filter { $0.severity == .problem }.map(\.name)
    }
}

@Suite struct TidyDoctorTests {
    @Test func aHealthyProjectHasNoProblems() throws {
        let fixture = try TidyFixture()
        #expect(try fixture.problems() == [])
        try fixture.create()
        #expect(try fixture.problems() == [])
        try git("config", "--unset", "user.name", in: fixture.path)
        #expect(try fixture.problems() == ["identity"])
    }

    @Test func aCommitThatWasCutOffIsNamedAsOneAndItsLockIsNotToBeRemoved() async throws {
        let fixture = try TidyFixture()
        let tree = try fixture.create()
        try writeFile(tree + "/mine", "mine\n")
        await #expect(processExitsWith: .signal(SIGKILL)) { [tree = tree as String] in
            let who = Signature(name: "W", email: "w@example.org", seconds: 1_790_000_001, offsetMinutes: 60)
            let request = CommitRequest(message: "work", author: who, committer: who)
            _ = try Repository(opening: tree).commitFiles(request) { _ in
                kill(getpid(), SIGKILL)
                return true
            }
        }
        let lock = fixture.path + "/.git/worktrees/api/index.lock"
        try #require(exists(lock))
        let found = try fixture.doctor().filter { $0.severity == .problem }
        #expect(
            found.map(\.name) == ["half-moved"] && found[0].sentence.contains("a commit") && found[0].sentence.contains(lock), "\(found)")
        #expect(try fixture.problems(repair: true) == [] && !exists(lock))
    }

    @Test func whoeverIsAtWorkOnAnIndexIsNamed() throws {
        let fixture = try TidyFixture()
        let tree = try fixture.create()
        let lock = fixture.path + "/.git/worktrees/api/index.lock"
        try writeFile(tree + "/src/file0", "changed\n")
        func refusal() throws -> GitError {
            let who = Signature(name: "W", email: "w@example.org", seconds: 1_790_000_001, offsetMinutes: 60)
            do {
                _ = try Repository(opening: tree).commitFiles(CommitRequest(message: "work", author: who, committer: who))
            } catch CommitFilesError.git(let failure) {
                return failure
            }
            throw ProcessFailure(description: "it was committed")
        }
        let editor = try CzarProcess(["git", "commit", "-qa"], in: tree, environment: ["GIT_EDITOR": "sleep 60; false"])
        try waitUntil("git has the lock") { exists(lock) }
        let busy = try refusal()
        #expect(busy.code == .locked && busy.message.contains("git (process \(editor.pid))") && busy.remedy == nil, "\(busy)")
        #expect(try fixture.doctor().filter { $0.name == "lock" }.map(\.severity) == [.note])
        editor.signal(SIGKILL)
        editor.wait()
        try #require(exists(lock))
        let left = try refusal()
        #expect(left.remedy == "czar doctor", "\(left)")
        let found = try fixture.doctor().filter { $0.name == "lock" }
        #expect(found.map(\.remedy) == ["rm \(lock)"], "\(found)")
    }

    @Test(arguments: [false, true]) func whatACutOffPlanHasLeftIsRemovedBeforeThereIsAJournal(_ isPlanned: Bool) throws {
        let fixture = try TidyFixture()
        if !isPlanned { try git("rm", "-q", ".czarina/config.json", in: fixture.path) }
        let process = try run(["sh", "-c", "echo $$"], in: "/").output.trimmingCharacters(in: .newlines)
        let piece = fixture.path + "/.czarina/.config.yaml.\(process)-12.tmp"
        try prepare("mkdir", "-p", fixture.path + "/.czarina")
        try writeFile(piece, "project:")
        #expect(try fixture.doctor().contains { $0.name == "left-over" && $0.sentence.contains(piece) })
        #expect(exists(piece))
        #expect(try fixture.doctor(repair: true).contains { $0.name == "left-over" && $0.severity == .repaired })
        #expect(!exists(piece))
    }

    @Test func aMovedRepositoryIsAdoptedAndItsWorktreesLinkedAgain() throws {
        let fixture = try TidyFixture()
        try fixture.create()
        try writeFile(fixture.tree() + "/untracked", "x")
        let new = fixture.path + "-elsewhere"
        try FileManager.default.moveItem(atPath: fixture.path, toPath: new)
        #expect(try fixture.problems(at: new) == ["journal-copied"])
        #expect(throws: JournalError.self) { try Coordinator(around: new, actor: "cli") }
        #expect(try fixture.problems(adopt: true, repair: true, at: new) == [])
        #expect(try fixture.problems(at: new) == [])
        let tree = new + "/.czarina/worktrees/api"
        #expect(try git("status", "--porcelain", in: tree) == "?? untracked")
        #expect(try git("worktree", "prune", "--dry-run", "-v", in: new).isEmpty)
        let record = try Coordinator(around: new, actor: "cli").ledger.refresh()[fixture.key()]
        #expect(record.creation?.worktree == tree)
        try FileManager.default.moveItem(atPath: new, toPath: fixture.path)
    }

    @Test func aWorktreeThatWasMovedOnceIsLinkedAgainAfterItsRepositoryMoved() throws {
        let fixture = try TidyFixture()
        try git("worktree", "move", fixture.create(), fixture.tree() + "2", in: fixture.path)
        #expect(try fixture.problems(repair: true) == [])
        try writeFile(fixture.tree() + "2/untracked", "x")
        let new = fixture.path + "-elsewhere"
        try FileManager.default.moveItem(atPath: fixture.path, toPath: new)
        defer { try? FileManager.default.moveItem(atPath: new, toPath: fixture.path) }
        #expect(try fixture.problems(adopt: true, at: new).contains("worktree-link"))
        #expect(try fixture.problems(repair: true, at: new) == [])
        let tree = new + "/.czarina/worktrees/api2"
        #expect(try git("status", "--porcelain", in: tree) == "?? untracked")
        #expect(try Coordinator(around: new, actor: "cli").ledger.refresh()[fixture.key()].creation?.worktree == tree)
        #expect(try git("worktree", "prune", "--dry-run", "-v", in: new).isEmpty)
    }

    @Test func aWorktreeThatWasMovedInsideTheRepositoryIsGoneOnWith() throws {
        let fixture = try TidyFixture()
        try git("worktree", "move", fixture.create(), fixture.tree() + "2", in: fixture.path)
        #expect(try MovedWorktree.place(of: fixture.record(), fixture.coordinator().project) == fixture.tree() + "2")
        #expect(try fixture.problems(repair: true) == [])
        #expect(try MovedWorktree.place(of: fixture.record(), fixture.coordinator().project) == nil)
        #expect(try fixture.create() == fixture.tree() + "2")
        // It stays where it was put when it comes back.
        try fixture.remove()
        try fixture.undo()
        #expect(try fixture.create() == fixture.tree() + "2")
        #expect(try fixture.worktreeCount() == 2)
    }

    @Test func aLockedWorktreeWhoseFolderVanishedIsUnlockedFirst() throws {
        let fixture = try TidyFixture()
        let tree = try fixture.create()
        try git("worktree", "lock", "--reason", "on a stick", tree, in: fixture.path)
        try FileManager.default.removeItem(atPath: tree)
        #expect(throws: WorkspaceError.locked(worker: fixture.key().id, path: tree, reason: "on a stick")) { try fixture.create() }
        let finding = try present(fixture.doctor().first { $0.name == "worktree-missing" })
        #expect(finding.sentence.hasSuffix("is not there, and is locked (on a stick): bring its folder back, or unlock it"))
        try prepare("sh", "-ec", try present(finding.remedy), in: fixture.path)
        #expect(try fixture.create() == tree)
        #expect(try fixture.problems() == [])
    }

    @Test(arguments: ["gitdir: /nowhere\n", "", "nonsense\n"])
    func aDamagedLinkIsWrittenAgain(_ text: String) throws {
        let fixture = try TidyFixture()
        try fixture.create()
        try writeFile(fixture.tree() + "/untracked", "x")
        try writeFile(fixture.tree() + "/.git", text)
        #expect(try fixture.problems().contains("worktree-link"))
        #expect(try fixture.problems(repair: true) == [])
        #expect(try git("status", "--porcelain", in: fixture.tree()) == "?? untracked")
        #expect(try fixture.problems() == [])
    }

    @Test func aDamagedJournalIsSetAsideAndRebuilt() throws {
        let fixture = try TidyFixture()
        try fixture.create()
        let creation = try fixture.record().creation
        let database = fixture.path + "/.git/czar/journal.sqlite"
        for suffix in ["-wal", "-shm"] { try? FileManager.default.removeItem(atPath: database + suffix) }
        try writeFile(database, Data(repeating: 0x41, count: 8192))
        // A mirror that lacks the newest entry: the worktree itself proves the rest.
        let mirror = fixture.path + "/.czarina/logs/events.jsonl"
        let lines = try String(contentsOfFile: mirror, encoding: .utf8).split(separator: "\n")
        try writeFile(mirror, lines.dropLast(2).joined(separator: "\n") + "\n")
        #expect(try fixture.problems() == ["journal-damaged"])
        let found = try fixture.doctor(repair: true)
        #expect(found.filter { $0.severity == .repaired }.map(\.name).contains("unrecorded"))
        #expect(try fixture.record().creation?.worktree == creation?.worktree)
        #expect(try fixture.record().creation?.branch == creation?.branch)
        #expect(try FileManager.default.contentsOfDirectory(atPath: fixture.path + "/.git/czar").contains { $0.contains("damaged") })
        #expect(try fixture.problems() == [])
    }

    @Test func whatWorkersMissIsNamed() throws {
        let fixture = try TidyFixture()
        try fixture.create()
        try fixture.create("docs")
        try FileManager.default.removeItem(atPath: fixture.tree())
        try git("worktree", "move", fixture.tree("docs"), fixture.path + "-docs", in: fixture.path)
        try writeFile(fixture.path + "/.git/info/exclude", "")
        #expect(try Set(fixture.problems()) == ["worktree-missing", "worktree-moved", "exclude"])
        #expect(try fixture.problems(repair: true) == ["worktree-missing"])
        #expect(try fixture.record("docs").creation?.worktree == fixture.path + "-docs")
        #expect(try git("status", "--porcelain", in: fixture.path + "-docs").isEmpty)
        try fixture.remove()
        #expect(try fixture.problems() == [])
    }

    @Test func aWorktreeMovedByHandToAFolderAboveIsFound() throws {
        let fixture = try TidyFixture()
        try fixture.create()
        let moved = fixture.path + "/.czarina/api-moved"
        try prepare("mv", fixture.tree(), moved)
        #expect(throws: RemovalError.adrift(worker: fixture.key().id, path: moved)) { try fixture.remove() }
        #expect(try fixture.problems().contains("worktree-link"))
        #expect(try fixture.problems(repair: true) == [])
        #expect(try fixture.record().creation?.worktree == moved)
        #expect(try git("status", "--porcelain", in: moved).isEmpty)
    }

    @Test func everyRemedyIsACommandToPaste() throws {
        let fixture = try TidyFixture()
        try fixture.create()
        try fixture.create("docs")
        try FileManager.default.removeItem(atPath: fixture.tree())
        try git("config", "--unset", "user.email", in: fixture.path)
        let locks = [
            fixture.path + "/.git/packed-refs.lock", fixture.path + "/.git/config.lock", fixture.path + "/.git/worktrees/docs/index.lock",
        ]
        for lock in locks { try writeFile(lock, "") }
        try git("update-ref", "refs/czar/recovery/api/1", "HEAD", in: fixture.path)
        let remedies = Dictionary(grouping: try fixture.doctor(), by: \.name).mapValues { $0.compactMap(\.remedy) }
        #expect(remedies["worktree-missing"] == ["czar create api"])
        #expect(remedies["recovery"] == ["git for-each-ref --format='%(refname)%0a%(contents)' refs/czar/recovery"])
        #expect(remedies["identity"] == ["git config --global user.email you@example.org"])
        #expect(remedies["lock"] == locks.map { "rm \($0)" })
        for remedy in remedies["lock", default: []] { try prepare("bash", "-c", remedy) }
        #expect(try fixture.problems().contains("lock") == false)
    }

    @Test func orphanedAttemptsAreSettled() throws {
        let fixture = try TidyFixture()
        try fixture.create()
        let ledger = try fixture.coordinator().ledger
        let key = fixture.key()
        try ledger.move(key, StateMove(to: .ready))
        try ledger.change { _ in
            let event = ledger.event(.stateChanged, worker: key, phase: key.phase)
            return [
                event.stateChanged(
                    from: .ready, StateMove(to: .starting), fields: ["attempt": "1", "process": "host=h boot=b pid=1 start=1"])
            ]
        }
        #expect(try fixture.problems() == ["orphaned"])
        #expect(try fixture.problems(repair: true) == [])
        #expect(try fixture.record().attempts.running == nil)
    }
}

@Suite struct TidyPruneTests {
    @Test func onlyCompleteIntegratedAndCleanWorktreesGo() async throws {
        let fixture = try TidyFixture()
        for id in TidyFixture.ids {
            try fixture.create(id)
            try fixture.activate(id)
            try fixture.commit(id, file: id)
            if id != "ui" { _ = try Operations(fixture.coordinator()).complete(fixture.worker(id)) }
        }
        let pruner = Pruner(try fixture.coordinator())
        #expect(try await pruner.prune(dryRun: true).allSatisfy { !$0.isPruned })
        for id in TidyFixture.ids { try git("merge", "-q", "--no-ff", "-m", id, fixture.branch(id), in: fixture.path) }
        try writeFile(fixture.tree("docs") + "/untracked", "mine")
        #expect(try await pruner.prune(dryRun: true).filter(\.isPruned).map(\.worker.rawValue) == ["api"])
        #expect(exists(fixture.tree("api")))
        let found = try await pruner.prune(dryRun: false)
        #expect(found.filter(\.isPruned).map(\.why) == ["complete and merged into 'main'"])
        #expect(!exists(fixture.tree("api")) && exists(fixture.tree("docs") + "/untracked") && exists(fixture.tree("ui")))
        #expect(try fixture.record("api").creation?.branch != nil)
        try fixture.undo()
        #expect(exists(fixture.tree("api") + "/api"))
        try FileManager.default.removeItem(atPath: fixture.tree("ui"))
        #expect(
            try await pruner.prune(dryRun: false).contains { $0.worker.rawValue == "ui" && $0.isPruned && $0.why == "its folder is gone" })
        #expect(try fixture.check().isEmpty)
    }

    @Test func whatWasCompleteWithoutCommitsGoesToo() async throws {
        let fixture = try TidyFixture(ids: [])
        let worker = "{\"id\":\"api\",\"launcher\":\"none\",\"allow_empty\":true}"
        try fixture.repository.write(".czarina/config.json", "{\"project\":{\"name\":\"p\",\"base\":\"main\"},\"workers\":[\(worker)]}")
        try fixture.create()
        try fixture.activate()
        _ = try Operations(fixture.coordinator()).complete(fixture.worker())
        let found = try await Pruner(fixture.coordinator()).prune(dryRun: false)
        #expect(found.map(\.isPruned) == [true] && found.map(\.why) == ["complete and merged into 'main'"])
        #expect(!exists(fixture.tree()))
    }
}
