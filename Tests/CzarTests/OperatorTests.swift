import Foundation
import TestSupport
import Testing

/// What an operator does reaches the processes themselves.
@Suite struct OperatorTests {
    /// A worker whose command writes the pid of a child, then waits for a file.
    static let waiting = """
        project: {name: operated, base: main}
        orchestration: {retry: {limit: 0}}
        workers:
          - id: one
            script: |
              echo "$CZAR_ATTEMPT" >> "$OUTSIDE/attempts"
              sh -c 'echo $$ > "$OUTSIDE/pid.new"; mv "$OUTSIDE/pid.new" "$OUTSIDE/pid"; until [ -e "$OUTSIDE/go" ]; do sleep 0.05; done'
              echo 1 > f

        """

    private struct Scene {
        let project: CzarProject
        let daemon: CzarProcess
        let child: Int32

        init(_ arguments: String...) throws {
            project = try CzarProject(OperatorTests.waiting)
            let environment = ["OUTSIDE": project.outside]
            let outside = project.outside
            daemon = try CzarProcess(
                [CzarProgram.path, "run", "--trust", "--quiet"] + arguments, in: project.path, environment: environment)
            try waitUntil("the command runs") { exists(outside + "/pid") }
            child = try Int32(String(contentsOfFile: outside + "/pid", encoding: .utf8).trimmingCharacters(in: .newlines)) ?? 0
            try project.wait(for: "one", toBe: "active")
        }

        /// The letter in `/proc/PID/stat`; `-` when the process is gone.
        var processState: String {
            guard let text = try? String(contentsOfFile: "/proc/\(child)/stat", encoding: .utf8) else { return "-" }
            return String(text[text.index(after: text.lastIndex(of: ")") ?? text.startIndex)...].split(separator: " ").first ?? "?")
        }

        var attempts: String { (try? String(contentsOfFile: project.outside + "/attempts", encoding: .utf8)) ?? "" }

        func go() throws { try writeFile(project.outside + "/go", "") }
        var isGone: Bool { processState == "-" || processState == "Z" }
    }

    @Test func undoTakesBackWhatTheOperatorDidAndNotWhatFollowedFromIt() throws {
        let project = try CzarProject(
            """
            project: {base: main}
            orchestration: {retry: {limit: 0}}
            workers:
              - {id: one, script: 'exit 3'}
              - {id: two, script: 'echo 2 > g', dependencies: [one]}

            """)
        try project.expect(1, "run", "--trust", "--quiet")
        try project.expect(0, "retry", "one")
        #expect(try project.states() == ["one": "pending", "two": "pending"])
        #expect(try project.expect(0, "undo").output.hasSuffix(": 'one' is failed again\n"))
        #expect(try project.states() == ["one": "failed", "two": "blocked"])
        try project.expect(0, "stop", "two")
        try project.expect(0, "retry", "one")
        try project.expect(0, "fail", "one", "--reason", "no")
        #expect(try project.expect(0, "undo").output.contains("'one' is pending again"))
    }

    @Test func whatWaitsForApprovalIsSaidWithItsCommandWhileTheDaemonAsks() throws {
        let project = try CzarProject("project: {base: main}\nworkers:\n  - {id: one, script: 'echo 1 > f'}\n")
        let daemon = try project.start("run", "--trust", "--approve", "ask")
        try project.wait(for: "one", toBe: "ready")
        try waitUntil("status says what is waited for") {
            try project.answer("status")["attention"].array.contains { $0["commands"][0].string == "czar approve one" }
        }
        try project.expect(0, "approve", "one")
        #expect(daemon.wait() == 0)
        #expect(daemon.output.contains("waits for approval: czar approve one"), "\(daemon.output)")
        #expect(try project.state("one") == "complete")
    }

    @Test func aWorkerThatFailedMakesRunOnceSayNo() throws {
        let project = try CzarProject(
            "project: {base: main}\norchestration: {retry: {limit: 0}}\nworkers:\n  - {id: one, script: 'exit 3'}\n")
        try project.expect(0, "trust", "--yes")
        try project.czar("run", "--quiet", "--once")
        try project.wait(for: "one", toBe: "failed")
        try project.expect(1, "run", "--once")
    }

