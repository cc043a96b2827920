import Foundation
import TestSupport
import Testing

/// What a worker, whose environment has `CZAR_WORKER`, is kept from: a guard against mistakes.
@Suite struct WorkerGuardTests {
    private static let plan = """
        project: {name: guarded, base: main}
        workers:
          - {id: a, script: 'echo 1 > f'}
          - {id: b, script: 'echo 2 > f'}

        """

    @Test func whatIsAboutTheTeamOrItsOwnPlaceIsLeftToOperators() throws {
        let project = try CzarProject(Self.plan)
        try project.expect(0, "create", "--all")
        let before = try (project.traces(), project.events().count)
        let commands = [
            ["run"], ["run", "--stop"], ["run", "--detach"], ["run", "a"], ["init"], ["trust", "--yes"], ["import"], ["remove", "a"],
            ["rm", "a", "--force"], ["prune"], ["closeout"], ["create"], ["doctor", "--repair"], ["doctor", "--adopt"], ["approve", "a"],
        ]
        for arguments in commands {
            for folder in [project.path, project.worktree("a")] {
                let outcome = try run(
                    [CzarProgram.path] + arguments, in: folder, environment: ["CZAR_WORKER": "a", "CZAR_PHASE": "1"])
                #expect(outcome.status == 77, "\(arguments): \(outcome.status) \(outcome.errors)")
                #expect(outcome.errors.contains("worker 'a' may not"), "\(arguments): \(outcome.errors)")
                // An agent is not told how to get round the guard.
                #expect(outcome.errors.contains("\ntry: czar status a\n") && !outcome.errors.contains("CZAR_WORKER"), "\(outcome.errors)")
            }
        }
        #expect(try project.traces() == before.0)
        #expect(try project.events().count == before.1)
    }

    @Test func aRunGoesOnWhenAWorkerAsksForItsEnd() throws {
        let project = try CzarProject(
            """
            project: {name: guarded, base: main}
            workers:
              - id: a
                script: |
                  czar run > "$OUTSIDE/said" 2>&1
                  echo "$?" >> "$OUTSIDE/said"
                  czar run --stop >> "$OUTSIDE/said" 2>&1
                  echo "$?" >> "$OUTSIDE/said"
                  echo 1 > f

            """)
        try project.expect(0, "run", "--trust", "--quiet", environment: ["OUTSIDE": project.outside])
        let said = try String(contentsOfFile: project.outside + "/said", encoding: .utf8).split(separator: "\n")
        #expect(said.count { $0 == "77" } == 2 && !said.contains { $0.contains("--stop") && $0.hasPrefix("try") }, "\(said)")
        #expect(try project.state("a") == "complete")
    }

    @Test func anotherWorkerIsNotTouchedAndTheHintIsTheWorkersOwn() throws {
        let project = try CzarProject(Self.plan)
        try project.expect(0, "create", "--all")
        let outcome = try project.expect(77, "stop", "b", environment: ["CZAR_WORKER": "a"])
        #expect(outcome.errors.contains("worker 'a' may not act on 'b'\ntry: czar status a"), "\(outcome.errors)")
        try project.expect(0, "status", "a", environment: ["CZAR_WORKER": "a"])
    }
}
