import Foundation
import TestSupport
import Testing

/// What is left of a phase once the plan is in the next one.
@Suite struct FormerPhaseTests {
    private func plan(_ phase: Int, _ workers: String...) -> String {
        "project: {name: two, base: main, phase: \(phase)}\nworkers:\n" + workers.map { "  - \($0)\n" }.joined()
    }

    /// Phase 1 with a person's committed work and an agent that failed, both without an end, and the plan in phase 2.
    private func begun(next: String...) throws -> CzarProject {
        let project = try CzarProject(
            plan(1, "{id: anna, agent: human}", "{id: bad, script: 'echo b > b; git add b; git commit -qm b; exit 3'}"))
        try project.expect(1, "run", "--trust")
        try writeFile(project.worktree("anna") + "/a", "a\n")
        try git("add", "a", in: project.worktree("anna"))
        try git("commit", "-qm", "a", in: project.worktree("anna"))
        try project.replacePlan(plan(2, "{id: next, agent: human}") + next.map { "  - \($0)\n" }.joined())
        try project.repository.commitAll("phase 2")
        return project
    }

    @Test func whatAReportSaysOfAnEarlierPhaseCanBeDone() throws {
        let project = try begun()
        try project.expect(1, "closeout", "--phase", "1", "--force")
        let report = try project.answer("report", "closeout", "--phase", "1")
        let commands = report["remains"].array.compactMap { $0["command"].string }
        #expect(!commands.isEmpty && commands.allSatisfy { !$0.contains("czar") || $0.contains("--phase 1") }, "\(commands)")
        #expect(commands.contains("czar complete bad --phase 1"), "\(commands)")
        #expect(!commands.contains { $0.contains("retry") }, "nothing tries it again: \(commands)")
        #expect(try project.expect(0, "status").output.contains("czar report closeout") == false, "a closed phase is over")

        try project.expect(0, "complete", "bad", "--phase", "1")
        #expect(try project.expect(0, "complete", "anna").output.contains("anna is complete at"))
        for command in ["path", "diff", "log", "show", "status", "brief"] { try project.expect(0, command, "anna") }
        try project.expect(0, "logs", "bad", "--phase", "1")
        try project.expect(0, "exec", "anna", "--", "true")
        try git("merge", "-q", "--no-edit", "cz1/feat/anna", in: project.path)
        try git("merge", "-q", "--no-edit", "cz1/feat/bad", in: project.path)
        try project.expect(0, "closeout", "--phase", "1")
    }

    @Test func statusNamesWhatAnEarlierPhaseHasOpen() throws {
        let project = try begun()
        try project.expect(0, "create", "next")
        let said = "phase 1 is not closed: 2 workers are not complete; czar report closeout --phase 1"
        #expect(try project.expect(0, "status").output.contains(said))
        try project.expect(0, "complete", "anna")
        try project.expect(0, "complete", "bad")
        #expect(!(try project.expect(0, "status").output.contains("is not closed")))
    }

    @Test func aFolderMeansItsOwnPhasesWorker() throws {
        let project = try begun(next: "{id: anna, agent: human}")
        let folder = project.worktree("anna")
        #expect(try project.expect(0, "whoami", at: folder).output.contains("anna (phase 1)"))
        #expect(try project.expect(0, "event", "CHECKPOINT", "name=x", at: folder).output.contains("recorded"))
        let entry = try project.expect(0, "events", "--format", "json").output.split(separator: "\n").last { $0.contains("CHECKPOINT") }
        #expect(entry?.contains("\"phase\":\"1\"") == true, "\(entry ?? "")")
        #expect(try project.expect(0, "complete", at: folder).output.contains("anna is complete at"))
        #expect(try project.state("anna") != "complete", "the plan's own is another one")
        #expect(try project.answer("status", "anna", "--phase", "1")["workers"][0]["state"].string == "complete")
        // Both have one place.
        let refused = try project.expect(73, "create", "anna").errors
        #expect(refused.contains("the worktree of 'anna' of phase 1 is at"), "\(refused)")
        #expect(refused.contains("try: czar remove anna --phase 1 && czar create anna"), "\(refused)")
        try project.expect(0, "remove", "anna", "--phase", "1")
        try project.expect(0, "undo")
        let identity = try String(contentsOfFile: folder + "/WORKER_IDENTITY.md", encoding: .utf8)
        #expect(identity.contains("worker `anna` of phase 1"), "\(identity)")
        try project.expect(0, "remove", "anna", "--phase", "1")
        try project.expect(0, "create", "anna")
        #expect(try project.expect(0, "whoami", at: folder).output.contains("anna (phase 2)"))
    }