    @Test func aStartThatFailsHasFailedWhenRunOnceEnds() throws {
        let ids = (1...6).map { "w\($0)" }
        let project = try CzarProject(
            "project: {base: main}\norchestration: {retry: {limit: 0}}\nworkers:\n"
                + ids.map { "  - {id: \($0), command: [./broken]}\n" }.joined() + "  - {id: last, dependencies: [w1], script: 'true'}\n")
        // It can be run as far as anybody sees, and fails in exec.
        try project.repository.write("broken", "#!/no/such/interpreter\n")
        try prepare("chmod", "+x", project.path + "/broken")
        try project.repository.commitAll("broken")
        let outcome = try project.expect(1, "run", "--once", "--trust")
        #expect(!outcome.output.contains("starting"), "\(outcome.output)")
        let states = try project.states()
        #expect(ids.allSatisfy { states[$0] == "failed" } && states["last"] == "blocked", "\(states)")
    }

    @Test func pauseStopsTheProcessGroupAndResumeContinuesIt() throws {
        let scene = try Scene()
        try scene.project.expect(0, "pause", "one")
        #expect(scene.processState == "T")
        #expect(try scene.project.state("one") == "paused")
        #expect(scene.daemon.isRunning || scene.daemon.wait() == 1)
        try scene.project.expect(0, "resume", "one")
        try waitUntil("the command goes on") { scene.processState == "S" || scene.processState == "R" }
        try scene.go()
        _ = scene.daemon.wait()
        try scene.project.wait(for: "one", toBe: "complete")
        #expect(scene.attempts == "1\n")
    }

    @Test func stopEndsTheProcessesAndStartBeginsTheNextAttempt() throws {
        let scene = try Scene()
        try scene.project.expect(0, "stop", "one")
        #expect(scene.isGone)
        #expect(try scene.project.state("one") == "paused")
        #expect(scene.daemon.wait() == 1)
        try scene.go()
        try scene.project.expect(0, "start", "one", environment: ["OUTSIDE": scene.project.outside])
        try scene.project.wait(for: "one", toBe: "complete")
        #expect(scene.attempts == "1\n2\n")
    }

    @Test func failEndsTheProcessesAndKeepsTheReason() throws {
        let scene = try Scene()
        try scene.project.expect(0, "fail", "one", "--reason", "not wanted")
        #expect(scene.isGone)
        #expect(scene.daemon.wait() == 1)
        let worker = try #require(try scene.project.workers()["one"])
        #expect(worker["state"].string == "failed" && worker["cause"].string == "not wanted")
        try scene.project.expect(77, "pause", "one", environment: ["CZAR_WORKER": "two"])
    }

    @Test func aStartAsksForTrustOfWhatItRunsAndOfNothingElse() throws {
        let project = try CzarProject(
            """
            project: {base: main}
            notify: {on: [failed], command: [tell, "{text}"]}
            workers:
              - {id: ann}
              - {id: one, script: 'echo 1 > f'}
              - {id: two, script: 'echo 2 > f'}

            """)
        try project.expect(0, "start", "ann")
        #expect(try project.state("ann") == "active")
        let refused = try project.expect(77, "start", "one", "ann")
        #expect(refused.errors.contains("echo 1") && !refused.errors.contains("echo 2") && !refused.errors.contains("tell"))
        try project.expect(0, "start", "one", "--trust")
        try project.wait(for: "one", toBe: "complete")
        #expect(try project.expect(77, "run").errors.contains("echo 2"))
    }

    @Test func refusalsNameTheStateThatIsAndTheOneThatCannotBe() throws {
        let project = try CzarProject(
            "project: {base: main}\nworkers:\n  - {id: one, script: 'echo 1 > f'}\n  - {id: two, script: 'exit 3'}\n")
        try project.expect(0, "trust", "--yes")
        try project.expect(1, "run", "--quiet")
        #expect(try project.states() == ["one": "complete", "two": "failed"])
        for (words, sentence) in [
            ("pause one", "it is complete and cannot become paused"), ("stop two", "it is failed and cannot become paused"),
            ("fail one --reason x", "it is complete and cannot become failed"), ("fail two --reason x", "it is failed already"),
            ("start one", "it is complete and cannot become starting"),
            ("retry one", "it is complete, and only a failed worker can become pending that way"),
            ("approve one", "it is complete, and only a pending or ready worker can become starting that way"),
            ("resume two", "it is failed, and only a paused worker can become active that way"),
        ] {
            let outcome = try run([CzarProgram.path] + words.split(separator: " ").map(String.init), in: project.path)
            #expect(outcome.status == 77 && outcome.errors.contains(": \(sentence)\n"), "\(words): \(outcome.errors)")
        }
    }

    @Test func anApprovalIsSaidOnce() throws {
        let project = try CzarProject("project: {base: main}\nworkers:\n  - {id: one, script: 'echo 1 > f'}\n")
        #expect(try project.expect(0, "approve", "one").output == "approved one\n")
        #expect(try project.expect(0, "approve", "one").output == "one is approved already\n")
    }

