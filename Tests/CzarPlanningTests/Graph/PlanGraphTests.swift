import CzarPlanning
import Foundation
import Testing

#if canImport(FoundationXML)
    import FoundationXML
#endif

@Suite struct PlanGraphTests {
    private func graph(_ text: String) throws -> PlanGraph { PlanGraph(try plan(text)) }

    private func seed() throws -> Plan { try #require(PlanReader().read(try fixture("seed.yaml")).plan) }

    @Test func wavesAreThoseOfTheSeedsExample() throws {
        let graph = PlanGraph(try seed())
        #expect(
            graph.waves.map { $0.map(\.rawValue) } == [
                ["foundation", "workflows"], ["patterns", "security", "testing"], ["templates"], ["qa"],
            ])
        #expect(graph.criticalPath.map(\.rawValue) == ["foundation", "patterns", "templates", "qa"])
        #expect(graph.criticalDuration == nil)
        #expect(graph.isComplete)
        #expect(graph.edges.count == 9)
        #expect(graph.edges.first == graph.edges.min())
        #expect(
            graph.topologicalOrder.map(\.rawValue) == ["foundation", "workflows", "patterns", "security", "testing", "templates", "qa"])
        let patterns = try #require(WorkerID(rawValue: "patterns"))
        #expect(graph.dependents(of: patterns).map(\.rawValue) == ["qa", "templates"])
        #expect(graph.allDependencies(of: patterns).map(\.rawValue) == ["foundation"])
        #expect(graph.waveNumbers()[patterns] == 2)
    }

    @Test func plannedDurationsWeighTheCriticalPath() throws {
        let text =
            "workers: [{id: a, planned_duration: 1d}, {id: b, planned_duration: 5d}, {id: c, dependencies: [a], planned_duration: 1d}, {id: d, dependencies: [c], planned_duration: 1d}, {id: e, dependencies: [b], planned_duration: 12h}]"
        #expect(try graph(text).criticalPath.map(\.rawValue) == ["b", "e"])
        #expect(try graph(text).criticalDuration == .seconds(11 * 43_200))
        let partly = text.replacingOccurrences(of: "{id: a, planned_duration: 1d}", with: "{id: a}")
        #expect(try graph(partly).criticalPath.map(\.rawValue) == ["a", "c", "d"])
    }

    @Test func aBaseOnAnotherBranchIsADependency() throws {
        #expect(try graph("workers: [{id: a, branch: x/a}, {id: b, base: x/a}]").waves.count == 2)
        #expect(
            try graph(
                "project: {omnibus_branch: rel/1}\nworkers: [{id: a, branch: rel/1, merges: [b], dependencies: [b]}, {id: b, base: rel/1}]"
            ).waves.count == 2)
    }

    @Test func aChainOfAHundredThousandWorkersFitsOnTheStack() throws {
        var chain = Plan(project: Project(name: "x", slug: "x"))
        var previous: WorkerID?
        for number in 0..<100_000 {
            let id = try #require(WorkerID(rawValue: "w\(number)"))
            let branch = try #require(BranchName(rawValue: "b/\(number)"))
            chain.replace(WorkerDefinition(id: id, dependencies: previous.map { [$0] } ?? [], branch: branch, worktree: "w/\(number)"))
            previous = id
        }
        let graph = PlanGraph(chain)
        #expect(graph.waves.count == 100_000)
        #expect(graph.criticalPath.count == 100_000)
        #expect(graph.dependents(of: try #require(WorkerID(rawValue: "w0"))).count == 99_999)
    }

    @Test func aLongCycleIsFoundWithoutRecursion() {
        var text = "{\"workers\": ["
        for number in 0..<20_000 {
            text += "{\"id\": \"w\(number)\", \"dependencies\": [\"w\((number + 1) % 20_000)\"]}" + (number < 19_999 ? "," : "]}")
        }
        let reading = PlanReader().read(PlanFile(name: "p.json", bytes: Array(text.utf8)))
        #expect(reading.errors.count == 1)
        #expect(reading.errors.first?.message.contains("w0 → w1 → w2 →") == true)
    }

    @Test func aPlanWithACycleFromElsewhereLeavesItsWorkersOut() throws {
        var plan = try plan("workers: [{id: a}, {id: b, dependencies: [a]}, {id: c}]")
        var first = plan.definitions[0]
        first.dependencies = [plan.definitions[1].id]
        plan.replace(first)
        let graph = PlanGraph(plan)
        #expect(!graph.isComplete)
        #expect(graph.waves.map { $0.map(\.rawValue) } == [["c"]])
        #expect(GraphRenderer(graph, plan: plan).text().contains("never   a, b"))
        #expect(GraphRenderer(graph, plan: plan).svg().contains(">never<"))
    }

    @Test func theTextSortsNumbersAsNumbersAndBreaksBetweenWorkers() throws {
        let names = (1...60).map { "w\($0)" }
        let ids = names.reversed().map { "{id: \($0)}" } + ["{id: last, dependencies: [\(names.joined(separator: ", "))]}"]
        let plan = try plan("workers: [\(ids.joined(separator: ", "))]")
        let lines = GraphRenderer(PlanGraph(plan), plan: plan).text(columns: 80).split(separator: "\n").map(String.init)
        #expect(lines.allSatisfy { $0.count <= 80 && $0.last != " " }, "\(lines)")
        let words = lines.prefix { !$0.hasPrefix("wave 2") }.joined(separator: " ").split(separator: " ").map(String.init)
        #expect(words == ["wave", "1"] + names.dropLast().map { $0 + "," } + ["w60"])
        #expect(lines[1].hasPrefix("        w"))
        #expect(GraphRenderer(PlanGraph(plan), plan: plan).text().split(separator: "\n").first?.hasSuffix("w59, w60") == true)
    }

    @Test func theTextShowsWavesPathAndWhoWaits() throws {
        let plan = try seed()
        let text = GraphRenderer(PlanGraph(plan), plan: plan, states: [plan.ids[0]: "failed"]).text(ascii: true)
        #expect(
            text == """
                wave 1  foundation, workflows
                wave 2  patterns, security, testing
                wave 3  templates
                wave 4  qa [failed]

                critical path  foundation -> patterns -> templates -> qa

                patterns   waits for foundation
                security   waits for foundation
                testing    waits for foundation
                templates  waits for foundation, patterns, security, testing, workflows
                qa         waits for templates

                """)
    }

    @Test func mermaidAndDotEscapeWhatPlansSay() throws {
        let plan = try plan("workers: [{id: a, description: 'x\"] --> <b>;#\\'}, {id: b, dependencies: [a]}]")
        let renderer = GraphRenderer(PlanGraph(plan), plan: plan, states: [plan.ids[0]: "complete", plan.ids[1]: "a\" weird"])
        #expect(
            renderer.mermaid() == """
                graph LR
                  n0["a<br/>x#34;#93; --#62; #60;b#62;#59;#35;#92;"]
                  n1["b"]
                  n0 --> n1
                  linkStyle 0 stroke-width:4px
                  class n0 complete
                  classDef complete fill:#cdf0d4,stroke:#2da44e,color:#1b1f24

                """)
        #expect(renderer.dot().contains(##""a" [label="a\nx\"] --> <b>;#\\", fillcolor="#cdf0d4", color="#2da44e"];"##))
        #expect(renderer.dot().contains(#""a" -> "b";"#))
    }

    @Test func theDrawingIsWellFormedWithHostileNames() throws {
        var plan = try plan("workers: [{id: a}, {id: b, dependencies: [a]}, {id: c, dependencies: [a, b], description: plain}]")
        var hostile = plan.definitions[0]
        hostile.description = "</title><script>alert('1')</script>&amp;\u{1}\u{FFFF}]]>\"x"
        plan.replace(hostile)
        let renderer = GraphRenderer(PlanGraph(plan), plan: plan, states: [plan.ids[1]: "</text>&", plan.ids[2]: "active"])
        let svg = renderer.svg()
        let counter = ElementCounter()
        let parser = XMLParser(data: Data(svg.utf8))
        parser.delegate = counter
        #expect(parser.parse())
        #expect(counter.counts["script"] == nil)
        #expect(counter.counts["g"] == 3)
        #expect(counter.counts["path"] == 3)
        #expect(svg.contains("prefers-color-scheme:dark"))
        #expect(svg == renderer.svg())
    }
}

private final class ElementCounter: NSObject, XMLParserDelegate {
    var counts: [String: Int] = [:]

    func parser(
        _ parser: XMLParser, didStartElement elementName: String, namespaceURI: String?, qualifiedName: String?,
        attributes: [String: String]
    ) {
        counts[elementName, default: 0] += 1
    }
}
