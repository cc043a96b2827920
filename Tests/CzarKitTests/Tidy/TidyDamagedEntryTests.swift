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
}
