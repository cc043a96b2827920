import Foundation
import TestSupport
import Testing

/// Exit codes, errors in three parts, and answers as JSON.
@Suite struct MisuseTests {
    static let plan = """
        project: {name: misuse, base: main}
        workers:
          - {id: api, script: 'echo 1 > f'}
          - {id: ui, dependencies: [api], script: 'echo 2 > f'}
          - {id: ann}

        """

    private struct Case: Sendable {
        let code: Int32
        let arguments: [String]
        var says = ""
        var environment: [String: String] = [:]

        init(_ code: Int32, _ arguments: String, says: String = "", environment: [String: String] = [:]) {
            (self.code, self.says, self.environment) = (code, says, environment)
            self.arguments = arguments.split(separator: " ").map(String.init)
        }
    }

    private static let cases = [
        Case(64, "statsu"), Case(64, "status --wrong"), Case(64, "status --format xml"), Case(64, "create --jobs many"),
        Case(64, "event api"), Case(64, "event api checkpoint"), Case(64, "event api CHECKPOINT novalue"),
        Case(64, "event api STATE_CHANGED to=complete", says: "only by Czar"), Case(64, "event api PROCESS_ENDED exit=0"),
        Case(64, "event CHECKPOINT", says: "which worker"), Case(64, "complete", says: "api, ui, ann"), Case(64, "pause"),
        Case(64, "stop --state asleep"), Case(64, "run --for ever"), Case(64, "run --max-active -1"), Case(64, "fail api"),
        Case(64, "events --since never"), Case(64, "launch", says: "czar run"), Case(64, "graph --format png"),
        Case(66, "status apy", says: "api"), Case(66, "create nobody"), Case(66, "event nobody CHECKPOINT"), Case(66, "pause nobody"),
        Case(66, "logs nobody"), Case(66, "run nobody"), Case(66, "events nobody"), Case(66, "path api"),
        Case(66, "logs api"),
        Case(77, "complete api", says: "it is pending and cannot become complete"),
        Case(77, "retry api", says: "it is pending, and only a failed worker can become pending that way"),
        Case(77, "reopen api", says: "it is pending, and only a complete worker can become active that way"),
        Case(77, "complete ann", says: "it has no branch and no worktree yet\ntry: czar create ann"),
        Case(66, "-C /nonexistent/x status", says: "there is no folder '/nonexistent/x'"),
        Case(64, "fail --reason x", says: "which worker"), Case(64, "fail api --reason x --worker ui"),
        Case(66, "fail --reason x", environment: ["CZAR_WORKER": "nobody"]),
        Case(77, "run", says: "czar trust"), Case(77, "start api", says: "czar trust"),
        Case(77, "event ui CHECKPOINT", environment: ["CZAR_WORKER": "api"]), Case(77, "pause ui", environment: ["CZAR_WORKER": "api"]),
        Case(77, "approve api", says: "'api' may not approve", environment: ["CZAR_WORKER": "api"]),
        Case(77, "approve ui", says: "'api' may not approve", environment: ["CZAR_WORKER": "api"]), Case(73, "init"),
    ]

    @Test func everyMisuseHasItsCodeAndSaysWhatWhyAndWhatToTry() throws {
        let project = try CzarProject(Self.plan)
        let before = try project.traces()
        for item in Self.cases {
            let name = "czar " + item.arguments.joined(separator: " ")
            let text = try run([CzarProgram.path] + item.arguments, in: project.path, environment: item.environment)
            #expect(text.status == item.code, "\(name): \(text.errors)")
            #expect(text.errors.hasPrefix("czar: ") && text.output.isEmpty, "\(name): \(text.errors)\(text.output)")
            #expect(text.errors.contains("\ntry: "), "\(name): \(text.errors)")
            #expect(item.says.isEmpty || text.errors.contains(item.says), "\(name): \(text.errors)")
            if item.arguments.contains("--format") { continue }
            let json = try run([CzarProgram.path] + item.arguments + ["--json"], in: project.path, environment: item.environment)
            #expect(json.status == item.code, "\(name) --json: \(json.errors)")
            let error = try? CzarAnswer(json.errors)
            #expect(error?["schema"].string == "czar.error/1" && error?["code"].int == Int(item.code), "\(name) --json: \(json.errors)")
            #expect(error?["message"].string?.isEmpty == false, "\(name) --json: \(json.errors)")
        }
        #expect(try project.traces() == before)
        #expect(try project.events().allSatisfy { ["JOURNAL_OPENED", "PLAN_ACCEPTED"].contains($0.type) })
    }

    @Test func whereNothingIsTheAnswerSaysWhatToDo() throws {
        let folder = try TemporaryFolder()
        let outside = try run([CzarProgram.path, "status"], in: folder.path)
        #expect(outside.status == 66 && outside.errors.contains("try: "), "\(outside.errors)")
        let repository = try GitRepository()
        let bare = try run([CzarProgram.path], in: repository.path)
        #expect(bare.status == 0 && bare.output.contains("czar init"), "\(bare.output)\(bare.errors)")
        #expect(try run([CzarProgram.path, "run"], in: repository.path).status == 66)
        try repository.write(".czarina/config.yaml", "workers:\n  - {id: a, dependencies: [b]}\n  - {id: b, dependencies: [a]}\n")
        let cycle = try run([CzarProgram.path, "run"], in: repository.path)
        #expect(cycle.status == 65 && cycle.errors.contains("config.yaml:"), "\(cycle.errors)")
        let checked = try run([CzarProgram.path, "validate", "--json"], in: repository.path)
        #expect(checked.status == 65)
        #expect(try CzarAnswer(checked.output)["valid"].bool == false)
    }

