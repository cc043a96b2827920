import CzarPlanning
import Foundation
import Testing

/// A plan read from YAML text; fails the test when there is an error.
func plan(_ text: String, format: PlanFile.Format = .yaml) throws -> Plan {
    let reading = PlanReader(repository: "repo").read(PlanFile(name: "plan", bytes: Array(text.utf8), format: format))
    return try #require(reading.plan, "\(reading.errors.map(\.description).joined(separator: "\n"))")
}

func worker(_ id: String, in plan: Plan) throws -> WorkerDefinition {
    try #require(WorkerID(rawValue: id).flatMap { plan[$0] })
}

/// The folder `Fixtures/plans` of this package.
let fixtures = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "Fixtures/plans")

func fixture(_ name: String) throws -> PlanFile {
    PlanFile(name: name, bytes: Array(try Data(contentsOf: fixtures.appending(path: name))))
}

@Suite struct GoodPlanTests {
    @Test(arguments: [
        ("examples_config-basic.json", 2), ("examples_config-full-featured.json", 6), ("examples_config-v0.7.0-minimal.json", 3),
        ("examples_config-with-wiggum.json", 1),
    ])
    func czarinasOwnExamplesLoad(name: String, count: Int) throws {
        let reading = PlanReader().read(try fixture(name))
        #expect(reading.errors == [])
        #expect(reading.plan?.ids.count == count)
        #expect(Set(reading.warnings.map(\.field)).count == reading.warnings.count)
    }