    /// A command that began in phase 1 goes on to speak of itself, whoever has its name in phase 2.
    @Test func aWorkersOwnCommandMeansItself() throws {
        let script = "until [ -e $OUTSIDE/go ]; do sleep 0.1; done; echo a > a; git add a; git commit -qm a; czar whoami; czar complete"
        let project = try CzarProject(plan(1, "{id: api, script: '\(script)'}"))
        let path = (CzarProgram.path as NSString).deletingLastPathComponent + ":" + (hermeticEnvironment["PATH"] ?? "")
        let environment = ["OUTSIDE": project.outside, "PATH": path]
        try project.expect(0, "start", "api", "--trust", environment: environment)
        try project.replacePlan(plan(2, "{id: api, agent: human}"))
        try project.repository.commitAll("phase 2")
        try project.expect(0, "status", "api")
        try writeFile(project.outside + "/go", "")
        try waitUntil("phase 1's is complete") {
            try project.answer("status", "api", "--phase", "1")["workers"][0]["state"].string == "complete"
        }
        #expect(try project.expect(0, "logs", "api", "--phase", "1").output.contains("api (phase 1), active"))
        #expect(try project.state("api") == "pending")
    }

    @Test func aWorkerFailsItselfByNameAndNobodyElse() throws {
        let script = "until [ -e $OUTSIDE/go ]; do sleep 0.1; done; czar fail api --reason no"
        let project = try CzarProject(plan(1, "{id: api, script: '\(script)'}"))
        let path = (CzarProgram.path as NSString).deletingLastPathComponent + ":" + (hermeticEnvironment["PATH"] ?? "")
        try project.expect(0, "start", "api", "--trust", environment: ["OUTSIDE": project.outside, "PATH": path])
        try project.replacePlan(plan(2, "{id: api, agent: human}"))
        try project.expect(0, "create", "api", "--worktrees", project.outside)
        try writeFile(project.outside + "/go", "")
        try waitUntil("phase 1's has failed") {
            try project.answer("status", "api", "--phase", "1")["workers"][0]["state"].string == "failed"
        }
        #expect(try project.state("api") == "pending")
    }

    @Test func aNameOfSeveralEarlierPhasesIsAskedBack() throws {
        let project = try CzarProject(plan(1, "{id: anna, agent: human}"))
        try project.expect(0, "create", "anna")
        try project.expect(0, "remove", "anna")
        try project.replacePlan(plan(2, "{id: anna, agent: human}"))
        try project.expect(0, "create", "anna")
        try project.replacePlan(plan(3, "{id: next, agent: human}"))
        let refused = try project.expect(64, "path", "anna").errors
        #expect(refused.contains("which worker 'anna'? There is one in the phases 2 and 1"), "\(refused)")
        #expect(refused.contains("try: czar status anna --phase 2"), "\(refused)")
        #expect(try project.expect(0, "path", "anna", "--phase", "2").output.hasSuffix("/anna\n"))
        try project.expect(66, "path", "anna", "--phase", "7")
    }

    @Test func manyMeansThePlansWorkersAlone() throws {
        let project = try begun()
        try project.expect(0, "create", "next")
        let stopped = try project.expect(0, "pause", "--all").output
        #expect(!stopped.contains("anna"), "\(stopped)")
        try project.expect(66, "stop", "ann*")
        #expect(!(try project.expect(0, "remove", "--all", "--force").output.contains("anna")))
        #expect(try project.expect(0, "path", "anna").output.hasSuffix("/anna\n"))
    }

