import Foundation
import TestSupport
import Testing

/// `notify`: who is told what happened.
@Suite struct NotificationTests {
    private let plan = """
        project: {base: main}
        orchestration: {retry: {limit: 1, backoff: 1s}}
        notify: {on: [failed, blocked, complete], command: [tell, "{id}", "{title}", "{text}"]}
        workers:
          - {id: good, script: 'echo 1 > f'}
          - {id: bad, script: 'exit 3'}
          - {id: asks, dependencies: [good], script: 'czar block ''a key; $(touch x)''; czar unblock; echo 1 > f'}
          - {id: after, dependencies: [bad], script: 'true'}

        """

    private func tell(_ text: String) throws -> StandIn { try StandIn(["tell": text]) }

    @Test func theCommandIsToldOnceWhatNeedsAPersonAndNothingElse() throws {
        let stand = try tell("for word; do printf '%s|' \"$word\" >> \"$STAND_IN/told\"; done; echo >> \"$STAND_IN/told\"")
        let project = try CzarProject(plan)
        try project.expect(1, "run", "--trust", "--quiet", environment: stand.environment)
        let told = try String(contentsOfFile: stand.folder.path + "/told", encoding: .utf8).split(separator: "\n").map(String.init)
        #expect(
            told.sorted() == [
                "asks|asks is blocked|a key; $(touch x)|", "asks|asks is complete|proven complete|",
                "bad|bad failed|its command ended with 3|", "good|good is complete|proven complete|",
            ])
    }

    @Test func theCommandFindsTheValuesInItsEnvironmentToo() throws {
        let stand = try tell("echo \"$CZAR_ID|$CZAR_PHASE|$CZAR_TITLE|$CZAR_TEXT|$CZAR_REPOSITORY\" > \"$STAND_IN/told\"")
        let project = try CzarProject(
            "project: {base: main}\nnotify: {on: [complete], command: [tell]}\nworkers: [{id: one, script: 'echo 1 > f'}]\n")
        try project.expect(0, "run", "--trust", "--quiet", environment: stand.environment)
        let told = try String(contentsOfFile: stand.folder.path + "/told", encoding: .utf8)
        #expect(told == "one|1|one is complete|proven complete|\(project.path)\n", "\(told)")
    }

    @Test func aCommandThatFailsIsSaidAndHoldsNothingUp() throws {
        let stand = try tell("exit 9")
        let project = try CzarProject(plan)
        let outcome = try project.expect(1, "run", "--trust", environment: stand.environment)
        #expect(outcome.errors.contains("the notification 'bad failed' was not sent") && outcome.errors.contains("ended with 9"))
        #expect(try project.state("good") == "complete")
    }

    @Test func approvalIsAskedForOnce() throws {
        let stand = try tell("echo \"$2\" >> \"$STAND_IN/told\"")
        let project = try CzarProject(
            "project: {base: main}\nnotify: {on: [approval], command: [tell, '{id}', '{title}']}\nworkers: [{id: one, script: 'echo 1 > f'}]\n"
        )
        let daemon = try project.start("run", "--trust", "--approve", "ask", environment: stand.environment)
        try waitUntil("approval is asked for") { FileManager.default.fileExists(atPath: stand.folder.path + "/told") }
        try project.expect(0, "approve", "one")
        #expect(daemon.wait() == 0)
        #expect(try String(contentsOfFile: stand.folder.path + "/told", encoding: .utf8) == "one waits for approval\n")
    }

    @Test func aStuckWorkerAndOneOverItsBudgetAreToldOfOnce() throws {
        let stand = try tell("printf '%s|' \"$@\" >> \"$STAND_IN/told\"; echo >> \"$STAND_IN/told\"")
        let project = try CzarProject(
            """
            project: {base: main}
            orchestration: {stuck_after: 1s}
            notify: {on: [stuck, over-budget], command: [tell, "{id}", "{title}", "{text}"]}
            workers:
              - {id: silent, script: 'until [ -e "$STAND_IN/go" ]; do sleep 0.1; done; echo 1 > f'}
              - {id: dear, script: 'czar event CHECKPOINT tokens=200; czar event CHECKPOINT tokens=50; echo 1 > f', budget: {tokens: 100, on_limit: warn}}

            """)
        let daemon = try project.start("run", "--trust", "--quiet", environment: stand.environment)
        let told = stand.folder.path + "/told"
        func lines() throws -> [String] {
            exists(told) ? try String(contentsOfFile: told, encoding: .utf8).split(separator: "\n").map(String.init).sorted() : []
        }
        try waitUntil("both are told of") { try lines().count >= 2 }
        try Data().write(to: URL(fileURLWithPath: stand.folder.path + "/go"))
        #expect(daemon.wait() == 0)
        let found = try lines()
        #expect(found.count == 2, "\(found)")
        #expect(found.first?.hasPrefix("dear|dear is over budget|") == true, "\(found)")
        #expect(found.last?.hasPrefix("silent|silent is stuck|") == true, "\(found)")
    }

    @Test func theTerminalHasABellAndATitle() throws {
        guard let script = CzarProgram.tool("script") else { return CzarProgram.skip("needs script") }
        let project = try CzarProject("project: {base: main}\nworkers:\n  - {id: bad, script: 'exit 3'}\n")
        let outcome = try run(
            [script, "-qec", "'\(CzarProgram.path)' run --trust", "/dev/null"], in: project.path, environment: ["TERM": "xterm"])
        #expect(outcome.output.contains("\u{1B}]0;czar: 1 failed\u{7}"))
        let withoutTitles = outcome.output.replacing(/\u{1B}\]0;[^\u{7}]*\u{7}/, with: "")
        #expect(withoutTitles.filter { $0 == "\u{7}" }.count == 1)
        #expect(outcome.output.contains("\u{1B}]0;\u{7}"))
    }
}
