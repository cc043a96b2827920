extension GraphRenderer {
    /// A drawing with one column a wave: no script, no outside reference, light or dark as the reader's system is.
    /// - Complexity: linear in workers and in the columns that dependencies span, apart from sorting each column.
    public func svg() -> String {
        let layout = GraphLayout(graph, titles: titles)
        let lines = [
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"\(layout.width)\" height=\"\(layout.height)\" viewBox=\"0 0 \(layout.width) \(layout.height)\" role=\"img\" aria-label=\"Dependencies of \(graph.workers.count) workers\">",
            "<style>\(Self.style(in: ""))</style>", "<rect class=\"page\" width=\"100%\" height=\"100%\"/>",
        ]
        return (lines + parts(layout) + ["</svg>"]).joined(separator: "\n") + "\n"
    }

    /// The same drawing as part of a page, on the page's own ground; its rules of style touch nothing else there.
    func embedded() -> (svg: String, width: Int) {
        let layout = GraphLayout(graph, titles: titles)
        let lines = [
            "<svg class=\"plan-graph\" viewBox=\"0 0 \(layout.width) \(layout.height)\" role=\"img\" aria-label=\"Dependencies of \(graph.workers.count) workers\">",
            "<style>\(Self.style(in: ".plan-graph "))</style>",
        ]
        return ((lines + parts(layout) + ["</svg>"]).joined(separator: "\n"), layout.width)
    }

    private func parts(_ layout: GraphLayout) -> [String] {
        let critical = criticalEdges
        var lines: [String] = []
        for number in 0..<layout.columns {
            let isLost = number >= graph.waves.count
            lines.append(
                "<text class=\"wave\" x=\"\(layout.x(number) + layout.boxWidth / 2)\" y=\"24\">\(isLost ? "never" : "wave \(number + 1)")</text>"
            )
        }
        // Critical edges last, so that they lie on top.
        for edge in graph.edges.filter({ !critical.contains($0) }) { lines.append(path(edge, in: layout, style: "edge")) }
        for edge in graph.edges.filter(critical.contains) { lines.append(path(edge, in: layout, style: "edge critical")) }
        lines += graph.workers.map { box($0, in: layout, isCritical: graph.criticalPath.count > 1 && layout.critical.contains($0)) }
        return lines
    }

    /// A curve from box to box; where it passes other columns it runs between their boxes, not behind them.
    private func path(_ edge: PlanGraph.Edge, in layout: GraphLayout, style: String) -> String {
        guard let from = layout.places[edge.from], let to = layout.places[edge.to] else { return "" }
        var (x, y) = (from.x + layout.boxWidth, from.y + layout.boxHeight / 2)
        let endY = to.y + layout.boxHeight / 2
        var commands = "M\(x) \(y)"
        func curve(toX nextX: Int, _ nextY: Int) {
            let bend = max(layout.gap, nextX - x) / 2
            commands += "C\(x + bend) \(y) \(nextX - bend) \(nextY) \(nextX) \(nextY)"
            (x, y) = (nextX, nextY)
        }
        // Edges of one worker share a lane; those of its neighbours run beside it.
        let offset = ((graph.index[edge.from] ?? 0) % 5 - 2) * 3
        for column in (from.column + 1)..<max(from.column + 1, to.column) {
            let share = (endY - y) / (to.column - column + 1)
            curve(toX: layout.x(column), layout.lane(in: column, near: y + share) + offset)
            x += layout.boxWidth
            commands += "H\(x)"
        }
        curve(toX: to.x, endY)
        return "<path class=\"\(style)\" d=\"\(commands)\"/>"
    }

    private func box(_ id: WorkerID, in layout: GraphLayout, isCritical: Bool) -> String {
        guard let place = layout.places[id] else { return "" }
        let state = states[id]
        let colour = state.flatMap(StateColour.init(named:))
        let details = [titles[id], state?.shortened].compactMap(\.self)
        let tooltip = ([id.rawValue] + details).joined(separator: " · ")
        let classes = ["box", colour?.rawValue, isCritical ? "critical" : nil].compactMap(\.self).joined(separator: " ")
        let textX = place.x + 14
        var svg = "<g><title>\(Self.escaped(tooltip))</title>"
        svg +=
            "<rect class=\"\(classes)\" x=\"\(place.x)\" y=\"\(place.y)\" width=\"\(layout.boxWidth)\" height=\"\(layout.boxHeight)\" rx=\"9\"/>"
        let second = state?.shortened ?? titles[id]
        let firstY = place.y + (second == nil ? layout.boxHeight / 2 + 5 : 21)
        svg +=
            "<text class=\"name\" x=\"\(textX)\" y=\"\(firstY)\">\(Self.escaped(LabelWidth.cut(id.rawValue, to: layout.textWidth, size: 14, isBold: true)))</text>"
        if let second {
            svg +=
                "<text class=\"note\" x=\"\(textX)\" y=\"\(place.y + 38)\">\(Self.escaped(LabelWidth.cut(second, to: layout.textWidth, size: 11)))</text>"
        }
        return svg + "</g>"
    }

    /// Text for XML: its five special characters as entities, and nothing that XML 1.0 forbids.
    static func escaped(_ text: String) -> String {
        text.unicodeScalars.map { scalar in
            switch scalar {
            case "&": "&amp;"
            case "<": "&lt;"
            case ">": "&gt;"
            case "\"": "&quot;"
            case "'": "&#39;"
            case _ where scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value) || (0xFFFE...0xFFFF).contains(scalar.value): "\u{FFFD}"
            default: String(scalar)
            }
        }.joined()
    }

    /// `scope`: what every selector begins with.
    private static func style(in scope: String) -> String {
        let states = StateColour.allCases.map { "\(scope).\($0.rawValue){fill:\($0.fill);stroke:\($0.stroke)}" }.joined()
        let dark = StateColour.allCases.map { "\(scope).\($0.rawValue){fill:\($0.darkFill)}" }.joined()
        return """
            \(scope)text{font-family:ui-sans-serif,system-ui,"Segoe UI",Helvetica,Arial,sans-serif;fill:#1b1f24}\
            \(scope).page{fill:#fff}\(scope).name{font-size:14px;font-weight:600}\(scope).note{font-size:11px;fill:#3d444d}\
            \(scope).wave{font-size:12px;fill:#59636e;text-anchor:middle;letter-spacing:.04em}\
            \(scope).box{fill:#f6f8fa;stroke:#c5ccd3;stroke-width:1.2}\(states)\(scope).box.critical{stroke-width:2.4}\
            \(scope).edge{fill:none;stroke:#818b98;stroke-width:1.4}\(scope).edge.critical{stroke:#1b1f24;stroke-width:2.8}\
            @media (prefers-color-scheme:dark){\(scope)text{fill:#e6edf3}\(scope).page{fill:#0d1117}\(scope).note{fill:#c9d1d9}\(scope).wave{fill:#9198a1}\
            \(scope).box{fill:#161b22;stroke:#3d444d}\(scope).edge{stroke:#6e7681}\(scope).edge.critical{stroke:#e6edf3}\(dark)}
            """
    }
}

