import CzarKit
import Foundation
import TestSupport
import Testing

/// A reference that cannot be read is named with what mends it, and the rest is looked at all the same.
@Suite struct BrokenReferenceTests {
    private func made() throws -> TidyFixture {
        let fixture = try TidyFixture()
        try fixture.create()
        try fixture.create("ui")
        // Something else that is wrong, which is found last.
        try FileManager.default.removeItem(atPath: fixture.tree("ui"))
        return fixture
    }

    private func follow(_ finding: DoctorFinding, in fixture: TidyFixture) throws {
        try prepare("sh", "-c", try present(finding.remedy), in: fixture.path)
    }

    @Test(arguments: ["junk\n", ""]) func theBaseIsMendedByWhatIsSaid(content: String) throws {
        let fixture = try made()
        let tip = try git("rev-parse", "main", in: fixture.path)
        try writeFile(fixture.path + "/.git/refs/heads/main", content)
        for repair in [false, true] {
            let found = try fixture.doctor(repair: repair).filter { $0.sentence.contains("refs/heads/main") && $0.severity == .problem }
            #expect(found.count == 1, "\(found)")
        }
        let found = try fixture.doctor().filter { $0.name == "reference" }
        try follow(try present(found.first), in: fixture)
        #expect(try git("rev-parse", "main", in: fixture.path) == tip)
        #expect(try fixture.problems() == ["worktree-missing"])
    }

    @Test func oneOfNobodysDoesNotHideTheRest() throws {
        let fixture = try made()
        try writeFile(fixture.path + "/.git/refs/heads/mine", "junk\n")
        try writeFile(fixture.path + "/.git/refs/heads/loop", "ref: refs/heads/loop\n")
        // As after a branch of a remote has gone: git passes over it.
        try writeFile(fixture.path + "/.git/refs/remotes/origin/HEAD", "ref: refs/remotes/origin/gone\n")
        #expect(try fixture.problems() == ["worktree-missing", "reference", "reference"])
    }

    @Test func aWorkersBranchIsNamedOnce() throws {
        let fixture = try made()
        let branch = try fixture.branch()
        try writeFile(fixture.path + "/.git/refs/heads/" + branch, "junk\n")
        #expect(try fixture.problems().sorted() == ["branch-unreadable", "worktree-missing"])
    }

    @Test func packedReferencesAreNamed() throws {
        let fixture = try made()
        try writeFile(fixture.path + "/.git/packed-refs", "no line of git's\n")
        let found = try fixture.doctor()
        #expect(found.contains { $0.name == "references" && $0.remedy == "git for-each-ref" }, "\(found)")
        try git("config", "--unset", "user.name", in: fixture.path)
        #expect(try fixture.problems().contains("identity"))
    }

    @Test func aHeadThatSaysNothingIsMendedByWhatIsSaid() throws {
        let fixture = try made()
        try writeFile(fixture.path + "/.git/HEAD", "junk\n")
        let found = try present(try fixture.doctor().first { $0.name == "head" })
        try follow(found, in: fixture)
        #expect(try git("symbolic-ref", "HEAD", in: fixture.path) == "refs/heads/main")
        #expect(try fixture.problems() == ["worktree-missing"])
    }
}
