import CzarKit
import CzarPlanning
import Foundation
import TestSupport
import Testing

/// What holds a worker stays until it is taken away, and a command that ends meanwhile is judged afterwards.
@Suite struct HoldTests {
    private static func plan(_ script: String, retry: Int = 0) -> String {
        "project: {base: main}\norchestration: {retry: {limit: \(retry), backoff: 0s}}\nworkers:\n  - {id: a, script: '\(script)'}\n"
    }

    private func attempts(_ project: CzarProject) throws -> String {
        try String(contentsOfFile: project.path + "/.czarina/attempts", encoding: .utf8)
    }

    @Test func pauseAndResumeKeepWhatTheWorkerReported() throws {
        let project = try CzarProject(Self.plan(#"czar block "need key"; until [ -e go ]; do sleep 0.05; done; rm go; echo 1 > f"#))
        let daemon = try project.start("run", "--trust", "--quiet")
        try project.wait(for: "a", toBe: "blocked")
        try project.expect(0, "pause", "a")
        #expect(try project.workers()["a"]?["causes"].strings == ["event", "operator"])
        try project.expect(0, "resume", "a")
        let worker = try #require(try project.workers()["a"])
        #expect(worker["state"].string == "blocked" && worker["cause"].string == "need key" && worker["causes"].strings == ["event"])
        try project.expect(0, "unblock", "a")
        #expect(try project.state("a") == "active")
        try writeFile(project.worktree("a") + "/go", "")
        _ = daemon.wait()
        try project.wait(for: "a", toBe: "complete")
    }

    @Test func aPausedCommandThatIsStoppedIsHeldBecauseItWasStopped() throws {
        let project = try CzarProject(Self.plan("sleep 600"))
        try project.expect(0, "start", "a", "--trust")
        try project.wait(for: "a", toBe: "active")
        try project.expect(0, "pause", "a")
        try project.expect(0, "event", "a", "CHECKPOINT", "name=two words")
        #expect(try project.expect(0, "status", "a").output.contains("CHECKPOINT name=\"two words\"\n"))
        try project.expect(0, "stop", "a")
        #expect(try project.workers()["a"]?["cause"].string == "stopped by an operator")
        for said in ["resumed a\n", "a is not paused\n"] { #expect(try project.expect(0, "resume", "a").output == said) }
    }

    @Test func aCommandThatDeclaredWhileBlockedIsJudgedOnceItIsUnblocked() throws {
        let project = try CzarProject(
            Self.plan(#"echo 1 >> "$CZAR_REPOSITORY/.czarina/attempts"; echo 1 > f; czar block q; echo 2 >> f; czar complete"#))
        try project.expect(1, "run", "--trust", "--quiet")
        #expect(try project.state("a") == "blocked")
        // No daemon runs: the command that unblocks judges.
        let unblocked = try project.expect(0, "unblock", "a")
        #expect(!unblocked.output.contains("next:"), "\(unblocked.output)")
        #expect(try project.state("a") == "complete")
        #expect(try git("show", "cz1/feat/a:f", in: project.path) == "1\n2")
        try project.expect(0, "run", "--quiet")
        #expect(try attempts(project) == "1\n")
    }

    /// An agent without a terminal asks and ends: the answer is for its next attempt, whatever it ended with.
    @Test(arguments: [0, 3]) func aCommandThatAskedAndEndedIsStartedAgainOnceItIsUnblocked(code: Int) throws {
        let project = try CzarProject(
            Self.plan(
                #"[ -e asked ] && echo 1 > f && rm asked && exit 0; touch asked; czar block q; exit "# + String(code)))
        try project.expect(1, "run", "--trust", "--quiet")
        #expect(try project.state("a") == "blocked")
        let unblocked = try project.expect(0, "unblock", "a")
        #expect(unblocked.output.contains("next: czar start a"), "\(unblocked.output)")
        let worker = try #require(try project.workers()["a"])
        #expect(worker["state"].string == "pending" && worker["causes"].strings.isEmpty)
        // It uses up none of its retries, of which there are none here.
        try project.expect(0, "run", "--quiet")
        #expect(try project.state("a") == "complete")
    }

    /// A sandboxed worker's question waits in a file, and its time may be any: what counts is that it asked before it ended.
    @Test(arguments: ["start", "run"]) func whoAsksThroughAFileAndEndsHasAskedBeforeItEnded(by: String) throws {
        let asks = #"echo "2026-01-01T00:00:00Z a BLOCKED reason=q" >> $CZARINA_EVENTS_LOG; exit 1"#
        let project = try CzarProject(
            "project: {base: main}\nworkers:\n  - id: a\n    script: |\n      [ -e asked ] && echo 1 > f && rm asked && exit 0; touch asked\n"
                + "      \(asks)\n")
        try project.expect(by == "run" ? 1 : 0, by, by == "run" ? "--quiet" : "a", "--trust")
        try project.wait(for: "a", toBe: "blocked")
        try waitUntil("its end is recorded") { try project.events().contains { $0.type == "PROCESS_ENDED" } }
        let order = try project.events().map(\.description).filter { ["a BLOCKED", "a PROCESS_ENDED"].contains($0) }
        #expect(order == ["a BLOCKED", "a PROCESS_ENDED"])
        try project.expect(0, "unblock", "a")
        #expect(try project.state("a") == "pending")
        try project.expect(0, "run", "--quiet")
        #expect(try project.state("a") == "complete")
    }

    @Test func theNextAttemptKnowsWhatItAskedAndTheAnswer() throws {
        let project = try CzarProject(
            "project: {base: main}\nworkers:\n  - id: a\n    script: |\n      if [ ! -e asked ]; then touch asked; czar block which key; exit 0; fi\n"
                + "      rm asked; grep -A4 'which key' .czar/prompt.md > f; czar brief >> f\n")
        try project.expect(0, "start", "a", "--trust")
        try project.wait(for: "a", toBe: "blocked")
        try waitUntil("its end is recorded") { try project.events().contains { $0.type == "PROCESS_ENDED" } }
        #expect(try project.answer("brief", "a")["questions"][0]["answered"].bool == false)
        try project.expect(0, "unblock", "a", "the blue", "one")
        #expect(try project.events().last { $0.type == "UNBLOCKED" }?.fields["answer"] == "the blue one")
        try project.expect(0, "run", "--quiet")
        let seen = try git("show", "cz1/feat/a:f", in: project.path)
        #expect(seen.components(separatedBy: "    the blue one").count == 3, "\(seen)")
        // The worker may be named by the option too.
        try project.expect(0, "unblock", "--worker", "a", "more", "words")
        #expect(try project.events().last { $0.type == "UNBLOCKED" }?.fields["answer"] == "more words")
        // What is said later takes the place of the answer.
        #expect(try project.answer("brief", "a")["questions"].array.last?["answer"].string == "more words")
        // A sentence names no worker: around the folder there is one.
        try project.expect(0, "unblock", "the red one", "then", at: project.worktree("a"))
        #expect(try project.events().last { $0.type == "UNBLOCKED" }?.fields["answer"] == "the red one then")
        try project.expect(64, "unblock", "the red one")
        try project.expect(66, "unblock", "nobody", at: project.worktree("a"))
    }

    /// Whoever looks in the morning does not know it otherwise, and the next run starts it again.
    @Test func aHangIsKnownAfterTheEndOfItsRun() throws {
        let project = try CzarProject(
            "project: {base: main}\norchestration: {stuck_after: 1s}\nworkers:\n  - {id: a, script: 'echo thinking; [ -e ../go ] || sleep 600'}\n"
                + "  - {id: b, script: 'while :; do echo 1; sleep 0.1; done'}\n")
        let daemon = try project.start("run", "--trust", "--quiet")
        try waitUntil("it is stuck") { try project.events().contains { $0.type == "STUCK" } }
        let since = try #require(try project.events().last { $0.type == "STUCK" }?.fields["since"])
        daemon.signal(SIGINT)
        _ = daemon.wait()
        let workers = try project.workers()
        #expect(workers["a"]?["health"].string == "stuck" && workers["b"]?["health"].string == "ok", "\(workers)")
        #expect(workers["a"]?["cause"].string == "stuck since \(since) when czar run was stopped")
        #expect(workers["b"]?["cause"].string == "czar run was stopped")
        let needs = try project.answer("status")["attention"].array.map { $0["commands"].strings }
        #expect(needs == [["czar logs a", "czar run"], ["czar run", "czar resume b"]])
        #expect(try project.expect(0, "report", "status").output.contains("when czar run was stopped"))
        // What lets it go on forgets that.
        try project.expect(0, "resume", "a")
        #expect(try project.workers()["a"]?["health"].string == "ok")
    }

    @Test func aQuestionOutlastsTheRunThatEndedItsCommand() throws {
        let project = try CzarProject(
            "project: {base: main}\nworkers:\n  - id: a\n    script: |\n      if [ ! -e asked ]; then touch asked; czar block which key; sleep 600; fi\n"
                + "      rm asked; grep -A4 'which key' .czar/prompt.md > f\n")
        let daemon = try project.start("run", "--trust", "--quiet")
        try project.wait(for: "a", toBe: "blocked")
        daemon.signal(SIGINT)
        _ = daemon.wait()
        let worker = try #require(try project.workers()["a"])
        #expect(worker["causes"].strings == ["event", "interrupted"])
        #expect(worker["cause"].string == "which key; czar run was stopped")
        let item = try project.answer("status")["attention"][0]
        #expect(item["why"].string == "blocked: which key" && item["commands"].strings.first == "czar unblock a 'answer'", "\(item)")
        let unblocked = try project.expect(0, "unblock", "a", "the blue one")
        #expect(unblocked.output.contains("next: czar run   "), "\(unblocked.output)")
        #expect(try project.answer("status")["attention"][0]["why"].string == "paused: czar run was stopped")
        try project.expect(0, "run", "--quiet")
        #expect(try git("show", "cz1/feat/a:f", in: project.path).contains("the blue one"))
    }

    /// The rules block it again at once: that follows from the retry, and nothing depends on it.
    @Test func anUndoTakesWhatTheRulesMadeOfAMoveWithIt() throws {
        let project = try CzarProject(
            "project: {name: rules, base: main}\nworkers:\n  - {id: a, script: 'true'}\n  - {id: b, script: 'true', dependencies: [a]}\n")
        try project.expect(0, "fail", "b", "--reason", "x")
        try project.expect(0, "fail", "a", "--reason", "y")
        try project.expect(0, "retry", "b")
        #expect(try project.state("b") == "blocked")
        try project.expect(0, "undo")
        #expect(try project.state("b") == "failed")
        try project.expect(0, "undo")
        #expect(try project.state("a") == "pending")
    }

    @Test func whatFollowsFromACommandThatWasKilledIsSeenToByARepair() throws {
        let project = try CzarProject(
            "project: {name: rules, base: main}\nworkers:\n  - {id: a, script: 'true'}\n  - {id: b, script: 'true', dependencies: [a]}\n")
        try project.expect(0, "fail", "a", "--reason", "y")
        #expect(try project.state("b") == "blocked")
        // The command's own entry, and no more.
        let coordinator = try Coordinator(around: project.path, actor: "cli")
        try Operations(coordinator).retry(try #require(coordinator.plan.definitions.first))
        #expect(try project.state("b") == "blocked")
        let repaired = try project.expect(0, "doctor", "--repair").output
        #expect(repaired.contains("'b'"), "\(repaired)")
        #expect(try project.states() == ["a": "pending", "b": "pending"])
        // What followed is nobody's last action.
        try project.expect(0, "undo")
        #expect(try project.states() == ["a": "failed", "b": "blocked"])
        #expect(try !project.expect(0, "doctor", "--repair").output.contains("'b'"))
    }

    @Test func anUndoneBlockOfAnEndedCommandLeavesTheWorkerToTheRules() throws {
        let project = try CzarProject(Self.plan("[ -e asked ] && echo 1 > f && rm asked && exit 0; touch asked; czar block q"))
        try project.expect(0, "start", "a", "--trust")
        try waitUntil("its end is recorded") { try project.events().contains { $0.type == "PROCESS_ENDED" } }
        let block = try #require(try project.events().last { $0.type == "STATE_CHANGED" && $0.fields["to"] == "blocked" })
        try project.expect(0, "undo", String(block.sequence))
        #expect(try project.state("a") == "pending")
        try project.expect(0, "run", "--quiet")
        #expect(try project.state("a") == "complete")
    }

    @Test func aRunThatWaitsStartsAnUnblockedWorkerAgainByItself() throws {
        let plan = Self.plan("[ -e asked ] && echo 1 > f && rm asked && exit 0; touch asked; czar block q")
        let project = try CzarProject(plan + "  - {id: other, script: 'until [ -e go ]; do sleep 0.05; done; rm go; echo 1 > g'}\n")
        let daemon = try project.start("run", "--trust", "--quiet")
        try waitUntil("a has asked and ended") {
            try project.state("a") == "blocked" && project.events().contains { $0.description.contains("PROCESS_ENDED") }
        }
        let unblocked = try project.expect(0, "unblock", "a")
        #expect(!unblocked.output.contains("next:"), "\(unblocked.output)")
        try project.wait(for: "a", toBe: "complete")
        try writeFile(project.worktree("other") + "/go", "")
        #expect(daemon.wait() == 0)
    }

    @Test func aBlockedWorkerThatAnInterruptedRunEndedIsBlockedStill() throws {
        let project = try CzarProject(Self.plan(#"czar block "need key"; while :; do sleep 0.05; done"#))
        let daemon = try project.start("run", "--trust", "--quiet")
        try project.wait(for: "a", toBe: "blocked")
        daemon.signal(SIGINT)
        #expect(daemon.wait() == 130)
        #expect(try project.workers()["a"]?["causes"].strings == ["event", "interrupted"])
        try project.expect(1, "run", "--quiet")
        #expect(try project.workers()["a"]?["causes"].strings == ["event"])
        // Nobody judges an end that was asked for: the worker goes on with its next attempt.
        try project.expect(0, "unblock", "a")
        #expect(try project.state("a") == "pending")
    }
}
