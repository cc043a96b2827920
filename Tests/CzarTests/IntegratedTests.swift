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

    @Test func whatHasNotLandedIsNotBuiltOnByHandEither() throws {
        let project = try CzarProject(Self.plan)
        try project.expect(1, "run", "--trust", "--quiet")
        let refused = try project.expect(77, "start", "after-a")
        #expect(
            refused.errors == "czar: cannot start worker 'after-a': it waits until 'main' contains 'a', which is complete\n"
                + "try: git switch main && git merge cz1/feat/a\n")
        #expect(try project.state("after-a") == "pending")
        try git("merge", "-q", "cz1/feat/a", in: project.path)
        try project.expect(0, "start", "after-a")
    }

    @Test func whatWasRevertedIsSaidAndTheHintBringsItBack() throws {
        let project = try CzarProject(Self.plan)
        try project.expect(1, "run", "--trust", "--quiet")
        try git("merge", "-q", "--no-ff", "--no-edit", "cz1/feat/a", in: project.path)
        try git("revert", "--no-edit", "-m", "1", "HEAD", in: project.path)
        let revert = try git("rev-parse", "HEAD", in: project.path)
        let hint = "git switch main && git revert --no-edit \(revert)"
        let refused = try project.expect(77, "start", "after-a")
        #expect(
            refused.errors.contains("contains 'a', which was reverted there by \(revert.prefix(10))\ntry: \(hint)\n"), "\(refused.errors)")
        let waits = try project.expect(0, "status", "after-a").output
        #expect(waits.contains("complete, reverted"), "\(waits)")
        let row = try #require(try project.expect(0, "status").output.split(separator: "\n").first { $0.hasPrefix("a ") })
        #expect(row.contains("reverted") && !row.contains("integrated"), "\(row)")
        let attention = try project.answer("status")["attention"][0]
        #expect(attention["worker"].string == "a" && attention["commands"].strings.first == hint, "\(attention)")
        #expect(attention["why"].string?.contains("complete and reverted on 'main'; 'after-a' waits") == true, "\(attention)")
        try prepare("sh", "-c", hint + " > /dev/null 2>&1", in: project.path)
        try project.expect(0, "run", "--quiet")
        #expect(try project.state("after-a") == "complete")
        // Who is complete waits for nothing, whatever becomes of what it was built on.
        try git("revert", "--no-edit", "HEAD", in: project.path)
        let again = try project.expect(77, "start", "after-a")
        #expect(again.errors.contains("it is complete and cannot become starting\ntry: czar reopen after-a"), "\(again.errors)")
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

    @Test func anEmptyWorkerFromAnotherBaseIsIntegratedOnlyWhereTheTargetContainsItsTip() throws {
        let project = try CzarProject(
            """
            project: {base: main}
            orchestration: {dependency_gate: integrated, retry: {limit: 0}}
            workers:
              - {id: e, base: dev, allow_empty: true, script: 'exit 0'}
              - {id: after-e, dependencies: [e], allow_empty: true, script: 'exit 0'}

            """)
        try git("branch", "dev", in: project.path)
        try git("worktree", "add", "-q", project.outside + "/dev", "dev", in: project.path)
        try git("commit", "-q", "--allow-empty", "-m", "on dev", in: project.outside + "/dev")
        try project.expect(1, "run", "--trust", "--quiet")
        #expect(try project.states() == ["e": "complete", "after-e": "pending"])
        #expect(try integrated(project)["e"] == "no")
        try git("merge", "-q", "dev", in: project.path)
        #expect(try integrated(project)["e"] == "ancestor")
        try project.expect(0, "run", "--quiet")
        #expect(try project.state("after-e") == "complete")
    }

    @Test func anAdoptedBranchThatWasFastForwardedAndRevertedIsReverted() throws {
        let project = try CzarProject("project: {base: main}\nworkers:\n  - {id: old, branch: old, script: 'echo 2 > g; exit 0'}\n")
        try git("switch", "-q", "-c", "old", in: project.path)
        try writeFile(project.path + "/f", "1\n")
        try git("add", "f", in: project.path)
        try git("commit", "-qm", "before Czar", in: project.path)
        try git("switch", "-q", "main", in: project.path)
        try project.expect(0, "run", "--trust", "--quiet")
        try git("merge", "-q", "--ff-only", "old", in: project.path)
        #expect(try integrated(project)["old"] == "ancestor")
        try git("revert", "--no-edit", "HEAD", in: project.path)
        #expect(try integrated(project)["old"] == "ancestor", "half of it is there")
        try git("revert", "--no-edit", "HEAD~2", in: project.path)
        #expect(try integrated(project)["old"] == "reverted")
        #expect(try project.expect(0, "prune", "--dry-run").output.contains("kept old"))
        // Declared again after a reopening that was undone, it is known still.
        try project.expect(0, "reopen", "old")
        try project.expect(0, "undo")
        #expect(try integrated(project)["old"] == "reverted")
    }

    @Test func aBranchThatNoDaemonSawMoveKeepsItsFiguresWhenItIsRemoved() throws {
        let project = try CzarProject("project: {base: main}\nworkers: [{id: one}, {id: two}]\n")
        for worker in ["one", "two"] {
            try project.expect(0, "start", worker)
            try writeFile(project.worktree(worker) + "/\(worker)", "1\n2\n")
            try project.expect(0, "commit", "--worker", worker, "-m", worker)
            try project.expect(0, "complete", worker)
            try git("merge", "-q", "--no-ff", "--no-edit", "cz1/feat/\(worker)", in: project.path)
        }
        try project.replacePlan("project: {base: main}\nworkers: [{id: one}]\n")
        try project.expect(0, "remove", "one", "two", "--branch")
        let moves = try project.events().filter { $0.type == "TIP_MOVED" }
        #expect(Set(moves.compactMap(\.worker)) == ["one", "two"], "\(moves)")
        let worker = try project.answer("report", "closeout")["workers"][0]
        #expect(worker["own_commits"].int == 1 && worker["lines"]["inserted"].int == 2, "\(worker)")
    }

    @Test func anAdoptedBranchThatTheBasePassedThroughHasNoCommitsThatAreKnownToBeItsOwn() throws {
        let project = try CzarProject("project: {base: main}\nworkers:\n  - {id: old, branch: old, script: 'exit 0'}\n")
        try git("branch", "old", in: project.path)
        for number in 1...3 { try git("commit", "-q", "--allow-empty", "-m", "later \(number)", in: project.path) }
        try project.expect(1, "run", "--trust", "--quiet")
        let worker = try #require(try project.workers()["old"])
        #expect(worker["own_commits"].isNull && worker["compared_with"].isNull)
        #expect(worker["ahead"].int == 0 && worker["behind"].int == 3)
        #expect(try project.expect(0, "status", "old").output.contains("which are its own is not known"))
        #expect(try project.answer("log", "old")["commits"].array.isEmpty)
        #expect(try project.answer("metrics")["totals"]["own_commits"].int ?? 0 == 0)
    }

    @Test func aTargetThatIsStillToBeMadeIsMadeByTheHint() throws {
        let plan = Self.plan.replacing("{base: main}", with: "{base: main, omnibus_branch: rel}")
        let project = try CzarProject(plan)
        let noted = try project.expect(0, "validate").output
        #expect(noted.contains("config.yaml:1:") && noted.contains("make it with: git branch rel main"), "\(noted)")
        try project.expect(1, "run", "--trust", "--quiet")
        let hint = "git switch -c rel main && git merge cz1/feat/a"
        #expect(try project.answer("status")["attention"][0]["commands"].strings.first == hint)
        #expect(try project.expect(77, "start", "after-a").errors.hasSuffix("try: \(hint)\n"))
        #expect(try project.expect(0, "report", "closeout").output.contains(hint))
        try prepare("sh", "-ec", hint + " >/dev/null 2>&1", in: project.path)
        try project.expect(0, "run", "--quiet")
        #expect(try project.expect(0, "validate").output == "the plan is valid\n")
    }

    @Test func whatHoldsOthersIsSaidBesideStrandedCommits() throws {
        let project = try CzarProject(Self.plan)
        try project.expect(1, "run", "--trust", "--quiet")
        let proven = try git("rev-parse", "cz1/feat/a", in: project.path)
        try git("commit", "-q", "--allow-empty", "-m", "late", in: project.worktree("a"))
        let needs = try project.answer("status")["attention"].array.filter { $0["worker"].string == "a" }
        #expect(needs.map { $0["why"].string } == ["complete; 'after-a' waits until 'main' contains it", "1 stranded commit"])
        #expect(needs.first?["commands"].strings.first == "git switch main && git merge \(proven)")
        let lines = try project.expect(0, "status", "--attention").output.split(separator: "\n").filter { $0.hasPrefix("a ") }
        #expect(lines.count == 2 && lines.last?.contains("1 stranded commit") == true, "\(lines)")
    }
}
