import Foundation
import TestSupport
import Testing

/// Programs can rely on what `docs/schemas` promises.
@Suite struct SchemaTests {
    static let plan = """
        project: {name: answers, base: main}
        orchestration: {retry: {limit: 0}, budget: {tokens: 100000}}
        workers:
          - {id: done, description: Works, budget: {tokens: 5000}, script: "echo 1 > f; czar event CHECKPOINT name=n tokens=900; czar commit -m work; czar complete --json > $OUTSIDE/declared"}
          - {id: broken, script: "exit 3"}
          - {id: after, dependencies: [broken], script: "true"}
          - {id: person}

        """

    @Test func everyAnswerKeepsToItsSchema() throws {
        let project = try CzarProject(Self.plan)
        let answers = AnswerCollector(project)
        try project.repository.write(".czarina/workers/person.md", "# By hand\n- [ ] first\n- [x] second\n")
        try project.repository.commitAll("brief")
        try answersAboutThePlan(answers)
        try answersOfARun(answers)
        try answersOfADetachedRun(answers)
        try answersInsideAWorktree(answers)
        try answersOfOperators(answers)
        try answersOfTidying(answers)
        try answersAboutMistakes(answers)
        let (complaints, used) = try answers.held()
        #expect(complaints.isEmpty, "\(complaints.joined(separator: "\n"))")
        let names = try project.answer("schema")["schemas"].array.compactMap { $0["name"].string }
        #expect(used == names, "answered by this test, and listed by 'czar schema'")
    }

    private func answersAboutThePlan(_ answers: AnswerCollector) throws {
        try answers.run(0, "schema")
        try answers.run(0, "validate")
        try answers.run(0, "graph")
        try answers.run(0, "simulate")
        try answers.run(0, "status")
        try answers.run(77, "run")
        try answers.run(0, "agents")
        try answers.run(0, "trust", "--yes")
        try answers.run(0, "create", "done")
        try answers.run(0, "create", "done")
        let other = try GitRepository()
        try answers.run(66, "validate", at: other.path)
        try answers.run(0, "init", at: other.path)
        try answers.run(73, "init", at: other.path)
        try other.write(".czarina/config.yaml", "project: {name: x, base: main}\nworkers:\n  - {id: a, dependencies: [b]}\n")
        try answers.run(65, "validate", at: other.path)
        let fresh = try GitRepository()
        try answers.run(0, "add", "one", "Do something", "--agent", "shell", at: fresh.path)
        try fresh.write(".czarina/events.log", "2025-01-01T00:00:00Z one CHECKPOINT name=old\n")
        try answers.run(0, "import", at: fresh.path)
        try answers.run(65, "status", at: other.path)
    }

    private func answersOfARun(_ answers: AnswerCollector) throws {
        let outside = ["OUTSIDE": answers.project.outside]
        let outcome = try answers.run(1, "run", "done", "broken", "after", environment: outside)
        let last = try CzarAnswer(String(outcome.output.split(separator: "\n").last ?? ""))
        #expect(last["schema"].string == "czar.run-ended/1" && last["reason"].string == "nothing-left" && last["complete"].int == 1)
        #expect(last["open"].array.map { $0["worker"].string } == ["broken", "after"])
        try answers.keep("czar complete while it runs", String(contentsOfFile: answers.project.outside + "/declared", encoding: .utf8))
        try answers.run(124, "run", "person", "--approve", "ask", "--for", "1s")
        try answers.run(0, "status", "--short")
        for report in ["status", "metrics", "standup", "weekly", "closeout"] { try answers.run(0, "report", report) }
        try answers.run(0, "metrics")
        try answers.run(0, "logs", "done")
        try answers.run(0, "diff", "done")
        try answers.run(0, "log", "done")
        try answers.run(0, "show", "HEAD")
        try answers.run(0, "exec", "done", "--", "true")
        try answers.run(0, "wait", "done")
        try answers.run(1, "wait", "after")
        try answers.run(0, "status")
        try answers.run(0, "status", "done")
        try answers.run(0, "events")
        try answers.keep(
            "worker-status.json", String(contentsOfFile: answers.project.path + "/.czarina/worker-status.json", encoding: .utf8))
    }

