import CzarGit
import CzarKit
import CzarPlanning
import Foundation
import TestSupport
import Testing

/// Branches that are gone or damaged, while their worktree knows where they were.
@Suite struct TidyLostBranchTests {
    private static let losses = ["git update-ref -d REF", ": > FILE", "echo nonsense > FILE", "printf %040d 12 > FILE"]

    @Test(arguments: losses)
    func theCommandThatIsSaidBringsBackTheLastCommit(_ loss: String) throws {
        let fixture = try TidyFixture()
        try fixture.create()
        let branch = try fixture.branch()
        // Seen by nobody: the journal knows the fork point alone.
        let tip = try fixture.commit()
        try writeFile(fixture.tree() + "/untracked", "mine\n")
        let reference = "refs/heads/" + branch
        let command = loss.replacing("REF", with: reference).replacing("FILE", with: ".git/" + reference)
        try prepare("sh", "-ec", command, in: fixture.path)
        let problems = try fixture.doctor().filter { $0.severity == .problem }
        #expect(problems.count == 1, "\(problems)")
        try fixture.mend(problems.first?.remedy)
        #expect(try git("rev-parse", branch, in: fixture.path) == tip)
        #expect(try git("status", "--porcelain", in: fixture.tree()) == "?? untracked")
        #expect(try fixture.problems() == [])
    }

    @Test func aBranchThatWasDeletedInItsWorktreeIsNamedByWhatWasThere() throws {
        let fixture = try TidyFixture()
        try fixture.create()
        let branch = try fixture.branch()
        let tip = try fixture.commit()
        // Then HEAD's reflog ends with no commit.
        try git("update-ref", "-d", "refs/heads/" + branch, in: fixture.tree())
        #expect(try fixture.doctor().first { $0.name == "branch-missing" }?.remedy == "git branch \(branch) \(tip)")
        let worker = try fixture.worker()
        do { _ = try WorkspaceCreator(fixture.coordinator()).create(worker) } catch let error as any Explained {
            #expect(error.remedy?.contains(tip) == true, "\(error)")
        }
    }
}
