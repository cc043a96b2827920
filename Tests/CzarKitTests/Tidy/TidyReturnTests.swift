import CzarGit
import CzarKit
import CzarPlanning
import Foundation
import TestSupport
import Testing

/// What an undo brings back beside commits and files, and what is said when it cannot.
@Suite struct TidyReturnTests {
    @Test(arguments: [true, false], [true, false])
    func aWorktreeWhoseBranchIsGoneComesBackDetached(isDetached: Bool, isDeletedInside: Bool) throws {
        let fixture = try TidyFixture()
        try fixture.create()
        let tip = try fixture.commit()
        try writeFile(fixture.tree() + "/src/file0", "changed\n")
        try writeFile(fixture.tree() + "/untracked", "mine\n")
        let status = try git("status", "--porcelain", in: fixture.tree())
        let branch = try fixture.branch()
        if isDetached { try git("switch", "-q", "--detach", in: fixture.tree()) }
        // In the worktree git notes it in the reflog of its HEAD.
        try git("update-ref", "-d", "refs/heads/" + branch, in: isDeletedInside ? fixture.tree() : fixture.path)
        let recovery = try present(fixture.remove(force: true).recovery)
        #expect(try git("log", "-1", "--format=%B", recovery, in: fixture.path).contains("\nhead \(tip)\n"))
        try fixture.undo()
        #expect(try git("rev-parse", "HEAD", in: fixture.tree()) == tip)
        #expect(try git("rev-parse", "--symbolic-full-name", "HEAD", in: fixture.tree()) == "HEAD")
        #expect(try git("status", "--porcelain", in: fixture.tree()) == status)
        #expect(try fixture.record().creation?.worktree == fixture.tree())
        #expect(try fixture.check().isEmpty)
    }

    @Test(arguments: [true, false])
    func aBranchWithoutACommitIsNamedByHeadAgain(isEmpty: Bool) throws {
        let fixture = try TidyFixture()
        try fixture.create()
        try git("checkout", "-q", "--orphan", "fresh", in: fixture.tree())
        if isEmpty {
            try git("rm", "-q", "-r", "-f", ".", in: fixture.tree())
        } else {
            try writeFile(fixture.tree() + "/src/file0", "changed\n")
        }
        let status = try git("status", "--porcelain", "--branch", in: fixture.tree())
        #expect(try fixture.remove(force: true).recovery != nil)
        try fixture.undo()
        #expect(try git("symbolic-ref", "HEAD", in: fixture.tree()) == "refs/heads/fresh")
        #expect(try git("status", "--porcelain", "--branch", in: fixture.tree()) == status)
        #expect(try fixture.check().isEmpty)
    }

    @Test func aBranchThatWasDeletedSinceIsNamedWithItsTip() throws {
        let fixture = try TidyFixture()
        try fixture.create()
        let tip = try fixture.commit()
        let branch = try fixture.branch()
        try fixture.remove()
        try git("branch", "-q", "-D", branch, in: fixture.path)
        do {
            try fixture.undo()
            Issue.record("it was undone")
        } catch let error as UndoError {
            #expect(error.remedy == "git branch \(branch) \(tip)")
            try prepare("bash", "-c", "cd \(fixture.path) && \(try present(error.remedy))")
        }
        try fixture.undo()
        #expect(exists(fixture.tree() + "/work"))
    }

    @Test func aBranchThatIsCheckedOutElsewhereIsNamedWithItsPlace() throws {
        let fixture = try TidyFixture()
        try fixture.create()
        let branch = try fixture.branch()
        try fixture.remove()
        try git("switch", "-q", branch, in: fixture.path)
        do {
            try fixture.undo()
            Issue.record("it was undone")
        } catch let error as UndoError {
            #expect(error.description.hasSuffix("the branch '\(branch)' is checked out in '\(fixture.path)'"))
            try prepare("bash", "-c", try present(error.remedy))
        }
        try fixture.undo()
        #expect(exists(fixture.tree() + "/README"))
    }