    @Test func nothingIsStoppedForATakeOverWithoutATerminal() throws {
        let scene = try Scene()
        let refused = try scene.project.expect(64, "attach", "one", "--take-over")
        #expect(refused.errors.contains("needs a terminal"), "\(refused.errors)")
        #expect(try scene.project.state("one") == "active" && !scene.isGone)
        try scene.go()
        #expect(scene.daemon.wait() == 0)
    }

    @Test func failIsAboutTheWorkerAroundIt() throws {
        let project = try CzarProject("project: {base: main}\nworkers: [{id: one}, {id: two}, {id: three}]\n")
        try project.expect(0, "create", "one")
        try project.expect(0, "fail", "--reason", "x", at: project.worktree("one"))
        try project.expect(0, "fail", "--reason", "x", environment: ["CZAR_WORKER": "two"])
        try project.expect(0, "fail", "--reason", "x", "--worker", "three")
        #expect(try Set(project.states().values) == ["failed"])
        try project.expect(64, "fail", "--reason", "x")
    }

    @Test(arguments: [SIGINT, SIGTERM]) func aStoppedRunEndsItsWorkersAndTheNextRunGoesOn(_ number: Int32) throws {
        let scene = try Scene()
        scene.daemon.signal(number)
        #expect(scene.daemon.wait() == 130)
        #expect(scene.isGone)
        #expect(try scene.project.state("one") == "paused")
        try scene.go()
        try scene.project.expect(0, "run", "--quiet", environment: ["OUTSIDE": scene.project.outside])
        #expect(scene.attempts == "1\n2\n")
        #expect(try scene.project.complaints(clean: ["one"]) == [])
    }

    @Test func aSecondInterruptKillsAllWhoDoNotListen() throws {
        let script = "trap '' TERM; touch up; while :; do sleep 0.1; done"
        let project = try CzarProject(
            "project: {name: x, base: main}\nworkers:\n" + ["a", "b", "c"].map { "  - {id: \($0), script: \"\(script)\"}\n" }.joined())
        let daemon = try project.start("run", "--trust")
        for id in ["a", "b", "c"] { try waitUntil("\(id) does not listen") { exists(project.worktree(id) + "/up") } }
        daemon.signal(SIGINT)
        for id in ["a", "b", "c"] { try project.wait(for: id, toBe: "paused") }
        daemon.signal(SIGINT)
        #expect(daemon.wait() == 130)
        #expect(Set(try project.states().values) == ["paused"])
        // Killed, and not waited for: the journal says how long it took, and TERM alone would have had ten seconds for each.
        let events = try project.events()
        let told = try #require(events.last { $0.type == "STATE_CHANGED" }), ends = events.filter { $0.type == "PROCESS_ENDED" }
        #expect(ends.count == 3)
        #expect(try ends.allSatisfy { try seconds(from: told, to: $0) < 9 })
    }

    private func seconds(from first: CzarEvent, to second: CzarEvent) throws -> Double {
        let format = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
        return try format.parse(second.time).timeIntervalSince(format.parse(first.time))
    }

    @Test func leaveRunningKeepsTheWorkersAndTheNextRunAdoptsThem() throws {
        let scene = try Scene("--leave-running")
        scene.daemon.signal(SIGINT)
        #expect(scene.daemon.wait() == 130)
        #expect(!scene.isGone)
        #expect(try scene.project.state("one") == "active")
        let next = try scene.project.start("run", "--quiet", environment: ["OUTSIDE": scene.project.outside])
        try waitUntil("the next run works") { try scene.project.answer("status")["daemon"]["running"].bool == true }
        try scene.go()
        #expect(next.wait() == 0)
        #expect(scene.attempts == "1\n")
    }

    @Test func aSecondDaemonIsToldThatOneRuns() throws {
        let scene = try Scene()
        let second = try scene.project.expect(75, "run", "--quiet")
        #expect(second.errors.contains("pid \(scene.daemon.pid)"))
        #expect(second.errors.contains("try: "))
        try scene.go()
        #expect(scene.daemon.wait() == 0)
    }

    @Test func anOrphanWhoseWorkerLeftThePlanIsStopped() throws {
        let scene = try Scene()
        let supervisor = getsid(scene.child)
        kill(scene.daemon.pid, SIGKILL)
        _ = scene.daemon.wait()
        kill(supervisor, SIGKILL)
        try waitUntil("its supervisor is gone") { try scene.project.workers()["one"]?["health"].string == "crashed" }
        try scene.project.replacePlan("project: {name: operated, base: main}\nworkers:\n  - {id: other}\n")
        #expect(try scene.project.expect(0, "stop", "one").output == "stopped one\n")
        #expect(scene.isGone)
        #expect(try scene.project.events().filter { $0.type == "PROCESS_ENDED" }.count == 1)
        let status = try scene.project.expect(0, "status").output
        #expect(status.contains("no longer in the plan: one (paused)") && !status.contains("its command runs"), "\(status)")
    }