    @Test(arguments: ["start", "retry", "create", "approve"]) func nothingStartsAWorkerOfAnEarlierPhase(_ command: String) throws {
        let project = try begun()
        let refused = try project.expect(77, command, "bad").errors
        #expect(refused.contains("worker 'bad' is of phase 1, and the plan is in phase 2"), "\(refused)")
        #expect(refused.contains("try: czar complete bad --phase 1"), "\(refused)")
    }

    @Test func aCommandThatStillRunsIsStoppedByName() throws {
        let project = try CzarProject(plan(1, "{id: slow, script: 'sleep 60'}"))
        try project.expect(0, "start", "slow", "--trust")
        try project.wait(for: "slow", toBe: "active")
        try project.replacePlan(plan(2, "{id: slow, agent: human}"))
        try project.repository.commitAll("phase 2")
        let refused = try project.expect(77, "closeout", "--phase", "1").errors
        #expect(refused.contains("try: czar stop slow --phase 1"), "\(refused)")
        #expect(try project.expect(0, "status").output.contains("of phase 1, and its command runs"))
        try project.expect(0, "stop", "slow", "--phase", "1")
        try project.expect(0, "fail", "slow", "--phase", "1", "--reason", "given up")
        try project.expect(1, "closeout", "--phase", "1")
    }

    @Test func globsAndStatesReachNobodyWhoRunsInAnEarlierPhase() throws {
        let project = try CzarProject(plan(1, "{id: runner, script: 'sleep 60'}"))
        try project.expect(0, "start", "runner", "--trust")
        try project.wait(for: "runner", toBe: "active")
        try project.replacePlan(plan(2, "{id: next, agent: human}"))
        try project.repository.commitAll("phase 2")
        for command in [["stop", "--all"], ["pause", "--all"], ["stop", "--state", "active"], ["fail", "*", "--reason", "no"]] {
            let outcome = try run([CzarProgram.path] + command, in: project.path)
            #expect(outcome.status == 0 && !outcome.output.contains("runner"), "\(command): \(outcome.output)")
        }
        try project.expect(66, "stop", "run*")
        try project.expect(66, "exec", "run*", "--", "true")
        #expect(!(try run([CzarProgram.path, "exec", "--all", "--", "pwd"], in: project.path).output.contains("runner")))
        #expect(try project.answer("status", "runner")["workers"][0]["state"].string == "active")
        #expect(try project.expect(0, "exec", "runner", "--", "pwd").output.hasSuffix("/runner\n"))
        #expect(try project.expect(0, "stop", "runner").output == "stopped runner\n")
    }

    /// Phase 1's anna with a commit, and the plan in phase 2 with another anna.
    private func twoAnnas(commits: Bool = true, script: Bool = false) throws -> CzarProject {
        let project = try CzarProject(plan(1, "{id: anna, agent: human}"))
        try project.expect(0, "create", "anna")
        try project.expect(0, "event", "anna", "WORKER_START")
        if commits {
            try writeFile(project.worktree("anna") + "/a", "a\n")
            try git("add", "a", in: project.worktree("anna"))
            try git("commit", "-qm", "a", in: project.worktree("anna"))
        }
        try project.replacePlan(plan(2, script ? "{id: anna, script: 'true'}" : "{id: anna, agent: human}"))
        try project.repository.commitAll("phase 2")
        return project
    }

