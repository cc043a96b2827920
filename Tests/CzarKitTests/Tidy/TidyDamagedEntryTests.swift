import CzarGit
import CzarKit
import CzarPlanning
import Foundation
import TestSupport
import Testing

/// Worktrees whose entry in the repository has lost a file: the folder is there, and so is the work in it.
@Suite struct TidyDamagedEntryTests {
    private func damaged(_ file: String) throws -> TidyFixture {
        let fixture = try TidyFixture()
        try fixture.create()
        try fixture.commit()
        try writeFile(fixture.tree() + "/precious", "mine\n")
        try FileManager.default.removeItem(atPath: fixture.path + "/.git/worktrees/api/" + file)
        return fixture
    }

    /// To git every file there is deleted, and that is what would be kept.
    @Test func aWorktreeWithoutAnIndexIsMendedBeforeItIsRemoved() throws {
        let fixture = try TidyFixture()
        try fixture.create("api")
        try writeFile(fixture.tree() + "/mine", "mine\n")
        try FileManager.default.removeItem(atPath: fixture.path + "/.git/worktrees/api/index")
        let error = #expect(throws: RemovalError.self) { _ = try fixture.remove(force: true) }
        #expect(error?.remedy == "czar doctor --repair")
        var doctor = try Doctor(around: fixture.path, options: Doctor.Options(repair: true))
        _ = try doctor.examine()
        _ = try fixture.remove(force: true)
        _ = try Undoer(fixture.coordinator()).undo()
        #expect(try git("status", "--porcelain", in: fixture.tree()) == "?? mine")
    }

