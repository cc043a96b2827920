import CzarGit
import CzarKit
import Foundation
import TestSupport
import Testing

/// Worktrees whose index is lost: to git every file there is deleted, and the next commit takes them out of the branch.
@Suite struct TidyLostIndexTests {
    private func lost(_ damage: String, in given: TidyFixture? = nil) throws -> TidyFixture {
        let fixture = try given ?? TidyFixture()
        try fixture.create()
        try fixture.commit()
        try writeFile(fixture.tree() + "/src/file0", "changed\n")
        try writeFile(fixture.tree() + "/precious", "mine\n")
        try prepare("sh", "-ec", damage, in: fixture.path + "/.git/worktrees/api")
        return fixture
    }

    @Test(arguments: ["rm -r -- *", "rm index", "rm index HEAD", "rm index HEAD logs/HEAD"])
    func itIsMadeOfWhatHeadHas(_ damage: String) throws {
        let fixture = try lost(damage)
        let findings = try fixture.doctor().filter { $0.severity == .problem }
        #expect(!findings.isEmpty && findings.allSatisfy { $0.remedy == "czar doctor --repair" }, "\(findings)")
        #expect(try fixture.problems(repair: true) == [])
        #expect(try fixture.problems() == [])
        #expect(try git("status", "--porcelain", in: fixture.tree()) == " M src/file0\n?? precious")
        #expect(try git("symbolic-ref", "HEAD", in: fixture.tree()) == "refs/heads/" + fixture.branch())
        try git("commit", "-qm", "more", "-a", in: fixture.tree())
        #expect(try git("show", "--format=", "--name-status", "HEAD", in: fixture.tree()) == "M\tsrc/file0")
        #expect(try fixture.check().isEmpty)
    }

    @Test func whatIsNotThereIsCounted() throws {
        let fixture = try lost("rm index")
        try FileManager.default.removeItem(atPath: fixture.tree() + "/src/file3")
        let repaired = try fixture.doctor(repair: true).filter { $0.severity == .repaired }.map(\.sentence)
        #expect(repaired.contains { $0.hasSuffix("; 1 file of it is not there, which a commit would delete") }, "\(repaired)")
        #expect(try git("status", "--porcelain", in: fixture.tree()) == " M src/file0\n D src/file3\n?? precious")
    }

    @Test(arguments: ["rm -r -- *", "rm index", "rm index config.worktree", "rm index config.worktree info/sparse-checkout"])
    func aSparseOneStaysSparse(_ damage: String) throws {
        let fixture = try TidyFixture(ids: [])
        let worker = "{\"id\":\"api\",\"launcher\":\"none\",\"sparse\":true,\"paths\":[\"src/**\"]}"
        try fixture.repository.write("docs/page", "page\n")
        try fixture.repository.write(".czarina/config.json", "{\"project\":{\"name\":\"p\",\"base\":\"main\"},\"workers\":[\(worker)]}")
        try fixture.repository.commitAll("docs")
        _ = try lost(damage, in: fixture)
        try #require(!exists(fixture.tree() + "/docs"))
        #expect(try fixture.problems(repair: true) == [])
        #expect(try git("status", "--porcelain", in: fixture.tree()) == " M src/file0\n?? precious")
        #expect(try git("ls-files", "-t", "docs", in: fixture.tree()) == "S docs/page")
        #expect(try git("sparse-checkout", "list", in: fixture.tree()) == "src")
    }

    @Test func patternsThatAreNoConeAreLeftToGit() throws {
        let fixture = try TidyFixture()
        try fixture.create()
        try git("sparse-checkout", "set", "--no-cone", "/*", "!/src/file*", "/src/file3", in: fixture.tree())
        let before = try git("ls-files", "-t", in: fixture.tree())
        try FileManager.default.removeItem(atPath: fixture.path + "/.git/worktrees/api/index")
        let problems = try fixture.doctor(repair: true).filter { $0.severity == .problem }
        #expect(problems.map(\.remedy) == ["git -C \(fixture.tree()) reset"])
        try fixture.mend(problems.first?.remedy)
        #expect(try git("ls-files", "-t", in: fixture.tree()) == before)
        #expect(try fixture.problems() == [])
    }

    @Test func othersAreNamedAndLeftAlone() throws {
        let fixture = try TidyFixture()
        try fixture.create()
        try git("worktree", "add", "-q", "--no-checkout", fixture.path + "-other", in: fixture.path)
        try git("worktree", "add", "-q", "--detach", fixture.path + "-unborn", in: fixture.path)
        try git("switch", "-q", "--orphan", "new", in: fixture.path + "-unborn")
        try? FileManager.default.removeItem(
            atPath: fixture.path + "/.git/worktrees/" + (fixture.path as NSString).lastPathComponent + "-unborn/index")
        let found = try fixture.doctor(repair: true).filter { $0.name == "worktree-damaged" }
        #expect(found.map(\.severity) == [.note] && found.first?.remedy == "git -C \(fixture.path)-other reset", "\(found)")
        #expect(try run(["git", "ls-files"], in: fixture.path + "-other").output.isEmpty)
    }
}
