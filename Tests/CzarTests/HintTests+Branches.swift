import Foundation
import TestSupport
import Testing

/// Hints that bring a branch, or a worktree that is on another one, back to where it should be.
extension HintTests {
    @Test func aWorktreeOnAnotherBranchIsReboundByTheHint() throws {
        let project = try CzarProject(Self.plan)
        try project.expect(0, "create", "one")
        try writeFile(project.worktree("one") + "/work", "w")
        try git("add", "work", in: project.worktree("one"))
        try git("commit", "-qm", "work", in: project.worktree("one"))
        let work = try git("rev-parse", "HEAD", in: project.worktree("one"))
        try project.replacePlan(Self.plan.replacing("id: one", with: "id: one, branch: zzz"))
        let refused = try project.expect(77, "create", "--rebind", "one")
        #expect(try git("branch", "--list", "zzz", in: project.path) == "")
        let followed = try follow(hint(refused), in: project)
        #expect(followed.status == 0, "\(hint(refused)): \(followed.errors)")
        #expect(try git("rev-parse", "zzz", in: project.path) == work)
        let worker = try #require(try project.workers()["one"])
        #expect(worker["branch"].string == "zzz" && worker["health"].string == "ok", "\(worker)")
    }

    @Test func workLandsOnABaseThatHasNoCommitYetByTheHint() throws {
        let project = try CzarProject(
            "project: {name: hints, base: later}\nworkers:\n  - {id: one, base: main}\n")
        try git("checkout", "-q", "--orphan", "later", in: project.path)
        try project.expect(0, "create", "one")
        try writeFile(project.worktree("one") + "/work", "w")
        try project.expect(0, "commit", "-m", "work", "--worker", "one")
        try project.expect(0, "complete", "one")
        let report = try project.expect(0, "report", "closeout").output
        let hint = try #require(report.components(separatedBy: "Try ").dropFirst().first?.split(separator: "\n").first)
        let followed = try follow(String(hint), in: project)
        #expect(followed.status == 0, "\(hint): \(followed.errors)")
        #expect(try git("rev-parse", "later", in: project.path) == git("rev-parse", "cz1/feat/one", in: project.path))
    }

    @Test func aWorktreeOnAnotherBranchThanAnExistingOneIsSwitchedByTheHint() throws {
        let project = try CzarProject(Self.plan)
        try project.expect(0, "create", "one")
        try git("commit", "-q", "--allow-empty", "-m", "work", in: project.worktree("one"))
        try git("branch", "zzz", "main", in: project.path)
        try project.replacePlan(Self.plan.replacing("id: one", with: "id: one, branch: zzz"))
        let followed = try follow(hint(try project.expect(77, "create", "--rebind", "one")), in: project)
        #expect(followed.status == 0, "\(followed.errors)")
        #expect(try git("branch", "--show-current", in: project.worktree("one")) == "zzz")
    }

    /// What a worker did on another branch is taken over by the hint alone, from wherever it is given.
    @Test(arguments: ["git switch -q -c elsewhere", "git branch -m elsewhere", "git switch -q --detach"])
    func whatWasCommittedElsewhereIsBroughtBackByTheHint(_ leave: String) throws {
        let project = try CzarProject(
            "project: {name: away, base: main}\norchestration: {retry: {limit: 0}}\n"
                + "workers:\n  - {id: one, script: '\(leave); echo 1 > f; git add f; git commit -qm work; echo 2 > g'}\n")
        try project.expect(1, "run", "--trust", "--quiet")
        let worker = try #require(try project.workers()["one"])
        let reason = try #require(worker["cause"].string)
        #expect(reason.components(separatedBy: "elsewhere").count == (leave.contains("detach") ? 1 : 2), "\(reason)")
        #expect(!reason.contains("could not be committed") && !reason.contains("no commit of its own"), "\(reason)")
        let first = try #require(try project.answer("status")["attention"][0]["commands"].strings.first)
        // What it left uncommitted is the next thing that is said.
        #expect(try follow(first, in: project).errors.contains("1 uncommitted path: g"))
        let followed = try follow(hint(try project.expect(1, "complete", "one")), in: project)
        #expect(followed.status == 0, "\(followed.errors)")
        #expect(try project.state("one") == "complete")
        #expect(try git("log", "--format=%s", "main..cz1/feat/one", in: project.path) == "one: work\nwork")
    }

