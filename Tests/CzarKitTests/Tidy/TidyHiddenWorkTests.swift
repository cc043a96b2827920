import CzarGit
import CzarKit
import CzarPlanning
import Foundation
import TestSupport
import Testing

/// Work in places where git or libgit2 do not look.
@Suite struct TidyHiddenWorkTests {
    @Test func aRepositoryAtASubmodulesPlaceIsSeen() throws {
        let fixture = try TidyFixture.withSubmodule()
        try fixture.create()
        try git("clone", "-q", fixture.path + "-source", fixture.tree() + "/sub", in: fixture.path)
        #expect(try fixture.hazards(force: true) == [.repositories([RepositoryPath("sub/")])])
        #expect(exists(fixture.tree() + "/sub/.git/HEAD"))
    }

    @Test func filesInTheFolderOfAnUnclonedSubmoduleAreSeen() throws {
        let fixture = try TidyFixture.withSubmodule()
        try fixture.create()
        try writeFile(fixture.tree() + "/sub/precious", "mine")
        #expect(try fixture.hazards(force: true) == [.strays([RepositoryPath("sub/precious")])])
        try FileManager.default.removeItem(atPath: fixture.tree() + "/sub/precious")
        try fixture.remove()
        #expect(!exists(fixture.tree()))
    }

    @Test func aClonedSubmoduleGoesOnceItsCommitsAreElsewhere() throws {
        let fixture = try TidyFixture.withSubmodule()
        try fixture.create()
        try fixture.cloneSubmodule()
        #expect(try fixture.hazards(force: true) == [.submodules([RepositoryPath("sub")])])
        let other = fixture.path + "/.czarina/worktrees/docs"
        try fixture.create("docs")
        try git("-c", "protocol.file.allow=always", "submodule", "update", "-q", "--init", in: other)
        try writeFile(fixture.tree() + "/sub/note", "mine")
        let changed = #expect(throws: RemovalError.self) { try fixture.remove(force: true) }
        #expect(changed?.remedy == "git -C \(fixture.tree())/sub status --ignored")
        try FileManager.default.removeItem(atPath: fixture.tree() + "/sub/note")
        try git("checkout", "-q", "-b", "mine", in: fixture.tree() + "/sub")
        try git("commit", "-q", "--allow-empty", "-m", "precious", in: fixture.tree() + "/sub")
        try git("checkout", "-q", "--detach", "origin/main", in: fixture.tree() + "/sub")
        let error = #expect(throws: RemovalError.self) { try fixture.remove(force: true) }
        try prepare("sh", "-ec", try #require(error?.remedy))
        // Other worktrees keep theirs.
        #expect(try git("submodule", "status", in: other).hasPrefix(" "))
        #expect(try fixture.hazards(force: true) == [.submodules([RepositoryPath("modules/sub")])])
        let modules = try git("rev-parse", "--absolute-git-dir", in: fixture.tree()) + "/modules/sub"
        try git("--git-dir=" + modules, "push", "-q", "origin", "mine", in: fixture.path)
        try fixture.remove()
        #expect(!exists(fixture.tree()))
    }

    @Test(arguments: ["echo x >> in/f", "echo x > in/new", "echo x > in/x.ign"])
    func whatASubmodulesSubmoduleHoldsIsSeen(_ script: String) throws {
        let fixture = try TidyFixture()
        let (inner, middle) = (fixture.path + "-inner", fixture.path + "-middle")
        for (path, name) in [(inner, "f"), (middle, "m")] {
            try git("init", "-q", "-b", "main", path, in: fixture.path)
            try writeFile(path + "/" + name, "x\n")
            try writeFile(path + "/.gitignore", "*.ign\n")
            try git("add", "-A", in: path)
            try git("commit", "-qm", name, in: path)
        }
        for (source, place, path) in [(inner, middle, "in"), (middle, fixture.path, "sub")] {
            try git("-c", "protocol.file.allow=always", "submodule", "add", "-q", source, path, in: place)
            try git("commit", "-qam", "submodule", in: place)
        }
        try fixture.create()
        try git("-c", "protocol.file.allow=always", "submodule", "update", "-q", "--init", "--recursive", in: fixture.tree())
        #expect(try fixture.hazards(force: true) == [.submodules([RepositoryPath("sub")])])
        try prepare("sh", "-ec", script, in: fixture.tree() + "/sub")
        let error = #expect(throws: RemovalError.self) { try fixture.remove(force: true) }
        #expect(error?.remedy?.hasPrefix("git -C \(fixture.tree())/sub") == true, "\(String(describing: error))")
    }

    @Test func submodulesOfAVanishedWorktreeAreSeen() throws {
        let fixture = try TidyFixture.withSubmodule()
        try fixture.create()
        try fixture.cloneSubmodule()
        try git("commit", "-q", "--allow-empty", "-m", "precious", in: fixture.tree() + "/sub")
        try FileManager.default.removeItem(atPath: fixture.tree())
        let expected = [RemovalHazard.submodules([RepositoryPath("modules/sub")])]
        #expect(try fixture.hazards(force: true) == expected)
        #expect(throws: RemovalError.refused(worker: fixture.key().id, hazards: expected, place: fixture.tree())) { try fixture.create() }
        #expect(exists(fixture.path + "/.git/worktrees/api/modules/sub/HEAD"))
    }

    @Test func aRepositoryDeepInAnIgnoredFolderIsSeen() throws {
        let fixture = try TidyFixture()
        try fixture.create()
        try writeFile(fixture.tree() + "/build/deep/file", "made")
        #expect(try fixture.hazards(force: true) == [.ignored([RepositoryPath("build/")])])
        try git("init", "-q", fixture.tree() + "/build/deep/own", in: fixture.path)
        #expect(
            throws: RemovalError.refused(
                worker: fixture.key().id, hazards: [.repositories([RepositoryPath("build/deep/own/")])], place: fixture.tree())
        ) {
            try fixture.remove(force: true, ignored: true)
        }
    }

