import CzarPlanning
import Testing

/// SplitMix64: the same numbers everywhere for one seed.
struct FixedRandom: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

@Suite struct NormalisedPlanTests {
    private func again(_ plan: Plan) throws -> Plan {
        let reading = PlanReader(repository: "elsewhere").read(PlanFile(name: "normalised.json", bytes: Array(plan.normalised.utf8)))
        return try #require(reading.plan, "\(reading.errors)")
    }

    @Test(arguments: ["specification.yaml", "map.json", "seed.yaml", "examples_config-full-featured.json", "examples_config-basic.json"])
    func plansSurviveTheirNormalisedText(name: String) throws {
        let plan = try #require(PlanReader(repository: "repo").read(try fixture(name)).plan)
        #expect(try again(plan) == plan)
        #expect(try again(plan).normalised == plan.normalised)
    }

    @Test func randomPlansSurviveTheirNormalisedText() throws {
        var random = FixedRandom(state: 7)
        for _ in 0..<300 {
            let plan = try randomPlan(&random)
            #expect(try again(plan) == plan)
        }
    }

    @Test func theTextDoesNotDependOnTheNotation() throws {
        let yaml = try plan("project: {name: x, phase: 1}\nworkers:\n  - id: a\n    token_budget: 1.2M\n")
        let json = try plan(
            "{\"workers\": {\"a\": {\"budget\": {\"tokens_max\": 1200000}}}, \"project\": {\"phase\": \"1\", \"name\": \"x\"}}",
            format: .json)
        #expect(yaml.normalised == json.normalised)
    }

    private func randomPlan(_ random: inout FixedRandom) throws -> Plan {
        let words = ["a b", "\"q\"", "\\n\n\t", "ünï ☂", "{id}", "-", "null", "true", "#x: y", "\u{7F}\u{1}"]
        func word() -> String { words.randomElement(using: &random) ?? "" }
        func chance() -> Bool { Bool.random(using: &random) }
        var lines = [
            "project: {name: p\(Int.random(in: 0...9, using: &random)), version: 1.\(Int.random(in: 0...20, using: &random))}",
            "orchestration:",
        ]
        lines.append("  max_active: \(Int.random(in: 0...9, using: &random))")
        if chance() { lines.append("  stuck_after: \(Int.random(in: 1...9999, using: &random))s") }
        if chance() { lines.append("  worktree_template: 'w/{slug}/{version}/{id}'") }
        if chance() { lines.append("  branch_template: '{version}-{id}'") }
        lines += ["workers:"]
        for number in 0..<Int.random(in: 1...8, using: &random) {
            lines.append("  - id: w\(number)")
            if number > 0, chance() { lines.append("    dependencies: [w\(Int.random(in: 0..<number, using: &random))]") }
            if chance() { lines.append("    priority: \(Int.random(in: -5...5, using: &random))") }
            if chance() { lines.append("    planned_duration: \(Int.random(in: 1...99999, using: &random))s") }
            switch Int.random(in: 0...3, using: &random) {
            case 0: lines.append("    agent: codex")
            case 1: lines.append("    script: 'echo \(number)'")
            case 2: lines.append("    command: [x, '{id}', '']")
            default: break
            }
        }
        var plan = try plan(lines.joined(separator: "\n"))
        for id in plan.ids {
            guard var worker = plan[id] else { continue }
            (worker.description, worker.firstAction, worker.brief) = (word(), chance() ? word() : nil, word())
            (worker.success, worker.tasks, worker.allowEmpty) = ([word(), word()], chance() ? [word()] : [], chance())
            (worker.copy, worker.paths) = (chance() ? [".env", "/x y/"] : [], chance() ? ["src/**"] : [])
            worker.isSparse = !worker.paths.isEmpty
            worker.budget = Budget(
                tokens: Int64.random(in: 0...(.max), using: &random), time: .milliseconds(Int.random(in: 0...9_999_999, using: &random)))
            if chance() { worker.setup = Setup(run: ["make", word()], timeout: .seconds(Int.random(in: 1...9999, using: &random))) }
            worker.ports = Int.random(in: 0...64, using: &random)
            plan.replace(worker)
        }
        plan.agents["mine"] = AgentOverride(command: ["x", word()], environment: ["A": word()], exclude: chance() ? [] : nil)
        plan.agents["mine"]?.resume = chance() ? ["x", "{session}"] : nil
        plan.agents["mine"]?.takeOver = chance() ? ["y", "{session}"] : nil
        plan.agents["mine"]?.prompt = chance() ? .file : nil
        plan.agents["mine"]?.output = chance() ? "codex" : nil
        plan.agents["mine"]?.rateLimitWait = chance() ? .seconds(90) : nil
        if chance() {
            plan.notifications = Notifications(on: chance() ? [] : [.failed, .overBudget], command: chance() ? ["tell", "{title}"] : nil)
        }
        return plan
    }
}

@Suite struct ExecutableContentTests {
    @Test func builtInAgentsAndPeopleExecuteNothingOfThePlans() throws {
        #expect(try plan("agents: {claude: {max_active: 2}}\nworkers: [{id: a, agent: claude}, {id: b}]").executableContent == "")
    }

    @Test func everythingThatRunsIsOneLine() throws {
        let text = """
            agents:
              mine: {command: [m, "a\\nb"], env: {B: "2", A: "1"}, resume: [m, "{session}"]}
              codex: {autonomy: full}
            workers:
              - {id: z, script: "one\\ntwo"}
              - {id: b, command: [make, "{id}"]}
              - {id: c, agent: mine, setup: {run: [npm, ci]}}
            notify: {command: [tell, "{title}"]}
            """
        #expect(
            try plan(text).executableContent == """
                agent "codex" autonomy full
                agent "mine" command ["m","a\\nb"]
                agent "mine" resume ["m","{session}"]
                agent "mine" environment "A" "1"
                agent "mine" environment "B" "2"
                worker b command ["make","{id}"]
                worker c setup ["npm","ci"]
                worker z script "one\\ntwo"
                notify command ["tell","{title}"]

                """)
    }
}

@Suite struct PlanFuzzTests {
    @Test(arguments: ["specification.yaml", "examples_config-full-featured.json"])
    func twoThousandMutationsGiveAPlanOrAnError(name: String) throws {
        let original = try fixture(name)
        var random = FixedRandom(state: 2026)
        let bits: [[UInt8]] = [
            "{", "}", "[", "]", ":", ",", "\n", " ", "&a ", "*a", "\"", "'", "..", "/", "- ", "\t", "<<: ", "\u{0}", "é", "0", "{x}",
        ].map { Array($0.utf8) }
        for _ in 0..<1000 {
            var bytes = original.bytes
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                let place = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0...3, using: &random) {
                case 0: bytes.remove(at: place)
                case 1: bytes[place] = UInt8.random(in: 0...255, using: &random)
                case 2: bytes.insert(contentsOf: bits.randomElement(using: &random) ?? [], at: place)
                default: bytes.removeSubrange(place..<min(bytes.count, place + Int.random(in: 1...40, using: &random)))
                }
            }
            let reading = PlanReader().read(PlanFile(name: name, bytes: bytes))
            #expect((reading.plan == nil) == !reading.errors.isEmpty)
            #expect(reading.problems.allSatisfy { $0.line >= 1 && $0.column >= 1 && !$0.message.isEmpty })
        }
    }
}