    @Test func everyAnswerAsJSONHasItsSchemaAndTime() throws {
        let project = try CzarProject(Self.plan)
        for arguments in [
            ["validate"], ["graph"], ["status"], ["status", "api"], ["trust"], ["create", "api"], ["create", "api"],
            ["task", "list", "--worker", "api"],
            ["event", "api", "CHECKPOINT", "name=x"], ["pause", "api"], ["resume", "api"], ["block", "--worker", "api", "why"],
            ["unblock", "api"],
        ] {
            let outcome = try run([CzarProgram.path] + arguments + ["--format", "json"], in: project.path)
            #expect(outcome.status == 0, "\(arguments): \(outcome.errors)")
            let answer = try? CzarAnswer(outcome.output)
            #expect(
                answer?["schema"].string?.hasPrefix("czar.") == true && answer?["generated_at"].string?.hasSuffix("Z") == true,
                "\(arguments): \(outcome.output)")
        }
        let run = try project.expect(0, "run", "--trust", "--json", "api", "ui")
        #expect(run.errors == "")
        for line in run.output.split(separator: "\n") { #expect(try CzarAnswer(String(line))["schema"].exists, "\(line)") }
        let file = try String(contentsOfFile: project.path + "/.czarina/worker-status.json", encoding: .utf8)
        #expect(try CzarAnswer(file)["schema"].string == "czar.status/1")
    }

    @Test func nothingOfAPlanRunsBeforeItIsTrusted() throws {
        func plan(_ script: String, _ more: String = "") -> String {
            "project: {name: trust, base: main}\nworkers:\n  - {id: one, script: '\(script)'}\n\(more)"
        }
        let second = "  - {id: two, script: 'touch \"$OUTSIDE/two\"; echo 2 > f'}\n"
        let project = try CzarProject(plan("touch \"$OUTSIDE/one\"; echo 1 > f", second))
        let environment = ["OUTSIDE": project.outside]
        let refused = try project.expect(77, "run", "--quiet", environment: environment)
        #expect(refused.errors.contains("$OUTSIDE/one") && refused.errors.contains("czar trust"))
        try project.expect(77, "start", "one", environment: environment)
        #expect(!exists(project.outside + "/one") && !exists(project.outside + "/two"))
        try project.expect(0, "trust")
        try project.expect(0, "trust")
        // Less is no news; anything else is.
        try project.replacePlan(plan("touch \"$OUTSIDE/one\"; echo 1 > f"))
        #expect(try project.czar("start", "--dry-run", "one").status == 0)
        try project.replacePlan(plan("touch \"$OUTSIDE/other\"; echo 1 > f"))
        let changed = try project.expect(77, "run", "--quiet", environment: environment)
        #expect(changed.errors.contains("$OUTSIDE/other") && !changed.errors.contains("$OUTSIDE/two"))
        #expect(!exists(project.outside + "/other"))
        try project.replacePlan(plan("touch \"$OUTSIDE/one\"; echo 1 > f"))
        try project.expect(0, "run", "--quiet", environment: environment)
        #expect(exists(project.outside + "/one") && !exists(project.outside + "/other") && !exists(project.outside + "/two"))
    }

    @Test func tokensAreReadAsInAPlanAndNothingElseIsTakenForSome() throws {
        let project = try CzarProject("project: {base: main}\nworkers:\n  - {id: a}\n")
        for text in ["12k", "1,000", "1.5K"] { try project.expect(0, "event", "a", "CHECKPOINT", "tokens=\(text)") }
        #expect(try project.workers()["a"]?["tokens"]["used"].int == 14_500)
        for word in ["tokens=abc", "tokens=-5", "tokens_total=many", "tokens="] {
            let refused = try project.expect(64, "event", "a", "CHECKPOINT", word)
            #expect(refused.errors.hasPrefix("czar: '\(word)' is no number of tokens"), "\(refused.errors)")
        }
        #expect(try project.events().filter { $0.type == "CHECKPOINT" }.count == 3)
    }

    @Test func aBranchThatGitCannotHaveBesideAnotherIsRefusedByTheValidation() throws {
        let project = try CzarProject("project: {base: main}\nworkers:\n  - {id: a, branch: other/x}\n  - {id: b, branch: deep}\n")
        try git("branch", "other", in: project.path)
        try git("branch", "deep/er", in: project.path)
        let refused = try project.expect(65, "validate").output
        let both = "Git cannot have both"
        #expect(refused.contains("yaml:3:21: error: workers[0].branch: \(both) 'other/x' and the existing branch 'other'."))
        #expect(refused.contains("yaml:4:21: error: workers[1].branch: \(both) 'deep' and the existing branch 'deep/er'."))
    }

    @Test func withoutABaseTheFirstStepIsToHaveOne() throws {
        let project = try CzarProject("workers:\n  - {id: a, script: 'true'}\n")
        try git("switch", "-q", "--detach", in: project.path)
        let status = try project.expect(0, "status").output
        #expect(status.contains("next: git switch main\n") && !status.contains("czar run"), "\(status)")
    }
}
