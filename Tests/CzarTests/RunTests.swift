import Foundation
import TestSupport
import Testing

/// From a plan to finished workers: the real program on real repositories.
@Suite struct RunTests {
    static let work = """
        echo "$CZAR_WORKER" > "$CZAR_WORKER.txt"
              czar event CHECKPOINT name=written tokens=1000
              czar commit -m "work of $CZAR_WORKER"
              czar complete
        """

    /// The seed's example: two roots, three that follow the first, one after those, one at the end.
    static let plan = """
        project: {name: seed, base: main}
        orchestration: {max_active: 4, retry: {limit: 0}}
        workers:
          - id: foundation
            script: |
              \(work)
          - id: workflows
            script: |
              \(work)
          - id: patterns
            dependencies: [foundation]
            script: |
              \(work)
          - id: security
            dependencies: [foundation]
            script: |
              \(work)
          - id: templates
            dependencies: [patterns, security, workflows]
            script: |
              \(work)

        """
    static let all = ["foundation", "workflows", "patterns", "security", "templates"]

    @Test func aWorkerThatOnlyChangesFilesIsNotStuck() throws {
        let untilSilence = "until czar events silent | grep -q STUCK; do sleep 0.1; done"
        let project = try CzarProject(
            """
            project: {base: main}
            orchestration: {stuck_after: 3s}
            workers:
              - id: editing
                script: |
                  echo x > x; touch -d '1 hour' x; \(untilSilence); sleep 0.5; czar commit -m x
              - id: silent
                script: |
                  \(untilSilence); echo y > y; czar commit -m y

            """)
        try project.expect(0, "run", "--trust", "--quiet")
        let stuck = try project.events().map(\.description).filter { $0.hasSuffix("STUCK") }
        #expect(stuck == ["silent STUCK"])
    }

    @Test func theDaemonGoesOnWhileAWorkerOverItsBudgetTakesTimeToEnd() throws {
        let project = try CzarProject(
            """
            project: {base: main}
            workers:
              - id: deaf
                budget: {tokens: 100, on_limit: stop}
                script: |
                  trap '' TERM; czar event CHECKPOINT tokens=1000; while [ ! -e "$CZAR_REPOSITORY/.czarina/done" ]; do sleep 0.1; done
              - id: other
                script: |
                  until czar events deaf | grep -q BUDGET_REACHED; do sleep 0.1; done; echo y > y; czar commit -m y
              - id: last
                dependencies: [other]
                script: |
                  touch "$CZAR_REPOSITORY/.czarina/done"; echo z > z; czar commit -m z

            """)
        try project.expect(1, "run", "--trust", "--quiet")
        #expect(try project.states() == ["deaf": "paused", "other": "complete", "last": "complete"])
        let events = try project.events().map(\.description)
        let end = try #require(events.firstIndex(of: "deaf PROCESS_ENDED")),
            start = try #require(events.firstIndex(of: "last PROCESS_STARTED"))
        #expect(start < end, "\(events)")
    }

    @Test func aPlanWithDependenciesRunsToItsEndAndGitAgrees() throws {
        let project = try CzarProject(Self.plan)
        let head = try git("rev-parse", "HEAD", in: project.path)
        try project.expect(0, "run", "--trust", "--quiet")
        #expect(try Set(project.states().values) == ["complete"])
        #expect(try project.complaints(clean: Self.all) == [])
        #expect(try git("rev-parse", "HEAD", in: project.path) == head)
        #expect(try git("symbolic-ref", "HEAD", in: project.path) == "refs/heads/main")
        #expect(try git("status", "--porcelain", in: project.path) == "")
        for worker in Self.all { try checkBranch(of: worker, startedAt: head, in: project) }
        try checkOrder(of: project.events().map(\.description))
    }

