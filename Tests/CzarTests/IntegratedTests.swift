import Foundation
import TestSupport
import Testing

/// What counts as integrated is one thing: the gate and the status answer alike.
@Suite struct IntegratedTests {
    private static let plan = """
        project: {base: main}
        orchestration: {dependency_gate: integrated, auto_commit: never, retry: {limit: 0}}
        workers:
          - {id: a, script: 'echo a > a; git add a; git commit -qm a'}
          - {id: e, allow_empty: true, script: 'exit 0'}
          - {id: after-a, dependencies: [a], allow_empty: true, script: 'exit 0'}
          - {id: after-e, dependencies: [e], allow_empty: true, script: 'exit 0'}

        """

    private func integrated(_ project: CzarProject) throws -> [String: String] {
        try project.workers().mapValues { $0["integrated"]["state"].string ?? "none" }
    }

    @Test func anEmptyWorkerThatIsCompleteIsIntegratedForTheGateAndForTheStatus() throws {
        let project = try CzarProject(Self.plan)
        try project.expect(1, "run", "--trust", "--quiet")
        #expect(try project.states() == ["a": "complete", "e": "complete", "after-a": "pending", "after-e": "complete"])
        let found = try integrated(project)
        #expect(found["e"] == "ancestor" && found["after-e"] == "ancestor" && found["a"] == "no")
    }

    @Test func commitsAfterTheProvenTipAreStrandedAndChangeNothingElse() throws {
        let project = try CzarProject(Self.plan)
        try project.expect(1, "run", "--trust", "--quiet")
        try git("commit", "-q", "--allow-empty", "-m", "late", in: project.worktree("a"))
        try git("merge", "-q", "--no-ff", "-m", "land a", "cz1/feat/a~1", in: project.path)
        #expect(try integrated(project)["a"] == "ancestor")
        #expect(try project.workers()["a"]?["stranded"].strings.count == 1)
        try project.expect(0, "run", "--quiet")
        #expect(try project.state("after-a") == "complete")
    }
}