/// Where the boxes of a drawing stand.
struct GraphLayout {
    struct Place {
        var column: Int
        var x: Int
        var y: Int
    }

    let boxHeight = 48
    let gap = 64
    let boxWidth: Int
    let columns: Int
    let width: Int
    let height: Int
    let places: [WorkerID: Place]
    let critical: Set<WorkerID>
    private let margin = 24
    /// What a box holds beside its margins.
    let textWidth: Double
    private let tops: [Int]
    private let counts: [Int]
    private let rowHeight: Int
    private static let header = 52

    init(_ graph: PlanGraph, titles: [WorkerID: String]) {
        let widest = graph.workers.map { id in
            max(LabelWidth.of(id.rawValue, size: 14, isBold: true), titles[id].map { LabelWidth.of($0, size: 11) } ?? 0)
        }
        textWidth = min(260, max(96, widest.max() ?? 0)).rounded(.up)
        boxWidth = Int(textWidth) + 28
        critical = Set(graph.criticalPath)
        let placed = Set(graph.topologicalOrder)
        let lost = graph.workers.filter { !placed.contains($0) }
        let waves = graph.waves + (lost.isEmpty ? [] : [lost])
        columns = waves.count
        rowHeight = boxHeight + 20
        let rowHeight = rowHeight
        let rows = waves.map(\.count).max() ?? 0
        height = Self.header + max(1, rows) * rowHeight + margin - 10
        width = 2 * margin + max(1, columns) * boxWidth + max(0, columns - 1) * gap
        counts = waves.map(\.count)
        tops = waves.map { Self.header + (rows - $0.count) * rowHeight / 2 }
        var places: [WorkerID: Place] = [:]
        for (column, wave) in waves.enumerated() {
            let top = tops[column]
            // A worker stands as near as it can to what it waits for, which keeps most edges from crossing.
            let wishes = wave.map { id in
                let above = graph.dependencies(of: id).compactMap { places[$0]?.y }
                return (wish: above.isEmpty ? 0 : above.reduce(0, +) / above.count, id: id)
            }
            for (row, entry) in wishes.sorted(by: { ($0.wish, $0.id) < ($1.wish, $1.id) }).enumerated() {
                places[entry.id] = Place(column: column, x: margin + column * (boxWidth + gap), y: top + row * rowHeight)
            }
        }
        self.places = places
    }

    func x(_ column: Int) -> Int { margin + column * (boxWidth + gap) }

    /// The height between two boxes of a column, above the first or below the last, that is nearest to `y`.
    func lane(in column: Int, near y: Int) -> Int {
        let first = tops[column] - 10
        return first + min(counts[column], max(0, (y - first + rowHeight / 2) / rowHeight)) * rowHeight
    }
}