    private func checkBranch(of worker: String, startedAt head: String, in project: CzarProject) throws {
        let branch = "cz1/feat/\(worker)"
        #expect(try git("log", "--format=%s", "\(head)..\(branch)", in: project.path) == "work of \(worker)")
        #expect(try git("rev-parse", "\(branch)~1", in: project.path) == head)
        #expect(try git("diff", "--name-only", head, branch, in: project.path) == "\(worker).txt")
        let trailers = try git("log", "-1", "--format=%(trailers:only,unfold)", branch, in: project.path)
        #expect(trailers.contains("Czar-Worker: \(worker)") && trailers.contains("Czar-Phase: 1"))
        #expect(try git("symbolic-ref", "HEAD", in: project.worktree(worker)) == "refs/heads/\(branch)")
        let identity = try String(contentsOfFile: project.worktree(worker) + "/WORKER_IDENTITY.md", encoding: .utf8)
        #expect(identity.contains(project.path + "/.czarina/workers/\(worker).md"))
    }

    private func checkOrder(of events: [String]) throws {
        let edges = [
            ("foundation", "patterns"), ("foundation", "security"), ("patterns", "templates"), ("security", "templates"),
            ("workflows", "templates"),
        ]
        for (first, second) in edges {
            let done = try #require(events.firstIndex(of: "\(first) active→complete"))
            let start = try #require(events.firstIndex(of: "\(second) ready→starting"))
            #expect(done < start, "\(second) began before \(first) was complete")
        }
        for worker in Self.all {
            let own = events.filter { $0.hasPrefix(worker + " ") }
            func expectInOrder(_ entries: String...) {
                let expected = entries.map { "\(worker) \($0)" }
                #expect(own.filter { expected.contains($0) } == expected)
            }
            expectInOrder("WORKSPACE_PLANNED", "BRANCH_CREATED", "WORKTREE_CREATED", "ready→starting", "PROCESS_ENDED", "active→complete")
            // The command and its supervisor write side by side: a quick one reports before it is written down that it runs.
            expectInOrder("ready→starting", "PROCESS_STARTED", "starting→active", "PROCESS_ENDED")
            expectInOrder("ready→starting", "CHECKPOINT", "COMMITTED", "WORKER_COMPLETE", "PROCESS_ENDED")
        }
        #expect(events.filter { $0 == "- DAEMON_STARTED" }.count == 1 && events.last == "- DAEMON_ENDED")
    }

    @Test func theWholeFlowStartsNoProcessNamedGit() throws {
        guard let strace = CzarProgram.tool("strace") else { return CzarProgram.skip("there is no strace") }
        let project = try CzarProject(Self.plan)
        let tools = project.outside + "/tools"
        for name in ["sh", "cat"] {
            let tool = try #require(CzarProgram.tool(name))
            try FileManager.default.createDirectory(atPath: tools, withIntermediateDirectories: true)
            try FileManager.default.createSymbolicLink(atPath: tools + "/" + name, withDestinationPath: tool)
        }
        let trace = project.outside + "/trace"
        let environment = ["PATH": tools]
        let outcome = try run(
            [
                "/usr/bin/env", strace, "-f", "-qq", "-e", "trace=execve", "-s", "300", "-o", trace, CzarProgram.path, "run", "--trust",
                "--quiet",
            ],
            in: project.path, environment: environment)
        if outcome.errors.contains("ptrace") { return CzarProgram.skip("strace may not trace here") }
        try #require(outcome.status == 0, "\(outcome.errors)")
        try project.expect(0, "status", environment: environment)
        let calls = try String(contentsOfFile: trace, encoding: .utf8)
        #expect(calls.contains("__supervise") && calls.contains("\"commit\""))
        #expect(calls.split(separator: "\n").filter { $0.contains("/git\"") || $0.contains("\"git\"") } == [])
        #expect(try Set(project.states().values) == ["complete"])
        #expect(try project.complaints(clean: Self.all) == [])
    }

