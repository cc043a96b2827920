import Foundation
import TestSupport
import Testing

/// Workers run on while the plan's file is broken, gone, or has lost one of them: they are looked at and ended all the same.
@Suite struct LostPlanTests {
    private static let plan = """
        project: {base: main}
        workers:
          - {id: a, script: 'while [ ! -e go ]; do sleep 0.05; done; echo 1 > f'}
          - {id: c, script: 'while [ ! -e go ]; do sleep 0.05; done; exit 9'}

        """
    private static let withoutC = "project: {base: main}\nworkers:\n  - {id: a, script: 'true'}\n"

    @Test func aBrokenPlanTakesNobodysCommandsAway() throws {
        let project = try CzarProject(Self.plan)
        try project.expect(0, "trust", "--yes")
        try project.expect(0, "start", "a", "c")
        try project.wait(for: "c", toBe: "active")
        try project.replacePlan("workers: [")
        let worker = project.worktree("a")
        try project.expect(0, "event", "CHECKPOINT", "name=x", at: worker)
        #expect(try project.expect(0, "whoami", at: worker).output.contains("a"))
        try project.expect(0, "logs", "a")
        let status = try project.expect(65, "status")
        #expect(status.output.contains("● active") && status.errors.contains(".czarina/config.yaml:"))
        let stopped = try project.expect(0, "stop", "c")
        #expect(stopped.errors.contains("going on with the plan that was accepted last"))
        try project.expect(65, "run")
        try Data().write(to: URL(fileURLWithPath: worker + "/go"))
        try FileManager.default.removeItem(atPath: project.path + "/.czarina/config.yaml")
        // Settled by its supervisor, by the plan that was accepted.
        try waitUntil("the worker is complete") {
            let answer = try CzarAnswer(project.expect(66, "status", "--json").output)
            return answer["workers"].array.map { $0["state"].string } == ["complete", "paused"]
        }
    }

    private static let quick = "project: {base: main}\nworkers:\n  - {id: a, script: 'echo 1 > f'}\n  - {id: b, script: 'echo 2 > g'}\n"

    @Test func whatOnlyLooksGoesByThePlanThatWasAcceptedLast() throws {
        let project = try CzarProject(Self.quick)
        try project.expect(0, "run", "--trust")
        try git("merge", "-q", "--no-edit", "cz1/feat/a", in: project.path)
        for (plan, code) in [("workers: [", Int32(65)), (nil, 66)] {
            if let plan {
                try project.replacePlan(plan)
            } else {
                try FileManager.default.removeItem(atPath: project.path + "/.czarina/config.yaml")
            }
            let wait = try project.expect(0, "wait")
            #expect(wait.errors.contains("going on with the plan that was accepted last"))
            // The answer is there, and the code says that it is by another plan than the file's.
            for words in [["metrics"], ["report"], ["report", "closeout"], ["metrics", "--json"]] {
                let outcome = try run([CzarProgram.path] + words, in: project.path)
                #expect(outcome.status == code && outcome.output.contains("a") && !outcome.errors.isEmpty, "\(words): \(outcome)")
            }
            #expect(try project.expect(0, "prune", "--dry-run").output.contains("would remove a"))
            #expect(try project.expect(1, "closeout", "--dry-run").output.contains("would remove a"))
            try project.expect(code, "closeout")
            #expect(try !project.events().contains { $0.type == "CLOSEOUT_PLANNED" })
        }
        #expect(try project.expect(0, "prune").output.contains("removed a"))
    }

    @Test func aPlanWhoseFileIsLostComesBackByTheCommandThatIsHinted() throws {
        let project = try CzarProject(Self.quick), file = project.path + "/.czarina/config.yaml"
        try project.expect(0, "create", "a")
        let accepted = try String(contentsOfFile: file, encoding: .utf8)
        try FileManager.default.removeItem(atPath: file)
        let committed = try project.expect(66, "run").errors
        #expect(committed.contains("the plan in '\(project.path)/.czarina' is gone"))
        #expect(committed.contains("try: git -C \(project.path) checkout HEAD -- .czarina/config.yaml"))
        try prepare("sh", "-c", committed.components(separatedBy: "try: ").last ?? "false")
        #expect(try String(contentsOfFile: file, encoding: .utf8) == accepted)
        // What is committed is another plan than the one that was accepted.
        try project.replacePlan(accepted.replacingOccurrences(of: "echo 2", with: "echo 3"))
        try project.expect(0, "add", "c", "do it", "--agent", "person")
        try FileManager.default.removeItem(atPath: file)
        try FileManager.default.removeItem(atPath: project.path + "/.czarina/workers/c.yaml")
        #expect(try project.expect(66, "status").errors.contains("try: czar init --accepted"))
        try project.expect(64, "init", "--accepted", "--from", "x")
        try project.expect(0, "init", "--accepted")
        try project.expect(0, "validate")
        #expect(try project.workers().keys.sorted() == ["a", "b", "c"])
        #expect(try project.events().filter { $0.type == "PLAN_ACCEPTED" }.last?.fields["plan"]?.contains("echo 3") == true)
        try project.expect(73, "init", "--accepted")
    }