    @Test func theFullExampleKeepsItsIntegrationWorker() throws {
        let reading = PlanReader().read(try fixture("examples_config-full-featured.json"))
        let plan = try #require(reading.plan)
        let integration = try worker("integration", in: plan)
        #expect(integration.branch.rawValue == plan.project.omnibusBranch)
        #expect(integration.merges.map(\.rawValue) == ["architecture", "backend", "frontend", "testing", "documentation"])
        #expect(plan.orchestration.budget.time == .seconds(48 * 3600))
        #expect(try worker("frontend", in: plan).work == .agent("cursor"))
        #expect(
            reading.warnings.map(\.field) == [
                "agent_rules", "memory", "hopper", "workers[0].rules", "workers[0].memory", "orchestration.mode",
                "orchestration.allow_parallel_when_possible", "daemon",
            ])
    }

    @Test func everyKeyOfTheSpecificationIsRead() throws {
        let reading = PlanReader(repository: "repo").read(try fixture("specification.yaml"))
        let plan = try #require(reading.plan, "\(reading.errors)")
        #expect(reading.warnings.map(\.field) == ["workers[0].paths", "integration"])
        #expect(plan.project.deadline == Timestamp("2026-01-15T23:59:59Z"))
        #expect(plan.orchestration.budget == Budget(tokens: 5_800_000, time: .seconds(5 * 86_400), onLimit: .pause))
        #expect(plan.orchestration.retry == Retry(limit: 1, backoff: .seconds(60)))
        #expect(plan.orchestration.signing == .skip)
        #expect(plan.orchestration.agentsByRole == ["docs": "cursor"])
        #expect(plan.agents["custom"]?.command == ["my-agent", "--prompt-file", "{prompt_file}"])
        #expect(plan.integration == IntegrationSettings(strategy: .merge, batch: 8))
        #expect(plan.testMarkers == ["swift": ["@Test", "func test"]])
        let foundation = try worker("foundation", in: plan)
        #expect(foundation.branch.rawValue == "feat/foundation")
        #expect(foundation.worktree == ".czarina/worktrees/foundation")
        #expect(foundation.plannedDuration == .seconds(3 * 86_400))
        #expect(foundation.budget.time == .seconds(6 * 3600))
        let docs = try worker("docs", in: plan)
        #expect(docs.work == .agent("cursor"))
        #expect(docs.branch.rawValue == "cz1/feat/docs")
        #expect(try worker("tool", in: plan).work == .command(["make", "{id}"]))
        #expect(try worker("line", in: plan).work == .script("echo ${HOME} {x}"))
        #expect(try worker("rest", in: plan).work == .agent("claude"))
        #expect(try worker("person", in: plan).work == .person)
    }

    @Test func workersOfAnOldPlanAreAMapping() throws {
        let reading = PlanReader().read(try fixture("map.json"))
        let plan = try #require(reading.plan, "\(reading.errors)")
        #expect(plan.ids.map(\.rawValue) == ["engineer-1", "qa"])
        let engineer = try worker("engineer-1", in: plan)
        #expect(engineer.displayName == "Engineer 1")
        #expect(engineer.budget.tokens == 900_000)
        #expect(engineer.tasks == ["one", "two"])
        #expect(engineer.success == ["tests pass"])
        #expect(try worker("qa", in: plan).dependencies.map(\.rawValue) == ["engineer-1"])
        #expect(plan.phase.rawValue == "default")
        #expect(plan.project.omnibusBranch == "rel/1")
        #expect(plan.project.base == "develop")
    }

    @Test func unsafeIdsAreMappedOnceAndStayUnique() throws {
        let text = "workers: [{id: My Worker}, {id: my-worker}, {id: ../../etc}, {id: Ünï, dependencies: [My Worker, ../../etc]}]"
        let reading = PlanReader().read(PlanFile(name: "p.yaml", bytes: Array(text.utf8)))
        let plan = try #require(reading.plan)
        #expect(plan.ids.map(\.rawValue) == ["my-worker-2", "my-worker", "etc", "n"])
        #expect(plan.definitions.map(\.displayName) == ["My Worker", nil, "../../etc", "Ünï"])
        #expect(try worker("n", in: plan).dependencies.map(\.rawValue) == ["my-worker-2", "etc"])
        #expect(reading.warnings.count == 3)
    }

    @Test func scalarsStayTheTextThatWasWritten() throws {
        let plan = try plan(
            "project: {name: on, version: 1.10, phase: 010}\nworkers: [{id: 007, description: 'null', role: yes, first_action: null}]")
        #expect(plan.project.name == "on")
        #expect(plan.project.version == "1.10")
        #expect(plan.phase.rawValue == "010")
        let worker = try worker("007", in: plan)
        #expect(worker.description == "null")
        #expect(worker.role == "yes")
        #expect(worker.firstAction == nil)
    }

    @Test func aliasesAndMergeKeysWork() throws {
        let plan = try plan(
            "x: &d {role: code, agent: codex}\nworkers:\n  - {id: a, <<: *d}\n  - {id: b, role: docs, <<: *d}\n")
        #expect(try worker("a", in: plan).role == "code")
        #expect(try worker("b", in: plan).role == "docs")
        #expect(try worker("b", in: plan).work == .agent("codex"))
    }

    @Test func filesOfAddedWorkersComplementThePlan() throws {
        let main = PlanFile(name: "config.yaml", bytes: Array("workers: [{id: a}]".utf8))
        let files = [
            PlanFile(name: ".czarina/workers/b.yaml", bytes: Array("dependencies: [a]\nscript: make b\n".utf8)),
            PlanFile(name: ".czarina/workers/x.yaml", bytes: Array("id: c\ndependencies:\n  - b\n".utf8)),
        ]
        let plan = try #require(PlanReader().read(main, workers: files).plan)
        #expect(plan.ids.map(\.rawValue) == ["a", "b", "c"])
        #expect(try worker("c", in: plan).dependencies.map(\.rawValue) == ["b"])
        let alone = try #require(
            PlanReader(repository: "My Repo").read(nil, workers: [files[0]].map { PlanFile(name: $0.name, bytes: Array("script: x".utf8)) })
                .plan)
        #expect(alone.project.name == "My Repo")
        #expect(alone.project.slug == "my-repo")
    }

    @Test func problemsOfSeveralFilesNameTheFile() {
        let main = PlanFile(name: "config.json", bytes: Array("{\"workers\": [{\"id\": \"a\"}]}".utf8))
        let files = [
            PlanFile(name: "workers/A.yaml", bytes: Array("role: x\n".utf8)),
            PlanFile(name: "workers/b.yaml", bytes: Array("dependencies:\n  - zz\n".utf8)),
        ]
        let problems = PlanReader().read(main, workers: files).problems
        #expect(problems.map(\.file) == ["workers/A.yaml", "workers/b.yaml"])
        #expect(problems.map(\.line) == [1, 2])
        #expect(problems[0].message.contains("in config.json, line 1"))
        #expect(problems[1].field == "dependencies")
        #expect(problems[1].description == "workers/b.yaml:2:5: error: dependencies: No worker is called 'zz'.")
    }

    @Test func aBrokenFileHidesNoProblemOfTheOthersAndInventsNone() {
        let main = PlanFile(name: "config.json", bytes: Array("{\"workers\": [}".utf8))
        let file = PlanFile(name: "b.yaml", bytes: Array("dependencies: [somebody]\npriority: x\n".utf8))
        let problems = PlanReader().read(main, workers: [file]).problems
        #expect(problems.map(\.file) == ["config.json", "b.yaml"])
    }

    @Test func pushingOfOldPlansIsARemarkOnly() throws {
        let reading = PlanReader().read(
            PlanFile(
                name: "p.json",
                bytes: Array(
                    "{\"orchestration\": {\"auto_push_branches\": true, \"auto_pr\": true, \"mode\": \"github\"}, \"workers\": [{\"id\": \"a\"}]}"
                        .utf8)))
        #expect(reading.plan != nil)
        #expect(reading.warnings.map(\.field) == ["orchestration.auto_push_branches", "orchestration.auto_pr", "orchestration.mode"])
    }

    @Test func withoutLauncherEverybodyIsAPerson() throws {
        let plan = try plan(
            "orchestration: {launcher: none, default_agent: claude}\nworkers: [{id: a}, {id: b, command: [x]}, {id: c, agent: codex}]")
        #expect(plan.definitions.allSatisfy { $0.work == .person })
        #expect(plan.executableContent == "")
    }

    @Test func agentsThatLiveInAnEditorArePeople() throws {
        let reading = PlanReader().read(
            PlanFile(name: "p.yaml", bytes: Array("workers: [{id: a, agent: windsurf}, {id: b, agent: windsurf}]".utf8)))
        #expect(try #require(reading.plan).definitions.allSatisfy { $0.work == .person })
        #expect(reading.warnings.count == 1)
    }

    @Test func aByteOrderMarkIsTolerated() throws {
        for text in ["{\"workers\": [{\"id\": \"a\"}]}", "workers: [{id: a}]"] {
            let file = PlanFile(name: "p", bytes: [0xEF, 0xBB, 0xBF] + Array(text.utf8), format: text.hasPrefix("{") ? .json : .yaml)
            #expect(PlanReader().read(file).plan != nil)
        }
    }

    @Test func textThatIsNoneIsRefusedWithItsPlace() {
        func problem(_ bytes: [UInt8], _ format: PlanFile.Format) -> String {
            PlanReader().read(PlanFile(name: "p", bytes: bytes, format: format)).problems.map(\.description).joined(separator: "\n")
        }
        for format in PlanFile.Format.allCases {
            #expect(problem(Array("ab\n\u{e9}c".utf8) + [0xC3, 0x28], format).hasPrefix("p:2:3: error: The file is not valid UTF-8"))
            #expect(problem(Array("ab\n".utf8) + [0], format).hasPrefix("p:2:1: error: The file holds a NUL byte"))
            #expect(problem([0xFF, 0xFE, 0x41, 0], format).contains("UTF-16"))
            #expect(problem([UInt8](repeating: 0x20, count: (4 << 20) + 1), format).contains("at most 4194304"))
            #expect(problem([], format).contains("is empty"))
        }
        #expect(problem(Array("workers: [\"a\\0\"]".utf8), .yaml).contains("NUL"))
    }

    @Test func problemsNeverHoldControlCharacters() {
        let text =
            "{\"workers\": {\"a\\u001b[2J\\nb\": {\"k\\u0007\": 1, \"dependencies\": [\"x\\r\\u202e\"], \"agent\": \"\\u009b\"}}, \"k\\t\": 1, \"k\\t\": 2}"
        let problems = PlanReader().read(PlanFile(name: "p.json", bytes: Array(text.utf8))).problems
        #expect(problems.count == 6)
        for problem in problems {
            #expect(
                problem.description.unicodeScalars.allSatisfy {
                    $0.value >= 0x20 && !(0x7F...0x9F).contains($0.value) && $0.value != 0x202E
                })
        }
    }

    @Test func manyWorkersWithOneBadNameAreQuicklyToldApart() throws {
        let names = (0..<5000).map {
            "{\"id\": \"" + String(repeating: "!", count: $0 % 70 + 1) + String(repeating: "?", count: $0 / 70) + "\"}"
        }
        let plan = try plan("{\"workers\": [" + names.joined(separator: ",") + "]}", format: .json)
        #expect(Set(plan.ids).count == 5000)
    }

    @Test func depthIsBounded() {
        let deep = String(repeating: "[", count: 100) + String(repeating: "]", count: 100)
        let veryDeep = String(repeating: "[", count: 500_000)
        for format in PlanFile.Format.allCases {
            for text in [deep, veryDeep] {
                let reading = PlanReader().read(PlanFile(name: "p", bytes: Array(text.utf8), format: format))
                #expect(reading.errors.count == 1)
            }
        }
    }

    @Test(arguments: ["", "# &l1 &l2 &l3 &l4\n"])
    func billionLaughsAreRefused(noise: String) {
        var text = "l0: &l0 [x, x, x, x, x, x, x, x, x, x]\n"
        for level in 1...30 {
            text += "l\(level): &l\(level) [" + Array(repeating: "*l\(level - 1)", count: 10).joined(separator: ", ") + "]\n" + noise
        }
        for tail in ["", "? *l30\n: x\n"] {
            let reading = PlanReader().read(PlanFile(name: "p", bytes: Array((text + tail).utf8), format: .yaml))
            #expect(reading.errors.map(\.message) == ["The file's aliases stand for more than 20000 values."])
        }
    }

    @Test func theStarterPlanIsValidAndHoldsWhatItWasGiven() throws {
        for (name, base, agent) in [("billing", nil, nil), ("a \"b\" # {c}: \\", "main", "claude"), ("ünï", "feat/x", nil)]
            as [(String, String?, String?)]
        {
            let text = StarterPlan.yaml(project: name, base: base, agent: agent) { _ in false }
            let reading = PlanReader().read(PlanFile(name: "config.yaml", bytes: Array(text.utf8)))
            #expect(reading.problems == [])
            #expect(reading.plan?.project.name == name)
            #expect(reading.plan?.project.base == base)
            #expect(reading.plan?.ids.count == 4)
        }
    }
}
