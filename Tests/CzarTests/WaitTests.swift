import Foundation
import Glibc
import TestSupport
import Testing

/// `czar wait` and a run without a terminal.
@Suite struct WaitTests {
    private static let plan = """
        project: {name: waits, base: main}
        orchestration: {retry: {limit: 0}}
        workers:
          - id: one
            script: |
              until [ -e "$OUTSIDE/one" ]; do sleep 0.05; done
              echo 1 > f
              czar commit -m work
          - id: two
            dependencies: [one]
            script: |
              until [ -e "$OUTSIDE/two" ]; do sleep 0.05; done
              exit 3

        """

    /// Gone, or waiting for its new parent to notice.
    private func hasEnded(_ pid: Int) -> Bool {
        guard let text = FileManager.default.contents(atPath: "/proc/\(pid)/stat").map({ String(decoding: $0, as: UTF8.self) }) else {
            return true
        }
        return text.split(separator: ")").last?.split(separator: " ").first == "Z"
    }

    private func detached(_ project: CzarProject, _ arguments: String...) throws -> CzarAnswer {
        let outcome = try run(
            [CzarProgram.path, "run", "--detach", "--trust", "--json"] + arguments, in: project.path,
            environment: ["OUTSIDE": project.outside])
        guard outcome.status == 0 else { throw ProcessFailure(description: outcome.errors) }
        return try CzarAnswer(outcome.output)
    }

    @Test func aWaitOutlivesAChangeOfThePlan() throws {
        let project = try CzarProject(
            "project: {name: waits, base: main}\nworkers:\n  - {id: a, script: 'until [ -e go ]; do sleep 0.05; done; rm go; echo 1 > f'}\n  - {id: z, script: 'echo 2 > g', dependencies: [a]}\n"
        )
        try project.expect(0, "run", "--detach", "--trust")
        let waiting = try project.start("wait", "a", "z", "--timeout", "60s")
        try project.wait(for: "a", toBe: "active")
        try project.expect(0, "add", "note", "x", "--agent", "person")
        try waitUntil("the plan was read again") { try project.events().count { $0.type == "PLAN_ACCEPTED" } > 1 }
        try writeFile(project.worktree("a") + "/go", "")
        #expect(waiting.wait() == 0, "\(waiting.output)\(waiting.errors)")
    }

    @Test func aDetachedRunGoesOnAloneAndIsWaitedFor() throws {
        let project = try CzarProject(Self.plan)
        let answers = AnswerCollector(project)
        let started = try detached(project)
        #expect(started["running"].bool == true)
        let pid = started["pid"].int ?? 0
        #expect(try project.answer("status")["daemon"]["pid"].int == pid)
        #expect(getsid(Int32(pid)) == Int32(pid), "it leads a session of its own")

        let second = try project.expect(75, "run", "--detach")
        #expect(second.errors.contains("pid \(pid)") && second.errors.contains("czar run --stop"), "\(second.errors)")

        try answers.run(124, "wait", "one", "--timeout", "100ms")
        let waiting = try project.start("wait", "one")
        let idle = try project.start("wait", "--for", "idle")
        let early = try project.expect(124, "wait", "--for", "attention", "--timeout", "1s")
        #expect(early.errors.hasPrefix("czar: nothing needed you in that time\n"), "\(early.errors)")
        let attention = try project.start("wait", "--for", "attention")
        try writeFile(project.outside + "/one", "")
        #expect(waiting.wait() == 0 && waiting.output == "1 worker is complete\n", "\(waiting.output)\(waiting.errors)")
        #expect(idle.isRunning && attention.isRunning)
        try writeFile(project.outside + "/two", "")
        #expect(idle.wait() == 0 && attention.wait() == 0)
        #expect(attention.output.hasPrefix("two: failed: its command ended with 3"), "\(attention.output)")

        try answers.run(1, "wait")
        try answers.run(0, "wait", "one")
        try answers.run(0, "wait", "--for", "idle")
        try waitUntil("the run has ended") { hasEnded(pid) }
        let log = try String(contentsOfFile: started["log"].string ?? "", encoding: .utf8)
        #expect(log.contains("two") && log.contains("failed"), "\(log)")
        try git("merge", "-q", "--no-ff", "-m", "land", "cz1/feat/one", in: project.path)
        try answers.run(0, "wait", "one", "--for", "integrated")
        #expect(try answers.held().complaints == [])
    }

