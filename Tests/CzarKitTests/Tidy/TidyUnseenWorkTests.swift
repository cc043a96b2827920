import CzarGit
import CzarKit
import CzarPlanning
import Foundation
import TestSupport
import Testing

/// Work in tracked folders, in reflogs of submodules and at Czar's own places, and work that comes at the last moment.
@Suite struct TidyUnseenWorkTests {
    // MARK: Something named .git

    @Test(arguments: ["src", "src/new", "build/deep"], [true, false])
    func somethingNamedGitInAnyFolderIsSeen(_ folder: String, isRepository: Bool) async throws {
        let fixture = try TidyFixture()
        try fixture.create()
        let place = fixture.tree() + "/" + folder
        try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
        if isRepository { try git("init", "-q", place, in: fixture.path) } else { try writeFile(place + "/.git/notes", "mine") }
        let expected = [RemovalHazard.repositories([RepositoryPath(folder + "/")])]
        #expect(throws: RemovalError.refused(worker: fixture.key().id, hazards: expected, place: fixture.tree())) {
            try fixture.remove(force: true, ignored: true)
        }
        #expect(exists(place + "/.git"))
    }

    // MARK: Reflogs of submodules

    @Test(arguments: [true, false])
    func whatOnlyTheReflogOfASubmoduleKnowsIsSeen(isDeinitialized: Bool) throws {
        let fixture = try TidyFixture.withSubmodule()
        try fixture.create()
        try fixture.cloneSubmodule()
        let sub = fixture.tree() + "/sub"
        try git("commit", "-q", "--allow-empty", "-m", "precious", in: sub)
        try git("reset", "-q", "--hard", "HEAD~1", in: sub)
        if isDeinitialized {
            try git("submodule", "-q", "deinit", "--all", in: fixture.tree())
        } else {
            try FileManager.default.removeItem(atPath: fixture.tree())
        }
        #expect(try fixture.hazards(force: true) == [.submodules([RepositoryPath("modules/sub")])])
        let modules = fixture.path + "/.git/worktrees/api/modules/sub"
        // What the hint says shows it.
        #expect(
            try git("--work-tree=.", "--git-dir=" + modules, "log", "--all", "--reflog", "--not", "--remotes", in: fixture.path).contains(
                "precious"))
        try git("--work-tree=.", "--git-dir=" + modules, "reflog", "expire", "--expire=now", "--all", in: fixture.path)
        try FileManager.default.removeItem(atPath: modules + "/ORIG_HEAD")
        try fixture.remove()
        #expect(!exists(modules))
    }

    // MARK: Czar's own places

    @Test func whatStandsAtCzarsOwnPlacesIsKeptAndComesBack() throws {
        let fixture = try TidyFixture()
        try fixture.create()
        let identity = try String(contentsOfFile: fixture.tree() + "/WORKER_IDENTITY.md", encoding: .utf8)
        let own = [".WORKER_COMPLETE", ".czar/deep/notes.md", "WORKER_IDENTITY.md"]
        try writeFile(fixture.tree() + "/" + own[0], "done, but for the tests\n")
        try writeFile(fixture.tree() + "/" + own[1], "notes\n")
        try writeFile(fixture.tree() + "/" + own[2], identity + "a plan of mine\n")
        #expect(try fixture.hazards() == [.untracked(own.map { RepositoryPath($0) })])
        try fixture.remove(force: true)
        try fixture.undo()
        #expect(try String(contentsOfFile: fixture.tree() + "/" + own[0], encoding: .utf8) == "done, but for the tests\n")
        #expect(try String(contentsOfFile: fixture.tree() + "/" + own[1], encoding: .utf8) == "notes\n")
        #expect(try String(contentsOfFile: fixture.tree() + "/" + own[2], encoding: .utf8) == identity + "a plan of mine\n")
    }

    @Test func whatCzarWroteItselfDoesNotCountAlsoUnderAnotherPlan() throws {
        let fixture = try TidyFixture()
        try fixture.create()
        try writeFile(fixture.tree() + "/.WORKER_COMPLETE", "")
        try writeFile(fixture.tree() + "/.czar/prompt.md", "go\n")
        try writeFile(fixture.path + "/.git/worktrees/api/czar-prompt", "go\n")
        try FileManager.default.createSymbolicLink(atPath: fixture.tree() + "/.czar/czar", withDestinationPath: "/usr/bin/czar")
        try writeFile(fixture.tree() + "/.czar/outbox/1.json", "{\"type\":\"STATE_CHANGED\"}")
        try writeFile(fixture.tree() + "/.czar/worker.log", "said\n")
        let workers = TidyFixture.ids.map { "{\"id\":\"\($0)\",\"launcher\":\"none\",\"description\":\"another\"}" }
        try fixture.repository.write(
            ".czarina/config.json", "{\"project\":{\"name\":\"p\",\"base\":\"main\"},\"workers\":[\(workers.joined(separator: ","))]}")
        try fixture.remove()
        #expect(!exists(fixture.tree()))
    }

    @Test func aPromptOfABuildThatKeptNoCopyOfItIsCzars() throws {
        let fixture = try TidyFixture()
        let tree = try fixture.create()
        let worker = try present(fixture.coordinator().plan[fixture.key().id])
        let identity = try String(contentsOfFile: tree + "/" + WorkerFiles.identity, encoding: .utf8)
        try writeFile(tree + "/.czar/prompt.md", identity + "remember the milk\n")
        #expect(try fixture.hazards() == [.untracked([RepositoryPath(".czar/prompt.md")])])
        try writeFile(tree + "/.czar/prompt.md", Prompt.text(identity: identity, brief: "do", worker: worker, lastFailure: "no"))
        try fixture.remove()
        #expect(!exists(tree))
    }

    @Test func wordsAtThePlacesOfCzarsFilesAreWork() throws {
        let fixture = try TidyFixture()
        try fixture.create()
        try writeFile(fixture.path + "/.git/worktrees/api/czar-prompt", "go\n")
        let places = [".czar/czar", ".czar/outbox/.later.tmp", ".czar/outbox/notes.txt", ".czar/prompt.md"]
        for place in places { try writeFile(fixture.tree() + "/" + place, "remember the milk\n") }
        // What is no event was set aside when the events were taken in.
        let found = [".czar/czar", ".czar/outbox/.later.tmp", ".czar/outbox/refused/notes.txt", ".czar/prompt.md"]
        #expect(try fixture.hazards() == [.untracked(found.map { RepositoryPath($0) })])
        try fixture.remove(force: true)
        try fixture.undo()
        for place in found {
            #expect(try String(contentsOfFile: fixture.tree() + "/" + place, encoding: .utf8) == "remember the milk\n", "\(place)")
        }
    }

    // MARK: Marks in the index

    @Test func whatGitWasToldNotToLookAtComesBackSo() throws {
        let fixture = try TidyFixture()
        let tree = try fixture.create()
        try git("update-index", "--skip-worktree", "src/file0", in: tree)
        try git("update-index", "--assume-unchanged", "src/file1", "src/file2", in: tree)
        for name in ["src/file0", "src/file1", "meant"] { try writeFile(tree + "/" + name, "password\n") }
        try git("add", "-N", "meant", in: tree)
        let before = (try git("ls-files", "-v", in: tree), try git("status", "--porcelain", in: tree))
        try #require(before.0.contains("S src/file0\nh src/file1\nh src/file2") && before.1 == " A meant")
        try fixture.remove(force: true)
        try fixture.undo()
        #expect(try git("ls-files", "-v", in: tree) == before.0)
        #expect(try git("status", "--porcelain", in: tree) == before.1)
        #expect(try String(contentsOfFile: tree + "/src/file0", encoding: .utf8) == "password\n")
        let commit = try Repository(opening: tree).commitFiles(CommitRequest(message: "work"))
        #expect(try git("show", "--format=", "--name-only", commit.hex, in: tree) == "meant")
        #expect(try fixture.check().isEmpty)
    }

    @Test func marksOfFilesThatAreNotChangedComeBackToo() throws {
        let fixture = try TidyFixture()
        let tree = try fixture.create()
        try git("update-index", "--assume-unchanged", "src/file1", in: tree)
        try fixture.remove()
        try fixture.undo()
        #expect(try git("ls-files", "-v", "src/file1", in: tree) == "h src/file1")
        #expect(try git("status", "--porcelain", in: tree).isEmpty)
    }

    @Test(arguments: [true, false])
    func aFileThatWasTakenAwayBehindItsMarkStaysAway(isDirty: Bool) throws {
        let fixture = try TidyFixture()
        let tree = try fixture.create()
        try git("update-index", "--skip-worktree", "src/file1", "tool.sh", in: tree)
        try FileManager.default.removeItem(atPath: tree + "/src/file1")
        if isDirty { for name in ["src/file0", "new"] { try writeFile(tree + "/" + name, "mine\n") } }
        let before = try fixture.contents()
        let marks = try git("ls-files", "-v", in: tree)
        try fixture.remove(force: isDirty)
        try fixture.undo()
        #expect(!exists(tree + "/src/file1") && exists(tree + "/tool.sh"))
        #expect(try fixture.contents() == before)
        #expect(try git("ls-files", "-v", in: tree) == marks)
        #expect(try fixture.check().isEmpty)
    }

    /// Nobody took single files away there.
    @Test func ofAWorktreeThatVanishedFilesBehindMarksComeBack() throws {
        let fixture = try TidyFixture()
        let tree = try fixture.create()
        try git("update-index", "--skip-worktree", "src/file1", in: tree)
        try FileManager.default.removeItem(atPath: tree)
        try fixture.remove()
        try fixture.undo()
        #expect(exists(tree + "/src/file1"))
        #expect(try git("ls-files", "-v", "src/file1", in: tree) == "S src/file1")
    }

    // MARK: References of the worktree alone

    @Test(arguments: [true, false])
    func anAnnotatedTagOfTheWorktreeAloneIsKept(hasVanished: Bool) throws {
        let fixture = try TidyFixture()
        let tree = try fixture.create()
        try git("tag", "-a", "-m", "what it is about", "mine", in: tree)
        let tag = try git("rev-parse", "mine", in: tree)
        try git("update-ref", "refs/worktree/mine", tag, in: tree)
        try git("tag", "-d", "mine", in: tree)
        if hasVanished { try FileManager.default.removeItem(atPath: tree) }
        let recovery = try present(fixture.remove().recovery)
        try git("reflog", "expire", "--expire=now", "--all", in: fixture.path)
        try git("gc", "-q", "--prune=now", in: fixture.path)
        #expect(try git("cat-file", "-t", tag, in: fixture.path) == "tag")
        #expect(try git("log", "-1", "--format=%B", recovery, in: fixture.path).contains("git tag NAME " + tag))
        try fixture.undo()
        #expect(try git("status", "--porcelain", in: tree).isEmpty)
        // One that a reference names needs no other.
        try git("tag", "again", tag, in: fixture.path)
        try git("update-ref", "refs/worktree/mine", tag, in: tree)
        try git("update-ref", "-d", "refs/czar/recovery/api/tags/" + tag, in: fixture.path)
        #expect(try fixture.remove().recovery == nil)
        #expect(try fixture.check().isEmpty)
    }

    // MARK: The last moment

    enum LastMoment: CaseIterable { case untracked, changed, ignored, committed, reported }

    @Test(arguments: LastMoment.allCases)
    func whatIsWrittenJustBeforeTheRenameIsNotLost(_ what: LastMoment) throws {
        let fixture = try TidyFixture()
        let tree = try fixture.create()
        try writeFile(tree + "/known", "known\n")
        let remover = WorkspaceRemover(try fixture.coordinator(), options: RemovalOptions(force: true)) { step in
            guard step == .removalRecorded else { return }
            do {
                switch what {
                case .untracked: try writeFile(tree + "/late", "late\n")
                case .changed: try writeFile(tree + "/known", "again\n")
                case .ignored: try writeFile(tree + "/late.o", "late\n")
                case .committed: try git("commit", "-q", "--allow-empty", "-m", "late", in: tree)
                case .reported: try writeFile(tree + "/.czar/late", "late\n")
                }
            } catch {
                Issue.record(error)
            }
        }
        #expect(throws: RemovalError.self) { try remover.remove(fixture.key()) }
        #expect(try git("status", "--porcelain", in: tree).contains("?? known"))
        #expect(try fixture.record().creation?.worktree == tree)
        #expect(try fixture.record().plannedTidying == nil)
        #expect(try FileManager.default.contentsOfDirectory(atPath: fixture.path + "/.czarina/worktrees") == ["api"])
        #expect(try FileManager.default.contentsOfDirectory(atPath: fixture.path + "/.git/czar/staging").isEmpty)
        #expect(try fixture.check().isEmpty)
        try fixture.remove(force: true, ignored: true)
        #expect(!exists(tree))
    }
}
