import TestSupport
import Testing

/// What has run is never started again as if it had not.
@Suite struct BegunAttemptTests {
    @Test func aCommandWhoseSupervisorDiesBeforeItIsRecordedCountsAsAnAttempt() throws {
        let project = try CzarProject(
            """
            project: {base: main}
            orchestration: {retry: {limit: 1, backoff: 0s}}
            workers:
              - id: a
                script: echo ran >>"$CZAR_REPOSITORY/../runs"; kill -9 $PPID; sleep 63

            """)
        try project.expect(1, "run", "--trust", "--quiet")
        let worker = try #require(try project.workers()["a"])
        #expect(worker["state"].string == "failed" && worker["causes"].strings == ["crashed"], "\(worker)")
        #expect(worker["attempt"].int == 2)
        let runs = try run(["cat", project.outside + "/runs"], in: project.path).output
        #expect(runs == "ran\nran\n")
        let events = try project.events()
        #expect(events.allSatisfy { $0.fields["reason"] != "the start was interrupted" })
    }

    @Test func aSetUpIsNoDifferent() throws {
        let project = try CzarProject(
            """
            project: {base: main}
            orchestration: {retry: {limit: 0}}
            workers:
              - id: b
                setup: {run: [sh, -c, 'echo set up >>"$CZAR_REPOSITORY/../setups"; kill -9 $PPID; sleep 63']}
                script: exit 0

            """)
        try project.expect(1, "run", "--trust", "--quiet")
        #expect(try project.workers()["b"]?["causes"].strings == ["crashed"])
        #expect(try run(["cat", project.outside + "/setups"], in: project.path).output == "set up\n")
    }
}
