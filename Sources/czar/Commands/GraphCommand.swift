import ArgumentParser
import CzarKit
import CzarPlanning

struct GraphCommand: CommonCommand {
    static let moreFormats = ["mermaid", "dot", "svg"]
    static let configuration = CommandConfiguration(
        commandName: "graph", abstract: "Shows the waves, who waits for whom and the critical path.",
        discussion: "Formats: text, json, mermaid, dot, svg.")

    @OptionGroup var common: CommonOptions

    func run() throws {
        let format = try common.format(among: Self.moreFormats)
        let reader = try StatusReader(around: common.path)
        let plan = reader.reading.plan
        let graph = reader.reading.graph
        var states: [WorkerID: String] = [:]
        if reader.state.lastSequence > 0 { for worker in plan.definitions { states[worker.id] = reader.state[worker.key].state.rawValue } }
        let renderer = GraphRenderer(graph, plan: plan, states: states)
        switch format {
        case "json": Console.answer(json(graph).prettyText)
        case "mermaid": Console.answer(renderer.mermaid())
        case "dot": Console.answer(renderer.dot())
        case "svg": Console.answer(renderer.svg())
        default: Console.answer(renderer.text(ascii: common.style.usesASCII, columns: common.style.width))
        }
    }

    private func json(_ graph: PlanGraph) -> JSONValue {
        var object = JSONObject()
        object.set("schema", "czar.graph/1")
        object.set("generated_at", currentTime().description)
        object.set("waves", .array(graph.waves.map { .strings($0.map(\.rawValue)) }))
        object.set("critical_path", .strings(graph.criticalPath.map(\.rawValue)))
        object.set(
            "edges",
            .array(
                graph.edges.map { edge in
                    var item = JSONObject()
                    item.set("from", edge.from.rawValue)
                    item.set("to", edge.to.rawValue)
                    return item.value
                }))
        return object.value
    }
}
