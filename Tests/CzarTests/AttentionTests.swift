import Foundation
import TestSupport
import Testing

/// What `czar status` says needs a person, and that the command it names first is one that works.
@Suite struct AttentionTests {
    /// A way to need somebody.
    struct Need: Sendable, CustomTestStringConvertible {
        let name: String
        let plan: String
        /// Shell text with `czar` on the PATH that brings worker `w` there.
        let prepare: String
        /// What the sentence has to say.
        let why: String

        var testDescription: String { name }
    }

    private static let waiting = "while [ ! -e go ]; do sleep 0.05; done"
    private static let one = "project: {base: main}\nworkers:\n  - {id: w, script: 'echo 1 > f'}\n"

    private static func plan(_ worker: String, _ settings: String = "") -> String {
        "project: {base: main}\norchestration: {retry: {limit: 0}\(settings)}\nworkers:\n  - {id: w, \(worker)}\n"
    }

    /// A run that is told to end as soon as its worker has such an event.
    private static func stopped(once event: String) -> String {
        "czar run --trust & until czar events | grep -q ' w \(event)'; do sleep 0.1; done; kill -INT $!; wait $!"
    }

    static let needs = [
        Need(name: "failed", plan: plan("script: 'exit 3'"), prepare: "czar run --trust || true", why: "failed: "),
        Need(
            name: "cannot be created", plan: one,
            prepare: "mkdir -p .czarina/worktrees/w; touch .czarina/worktrees/w/x; czar run --trust || true", why: "something is in the way"
        ),
        Need(
            name: "blocked", plan: plan("script: '\(waiting)'"), prepare: "czar trust --yes; czar start w; czar event w BLOCKED reason=key",
            why: "blocked: "),
        Need(name: "paused", plan: plan("script: '\(waiting)'"), prepare: "czar trust --yes; czar start w; czar pause w", why: "paused: "),
        Need(
            name: "interrupted", plan: plan("script: 'echo 1 > f; test -e ../go || sleep 60'"),
            prepare: "czar run --trust & until czar status --json | grep -q '\"active\": 1'; do sleep 0.1; done; kill -INT $!; wait $!; "
                + "touch .czarina/worktrees/go", why: "czar run was stopped"),
        Need(
            name: "stuck when its run was stopped", plan: plan("script: 'echo thinking; sleep 600'", ", stuck_after: 1s"),
            prepare: stopped(once: "STUCK"), why: "paused: stuck since "),
        Need(
            name: "asked when its run was stopped", plan: plan("script: 'czar block key; sleep 600'"), prepare: stopped(once: "BLOCKED"),
            why: "blocked: key"),
        Need(
            name: "approval", plan: one, prepare: "czar run --trust --approve ask --once > /dev/null || true",
            why: "can start, but no 'czar run' is active|waits for approval"),
        Need(
            name: "wrong branch", plan: one,
            prepare: "czar run --trust; git -C .czarina/worktrees/w switch -q -c elsewhere", why: "is not on its branch"),
        Need(
            name: "renamed branch", plan: one, prepare: "czar create w; git -C .czarina/worktrees/w branch -m elsewhere",
            why: "no longer exists"),
        Need(name: "folder gone", plan: one, prepare: "czar create w; rm -rf .czarina/worktrees/w", why: "is gone"),
        Need(
            name: "folder of a running command gone", plan: plan("script: '\(waiting)'"),
            prepare: "czar trust --yes; czar start w; rm -rf .czarina/worktrees/w", why: "is gone"),
        Need(
            name: "folder of a failed worker gone", plan: plan("script: 'exit 3'"),
            prepare: "czar run --trust; rm -rf .czarina/worktrees/w", why: "failed: its command ended with 3; its worktree"),
        Need(
            name: "folder deleted by its command", plan: plan("script: 'rm -rf \"$PWD\"'"), prepare: "czar run --trust",
            why: "the worktree is missing"),
        Need(
            name: "folder of a paused worker gone", plan: one, prepare: "czar create w; czar pause w; rm -rf .czarina/worktrees/w",
            why: "is gone"),
        Need(
            name: "drifted", plan: one, prepare: "czar create --all; sed -i 's/{id: w,/{id: w, branch: other,/' .czarina/config.yaml",
            why: "drifted from the plan"),
        Need(
            name: "stranded", plan: one,
            prepare: "czar run --trust; git -C .czarina/worktrees/w commit -q --allow-empty -m late", why: "1 stranded commit"),
        Need(
            name: "over budget", plan: plan("script: '\(waiting)', budget: {tokens: 5}", ", budget: {on_limit: warn}"),
            prepare: "czar trust --yes; czar start w; czar event w CHECKPOINT tokens=9", why: "over budget"),
        Need(
            name: "time budget", plan: plan("script: '\(waiting)', budget: {time: 1s, on_limit: stop}"),
            prepare: "czar run --trust || true", why: "of use once 'budget: {time: …}' of 'w' is raised in the plan"),
        Need(
            name: "stuck", plan: plan("script: '\(waiting)'", ", stuck_after: 1s"),
            prepare: "czar trust --yes; czar start w; until czar status --json | grep -q '\"health\": \"stuck\"'; do sleep 0.1; done",
            why: "stuck since "),
        Need(
            name: "untrusted", plan: one, prepare: "czar run --trust; czar reopen w; sed -i 's/echo 1/echo 2/' .czarina/config.yaml",
            why: "waits to be trusted"),
        Need(
            name: "declared", plan: "project: {base: main}\nworkers:\n  - {id: w, launcher: none, allow_empty: true}\n",
            prepare: "czar create --all; czar event w WORKER_START; czar event w WORKER_COMPLETE", why: "declared complete, not proven yet"),
        Need(
            name: "to be merged",
            plan: "project: {base: main}\norchestration: {dependency_gate: integrated}\nworkers:\n  - {id: w, script: 'echo 1 > f'}\n"
                + "  - {id: x, dependencies: [w], script: 'true'}\n",
            prepare: "czar run --trust || true", why: "'x' waits until 'main' contains it"),
        Need(
            name: "a person's worktree removed", plan: "project: {base: main}\nworkers:\n  - {id: w}\n",
            prepare: "czar run --trust; czar remove w", why: "waits for a person; it has no worktree"),
        Need(name: "reopened", plan: one, prepare: "czar run --trust; czar reopen w", why: "reopened: "),
        Need(
            name: "left the plan", plan: plan("script: '\(waiting)'"),
            prepare: "czar trust --yes; czar start w; sed -i 's/id: w/id: v/' .czarina/config.yaml", why: "no longer in the plan"),
    ]