    private func answersInsideAWorktree(_ answers: AnswerCollector) throws {
        let worktree = answers.project.worktree("person")
        try answers.run(0, "whoami", at: worktree)
        try answers.run(0, "brief", at: worktree)
        try answers.run(0, "path", at: worktree)
        try answers.run(0, "task", at: worktree)
        try answers.run(0, "task", "start", "1", at: worktree)
        try answers.run(0, "task", "done", "1", at: worktree)
        try answers.run(0, "event", "CHECKPOINT", "name=half", "tokens=12", at: worktree)
        try answers.run(64, "event", "STATE_CHANGED", at: worktree)
        try answers.run(0, "block", "no", "key", at: worktree)
        try answers.run(0, "unblock", at: worktree)
        try answers.run(1, "complete", at: worktree)
        try writeFile(worktree + "/new", "1\n")
        try answers.run(0, "commit", "-m", "by hand", at: worktree)
        try answers.run(0, "complete", at: worktree)
        try answers.run(0, "status", "person")
    }

    private func answersOfADetachedRun(_ answers: AnswerCollector) throws {
        try answers.run(0, "create", "person")
        try answers.run(0, "run", "person", "--approve", "ask", "--detach")
        try answers.run(0, "run", "--stop")
        try answers.run(1, "run", "person")
    }

    private func answersOfOperators(_ answers: AnswerCollector) throws {
        try answers.run(0, "retry", "broken")
        try answers.run(0, "pause", "broken")
        try answers.run(0, "undo")
        try answers.run(77, "pause", "done")
        try answers.run(0, "resume", "--all")
        try answers.run(0, "fail", "broken", "--reason", "no use")
        try answers.run(0, "status")
    }

    private func answersOfTidying(_ answers: AnswerCollector) throws {
        try answers.run(0, "prune", "--dry-run")
        try writeFile(answers.project.worktree("done") + "/untracked", "1\n")
        try answers.run(77, "remove", "done")
        try answers.run(0, "remove", "done", "--force")
        try git("merge", "-q", "--no-ff", "-m", "land", "cz1/feat/person", in: answers.project.path)
        try answers.run(1, "closeout", "--dry-run")
        try answers.run(1, "closeout")
        try answers.run(0, "prune")
        try answers.run(0, "doctor")
        let plan = Self.plan.split(separator: "\n").filter { !$0.contains("broken") }.joined(separator: "\n") + "\n"
        try answers.project.replacePlan(plan)
        try answers.run(0, "status")
    }

    private func answersAboutMistakes(_ answers: AnswerCollector) throws {
        try answers.run(64, "stauts")
        try answers.run(64, "status", "--nonsense")
        try answers.run(66, "status", "nobody")
        try answers.run(66, "schema", "grahp")
        try answers.run(64, "events", "--since", "never")
    }

    @Test func theFilesInTheDocumentationAreWhatTheProgramPrints() throws {
        let project = try CzarProject(Self.plan)
        let schemas = try project.answer("schema")["schemas"].array
        for schema in schemas {
            let name = schema["name"].string ?? "", file = packageRoot + "/" + (schema["file"].string ?? "")
            let printed = try project.expect(0, "schema", name).output
            #expect(try String(contentsOfFile: file, encoding: .utf8) == printed, "\(file): run 'make docs'")
        }
        let files = try FileManager.default.contentsOfDirectory(atPath: packageRoot + "/docs/schemas").filter { $0.hasSuffix(".json") }
        #expect(files.count == schemas.count, "a file for each schema and no other")
        let outcome = try project.expect(66, "schema", "grahp")
        #expect(outcome.errors.contains("try: czar schema graph"))
    }
}