    @Test func aBranchThatIsInUseElsewhereOrMovedStaysAndThatIsSaid() throws {
        let fixture = try TidyFixture()
        try fixture.create()
        let branch = try fixture.branch()
        try git("worktree", "add", "-q", "-f", fixture.path + "-second", branch, in: fixture.path)
        #expect(
            try fixture.hazards(branch: true) == [.branchInUse(branch: BranchName(rawValue: branch)!, at: fixture.path + "-second")])
        #expect(exists(fixture.tree()))
        try git("worktree", "remove", fixture.path + "-second", in: fixture.path)
        let commit = try git("commit-tree", "-m", "late", "HEAD^{tree}", in: fixture.path)
        let repository = fixture.path
        let remover = WorkspaceRemover(try fixture.coordinator(), options: RemovalOptions(branch: true)) { step in
            guard step == .worktreeRemoved else { return }
            do { try git("update-ref", "refs/heads/" + branch, commit, in: repository) } catch { Issue.record(error) }
        }
        let removed = try remover.remove(fixture.key())
        #expect(!removed.branchDeleted && removed.whyBranchStays?.hasPrefix("it moved to ") == true)
        #expect(try git("rev-parse", branch, in: fixture.path) == commit)
    }

    @Test func afterTheRepositoryWasMovedItComesBackThere() throws {
        let fixture = try TidyFixture()
        try fixture.create()
        try fixture.commit()
        try writeFile(fixture.tree() + "/untracked", "mine\n")
        try fixture.remove(force: true)
        let moved = fixture.path + "-moved"
        try FileManager.default.moveItem(atPath: fixture.path, toPath: moved)
        defer { try? FileManager.default.moveItem(atPath: moved, toPath: fixture.path) }
        _ = try fixture.problems(adopt: true, at: moved)
        _ = try Undoer(Coordinator(around: moved, actor: "cli")).undo()
        let tree = moved + "/.czarina/worktrees/api"
        #expect(exists(tree + "/work") && exists(tree + "/untracked"))
        #expect(try Coordinator(around: moved, actor: "cli").ledger.refresh()[fixture.key()].creation?.worktree == tree)
    }

    // MARK: Permissions, folders, settings

    private func modes(_ fixture: TidyFixture, _ names: [String]) throws -> [Int] {
        try names.map { name in
            try present(FileManager.default.attributesOfItem(atPath: fixture.tree() + "/" + name)[.posixPermissions] as? Int)
        }
    }

    @Test func permissionsAndEmptyFoldersComeBack() throws {
        let fixture = try TidyFixture()
        try fixture.create()
        let names = ["secret", "private/key", "private", "src/open", "empty/deep", "empty", "runs"]
        try writeFile(fixture.tree() + "/secret", "mine\n")
        try writeFile(fixture.tree() + "/private/key", "mine\n")
        try writeFile(fixture.tree() + "/src/open", "all\n")
        try writeFile(fixture.tree() + "/runs", "#!/bin/sh\n")
        try FileManager.default.createDirectory(atPath: fixture.tree() + "/empty/deep", withIntermediateDirectories: true)
        for (mode, name) in [("600", 0), ("400", 1), ("500", 2), ("666", 3), ("700", 4), ("750", 5), ("711", 6)] {
            try prepare("chmod", mode, fixture.tree() + "/" + names[name])
        }
        let before = try modes(fixture, names)
        try fixture.remove(force: true)
        try fixture.undo()
        #expect(try modes(fixture, names) == before)
        #expect(try fixture.hazards().count == 1, "what came back can be removed again")
    }

    @Test func settingsOfTheWorktreeAloneComeBack() throws {
        let fixture = try TidyFixture()
        try fixture.create()
        try git("config", "extensions.worktreeConfig", "true", in: fixture.path)
        try git("config", "--worktree", "core.hooksPath", "/nowhere", in: fixture.tree())
        #expect(try fixture.remove().recovery != nil)
        try fixture.undo()
        #expect(try git("config", "--worktree", "core.hooksPath", in: fixture.tree()) == "/nowhere")
    }

    /// Files are written by them, and some had been written before they were set.
    @Test(arguments: [true, false])
    func lineEndsAreThoseThatItsOwnSettingsGave(isChanged: Bool) throws {
        let fixture = try TidyFixture()
        let tree = try fixture.create()
        try git("config", "extensions.worktreeConfig", "true", in: fixture.path)
        try git("config", "--worktree", "core.autocrlf", "true", in: tree)
        for name in ["src/file0", "src/file1"] { try FileManager.default.removeItem(atPath: tree + "/" + name) }
        try git("checkout", "-q", "--", "src", in: tree)
        try #require(String(contentsOfFile: tree + "/src/file0", encoding: .utf8) == "content 0\r\n")
        if isChanged { try writeFile(tree + "/src/file1", "changed\r\n") }
        let before = try fixture.contents()
        try fixture.remove(force: isChanged)
        try fixture.undo()
        #expect(try fixture.contents() == before)
        #expect(try String(contentsOfFile: tree + "/src/file2", encoding: .utf8) == "content 2\n")
    }

    // MARK: Hints

    @Test(arguments: [true, false])
    func patternsThatAreNoConeComeBack(isChanged: Bool) throws {
        let fixture = try TidyFixture()
        try fixture.create()
        let tree = fixture.tree()
        try git("sparse-checkout", "set", "--no-cone", "/*", "!/src/file*", "/src/file3", in: tree)
        if isChanged { try writeFile(tree + "/src/file3", "changed\n") }
        func look() throws -> [String] {
            try [["status", "--porcelain"], ["sparse-checkout", "list"], ["ls-files", "-t"]].map { try run(["git"] + $0, in: tree).output }
        }
        let before = try look()
        #expect(before[2].contains("S src/file0"))
        #expect(try fixture.remove(force: isChanged).recovery != nil)
        try fixture.undo()
        #expect(try look() == before)
        #expect(!exists(tree + "/src/file0") && exists(tree + "/src/file3"))
        #expect(try fixture.check().isEmpty)
    }

    @Test func dirtyAndIgnoredTogetherTakeOneCommand() throws {
        let fixture = try TidyFixture()
        try fixture.create()
        try writeFile(fixture.tree() + "/mine", "mine\n")
        try writeFile(fixture.tree() + "/mine.o", "mine\n")
        for (force, ignored) in [(false, false), (true, false), (false, true)] {
            do {
                try fixture.remove(force: force, ignored: ignored)
                Issue.record("it was removed")
            } catch let error as RemovalError {
                #expect(error.remedy == "czar remove --force --ignored api")
            }
        }
        try fixture.remove(force: true, ignored: true)
    }

    @Test func aBroughtNameThatIsNoTextDoesNotCount() throws {
        let fixture = try TidyFixture(ids: [])
        let worker = "{\"id\":\"api\",\"launcher\":\"none\",\"copy\":[\"build/**\"]}"
        try fixture.repository.write(".czarina/config.json", "{\"project\":{\"name\":\"p\",\"base\":\"main\"},\"workers\":[\(worker)]}")
        try prepare("bash", "-c", "mkdir -p build && echo made > build/$'\\xff\\xfe'", in: fixture.path)
        try fixture.create()
        #expect(try FileManager.default.contentsOfDirectory(atPath: fixture.tree()).contains("build"))
        try fixture.remove()
        #expect(!exists(fixture.tree()))
    }

    @Test func whatARecoveryHoldsIsShownAndBroughtBackByTheCommandsThatItNames() throws {
        let fixture = try TidyFixture()
        try fixture.create()
        try writeFile(fixture.tree() + "/untracked", "mine\n")
        try fixture.remove(force: true)
        let remedy = try present(fixture.doctor().first { $0.name == "recovery" }?.remedy)
        let said = try run(["bash", "-c", remedy], in: fixture.path).output
        let commands = said.split(separator: "\n").filter { $0.hasPrefix("  git stash ") }
        #expect(commands.count == 2)
        #expect(try run(["bash", "-c", String(commands[0])], in: fixture.path).output.contains("+mine"))
        try fixture.create()
        try prepare("bash", "-c", String(commands[1]), in: fixture.tree())
        #expect(try String(contentsOfFile: fixture.tree() + "/untracked", encoding: .utf8) == "mine\n")
    }

    // MARK: Moved by hand

    @Test func aFolderThatWasMovedByHandIsFoundAndLinked() async throws {
        let fixture = try TidyFixture()
        try fixture.create()
        try writeFile(fixture.tree() + "/precious", "mine\n")
        let moved = fixture.path + "/.czarina/worktrees/api-old"
        try FileManager.default.moveItem(atPath: fixture.tree(), toPath: moved)
        #expect(throws: RemovalError.adrift(worker: fixture.key().id, path: moved)) { try fixture.remove(force: true) }
        #expect(try await Pruner(fixture.coordinator()).prune(dryRun: false).allSatisfy { !$0.isPruned })
        #expect(try fixture.problems(repair: true) == [])
        #expect(try git("status", "--porcelain", in: moved) == "?? precious")
        #expect(try fixture.record().creation?.worktree == moved)
    }

    @Test func worktreesThatWereSwappedAreNamed() throws {
        let fixture = try TidyFixture()
        try fixture.create("api")
        try fixture.create("docs")
        try prepare("bash", "-c", "mv api x && mv docs api && mv x docs", in: fixture.path + "/.czarina/worktrees")
        _ = try fixture.doctor(repair: true)
        let found = try fixture.doctor().filter { $0.name == "worktree-drifted" }
        #expect(found.count == 2)
        try prepare("bash", "-c", try present(found.first?.remedy).replacingOccurrences(of: " && czar doctor --repair", with: ""))
        _ = try fixture.doctor(repair: true)
        #expect(try fixture.problems() == [])
        #expect(try fixture.branch("api").hasSuffix("api"))
        try git("switch", "-q", "-c", "other", in: fixture.tree("api"))
        let drifted = try fixture.doctor().filter { $0.name == "worktree-drifted" }
        try prepare("bash", "-c", try present(drifted.first?.remedy))
        #expect(try fixture.problems() == [])
    }
}
