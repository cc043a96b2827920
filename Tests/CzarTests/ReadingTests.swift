import Foundation
import TestSupport
import Testing

/// Commands that only read, and what they may not follow.
@Suite struct ReadingTests {
    private let plan = """
        project: {name: reading, base: main}
        workers:
          - {id: one, script: "exit 3"}
          - {id: two, dependencies: [one], script: "true"}
        """

    @Test func followingTheEventsOfAnUntouchedRepositoryWritesNothingAndSeesTheFirstEntry() throws {
        let project = try CzarProject(plan)
        let follower = try project.start("events", "--follow")
        try waitUntil("the follower runs") { follower.isRunning }
        #expect(!exists(project.path + "/.git/czar"))
        try project.expect(0, "event", "one", "CHECKPOINT", "name=first")
        try waitUntil("the entry is shown") { follower.output.contains("CHECKPOINT name=first") }
        follower.signal(SIGTERM)
        #expect(follower.wait() == 128 + SIGTERM)
    }

    @Test(arguments: ["config.yaml", "workers/one.md"])
    func aLinkInThePlansFolderIsNotFollowed(name: String) throws {
        let project = try CzarProject(plan)
        let outside = project.outside + "/outside"
        try Data(plan.utf8).write(to: URL(fileURLWithPath: outside))
        let file = project.path + "/.czarina/" + name
        try FileManager.default.createDirectory(
            atPath: URL(fileURLWithPath: file).deletingLastPathComponent().path, withIntermediateDirectories: true)
        if exists(file) { try FileManager.default.removeItem(atPath: file) }
        try FileManager.default.createSymbolicLink(atPath: file, withDestinationPath: outside)
        let outcome = try project.expect(77, "status")
        #expect(outcome.errors.contains("symbolic link"))
    }

    @Test func aMissingBaseIsReportedWhereItStandsTogetherWithOtherProblems() throws {
        let project = try CzarProject(plan)
        try project.replacePlan("project: {name: x, base: main}\nworkers:\n  - {id: one, base: nowhere, setup: x}\n")
        let outcome = try project.expect(65, "validate")
        #expect(outcome.output.contains("config.yaml:3:21: error: workers[0].base: The base 'nowhere' does not exist"))
        #expect(outcome.output.contains("workers[0].setup"))
    }

    @Test func aBaseThatIsTheWorkersOwnBranchIsOneProblem() throws {
        let project = try CzarProject(plan)
        try project.replacePlan("project: {name: x, base: main}\nworkers:\n  - {id: d, base: cz1/feat/d}\n  - {id: e, base: cz1/feat/d}\n")
        let outcome = try project.expect(65, "validate")
        #expect(outcome.output.split(separator: "\n").count == 2, "\(outcome.output)")
        #expect(outcome.output.contains("3:19: error: workers[0].base: The worker's base is its own branch"), "\(outcome.output)")
    }

    @Test func aWorkerOnTheBranchOfHeadIsReportedWhereThePlanNamesNoBase() throws {
        let project = try CzarProject(plan)
        try project.replacePlan("project: {name: x}\nworkers:\n  - {id: one, script: \"true\", branch: main}\n")
        let outcome = try project.expect(65, "validate")
        #expect(outcome.output.contains("config.yaml:3:39: error: workers[0].branch: 'main' is the branch that HEAD names"))
    }

    @Test func aRetryUnblocksDependentsAndTheStatusFileFollowsWithoutADaemon() throws {
        let project = try CzarProject(plan)
        try project.expect(1, "run", "--trust")
        #expect(try project.states() == ["one": "failed", "two": "blocked"])
        try project.expect(0, "retry", "one")
        #expect(try project.states() == ["one": "pending", "two": "pending"])
        let file = try Data(contentsOf: URL(fileURLWithPath: project.path + "/.czarina/worker-status.json"))
        let written = try CzarAnswer(String(decoding: file, as: UTF8.self))
        #expect(written["workers"].array.map { $0["state"].string } == ["pending", "pending"])
        try project.expect(0, "fail", "one", "--reason", "no")
        #expect(try project.states() == ["one": "failed", "two": "blocked"])
    }

    @Test func theStatusFileFollowsABranchThatNothingWasMadeForYet() throws {
        let project = try CzarProject(
            "project: {name: x, base: main}\nworkers:\n  - {id: now, script: 'sleep 600'}\n  - {id: later, branch: later, dependencies: [now]}\n"
        )
        try git("branch", "later", in: project.path)
        let daemon = try project.start("run", "--trust")
        try project.wait(for: "now", toBe: "active")
        func ahead() throws -> Int? {
            let file = try Data(contentsOf: URL(fileURLWithPath: project.path + "/.czarina/worker-status.json"))
            return try CzarAnswer(String(decoding: file, as: UTF8.self))["workers"][1]["ahead"].int
        }
        try waitUntil("the file is there") { (try? ahead()) == 0 }
        let commit = try git("commit-tree", "HEAD^{tree}", "-p", "HEAD", "-m", "work", in: project.path)
        try git("update-ref", "refs/heads/later", commit, in: project.path)
        try waitUntil("the file has it") { (try? ahead()) == 1 }
        try project.expect(0, "run", "--stop")
        #expect(daemon.wait() != 0)
    }

    @Test func aRunningDaemonTakesAChangedPlanOnceItIsTrusted() throws {
        let project = try CzarProject(
            "project: {name: x, base: main}\nworkers:\n  - {id: one, script: \"while [ ! -e go ]; do sleep 0.05; done; echo 1 > f\"}\n")
        let daemon = try project.start("run", "--trust")
        try project.wait(for: "one", toBe: "active")
        try project.replacePlan(
            "project: {name: x, base: main}\nworkers:\n  - {id: one, script: \"while [ ! -e go ]; do sleep 0.05; done; echo 1 > f\"}\n"
                + "  - {id: two, script: \"echo 2 > g\"}\n")
        try waitUntil("the new plan is refused") { daemon.errors.contains("going on with the one before") }
        #expect(try project.state("two") == "pending")
        let attention = try project.answer("status")["attention"].array
        #expect(attention.map { $0["worker"].string } == ["two"])
        #expect(attention.first?["commands"].strings.first == "czar trust")
        try project.expect(0, "trust", "--yes")
        #expect(try project.answer("status")["attention"].array.isEmpty)
        try project.wait(for: "two", toBe: "complete")
        try Data().write(to: URL(fileURLWithPath: project.worktree("one") + "/go"))
        #expect(daemon.wait() == 0)
        #expect(try project.states() == ["one": "complete", "two": "complete"])
        let starts = try project.events().filter { $0.type == "PROCESS_STARTED" }
        #expect(starts.count == 2)
    }
}