    @Test func anAttemptWithoutProofFailsAndTheNextPromptSaysWhy() throws {
        let project = try CzarProject(
            """
            project: {name: proof, base: main}
            orchestration: {retry: {limit: 1, backoff: 1s}}
            workers:
              - id: slow
                script: |
                  cp .czar/prompt.md "$OUTSIDE/prompt.$CZAR_ATTEMPT"
                  [ "$CZAR_ATTEMPT" = 1 ] && exit 0
                  echo done > done.txt

            """)
        try project.expect(0, "run", "--trust", "--quiet", environment: ["OUTSIDE": project.outside])
        let first = try String(contentsOfFile: project.outside + "/prompt.1", encoding: .utf8)
        let second = try String(contentsOfFile: project.outside + "/prompt.2", encoding: .utf8)
        #expect(!first.contains("not accepted"))
        #expect(second.contains("not accepted") && second.contains("commit"))
        let failure = try #require(try project.events().first { $0.description == "slow active→failed" })
        #expect(failure.fields.values.contains { $0.contains("unproven") })
        #expect(try git("show", "cz1/feat/slow:done.txt", in: project.path) == "done")
        #expect(try project.complaints(clean: ["slow"]) == [])
    }

    @Test func whatSomebodyWroteIntoThePromptStaysBesideTheNextOne() throws {
        let project = try CzarProject(
            """
            project: {base: main}
            workers:
              - {id: a, script: 'echo mine $CZAR_ATTEMPT >> .czar/prompt.md; exit 1'}

            """)
        try project.expect(0, "trust")
        for _ in 1...3 {
            try project.expect(0, "start", "a")
            try project.expect(1, "wait", "a")
        }
        func words(_ name: String) throws -> String {
            try String(contentsOfFile: project.worktree("a") + "/.czar/" + name, encoding: .utf8)
        }
        #expect(try words("prompt.md.1").hasSuffix("mine 1\n") && words("prompt.md.2").hasSuffix("mine 2\n"))
        #expect(try words("prompt.md").hasSuffix("mine 3\n") && !words("prompt.md").contains("mine 1"))
        let refused = try project.expect(77, "remove", "a")
        #expect(refused.errors.contains("3 files are untracked: .czar/prompt.md, .czar/prompt.md.1, .czar/prompt.md.2"))
    }

    @Test func aFailureBlocksItsDependentsUntilItIsRetried() throws {
        let project = try CzarProject(
            """
            project: {name: failing, base: main}
            orchestration: {retry: {limit: 0}}
            workers:
              - {id: base-work, script: 'test -e "$OUTSIDE/go" || exit 3; echo x > x'}
              - {id: next, dependencies: [base-work], script: 'echo y > y'}
              - {id: last, dependencies: [next], script: 'echo z > z'}
              - {id: other, script: 'echo o > o'}

            """)
        let environment = ["OUTSIDE": project.outside]
        try project.expect(1, "run", "--trust", "--quiet", environment: environment)
        #expect(try project.states() == ["base-work": "failed", "next": "blocked", "last": "blocked", "other": "complete"])
        let next = try #require(try project.workers()["next"])
        #expect(next["cause"].string?.contains("'base-work' failed") == true)
        #expect(try project.workers()["base-work"]?["exit"].int == 3)
        let attention = try project.answer("status")["attention"].array
        #expect(attention.contains { $0["worker"].string == "base-work" && $0["commands"].strings.contains { $0.hasPrefix("czar ") } })
        try writeFile(project.outside + "/go", "")
        try project.expect(0, "retry", "base-work")
        try project.expect(0, "run", "--quiet", environment: environment)
        #expect(try Set(project.states().values) == ["complete"])
    }

    @Test func noMoreWorkersRunAtOneTimeThanMaxActiveAllows() throws {
        let workers = (1...5).map {
            "  - {id: w\($0), script: 'mkdir \"$OUTSIDE/slot\" || exit 9; echo $CZAR_ID > f; rmdir \"$OUTSIDE/slot\"'}"
        }
        let project = try CzarProject(
            "project: {name: slots, base: main}\norchestration: {retry: {limit: 0}}\nworkers:\n" + workers.joined(separator: "\n") + "\n")
        try project.expect(0, "run", "--trust", "--quiet", "--max-active", "1", environment: ["OUTSIDE": project.outside])
        #expect(try Set(project.states().values) == ["complete"])
    }

