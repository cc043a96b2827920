import OrderedCollections

/// Draws a plan's graph as text of several kinds; a state for a worker colours it.
///
/// All of them are pure and deterministic. Descriptions come from plans of others, so every kind escapes them.
public struct GraphRenderer: Sendable {
    let graph: PlanGraph
    let states: [WorkerID: String]
    /// What a worker is, in at most 60 characters without control characters.
    let titles: [WorkerID: String]

    /// A renderer for a graph; the plan's descriptions become second lines or tooltips.
    public init(_ graph: PlanGraph, plan: Plan, states: [WorkerID: String] = [:]) {
        (self.graph, self.states) = (graph, states)
        titles = Dictionary(
            uniqueKeysWithValues: plan.workers.values.compactMap { worker in
                (worker.description ?? worker.displayName).map { (worker.id, $0.inOneLine.shortened) }
            })
    }

    /// For the terminal: the waves, the critical path, and who waits for whom; w2 stands before w10.
    ///
    /// Lines are broken between workers where they have more than so many `columns`.
    public func text(ascii: Bool = false, columns: Int? = nil) -> String {
        let arrow = ascii ? " -> " : " → "
        func label(_ id: WorkerID) -> String { states[id].map { "\(id) [\($0.shortened)]" } ?? id.rawValue }
        var lines: [String] = []
        let width = String(graph.waves.count).count
        for (number, wave) in graph.waves.enumerated() {
            let text = String(number + 1)
            lines += Self.line(
                "wave \(String(repeating: " ", count: width - text.count))\(text)  ", Self.naturally(wave).map(label), ", ", columns)
        }
        if !graph.isComplete {
            let placed = Set(graph.topologicalOrder)
            lines += Self.line("never   ", Self.naturally(graph.workers.filter { !placed.contains($0) }).map(label), ", ", columns)
        }
        if !graph.criticalPath.isEmpty {
            let length = graph.criticalDuration.map { " (\(DurationText.format($0)))" } ?? ""
            var path = graph.criticalPath.map(\.rawValue)
            path[path.count - 1] += length
            lines += [""] + Self.line("critical path  ", path, arrow, columns)
        }
        let waiting = graph.waves.flatMap(Self.naturally).filter { !graph.dependencies(of: $0).isEmpty }
        if !waiting.isEmpty { lines.append("") }
        let column = waiting.map(\.rawValue.count).max() ?? 0
        for id in waiting {
            let padding = String(repeating: " ", count: column - id.rawValue.count)
            lines += Self.line(
                "\(id)\(padding)  waits for ", Self.naturally(graph.dependencies(of: id)).map(\.rawValue), ", ", columns)
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// The items behind the title, in lines of at most so many columns that begin where the first item does.
    private static func line(_ title: String, _ items: [String], _ separator: String, _ columns: Int?) -> [String] {
        var lines = [title]
        var isFirst = true
        for (number, item) in items.enumerated() {
            let text = number + 1 < items.count ? item + separator : item
            // The blank at a line's end takes no room.
            let room = text.count - (number + 1 < items.count ? 1 : 0)
            if let columns, !isFirst, lines[lines.count - 1].count + room > columns {
                lines.append(String(repeating: " ", count: title.count))
            }
            lines[lines.count - 1] += text
            isFirst = false
        }
        return lines.map { line in String(line.reversed().drop { $0 == " " }.reversed()) }
    }

    /// By their names, with numbers in them compared as numbers.
    private static func naturally(_ ids: [WorkerID]) -> [WorkerID] {
        ids.map { (key: NaturalKey($0.rawValue), id: $0) }.sorted { $0.key < $1.key }.map(\.id)
    }

    /// A Mermaid flow chart, for Markdown pages.
    public func mermaid() -> String {
        var lines = ["graph LR"]
        for (number, id) in graph.workers.enumerated() {
            let title = titles[id].map { "<br/>" + Self.mermaidEscaped($0) } ?? ""
            lines.append("  n\(number)[\"\(id)\(title)\"]")
        }
        for edge in graph.edges {
            if let from = graph.index[edge.from], let to = graph.index[edge.to] { lines.append("  n\(from) --> n\(to)") }
        }
        let critical = criticalEdges
        let thick = graph.edges.indices.filter { critical.contains(graph.edges[$0]) }
        if !thick.isEmpty { lines.append("  linkStyle \(thick.map(String.init).joined(separator: ",")) stroke-width:4px") }
        var used: Set<StateColour> = []
        for (number, id) in graph.workers.enumerated() {
            guard let colour = states[id].flatMap(StateColour.init(named:)) else { continue }
            used.insert(colour)
            lines.append("  class n\(number) \(colour.rawValue)")
        }
        for colour in StateColour.allCases where used.contains(colour) {
            lines.append("  classDef \(colour.rawValue) fill:\(colour.fill),stroke:\(colour.stroke),color:#1b1f24")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// The dependencies on the critical path.
    var criticalEdges: Set<PlanGraph.Edge> {
        Set(zip(graph.criticalPath, graph.criticalPath.dropFirst()).map { PlanGraph.Edge(from: $0, to: $1) })
    }

    /// A Graphviz digraph.
    public func dot() -> String {
        var lines = [
            "digraph plan {", "  rankdir=LR;", "  node [shape=box, style=\"rounded,filled\", fillcolor=white, fontname=\"Helvetica\"];",
        ]
        for id in graph.workers {
            var attributes = [String]()
            if let title = titles[id] { attributes.append("label=\(Self.dotQuoted(id.rawValue, title))") }
            if let colour = states[id].flatMap(StateColour.init(named:)) {
                attributes.append("fillcolor=\"\(colour.fill)\", color=\"\(colour.stroke)\"")
            }
            lines.append("  \(Self.dotQuoted(id.rawValue))\(attributes.isEmpty ? "" : " [\(attributes.joined(separator: ", "))]");")
        }
        for edge in graph.edges { lines.append("  \(Self.dotQuoted(edge.from.rawValue)) -> \(Self.dotQuoted(edge.to.rawValue));") }
        return (lines + ["}"]).joined(separator: "\n") + "\n"
    }

    private static func mermaidEscaped(_ text: String) -> String {
        // Mermaid knows entities as `#34;`; everything that could end the label or start markup becomes one.
        text.unicodeScalars.map { "\"#&<>;`[](){}|\\".unicodeScalars.contains($0) ? "#\($0.value);" : String($0) }.joined()
    }

    private static func dotQuoted(_ lines: String...) -> String {
        "\"" + lines.map { line in line.map { $0 == "\\" ? "\\\\" : $0 == "\"" ? "\\\"" : String($0) }.joined() }.joined(separator: "\\n")
            + "\""
    }
}

/// The colours of the eight states, in every drawing.
enum StateColour: String, CaseIterable, Sendable {
    case pending, ready, starting, active, blocked, paused, complete, failed

    /// Any capitals do; another state has no colour.
    init?(named state: String) { self.init(rawValue: state.lowercased()) }

    var fill: String {
        switch self {
        case .pending: "#eef0f3"
        case .ready: "#dcecff"
        case .starting, .active: "#bcdcff"
        case .blocked: "#ffe3c2"
        case .paused: "#eadcff"
        case .complete: "#cdf0d4"
        case .failed: "#ffd3d3"
        }
    }

    var stroke: String {
        switch self {
        case .pending: "#7d8590"
        case .ready: "#4a90e2"
        case .starting, .active: "#1f6feb"
        case .blocked: "#c2701c"
        case .paused: "#8250df"
        case .complete: "#2da44e"
        case .failed: "#cf222e"
        }
    }

    var darkFill: String {
        switch self {
        case .pending: "#262b33"
        case .ready: "#12304f"
        case .starting, .active: "#0f3c73"
        case .blocked: "#4a3214"
        case .paused: "#35245c"
        case .complete: "#143d22"
        case .failed: "#551b1f"
        }
    }
}