    @Test(arguments: [["stop", "one"], ["fail", "one", "--reason", "no"], ["pause", "one"]])
    func anAttemptWhoseSupervisorDiedHasEndedForOperatorsToo(_ words: [String]) throws {
        let scene = try Scene()
        let supervisor = getsid(scene.child)
        kill(scene.daemon.pid, SIGKILL)
        _ = scene.daemon.wait()
        kill(supervisor, SIGKILL)
        try waitUntil("its supervisor is gone") { try scene.project.workers()["one"]?["health"].string == "crashed" }
        #expect(try run([CzarProgram.path] + words, in: scene.project.path).status == 0)
        if words[0] != "fail" { try scene.project.expect(0, "resume", "one") }
        #expect(try scene.project.events().filter { $0.type == "PROCESS_ENDED" }.count == 1)
        // Nothing is active without a process.
        #expect(try scene.project.state("one") != "active")
        #expect(scene.isGone)
    }

    @Test func whatACrashedSupervisorRanIsEndedAndToldAsLost() throws {
        let scene = try Scene()
        // It leads the session that its command is in.
        let supervisor = getsid(scene.child)
        kill(supervisor, SIGKILL)
        #expect(scene.daemon.wait() == 1)
        #expect(scene.isGone)
        #expect(try scene.project.workers()["one"]?["causes"].strings == ["crashed"])
    }

    @Test func undoingACommandTakesAllOfItBackAndNothingThatItDidNotDo() throws {
        let project = try CzarProject("project: {base: main}\nworkers:\n  - {id: a}\n  - {id: b, dependencies: [a]}\n")
        try project.expect(0, "create", "a")
        try project.expect(0, "start", "a")
        #expect(try project.expect(0, "undo").output.contains("'a' is pending again"))
        #expect(exists(project.worktree("a")))
        try project.expect(0, "start", "a")
        try writeFile(project.worktree("a") + "/f", "f\n")
        try project.expect(0, "commit", "-m", "f", "--worker", "a")
        try project.expect(0, "complete", "--worker", "a")
        try project.expect(0, "start", "b")
        #expect(try project.expect(77, "undo", "\(try moves(project, "a").last ?? 0)").errors.contains("'b' was started on it"))
        try project.expect(0, "reopen", "a")
        try project.expect(0, "complete", "--worker", "a")
        // It had begun on the first completion.
        #expect(try project.expect(0, "undo").output.contains("'a' is active again"))
        #expect(try project.expect(0, "undo").output.contains("'a' is complete again"))
        #expect(try project.expect(0, "undo").output.contains("'b' is pending again"))
    }

    @Test func whoReportsItselfCompleteOnceMoreIsJudgedAgain() throws {
        let project = try CzarProject("project: {base: main}\nworkers:\n  - {id: a}\n")
        try project.expect(0, "create", "a")
        func commit(_ name: String) throws {
            try writeFile(project.worktree("a") + "/" + name, name)
            try project.expect(0, "commit", "-m", name, "--worker", "a")
        }
        func proven() throws -> String? { try project.events().last { $0.type == "STATE_CHANGED" }?.fields["tip"] }
        try commit("one")
        try project.expect(0, "complete", "--worker", "a")
        let first = try #require(try proven())
        try commit("two")
        let second = try git("rev-parse", "HEAD", in: project.worktree("a"))
        try writeFile(project.worktree("a") + "/rest", "not committed")
        try project.expect(0, "event", "a", "WORKER_COMPLETE")
        try project.expect(0, "run", "--once", "--quiet")
        #expect(try proven() == first, "not proven: it stays complete at what it was")
        try FileManager.default.removeItem(atPath: project.worktree("a") + "/rest")
        try project.expect(0, "run", "--once", "--quiet")
        #expect(try proven() == second && second != first)
        // Said of nothing new, it says nothing of what comes later.
        try project.expect(0, "event", "a", "WORKER_COMPLETE")
        try commit("three")
        try project.expect(0, "run", "--once", "--quiet")
        #expect(try proven() == second)
        #expect(try project.workers()["a"]?["state"].string == "complete")
    }

    /// The changes of a worker's state.
    private func moves(_ project: CzarProject, _ worker: String) throws -> [Int] {
        try project.events().filter { $0.worker == worker && $0.type == "STATE_CHANGED" }.map(\.sequence)
    }
}
