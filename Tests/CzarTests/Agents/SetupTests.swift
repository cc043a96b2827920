import Foundation
import TestSupport
import Testing

/// What happens in a worktree before its first command: set-up and ports.
@Suite struct SetupTests {
    private func write(_ text: String) throws -> CzarProject { try CzarProject("project: {base: main}\n" + text) }

    @Test func theSetUpRunsOncePerWorktreeBeforeTheFirstCommand() throws {
        let project = try write(
            """
            orchestration: {retry: {limit: 1, backoff: 1s}}
            workers:
              - id: one
                setup: {run: [sh, -c, "{script}", prepared]}
                script: 'exit 1'
            """)
        // A shell program is the worker's script only; the set-up's own words stay arguments.
        try project.expect(65, "validate")
        try project.replacePlan(
            """
            project: {base: main}
            orchestration: {retry: {limit: 1, backoff: 1s}}
            workers:
              - id: one
                setup: {run: [sh, ./prepare, "{id}"]}
                script: 'test -e prepared; [ "$CZAR_ATTEMPT" = 2 ]; czar commit -m done'

            """)
        try project.repository.write("prepare", "echo \"for $1\" >> prepared; echo loud\n")
        try project.repository.commitAll("prepare")
        try project.expect(0, "run", "--trust", "--quiet")
        #expect(try String(contentsOfFile: project.worktree("one") + "/prepared", encoding: .utf8) == "for one\n")
        #expect(try String(contentsOfFile: project.path + "/.czarina/logs/one.setup.log", encoding: .utf8) == "loud\n")
        let setups = try project.events().filter { $0.type == "SETUP_FINISHED" }
        #expect(setups.map { $0.fields["exit"] } == ["0"])
    }

    @Test func aSetUpThatFailsIsTheReasonAndTheCommandNeverRuns() throws {
        let project = try write(
            "workers:\n  - id: one\n    setup: {run: [sh, ./broken]}\n    script: 'touch \"$OUTSIDE/ran\"'\n")
        try project.repository.write("broken", "echo no >&2; exit 4\n")
        try project.repository.commitAll("broken")
        try project.expect(1, "run", "--trust", "--quiet", environment: ["OUTSIDE": project.outside])
        let worker = try #require(try project.workers()["one"])
        #expect(worker["state"].string == "failed" && worker["causes"].strings == ["setup"])
        #expect(worker["cause"].string == "its set-up 'sh ./broken' ended with 4; see .czarina/logs/one.setup.log")
        #expect(!FileManager.default.fileExists(atPath: project.outside + "/ran"))
    }

    @Test func aSetUpThatTakesTooLongIsEndedWithAllItStarted() throws {
        let project = try write(
            "workers:\n  - id: one\n    setup: {run: [sh, ./slow], timeout: 1s}\n    script: 'true'\n")
        try project.repository.write("slow", "sleep 1000 & echo $! > \"$OUTSIDE/pid\"; wait\n")
        try project.repository.commitAll("slow")
        try project.expect(1, "run", "--trust", "--quiet", environment: ["OUTSIDE": project.outside])
        #expect(try project.workers()["one"]?["cause"].string?.contains("took longer than 1s") == true)
        let pid = try String(contentsOfFile: project.outside + "/pid", encoding: .utf8).filter(\.isNumber)
        // Ended, though perhaps not reaped by whoever inherited it.
        #expect(FileManager.default.contents(atPath: "/proc/\(pid)/cmdline").map(\.isEmpty) ?? true)
    }

    @Test func anOperatorStopsAWorkerDuringItsSetUp() throws {
        let project = try write(
            "workers:\n  - id: one\n    setup: {run: [sh, ./slow]}\n    script: 'touch \"$OUTSIDE/ran\"'\n")
        try project.repository.write("slow", "touch \"$OUTSIDE/began\"; sleep 1000\n")
        try project.repository.commitAll("slow")
        try project.expect(0, "start", "one", "--trust", environment: ["OUTSIDE": project.outside])
        try waitUntil("the set-up runs") { FileManager.default.fileExists(atPath: project.outside + "/began") }
        try project.wait(for: "one", toBe: "active")
        try project.expect(0, "stop", "one")
        #expect(try project.state("one") == "paused")
        #expect(!FileManager.default.fileExists(atPath: project.outside + "/ran"))
    }

    @Test func aSetUpOfAPlanNeedsTrust() throws {
        let project = try write("workers:\n  - {id: one, agent: claude, setup: {run: [make]}}\n")
        let refused = try project.expect(77, "run")
        #expect(refused.errors.contains("setup"))
    }

    @Test func portsAreLeasedPerWorktreeAndGivenBackWithIt() throws {
        let state = try TemporaryFolder("czar-ports")
        let environment = ["XDG_STATE_HOME": state.path]
        let plan = """
            project: {base: main}
            workers:
              - {id: one, ports: 2, script: 'echo $CZAR_PORT_0 $CZAR_PORT_1 > ports'}
              - {id: two, ports: 1, script: 'echo $CZAR_PORT_0 > ports'}

            """
        let (first, second) = (try CzarProject(plan), try CzarProject(plan))
        for project in [first, second] { try project.expect(0, "run", "--trust", "--quiet", environment: environment) }
        let given = try [first, second].flatMap { project in
            try ["one", "two"].flatMap { worker in
                try String(contentsOfFile: project.worktree(worker) + "/ports", encoding: .utf8).split { $0 == " " || $0 == "\n" }
            }
        }
        #expect(given.count == 6 && Set(given).count == 6 && given.allSatisfy { Int($0).map { (21_000..<32_000).contains($0) } == true })
        let leases = state.path + "/czar/ports"
        #expect(try String(contentsOfFile: leases, encoding: .utf8).split(separator: "\n").count == 6)
        try first.expect(0, "remove", "one", environment: environment)
        let left = try String(contentsOfFile: leases, encoding: .utf8)
        #expect(left.split(separator: "\n").count == 4 && !left.contains(first.worktree("one") + "\n"))
        #expect(try first.workers()["two"]?["ports"].array.count == 1)
    }
}