    @Test func hintsMeanTheWorkerThatTheyWereMadeFor() throws {
        let project = try twoAnnas()
        try project.expect(0, "create", "anna", "--worktrees", project.outside)
        try writeFile(project.worktree("anna") + "/dirty", "mine\n")
        let refused = try project.expect(77, "remove", "anna", "--phase", "1").errors
        #expect(refused.contains("try: czar remove --force anna --phase 1\n"), "\(refused)")
        let unproven = try project.expect(1, "complete", "anna", "--phase", "1").errors
        #expect(
            unproven.contains("try: czar commit --worker anna --phase 1 -m 'anna: work' && czar complete anna --phase 1\n"), "\(unproven)")
        try project.expect(0, "commit", "--worker", "anna", "--phase", "1", "-m", "dirty")
        #expect(try git("log", "-1", "--format=%s", in: project.worktree("anna")) == "dirty")
        #expect(try project.expect(0, "exec", "anna", "--phase", "1", "--", "pwd").output == project.worktree("anna") + "\n")
        try project.expect(0, "event", "anna", "--phase", "1", "CHECKPOINT", "name=x")
        #expect(try project.expect(0, "status", "anna", "--phase", "1").output.contains("x"))
        #expect(try project.expect(0, "status", "--short", "--phase", "1").output == "●1\n")
        #expect(try project.expect(0, "status", "--short").output == "")
        try git("switch", "-q", "--detach", in: project.worktree("anna"))
        let strayed = try project.expect(0, "status", "--phase", "1").output
        #expect(strayed.contains("git -C \(project.worktree("anna")) switch cz1/feat/anna"), "\(strayed)")
    }

    @Test func whatWasRemovedIsProvenByItsCommits() throws {
        let project = try twoAnnas()
        try project.expect(0, "remove", "anna", "--phase", "1")
        try project.expect(0, "create", "anna")
        let status = try project.expect(0, "status", "--phase", "1").output
        #expect(status.contains("czar complete anna --phase 1  or  czar fail anna --phase 1 --reason 'not done'"), "\(status)")
        #expect(!status.contains("cz2/feat/anna"), "\(status)")
        #expect(try project.expect(77, "closeout", "--phase", "1").errors.contains("try: czar complete anna --phase 1"))
        #expect(try project.expect(0, "complete", "anna", "--phase", "1").output.contains("anna is complete at"))
    }

    @Test func whatWasRemovedWithoutAnyCommitIsGivenUp() throws {
        let project = try twoAnnas(commits: false)
        try project.expect(0, "remove", "anna", "--phase", "1")
        let refused = try project.expect(1, "complete", "anna", "--phase", "1").errors
        #expect(refused.contains("try: czar fail anna --phase 1 --reason 'not proven'"), "\(refused)")
        try project.expect(0, "fail", "anna", "--phase", "1", "--reason", "not proven")
        try project.expect(1, "closeout", "--phase", "1")
    }

    @Test func aVanishedWorktreeIsForgottenBeforeItsBranchIsProven() throws {
        let project = try twoAnnas()
        try FileManager.default.removeItem(atPath: project.worktree("anna"))
        let refused = try project.expect(1, "complete", "anna", "--phase", "1").errors
        #expect(refused.contains("try: czar remove anna --phase 1 && czar complete anna --phase 1"), "\(refused)")
        #expect(try project.expect(0, "status", "--phase", "1").output.contains("    czar remove anna --phase 1"))
        // Git forgets it too, and phase 2's takes its place.
        try git("worktree", "prune", in: project.path)
        try project.expect(0, "create", "anna")
        try project.expect(66, "path", "anna", "--phase", "1")
        try project.expect(66, "remove", "anna", "--phase", "1", "--force", "--ignored")
        #expect(try git("branch", "--show-current", in: project.worktree("anna")) == "cz2/feat/anna")
        try project.expect(0, "complete", "anna", "--phase", "1")
    }

    @Test func anotherWorkersFolderSaysNothingOfOneThatHasNone() throws {
        let project = try twoAnnas()
        try writeFile(project.worktree("anna") + "/dirty", "mine\n")
        let status = try project.answer("status")["workers"][0]
        #expect(status["health"].string == "ok", "\(status)")
        #expect(!(try project.expect(0, "status").output.contains("DIRTY")))
    }

    @Test func aRemedyIsShownWhileItHelps() throws {
        let project = try twoAnnas(script: true)
        try project.expect(73, "start", "anna", "--trust")
        #expect(try project.expect(0, "status").output.contains("    czar remove anna --phase 1 && czar retry anna"))
        #expect(try project.expect(66, "logs", "anna").errors.hasSuffix("try: czar remove anna --phase 1 && czar retry anna\n"))
        try project.expect(0, "complete", "anna", "--phase", "1")
        try project.expect(0, "remove", "anna", "--phase", "1")
        #expect(try project.expect(0, "status").output.contains("    czar retry anna  or  czar status anna"))
        try project.expect(0, "retry", "anna")
    }
}