    @Test func aWaitWithoutADaemonSeesWhatOthersDo() throws {
        let project = try CzarProject("project: {name: by-hand, base: main}\nworkers: [{id: one}]\n")
        try project.expect(0, "create", "one")
        let waiting = try project.start("wait", "one")
        let landed = try project.start("wait", "one", "--for", "integrated")
        try waitUntil("both say that nothing is started") { waiting.errors.contains("note:") && landed.errors.contains("note:") }
        let worktree = project.worktree("one")
        try project.expect(0, "event", "WORKER_START", at: worktree)
        try writeFile(worktree + "/f", "1\n")
        try project.expect(0, "commit", "-m", "work", at: worktree)
        try project.expect(0, "complete", at: worktree)
        #expect(waiting.wait() == 0)
        #expect(landed.isRunning)
        try git("merge", "-q", "--no-ff", "-m", "land", "cz1/feat/one", in: project.path)
        #expect(landed.wait() == 0, "a branch that moves is noticed, though nobody writes the journal")
    }

    /// Who waits for everybody waits for those who come, and not for those who go.
    @Test func aWaitForAllFollowsThePlan() throws {
        func plan(_ workers: String) -> String { "project: {name: all, base: main}\nworkers: [\(workers)]\n" }
        let project = try CzarProject(plan("{id: one}, {id: gone}"))
        try project.expect(0, "create", "--all")
        func complete(_ worker: String) throws {
            try writeFile(project.worktree(worker) + "/f", "1\n")
            try project.expect(0, "commit", "-m", "work", at: project.worktree(worker))
            try project.expect(0, "complete", at: project.worktree(worker))
        }
        let waiting = try project.start("wait")
        let named = try project.start("wait", "gone")
        try waitUntil("both say that nothing is started") { waiting.errors.contains("note:") && named.errors.contains("note:") }
        try project.replacePlan(plan("{id: one}, {id: late}"))
        #expect(named.wait() == 66)
        try complete("one")
        try project.expect(0, "create", "late")
        #expect(waiting.isRunning)
        try complete("late")
        #expect(waiting.wait() == 0 && waiting.output == "2 workers are complete\n", "\(waiting.output)\(waiting.errors)")
    }

    @Test func aWaitIsInterruptedAndRefusesWhatItDoesNotKnow() throws {
        let project = try CzarProject("project: {name: odd, base: main}\nworkers: [{id: one}]\n")
        try project.expect(66, "wait", "nobody")
        try project.expect(64, "wait", "--timeout", "soon")
        try project.expect(64, "wait", "--for", "ever")
        let waiting = try project.start("wait")
        try waitUntil("it waits") { waiting.errors.contains("note:") }
        waiting.signal(SIGINT)
        #expect(waiting.wait() == 130)
        #expect(waiting.errors.contains("czar: the wait was interrupted"), "\(waiting.errors)")
    }

    @Test func aDetachedRunIsStoppedByCommand() throws {
        let project = try CzarProject(Self.plan)
        try project.expect(66, "run", "--stop")
        let pid = try detached(project)["pid"].int ?? 0
        try project.wait(for: "one", toBe: "active")
        let stopped = try project.answer("run", "--stop")
        #expect(stopped["pid"].int == pid)
        #expect(hasEnded(pid))
        #expect(try project.state("one") == "paused", "its worker was ended, and the next run goes on")
    }

    @Test func aDetachedRunSaysWhyItCannotRun() throws {
        let project = try CzarProject("project: {name: odd, base: main}\nworkers: [{id: one, script: \"true\"}]\n")
        let untrusted = try project.expect(77, "run", "--detach")
        #expect(untrusted.errors.contains("czar trust"))
        try project.expect(64, "run", "--detach", "--for", "ever")
        #expect(try project.answer("status")["daemon"]["running"].bool == false)
        try project.expect(0, "run", "--once", "--detach", "--trust")
    }
}