    @Test func onlyTheWorkersThatAreNamedRun() throws {
        let project = try CzarProject(
            """
            project: {name: named, base: main}
            workers:
              - {id: one, script: 'echo 1 > f'}
              - {id: two, script: 'echo 2 > f'}

            """)
        try project.expect(0, "run", "--trust", "--quiet", "two")
        #expect(try project.states()["two"] == "complete")
        #expect(try project.state("one") != "complete")
        #expect(try git("branch", "--list", "cz1/feat/one", in: project.path) == "")
        try project.expect(66, "run", "--trust", "--quiet", "three")
    }

    @Test func onceStartsWhatCanStartAndLeavesItRunning() throws {
        let project = try CzarProject(
            """
            project: {name: once, base: main}
            workers:
              - {id: one, script: 'until [ -e "$OUTSIDE/go" ]; do sleep 0.05; done; echo 1 > f'}
              - {id: two, dependencies: [one], script: 'echo 2 > f'}

            """)
        try project.expect(0, "run", "--once", "--trust", "--quiet", environment: ["OUTSIDE": project.outside])
        try project.wait(for: "one", toBe: "active")
        #expect(try project.state("two") == "pending")
        try writeFile(project.outside + "/go", "")
        // No daemon: the supervisor itself settles its worker.
        try project.wait(for: "one", toBe: "complete")
        try project.expect(0, "run", "--quiet", environment: ["OUTSIDE": project.outside])
        #expect(try Set(project.states().values) == ["complete"])
    }

    @Test func aStartWaitsForApprovalWhereRunAsks() throws {
        let project = try CzarProject("project: {name: asks, base: main}\nworkers:\n  - {id: one, script: 'echo 1 > f'}\n")
        let daemon = try project.start("run", "--trust", "--approve", "ask", "--format", "json")
        try project.wait(for: "one", toBe: "ready")
        #expect(try project.workers()["one"]?["attempt"].int == 0)
        try project.expect(77, "approve", "one", environment: ["CZAR_WORKER": "one"])
        try project.expect(0, "approve", "one")
        #expect(daemon.wait() == 0)
        #expect(try project.state("one") == "complete")
        for line in daemon.output.split(separator: "\n") { #expect(try CzarAnswer(String(line))["schema"].exists) }
    }

    @Test func aRunThatCouldCommitNothingSaysSoBeforeItBegins() throws {
        func errors(_ plan: String, _ set: [String], _ command: [String] = ["run", "--once"]) throws -> String {
            let project = try CzarProject(plan)
            for key in ["user.name", "user.email"] where !set.contains(key) { try git("config", "--unset", key, in: project.path) }
            let names = ["GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL", "GIT_COMMITTER_NAME", "GIT_COMMITTER_EMAIL"]
            return try run(
                [CzarProgram.path] + command + ["--trust"], in: project.path,
                environment: Dictionary(uniqueKeysWithValues: names.map { ($0, "") })
            ).errors
        }
        let plan = "project: {base: main}\nworkers:\n  - {id: one, script: 'true'}\n"
        let neither = try errors(plan, [])
        #expect(neither.contains("cannot be committed, so it proves nothing: user.name and user.email are not set"), "\(neither)")
        #expect(
            neither.contains("\ntry: git config --global user.name 'Your Name' && git config --global user.email you@example.org\n"),
            "\(neither)")
        #expect(try errors(plan, [], ["start", "one"]).contains("user.name and user.email are not set"))
        #expect(try errors(plan, ["user.name"]).contains("user.email is not set\ntry: git config --global user.email you@example.org\n"))
        #expect(try !errors(plan, ["user.name", "user.email"]).contains("committed"))
        #expect(try !errors(plan.replacing("workers:", with: "orchestration: {auto_commit: never}\nworkers:"), []).contains("committed"))
        #expect(try !errors("project: {base: main}\nworkers: [{id: ann}]\n", []).contains("committed"))
    }
}