    /// What is ignored and tracked, or left out of a sparse worktree, would be deleted by it.
    @Test func nothingIsCommittedWhereTheIndexIsLost() throws {
        let fixture = try TidyFixture()
        try fixture.create()
        try writeFile(fixture.tree() + "/mine", "mine\n")
        let tip = try git("rev-parse", "HEAD", in: fixture.tree())
        try FileManager.default.removeItem(atPath: fixture.path + "/.git/worktrees/api/index")
        let coordinator = try fixture.coordinator()
        let worker = try #require(coordinator.plan[fixture.key().id])
        let error = #expect(throws: CommitFilesError.self) {
            try WorkerCommit(coordinator).commit(worker, fixture.record(), message: "all")
        }
        #expect(error?.kind == .refused && error?.remedy == "czar doctor --repair")
        #expect(try git("rev-parse", "HEAD", in: fixture.tree()) == tip)
        #expect(try fixture.problems(repair: true) == [])
        try WorkerCommit(coordinator).commit(worker, fixture.record(), message: "all")
        #expect(try git("show", "--format=", "--name-status", in: fixture.tree()) == "A\tmine")
    }

    @Test(arguments: ["HEAD", "commondir", "gitdir"])
    func isNeitherRemovedNorPrunedAndMended(_ file: String) async throws {
        let fixture = try damaged(file)
        for force in [false, true] {
            #expect(throws: RemovalError.self) { try fixture.remove(force: force, ignored: true) }
        }
        #expect(try await Pruner(fixture.coordinator()).prune(dryRun: false).allSatisfy { !$0.isPruned })
        #expect(exists(fixture.tree() + "/precious"))
        let findings = try fixture.doctor().filter { $0.name.hasPrefix("worktree") }
        #expect(findings.map(\.remedy) == ["czar doctor --repair"])
        #expect(try fixture.problems(repair: true) == [])
        #expect(try fixture.problems() == [])
        #expect(try git("status", "--porcelain", in: fixture.tree()) == "?? precious")
        #expect(try git("symbolic-ref", "HEAD", in: fixture.tree()) == "refs/heads/" + fixture.branch())
        #expect(try fixture.check().isEmpty)
        #expect(try fixture.hazards() == [.untracked([RepositoryPath("precious")])])
    }

    @Test(arguments: [": > commondir", ": > gitdir", "rm HEAD commondir gitdir", "rm HEAD; : > commondir"])
    func whatAnEntryLostIsThereAgainAfterOneRepair(_ damage: String) throws {
        let fixture = try TidyFixture()
        try fixture.create()
        try fixture.commit()
        try writeFile(fixture.tree() + "/precious", "mine\n")
        try prepare("sh", "-ec", damage, in: fixture.path + "/.git/worktrees/api")
        #expect(throws: RemovalError.self) { try fixture.remove(force: true, ignored: true) }
        #expect(try fixture.problems().isEmpty == false)
        #expect(try fixture.problems(repair: true) == [])
        #expect(try fixture.problems() == [])
        #expect(try git("status", "--porcelain", in: fixture.tree()) == "?? precious")
        #expect(try git("symbolic-ref", "HEAD", in: fixture.tree()) == "refs/heads/" + fixture.branch())
        #expect(try fixture.check().isEmpty)
    }

    @Test(arguments: [String(repeating: "0", count: 40), String(repeating: "12", count: 20)])
    func aHeadAtNoCommitIsSetBackInADirtyWorktree(_ head: String) throws {
        let fixture = try TidyFixture()
        try fixture.create()
        try fixture.commit()
        try fixture.makeMess()
        let before = try fixture.contents()
        try writeFile(fixture.path + "/.git/worktrees/api/HEAD", head + "\n")
        do { try fixture.create() } catch let error as WorkspaceError { #expect(error.remedy == "czar doctor") }
        let problems = try fixture.doctor(repair: true).filter { $0.severity == .problem }
        #expect(problems.map(\.name) == ["worktree-unreadable"])
        try fixture.mend(problems.first?.remedy)
        #expect(try fixture.contents() == before)
        #expect(try fixture.problems() == [])
    }

    @Test(arguments: [true, false])
    func aLinkThatIsRepairedIsRelativeWhereTheFormatOrTheFormerOneWas(_ isFormat: Bool) throws {
        let fixture = try TidyFixture()
        let tree = try fixture.create()
        let entry = fixture.path + "/.git/worktrees/api"
        let (link, back) = ("gitdir: ../../../.git/worktrees/api\n", "../../../.czarina/worktrees/api/.git\n")
        if isFormat {
            try git("config", "core.repositoryFormatVersion", "1", in: fixture.path)
            try prepare("git", "config", "--file", fixture.path + "/.git/config", "extensions.relativeWorktrees", "true")
        } else {
            try writeFile(entry + "/gitdir", back)
        }
        try FileManager.default.removeItem(atPath: tree + "/.git")
        #expect(try fixture.problems(repair: true) == [])
        #expect(try String(contentsOfFile: tree + "/.git", encoding: .utf8) == link)
        #expect(try String(contentsOfFile: entry + "/gitdir", encoding: .utf8) == back)
        guard isFormat else { return }
        try fixture.remove()
        try fixture.undo()
        #expect(try String(contentsOfFile: tree + "/.git", encoding: .utf8) == link)
        #expect(try String(contentsOfFile: entry + "/gitdir", encoding: .utf8) == back)
        // Older builds of git know the paths, but not the word.
        try prepare("git", "config", "--file", fixture.path + "/.git/config", "--unset", "extensions.relativeWorktrees")
        #expect(try git("status", "--porcelain", in: tree).isEmpty)
    }

    /// Of worktrees whose folder is gone.
    @Test(arguments: ["garbage\n", "", String(repeating: "garbage ", count: 100)])
    func aVanishedWorktreeWithADamagedIndexIsForgottenOnceThatWasPutAside(_ index: String) async throws {
        let fixture = try TidyFixture()
        let tree = try fixture.create()
        let path = fixture.path + "/.git/worktrees/api/index"
        try FileManager.default.removeItem(atPath: tree)
        try writeFile(path, index)
        var failure: RemovalError?
        for attempt in [{ _ = try fixture.create() }, { _ = try fixture.remove(force: true) }] as [() throws -> Void] {
            do { try attempt() } catch let error as RemovalError { failure = error }
            guard case .unreadableIndex(_, path, let why)? = failure else { throw try present(failure) }
            #expect(!why.contains("no longer exists"), "\(why)")
        }
        #expect(try await Pruner(fixture.coordinator()).prune(dryRun: false).allSatisfy { !$0.isPruned })
        let mend = try present(failure?.remedy?.components(separatedBy: " && ").first)
        try prepare("sh", "-ec", mend, in: fixture.path)
        #expect(try String(contentsOfFile: fixture.path + "/.git/index-of-api", encoding: .utf8) == index)
        #expect(try fixture.create() == tree)
        #expect(try fixture.problems() == [])
    }

    @Test func withoutAnIndexNothingWasStagedInAWorktreeThatVanished() throws {
        let fixture = try TidyFixture()
        let tree = try fixture.create()
        let entry = fixture.path + "/.git/worktrees/api"
        for isFirst in [true, false] {
            try FileManager.default.removeItem(atPath: tree)
            try writeFile(entry + "/index", isFirst ? "garbage\n" : "other\n")
            var mend: String?
            do { try fixture.remove() } catch let error as RemovalError { mend = error.remedy?.components(separatedBy: " && ").first }
            try prepare("sh", "-ec", try present(mend), in: fixture.path)
            try fixture.remove()
            try fixture.undo()
            #expect(try git("status", "--porcelain", in: tree).isEmpty)
            #expect(exists(tree + "/src/file0"))
        }
        #expect(try String(contentsOfFile: fixture.path + "/.git/index-of-api", encoding: .utf8) == "garbage\n")
        #expect(try String(contentsOfFile: fixture.path + "/.git/index-of-api-2", encoding: .utf8) == "other\n")
    }

    @Test(arguments: ["ref: refs/heads/", "ref: refs/heads/cz1", "ref: refs/heads/no..name", "garbage", ""])
    func aVanishedWorktreeWhoseHeadNamesNothingIsMadeAgain(_ head: String) throws {
        let fixture = try TidyFixture()
        let tree = try fixture.create()
        try fixture.create("docs")
        try FileManager.default.removeItem(atPath: tree)
        try writeFile(fixture.path + "/.git/worktrees/api/HEAD", head + "\n")
        #expect(try fixture.problems() == ["worktree-missing"])
        #expect(try fixture.create("ui") == fixture.tree("ui"))
        #expect(try fixture.create() == tree)
        #expect(try git("status", "--porcelain", in: tree).isEmpty)
        #expect(try fixture.check().isEmpty)
        try FileManager.default.removeItem(atPath: tree)
        try writeFile(fixture.path + "/.git/worktrees/api/HEAD", head + "\n")
        try fixture.remove()
    }

    @Test func aHeadThatNamesNothingKeepsNobodyFromTheDoctor() throws {
        let fixture = try TidyFixture()
        try fixture.create()
        try writeFile(fixture.path + "/.git/worktrees/api/HEAD", "ref: refs/heads/\n")
        let finding = try present(fixture.doctor().first { $0.name == "worktree-unreadable" })
        try prepare("sh", "-ec", try present(finding.remedy), in: fixture.path)
        #expect(try fixture.problems() == [])
    }

    @Test func statusSaysWhatIsWrong() throws {
        let project = try CzarProject("project: {base: main}\nworkers:\n  - {id: one, script: 'true'}\n")
        try project.expect(0, "create", "one")
        try FileManager.default.removeItem(atPath: project.path + "/.git/worktrees/one/commondir")
        #expect(try project.expect(0, "status", "--format", "json").output.contains("has lost its 'commondir'"))
        #expect(try project.expect(73, "create", "one").errors.contains("has lost its 'commondir'"))
        #expect(try project.expect(77, "remove", "--force", "one").errors.contains("czar doctor --repair"))
        try project.expect(0, "doctor", "--repair")
        try project.expect(0, "remove", "one")
    }

    @Test func aPlaceThatIsNoneIsNotLinked() throws {
        let fixture = try TidyFixture()
        try fixture.create()
        let entry = fixture.path + "/.git/worktrees/api"
        try writeFile(entry + "/gitdir", "garbage\n")
        #expect(try fixture.problems(repair: true) == [])
        #expect(!exists(entry + "/.git"))
        #expect(try String(contentsOfFile: entry + "/gitdir", encoding: .utf8) == fixture.tree() + "/.git\n")
        try fixture.remove()
        #expect(!exists(fixture.tree()))
    }

    @Test func aDetachedHeadComesBackDetached() throws {
        let fixture = try damaged("HEAD")
        let tip = try git("rev-parse", fixture.coordinator().plan[fixture.key().id]!.branch.rawValue, in: fixture.path)
        try writeFile(fixture.path + "/.git/worktrees/api/HEAD", tip + "\n")
        try git("commit", "-q", "--allow-empty", "-m", "apart", in: fixture.tree())
        let apart = try git("rev-parse", "HEAD", in: fixture.tree())
        try FileManager.default.removeItem(atPath: fixture.path + "/.git/worktrees/api/HEAD")
        _ = try fixture.problems(repair: true)
        #expect(try git("rev-parse", "HEAD", in: fixture.tree()) == apart)
        #expect(try git("rev-parse", "--symbolic-full-name", "HEAD", in: fixture.tree()) == "HEAD")
    }
}