    @Test(arguments: needs) func theFirstCommandOfEveryNeedWorks(_ need: Need) throws {
        let project = try CzarProject(need.plan)
        let path = URL(fileURLWithPath: CzarProgram.path).deletingLastPathComponent().path
        func shell(_ text: String) throws -> ProcessOutcome {
            let inherited = hermeticEnvironment["PATH"] ?? "/usr/bin:/bin"
            return try run(["bash", "-c", text], in: project.path, environment: ["PATH": path + ":" + inherited])
        }
        let prepared = try shell(need.prepare)
        let attention = try project.answer("status")["attention"].array
        let item = try #require(
            attention.first { item in need.why.split(separator: "|").contains { item["why"].string?.contains($0) == true } },
            "\(attention.map { $0["why"].string ?? "" }) \(prepared.output) \(prepared.errors)")
        #expect(item["worker"].string == "w")
        let command = try #require(item["commands"].strings.first)
        let outcome = try shell(command)
        // 1 is an answer: a run in which something failed, a completion that is not proven.
        #expect(outcome.status == 0 || outcome.status == 1, "\(command): \(outcome.status) \(outcome.errors)")
        if need.why.contains("worktree") || need.why == "is gone" {
            let rest = try project.answer("status")["attention"].array.map { $0["why"].string ?? "" }
            #expect(!rest.contains { $0.contains("is gone") }, "\(rest)")
        }
        _ = try shell("czar fail --all --reason 'end of test'; true")
    }

    @Test func whatMayGoOnIsStartedByARunOnly() throws {
        let project = try CzarProject("project: {base: main}\nworkers:\n  - {id: w, script: 'exit 3'}\n")
        try project.expect(1, "run", "--trust", "--quiet")
        let note = "no 'czar run' is active to start it\ntry: czar run"
        #expect(try project.expect(0, "retry", "w").errors.contains(note))
        try project.expect(0, "pause", "w")
        #expect(try project.expect(0, "resume", "w").errors.contains(note))
        try project.expect(0, "pause", "w")
        #expect(try project.expect(0, "resume", "w", "--quiet").errors.isEmpty)
        let attached = try project.czar("attach", "w", "--take-over", "--dry-run", "--json")
        #expect(attached.status == 64 && attached.errors.contains("has no answer in JSON"), "\(attached)")
    }

    @Test func aPersonWhomAnEndedRunWaitsForIsNamed() throws {
        let project = try CzarProject(
            "project: {base: main}\nworkers:\n  - {id: p}\n  - {id: q, dependencies: [p], script: 'echo 1 > f'}\n")
        let ended = try project.expect(1, "run", "--trust")
        #expect(ended.output.contains("Needs you"), "\(ended.output)")
        let item = try project.answer("status")["attention"][0]
        #expect(item["worker"].string == "p" && item["why"].string == "waits for a person", "\(item)")
        #expect(item["commands"].strings == ["czar shell p", "czar complete p"])
    }

    @Test func afterARunThatAskedTheNextOneAsksToo() throws {
        let project = try CzarProject(Self.one)
        try project.expect(0, "run", "--trust", "--approve", "ask", "--once", "--quiet")
        func first() throws -> String? { try project.answer("status")["attention"][0]["commands"].strings.first }
        #expect(try first() == "czar approve w && czar run --approve ask")
        try project.expect(0, "approve", "w")
        #expect(try first() == "czar run --approve ask")
        try project.expect(0, "run", "--approve", "ask", "--quiet")
        #expect(try project.state("w") == "complete")
        try project.expect(0, "approve", "--all")
    }

    @Test func aFailureThatIsTriedAgainByItselfNeedsNobody() throws {
        let project = try CzarProject(
            "project: {base: main}\norchestration: {retry: {limit: 1, backoff: 1h}}\nworkers:\n  - {id: w, script: 'exit 3'}\n")
        let daemon = try project.start("run", "--trust", "--quiet")
        try project.wait(for: "w", toBe: "failed")
        let status = try project.answer("status")
        #expect(status["attention"].array.isEmpty, "\(status["attention"])")
        #expect(status["workers"][0]["waiting_for"][0]["why"].string?.hasPrefix("retry at ") == true, "\(status["workers"][0])")
        #expect(try project.expect(0, "status").output.contains("tried again in "))
        #expect(try project.expect(0, "status", "--attention").output.contains("nothing needs you"))
        // Nobody does it once the run has ended.
        daemon.signal(SIGINT)
        _ = daemon.wait()
        let attention = try project.answer("status")["attention"]
        #expect(attention[0]["why"].string?.hasPrefix("failed: ") == true, "\(attention)")
    }

    @Test func aDriftedWorkerIsReboundByTheCommandThatIsSaid() throws {
        let plan = "project: {base: main}\nworkers:\n  - {id: a, branch: old/a}\n"
        let project = try CzarProject(plan)
        try project.expect(0, "create", "a")
        try writeFile(project.worktree("a") + "/f", "f\n")
        try project.expect(0, "commit", "-m", "f", at: project.worktree("a"))
        for name in ["new/a", "other/a"] {
            if name == "other/a" { try git("branch", "other/a", "main", in: project.path) }
            try project.replacePlan(plan.replacing("old/a", with: name))
            let needs = try #require(try project.answer("status")["attention"].array.first { $0["worker"].string == "a" })
            let flag = name == "new/a" ? "-c " : ""
            let command = try #require(needs["commands"].strings.first)
            #expect(command == "git -C \(project.worktree("a")) switch \(flag)\(name) && czar create --rebind a")
            let followed = command.replacing("czar create", with: CzarProgram.path + " create")
            let outcome = try run(["sh", "-ec", followed], in: project.path)
            #expect(outcome.status == 0, "\(outcome.errors)")
        }
    }
}