    @Test func aWorkerThatLeftThePlanIsWatchedAndCanBeSeenAndEnded() throws {
        let project = try CzarProject(Self.plan)
        let daemon = try project.start("run", "--trust")
        try project.wait(for: "c", toBe: "active")
        try project.replacePlan(Self.withoutC)
        try project.expect(0, "trust", "--yes")
        try waitUntil("the daemon has taken the plan") { daemon.errors.contains("going on with the new one") }
        #expect(try project.expect(0, "status", "c").output.contains("active"))
        let attention = try project.answer("status")["attention"].array
        #expect(attention.map { $0["worker"].string } == ["c"] && attention.first?["commands"].strings.first == "czar stop c")
        try project.expect(0, "logs", "c")
        try Data().write(to: URL(fileURLWithPath: project.worktree("a") + "/go"))
        try project.wait(for: "a", toBe: "complete")
        #expect(daemon.isRunning)
        try project.expect(0, "fail", "c", "--reason", "not wanted")
        #expect(daemon.wait() == 0)
        #expect(try project.answer("status")["unlisted"].array.map { $0["state"].string } == ["failed"])
    }

    @Test func whatOnlyAPersonOrARunCanMoveOnIsNamed() throws {
        let project = try CzarProject(
            """
            project: {base: main}
            workers:
              - {id: a, allow_empty: true, script: 'true'}
              - {id: b, dependencies: [a], script: 'sleep 60'}

            """)
        try project.expect(0, "trust", "--yes")
        try project.expect(0, "start", "a")
        try project.wait(for: "a", toBe: "complete")
        func attention() throws -> [String] {
            try project.answer("status")["attention"].array.map { "\($0["worker"].string ?? ""): \($0["commands"].strings.first ?? "")" }
        }
        #expect(try attention() == ["b: czar run"])
        try project.expect(0, "start", "b")
        try project.wait(for: "b", toBe: "active")
        #expect(try attention() == [])
        let pid = try #require(try project.events().last { $0.type == "STATE_CHANGED" && $0.fields["to"] == "starting" }?.fields["process"])
        let number = try #require(pid.split(separator: " ").first { $0.hasPrefix("pid=") }.flatMap { Int32($0.dropFirst(4)) })
        kill(number, SIGKILL)
        try waitUntil("the supervisor is gone") { try project.workers()["b"]?["health"].string == "crashed" }
        #expect(try attention() == ["b: czar run"])
        #expect(try project.expect(0, "status").output.contains("its supervisor died"))
        try project.expect(0, "stop", "b")
        try project.expect(0, "start", "b")
        try project.wait(for: "b", toBe: "active")
        try project.expect(0, "stop", "b")
        try project.expect(0, "reopen", "a")
        #expect(try attention().contains("a: czar complete a"))
        #expect(try project.expect(0, "status").output.contains("a person works there"))
    }

    @Test func workersOfOneIdInTwoPhasesKeepTheirLogsApart() throws {
        func plan(_ phase: Int) -> String {
            "project: {base: main, phase: \(phase)}\norchestration: {worktree_template: '.czarina/worktrees/{phase}-{id}', retry: {limit: 0}}\n"
                + "workers:\n  - {id: same, script: 'echo \"phase $CZAR_PHASE attempt $CZAR_ATTEMPT\"; exit 3'}\n"
        }
        let project = try CzarProject(plan(1))
        for phase in [1, 2, 1] {
            try project.replacePlan(plan(phase))
            try project.expect(0, "trust", "--yes")
            try project.expect(0, "start", "same")
            try project.wait(for: "same", toBe: "failed")
        }
        let names = try FileManager.default.contentsOfDirectory(atPath: project.path + "/.czarina/logs").filter { $0.hasPrefix("same") }
        #expect(names.sorted() == ["same.1.log", "same.log", "same@1.2.log", "same@2.1.log"])
        #expect(try project.expect(0, "logs", "same").output == "phase 1 attempt 2\n")
        #expect(try project.expect(0, "logs", "same", "--attempt", "1").output == "phase 1 attempt 1\n")
        try project.replacePlan(plan(2))
        #expect(try project.expect(0, "logs", "same").output == "phase 2 attempt 1\n")
        #expect(try project.expect(66, "logs", "same", "--attempt", "2").errors.contains("no log 'same.2.log'"))
    }

    /// A worker's identity is its phase and its id.
    @Test func aNewPhaseLeavesTheWorkersOfTheOldOneTheirs() throws {
        let waits = "while [ ! -e go ]; do sleep 0.05; done; echo 1 > f"
        func plan(_ phase: Int, _ workers: [String: String]) -> String {
            "project: {base: main, phase: \(phase)}\norchestration: {worktree_template: '.czarina/worktrees/{phase}-{id}'}\nworkers:\n"
                + workers.sorted { $0.key < $1.key }.map { "  - {id: \($0.key), script: '\($0.value)'}\n" }.joined()
        }
        let project = try CzarProject(plan(1, ["long": waits, "same": waits]))
        try project.expect(0, "trust", "--yes")
        try project.expect(0, "start", "long", "same")
        for worker in ["long", "same"] { try project.wait(for: worker, toBe: "active") }
        try project.replacePlan(plan(2, ["next": "echo 2 > g", "same": "echo 3 > h"]))
        try project.expect(0, "trust", "--yes")
        #expect(try project.expect(0, "status").output.contains("czar stop long"))
        let daemon = try project.start("run")
        for worker in ["next", "same"] { try project.wait(for: worker, toBe: "complete") }
        #expect(daemon.isRunning, "commands of the phase before still run")
        try project.expect(0, "logs", "long")
        try Data().write(to: URL(fileURLWithPath: project.path + "/.czarina/worktrees/1-same/go"))
        try project.expect(0, "stop", "long")
        #expect(daemon.wait() == 0)
        let ends = try project.events().filter { $0.type == "STATE_CHANGED" && ["complete", "paused"].contains($0.fields["to"] ?? "") }
        #expect(ends.filter { $0.worker == "same" }.count == 2 && ends.filter { $0.worker == "long" }.count == 1)
    }
}