/// Indexes that git can read and libgit2 cannot.
@Suite struct TidyIndexFormTests {
    @Test(arguments: ["split", "sparse"])
    func theCommandThatMakesItReadableIsSaid(_ form: String) throws {
        let fixture = try TidyFixture()
        try fixture.create()
        if form == "split" {
            try git("update-index", "--split-index", in: fixture.tree())
        } else {
            try git("sparse-checkout", "set", "--sparse-index", "--cone", "nowhere", in: fixture.tree())
        }
        do {
            try fixture.remove()
            Issue.record("it was removed")
        } catch let error as GitError {
            let command = try present(error.description.split(separator: "'").first { $0.hasPrefix("git ") }).dropFirst(4)
            try prepare("bash", "-c", "cd \(fixture.tree()) && git \(command)")
        }
        try fixture.remove()
        #expect(!exists(fixture.tree()))
    }

    /// Git splits the index again with its next command, unless it is told not to.
    @Test func theCommandHoldsWhereGitSplitsEveryIndex() throws {
        let fixture = try TidyFixture()
        try fixture.create()
        try git("config", "core.splitIndex", "true", in: fixture.path)
        // The first reads it whole, and the second writes it in two.
        for _ in 0..<2 { try git("update-index", "--force-write-index", in: fixture.tree()) }
        let problems = try fixture.doctor().filter { $0.severity == .problem }
        #expect(problems.map(\.name) == ["worktree-unreadable"])
        try fixture.mend(problems.first?.remedy)
        for _ in 0..<2 { try git("update-index", "--force-write-index", in: fixture.tree()) }
        #expect(try fixture.problems() == [])
        try fixture.remove()
        #expect(!exists(fixture.tree()))
    }
}