    @Test func aMovedRepositoryLosesNoEntryBeforeItsRepair() async throws {
        let fixture = try TidyFixture()
        try fixture.create()
        let moved = fixture.path + "-moved"
        try FileManager.default.moveItem(atPath: fixture.path, toPath: moved)
        defer { try? FileManager.default.moveItem(atPath: moved, toPath: fixture.path) }
        #expect(try fixture.problems(adopt: true, at: moved).filter { $0.hasPrefix("worktree") } == ["worktree-link"])
        let coordinator = try Coordinator(around: moved, actor: "cli")
        let tree = moved + "/.czarina/worktrees/api"
        #expect(throws: RemovalError.adrift(worker: fixture.key().id, path: tree)) {
            try WorkspaceRemover(coordinator, options: RemovalOptions(force: true)).remove(fixture.key())
        }
        let worker = try present(coordinator.plan[fixture.key().id])
        #expect(throws: WorkspaceError.moved(worker: worker.id, to: tree)) { try WorkspaceCreator(coordinator).create(worker) }
        #expect(try await Pruner(coordinator).prune(dryRun: false).allSatisfy { !$0.isPruned })
        #expect(exists(moved + "/.git/worktrees/api"))
        #expect(try fixture.problems(repair: true, at: moved) == [])
    }

    @Test func aFileOutsideASparseConeThatIsThereIsWork() throws {
        let fixture = try TidyFixture(ids: [])
        let worker = "{\"id\":\"api\",\"launcher\":\"none\",\"sparse\":true,\"paths\":[\"docs/**\"]}"
        try fixture.repository.write("docs/page", "page\n")
        try fixture.repository.write(".czarina/config.json", "{\"project\":{\"name\":\"p\",\"base\":\"main\"},\"workers\":[\(worker)]}")
        try fixture.repository.commitAll("docs")
        try fixture.create()
        #expect(!exists(fixture.tree() + "/src"))
        try writeFile(fixture.tree() + "/src/file0", "work of an hour\n")
        #expect(try fixture.hazards() == [.changed([RepositoryPath("src/file0")])])
        let commit = try Repository(opening: fixture.tree()).commitFiles(CommitRequest(message: "work"))
        #expect(try git("show", commit.hex + ":src/file0", in: fixture.path) == "work of an hour")
        #expect(try git("ls-tree", "-r", "--name-only", commit.hex, in: fixture.path).contains("src/file4"))
        #expect(try git("status", "--porcelain", in: fixture.tree()).isEmpty)
    }

    @Test func nothingIsSaidToBeSetWhereAWorktreeCannotBeSparse() throws {
        let fixture = try TidyFixture(ids: [])
        let worker = "{\"id\":\"api\",\"launcher\":\"none\",\"sparse\":true,\"paths\":[\"src/**\"]}"
        try fixture.repository.write(".czarina/config.json", "{\"project\":{\"name\":\"p\",\"base\":\"main\"},\"workers\":[\(worker)]}")
        try fixture.repository.commitAll("sparse")
        #expect(try SparseNotice.sentence(for: [fixture.worker()], in: fixture.coordinator().project) != nil)
        // As in a submodule's repository.
        try git("config", "core.worktree", fixture.path, in: fixture.path)
        #expect(try SparseNotice.sentence(for: [fixture.worker()], in: fixture.coordinator().project) == nil)
        let error = #expect(throws: WorkspaceError.self) { try fixture.create() }
        #expect(error?.description.contains("its worktree cannot be sparse") == true && error?.remedy?.contains("in the plan") == true)
    }

    @Test func whatSkipWorktreeLeavesOutIsNotDeleted() throws {
        let fixture = try TidyFixture()
        try fixture.create()
        try git("update-index", "--skip-worktree", "src/file1", in: fixture.tree())
        try FileManager.default.removeItem(atPath: fixture.tree() + "/src/file1")
        try fixture.remove()
        #expect(!exists(fixture.tree()))
    }

    @Test func whatAMergePutAsideIsKept() throws {
        let fixture = try TidyFixture()
        try fixture.create()
        try fixture.commit("api", file: "src/file0", "ours\n")
        try git("checkout", "-q", "-b", "other", "main", in: fixture.path)
        try fixture.repository.write("src/file0", "theirs\n")
        try fixture.repository.commitAll()
        try git("checkout", "-q", "main", in: fixture.path)
        try writeFile(fixture.tree() + "/src/file1", "put aside\n")
        _ = try run(["git", "merge", "-q", "--autostash", "other"], in: fixture.tree())
        let stash = try git("rev-parse", "MERGE_AUTOSTASH", in: fixture.tree())
        let recovery = try present(fixture.remove(force: true).recovery)
        #expect(try git("rev-list", recovery, in: fixture.path).contains(stash))
    }

    // MARK: Something else in its place

    enum Replacement: CaseIterable { case repository, otherWorktree, link }

    @Test(arguments: Replacement.allCases)
    func whatStandsInItsPlaceIsNotRemoved(_ how: Replacement) throws {
        let fixture = try TidyFixture()
        let tree = try fixture.create()
        try fixture.create("docs")
        switch how {
        case .repository:
            try FileManager.default.removeItem(atPath: tree)
            try git("init", "-q", tree, in: fixture.path)
            try writeFile(tree + "/mine", "mine")
        case .otherWorktree:
            try writeFile(tree + "/.git", Data(contentsOf: URL(fileURLWithPath: fixture.tree("docs") + "/.git")))
        case .link:
            try FileManager.default.moveItem(atPath: tree, toPath: fixture.path + "-target")
            try FileManager.default.createSymbolicLink(atPath: tree, withDestinationPath: fixture.path + "-target")
        }
        let entries = try git("worktree", "list", "--porcelain", in: fixture.path)
        do {
            try fixture.remove(force: true)
            Issue.record("it was removed")
        } catch RemovalError.behindLink where how == .link {
            #expect(exists(fixture.path + "-target/.git"))
        } catch RemovalError.foreign(fixture.key().id, tree) where how != .link {
            #expect(exists(tree + "/.git"))
        }
        #expect(try fixture.problems().contains("worktree-foreign"))
        #expect(exists(tree + "/.git"))
        #expect(try git("worktree", "list", "--porcelain", in: fixture.path) == entries)
    }

    @Test func filesWithoutTheirLinkAreTiedToTheRepositoryAgain() throws {
        let fixture = try TidyFixture()
        let tree = try fixture.create()
        try writeFile(tree + "/untracked", "mine")
        try FileManager.default.removeItem(atPath: tree + "/.git")
        #expect(throws: RemovalError.unlinked(worker: fixture.key().id, path: tree)) { try fixture.remove(force: true) }
        #expect(throws: WorkspaceError.unlinked(worker: fixture.key().id, path: tree)) { try fixture.create() }
        #expect(try fixture.problems().contains("worktree-link"))
        #expect(try fixture.problems(repair: true) == [])
        #expect(try git("status", "--porcelain", in: tree) == "?? untracked")
    }

    @Test func filesWhoseEntryWasPrunedAreNotCalledVanished() throws {
        let fixture = try TidyFixture()
        let tree = try fixture.create()
        try FileManager.default.moveItem(atPath: tree, toPath: tree + "-away")
        try git("worktree", "prune", in: fixture.path)
        try FileManager.default.moveItem(atPath: tree + "-away", toPath: tree)
        #expect(throws: RemovalError.forgotten(worker: fixture.key().id, path: tree)) { try fixture.remove(force: true) }
        #expect(exists(tree + "/README"))
        let error = #expect(throws: WorkspaceError.forgotten(worker: fixture.key().id, path: tree)) { try fixture.create() }
        let move = try present(error?.remedy).components(separatedBy: " && ")[0]
        try prepare("bash", "-c", move)
        try fixture.create()
        #expect(exists(tree + ".kept/README") && exists(tree + "/README"))
    }

    @Test func whatAVanishedWorktreeHadStagedOutlivesItsSuccessor() throws {
        let fixture = try TidyFixture()
        let tree = try fixture.create()
        try writeFile(tree + "/staged", "precious\n")
        try git("add", "staged", in: tree)
        try FileManager.default.removeItem(atPath: tree)
        let made = try WorkspaceCreator(fixture.coordinator()).create(fixture.worker())
        #expect(try git("show", try present(made.recovery) + ":staged", in: fixture.path) == "precious")
        #expect(try git("status", "--porcelain", in: tree).isEmpty)
        try FileManager.default.removeItem(atPath: tree)
        #expect(try WorkspaceCreator(fixture.coordinator()).create(fixture.worker()).recovery == nil)
    }

    @Test func aMovedWorktreeIsNotMadeASecondTime() throws {
        let fixture = try TidyFixture()
        let moved = fixture.path + "-moved"
        try git("worktree", "move", fixture.create(), moved, in: fixture.path)
        #expect(throws: WorkspaceError.moved(worker: fixture.key().id, to: moved)) { try fixture.create() }
        #expect(try fixture.problems(repair: true) == [])
        #expect(try fixture.record().creation?.worktree == moved)
    }

    private func movedAndVanished() throws -> (fixture: TidyFixture, moved: String) {
        let fixture = try TidyFixture()
        let moved = fixture.path + "-moved"
        try git("worktree", "move", fixture.create(), moved, in: fixture.path)
        try writeFile(moved + "/staged", "precious\n")
        try git("add", "staged", in: moved)
        try FileManager.default.removeItem(atPath: moved)
        return (fixture, moved)
    }

    @Test func whatWasStagedInAMovedWorktreeThatVanishedIsKept() async throws {
        let (fixture, moved) = try movedAndVanished()
        // Of another branch it is somebody else's.
        try git("worktree", "add", "-q", "-b", "own", fixture.path + "-own/api", in: fixture.path)
        try FileManager.default.removeItem(atPath: fixture.path + "-own")
        #expect(try MovedWorktree.place(of: fixture.record(), fixture.coordinator().project) == nil)
        let removed = try fixture.remove()
        #expect(!removed.hadFolder && removed.path == moved)
        #expect(try git("show", try present(removed.recovery) + ":staged", in: fixture.path) == "precious")
        #expect(try fixture.worktreeCount() == 2)
        try fixture.undo()
        #expect(try git("diff", "--cached", "--name-status", in: moved) == "A\tstaged")
        #expect(try fixture.record().creation?.worktree == moved)
        try FileManager.default.removeItem(atPath: moved)
        #expect(try await Pruner(fixture.coordinator()).prune(dryRun: false).first?.recovery != nil)
        #expect(try fixture.worktreeCount() == 2)
    }

    @Test func aMovedWorktreeThatVanishedIsMadeAgainWhereItWasRecorded() throws {
        let (fixture, _) = try movedAndVanished()
        let made = try WorkspaceCreator(fixture.coordinator()).create(fixture.worker())
        #expect(made.path == fixture.tree())
        #expect(try git("show", try present(made.recovery) + ":staged", in: fixture.path) == "precious")
        #expect(try fixture.problems() == [])
    }

    @Test func aMovedWorktreeIsUnlockedWhereItIs() throws {
        let (fixture, moved) = try movedAndVanished()
        try writeFile(fixture.path + "/.git/worktrees/api/locked", "on a stick\n")
        let worker = fixture.key().id
        #expect(throws: WorkspaceError.locked(worker: worker, path: moved, reason: "on a stick")) { try fixture.create() }
        let finding = try present(fixture.doctor().first { $0.name == "worktree-missing" })
        #expect(finding.remedy == "git worktree unlock " + moved)
        #expect(try fixture.hazards() == [.locked(reason: "on a stick", path: moved)])
        let refused = RemovalError.refused(worker: worker, hazards: [.locked(reason: "", path: "/a b")], place: "/a b")
        #expect(refused.remedy == "git worktree unlock '/a b'")
        try prepare("sh", "-ec", try present(finding.remedy), in: fixture.path)
        #expect(try fixture.create() == fixture.tree())
    }

    @Test func aCopyOfTheRepositoryKeepsItsHandsOffTheOriginal() throws {
        let fixture = try TidyFixture()
        try fixture.create()
        let copy = fixture.path + "-copy"
        try FileManager.default.copyItem(atPath: fixture.path, toPath: copy)
        let original = try git("worktree", "list", "--porcelain", in: fixture.path)
        #expect(try fixture.problems(adopt: true, at: copy).contains("worktree-link"))
        let coordinator = try Coordinator(around: copy, actor: "cli")
        #expect(throws: RemovalError.self) { try WorkspaceRemover(coordinator, options: RemovalOptions()).remove(fixture.key()) }
        #expect(throws: WorkspaceError.self) { try WorkspaceCreator(coordinator).create(fixture.worker()) }
        #expect(try fixture.problems(adopt: true, repair: true, at: copy) == [])
        let record = try Coordinator(around: copy, actor: "cli").ledger.refresh()[fixture.key()]
        #expect(record.creation?.worktree == copy + "/.czarina/worktrees/api")
        #expect(try git("worktree", "list", "--porcelain", in: fixture.path) == original)
        #expect(try git("rev-parse", "--git-common-dir", in: copy + "/.czarina/worktrees/api") == copy + "/.git")
    }

    /// Worktrees outside stay behind when their repository is copied; the copy has only entries of them.
    @Test func aCopyForgetsTheWorktreesThatAreTheOriginals() async throws {
        let fixture = try TidyFixture()
        let tree = try fixture.createOutside()
        try writeFile(tree + "/staged", "mine\n")
        try git("add", "staged", in: tree)
        let copy = fixture.path + "-copy"
        try FileManager.default.copyItem(atPath: fixture.path, toPath: copy)
        // What is done there after that is the original's alone.
        try writeFile(tree + "/src/file0", "changed\n")
        let event = Event(
            time: currentTime(), phase: .first, worker: fixture.key().id, type: .checkpoint, fields: ["name": "mine"], actor: "worker")
        try Outbox.put(event, worktree: tree)
        let original = (try fixture.contents(at: tree), try git("worktree", "list", "--porcelain", in: fixture.path))
        #expect(try fixture.problems(adopt: true, repair: true, at: copy) == ["worktree-foreign"])
        #expect(try fixture.doctor(at: copy).filter { $0.severity == .problem }.map(\.remedy) == ["czar remove api"])
        let coordinator = try Coordinator(around: copy, actor: "cli")
        #expect(try EventIntake(coordinator).takeAll().isEmpty)
        let record = try coordinator.ledger.refresh()[fixture.key()]
        let hint = "czar remove api && czar create api"
        let uncommitted = #expect(throws: OperationError.self) {
            try WorkerCommit(coordinator).commit(fixture.worker(), record, message: "mine")
        }
        #expect(uncommitted?.remedy == hint)
        #expect(#expect(throws: WorkspaceError.self) { try WorkspaceCreator(coordinator).create(fixture.worker()) }?.remedy == hint)
        #expect(try await Pruner(coordinator).prune(dryRun: false).allSatisfy { !$0.isPruned })
        let removed = try WorkspaceRemover(coordinator, options: RemovalOptions()).remove(fixture.key())
        #expect(removed.isOthers && !removed.hadFolder)
        // What its own entry had staged is kept, and nothing of the original's files.
        let kept = try present(removed.recovery)
        #expect(try git("show", kept + "^2:staged", in: copy) == "mine")
        #expect(try git("ls-tree", "-r", "--name-only", kept + "^{tree}", in: copy).contains("src/file0"))
        #expect(try git("show", kept + ":src/file0", in: copy) == "content 0")
        #expect(try WorkspaceCreator(coordinator).create(fixture.worker()).path == copy + "/.czarina/worktrees/api")
        #expect(try fixture.problems(at: copy) == [])
        #expect(try fixture.contents(at: tree) == original.0)
        #expect(try git("worktree", "list", "--porcelain", in: fixture.path) == original.1)
        #expect(try FileManager.default.contentsOfDirectory(atPath: tree + "/.czar/outbox").count == 1)
        #expect(try fixture.problems() == [])
    }

    // MARK: Undo

    @Test func theBranchThatHeadWasOnIsCheckedOutAgain() throws {
        let fixture = try TidyFixture()
        try fixture.create()
        try git("checkout", "-q", "-b", "side", in: fixture.tree())
        try fixture.commit()
        try fixture.remove()
        try fixture.undo()
        #expect(try fixture.branch() == "side")
        #expect(try git("status", "--porcelain", in: fixture.tree()).isEmpty)
    }

    @Test func aRemovalIsUndoneWhoseBranchHadAnotherName() throws {
        let fixture = try TidyFixture()
        try fixture.create()
        try git("branch", "-m", "renamed", in: fixture.tree())
        let tip = try fixture.commit()
        #expect(try fixture.remove().tip == nil)
        try fixture.undo()
        #expect(try fixture.branch() == "renamed")
        #expect(try git("rev-parse", "HEAD", in: fixture.tree()) == tip)
    }

    @Test func aCloseoutThatWasCutOffIsNamed() throws {
        let fixture = try TidyFixture()
        let ledger = try fixture.coordinator().ledger
        try ledger.record(.closeoutPlanned, worker: nil, phase: .first, ["path": "x"])
        #expect(try fixture.problems() == ["closeout"])
        try ledger.record(.phaseClosed, worker: nil, phase: .first, ["path": "x", "from": "1"])
        #expect(try fixture.problems() == [])
    }
}