    @Test(arguments: ["", "git checkout -q --detach; "]) func aRenamedBranchGetsItsNameBackFromEveryHint(_ detach: String) throws {
        let project = try CzarProject(Self.plan)
        for command in ["czar status --short", "czar doctor", "czar commit --worker two -m x", "czar complete two"] {
            try project.expect(0, "create", "two")
            try git("commit", "-q", "--allow-empty", "-m", "work", in: project.worktree("two"))
            let tip = try git("rev-parse", "HEAD", in: project.worktree("two"))
            try prepare("bash", "-c", "cd '\(project.worktree("two"))' && git branch -m renamed && \(detach) echo 1 > g")
            let outcome = try follow(command, in: project)
            let attention = try project.answer("status")["attention"].array.first { $0["worker"].string == "two" }
            let text = command.contains("doctor") ? outcome.output : outcome.errors
            let mend =
                command.contains("status")
                ? try #require(attention?["commands"].strings.first)
                : text.components(separatedBy: "try: ").dropFirst().last?.split(separator: "\n").first.map(String.init) ?? "false"
            #expect(try follow(mend.components(separatedBy: " && czar complete")[0], in: project).status == 0, "\(mend)")
            #expect(try git("rev-parse", "cz1/feat/two", in: project.path) == tip)
            #expect(try git("branch", "--show-current", in: project.worktree("two")) == "cz1/feat/two")
            #expect(!(try project.czar("doctor").output.contains("two")))
            try project.expect(0, "remove", "two", "--force", "--branch")
            _ = try run(["git", "branch", "-q", "-D", "renamed"], in: project.path)
        }
    }

    @Test func aBranchAndAWorktreeThatAreGoneComeBackByTheHint() throws {
        let project = try CzarProject(Self.plan)
        try project.expect(0, "create", "one")
        try FileManager.default.removeItem(atPath: project.worktree("one"))
        try git("worktree", "prune", in: project.path)
        try git("branch", "-D", "cz1/feat/one", in: project.path)
        let followed = try follow(hint(try project.expect(73, "create", "one")), in: project)
        #expect(followed.status == 0, "\(followed.errors)")
        #expect(try project.workers()["one"]?["worktree"]["state"].string == "ok")
    }

    @Test func aBranchInTheWayIsRenamedByTheHint() throws {
        let project = try CzarProject(Self.plan)
        try git("branch", "cz1", in: project.path)
        let followed = try follow(hint(try project.expect(73, "create", "one")), in: project)
        #expect(followed.status == 0, "\(followed.errors)")
        try project.expect(0, "create", "one")
    }

    @Test func aDetachedHeadIsSwitchedToTheBranchThatIsThere() throws {
        let project = try CzarProject(Self.plan.replacing(", base: main", with: ""))
        try git("switch", "-q", "--detach", in: project.path)
        let refused = try project.expect(65, "create", "one")
        #expect(hint(refused) == "git switch main")
        let validated = try project.expect(65, "validate")
        #expect(
            validated.output.contains("config.yaml:1:1: error: project.base: The plan names no base, and HEAD is detached"),
            "\(validated.output)")
        #expect(try project.answer("graph")["schema"].exists)
        #expect(try follow(hint(refused), in: project).status == 0)
        try project.expect(0, "validate")
        try project.expect(0, "create", "one")
        // The base is recorded now, so HEAD no longer matters.
        try git("switch", "-q", "--detach", in: project.path)
        try project.expect(0, "validate")
        try project.expect(0, "create", "two")
    }
}
