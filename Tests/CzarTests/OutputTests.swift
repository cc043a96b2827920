import Foundation
import TestSupport
import Testing

/// What becomes of answers that nobody reads any more, and of those that cannot be written.
@Suite struct OutputTests {
    private static let plan = """
        project: {name: output, base: main}
        workers:
          - {id: one, script: 'until test -e "$OUTSIDE/go"; do sleep 0.05; done; echo 1 > f'}
          - {id: two, dependencies: [one], script: 'echo 2 > g'}

        """

    private func bash(_ script: String, in project: CzarProject, environment: [String: String] = [:]) throws -> ProcessOutcome {
        let given = environment.merging(["CZAR": CzarProgram.path, "OUTSIDE": project.outside]) { own, _ in own }
        return try run(["bash", "-c", script], in: project.path, environment: given)
    }

    @Test(arguments: ["2> err", "2>&1"]) func aRunGoesOnWithoutItsReader(errors: String) throws {
        let project = try CzarProject(Self.plan)
        let reader = "{ head -n 1; exec < /dev/null; touch \"$OUTSIDE/go\"; }"
        let outcome = try bash("{ \"$CZAR\" run --trust \(errors); echo $? > \"$OUTSIDE/code\"; } | \(reader)", in: project)
        #expect(outcome.status == 0, "\(outcome.errors)")
        try waitUntil("the run has ended") { exists(project.outside + "/code") }
        #expect(try project.states() == ["one": "complete", "two": "complete"])
        #expect(try String(contentsOfFile: project.outside + "/code", encoding: .utf8) == "0\n")
        let ends = try project.events().filter { $0.type == "DAEMON_ENDED" }
        #expect(ends.map { $0.fields["reason"] } == ["nothing-left"])
    }

    @Test func aRunWhoseAnswersCannotBeWrittenGoesOnAndSaysSoAtTheEnd() throws {
        let project = try CzarProject(Self.plan)
        let outcome = try bash("touch \"$OUTSIDE/go\"; \"$CZAR\" run --trust > /dev/full", in: project)
        #expect(outcome.status == 73)
        #expect(outcome.errors.contains("czar: cannot write the answer: No space left on device"), "\(outcome.errors)")
        #expect(try project.states() == ["one": "complete", "two": "complete"])
    }

    @Test func everyWorkerIsDealtWithAlsoWhenTheReaderLeaves() throws {
        let project = try CzarProject(Self.plan)
        let outcome = try bash("exec 3> >(:); sleep 0.2; \"$CZAR\" pause --all >&3", in: project)
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(try project.states() == ["one": "paused", "two": "paused"])
    }

    @Test func anAnswerThatCannotBeWrittenIsAnError() throws {
        let project = try CzarProject(Self.plan)
        let full = "czar: cannot write the answer: No space left on device\ntry: df -h\n"
        for command in ["create one", "event one CHECKPOINT name=x", "status", "graph", "validate", "events", "--version", "--help"] {
            let outcome = try bash("\"$CZAR\" \(command) > /dev/full", in: project)
            #expect(outcome.status == 73 && outcome.errors.hasSuffix(full), "\(command): \(outcome.status) \(outcome.errors)")
            let closed = try bash("\"$CZAR\" \(command) >&-", in: project)
            #expect(closed.status == 73 && closed.errors.contains("cannot write the answer: Bad file descriptor"), "\(command): \(closed)")
        }
        let json = try bash("\"$CZAR\" status --json > /dev/full", in: project)
        #expect(try CzarAnswer(json.errors)["code"].int == 73)
        #expect(try project.complaints() == [])
        #expect(try project.answer("doctor")["schema"].string == "czar.doctor/1")
    }

    @Test func aReaderThatLeavesEndsWhatOnlyReads() throws {
        let project = try CzarProject(Self.plan)
        try project.expect(0, "create", "one")
        for command in ["status", "events", "graph", "events --follow", "status --watch"] {
            let script = "{ \"$CZAR\" \(command); echo $? >&3; } 3> \"$OUTSIDE/code\" | head -n 1"
            let outcome = try bash(script, in: project)
            let code = try String(contentsOfFile: project.outside + "/code", encoding: .utf8)
            #expect(outcome.status == 0 && outcome.errors.isEmpty && code == "0\n", "\(command): \(code)\(outcome.errors)")
        }
    }
}
