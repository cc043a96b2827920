import CzarKit
import CzarPlanning

/// The answer of `czar simulate`: a bar for each worker, then what the run comes to.
struct SimulationText {
    let run: VirtualRun
    /// Workers at one time; 0 is no limit.
    let limit: Int
    let assumed: Duration
    let showsAll: Bool
    let style: Style

    private static let mostRows = 40
    private static let leastBar = 10

    var text: String { (rows + [""] + summary).joined(separator: "\n") }

    private var rows: [String] {
        let shown = showsAll ? run.spans[...] : run.spans.prefix(Self.mostRows)
        let names = shown.map { DisplayText.cut($0.worker.rawValue, to: 24, ellipsis: style.symbol("…", ascii: "~")) }
        let starts = shown.map { time($0.start) }, ends = shown.map { time($0.end) }
        let widths = [names, starts, ends].map { column in column.map(DisplayText.width).max() ?? 0 }
        let room = (style.width ?? 100) - widths.reduce(0, +) - 6
        let critical = Set(run.criticalPath)
        var lines = shown.indices.map { number in
            let span = run.spans[number]
            let cells = [
                names[number] + padding(names[number], widths[0]), padding(starts[number], widths[1]) + starts[number],
                padding(ends[number], widths[2]) + ends[number],
            ]
            guard room >= Self.leastBar else { return cells.joined(separator: "  ") }
            return (cells + [bar(span, room, critical.contains(span.worker) ? .bold : .blue)]).joined(separator: "  ")
        }
        let hidden = run.spans.count - shown.count
        if hidden > 0 { lines.append(style.paint("and \(hidden) more: czar simulate --all", .faint)) }
        return lines
    }

    private func padding(_ text: String, _ width: Int) -> String { String(repeating: " ", count: max(0, width - DisplayText.width(text))) }

    private func bar(_ span: VirtualRun.Span, _ room: Int, _ tone: Style.Tone) -> String {
        let total = max(1, run.total / .seconds(1))
        let from = min(room - 1, Int(span.start / .seconds(1) / total * Double(room)))
        let until = max(from + 1, Int((span.end / .seconds(1) / total * Double(room)).rounded()))
        let bar = String(repeating: style.symbol("█", ascii: "#"), count: min(room, until) - from)
        return String(repeating: " ", count: from) + style.paint(bar, tone)
    }

    private var summary: [String] {
        let limited = limit == 0 ? "no limit" : "max_active \(limit)"
        var lines = [
            "\(Figures.plural(run.spans.count, "worker")) in \(time(run.total)): at most \(run.peak) at one time (\(limited)), \(tenths(run.mean)) on average"
        ]
        let path = run.criticalPath.map(\.rawValue)
        let arrow = style.symbol(" → ", ascii: " -> ")
        let chain =
            path.count <= 12
            ? path.joined(separator: arrow) : "\(path.prefix(5).joined(separator: arrow))\(arrow)…\(arrow)\(path.last ?? "")"
        if !path.isEmpty { lines.append("critical path \(time(run.criticalDuration)): \(chain)") }
        if run.total > run.criticalDuration, run.left.isEmpty {
            lines.append("waiting for a free slot costs \(time(run.total - run.criticalDuration)); --max-active tries another limit")
        }
        if !run.assumed.isEmpty {
            let who = Figures.plural(run.assumed.count, "worker has", "workers have")
            lines.append("\(who) neither planned_duration nor a budget of time: \(time(assumed)) was taken (--default)")
        }
        for left in run.left.prefix(10) { lines.append("\(left.worker) never starts: \(DisplayText.safe(left.why))") }
        if run.left.count > 10 { lines.append("and \(run.left.count - 10) more never start") }
        return lines
    }

    private func time(_ duration: Duration) -> String { Figures.duration(seconds: duration.components.seconds) }

    private func tenths(_ value: Double) -> String {
        let tenths = Int((value * 10).rounded())
        return tenths % 10 == 0 ? String(tenths / 10) : "\(tenths / 10).\(tenths % 10)"
    }

    var json: JSONValue {
        var object = JSONObject()
        object.set("schema", "czar.simulation/1")
        object.set("generated_at", currentTime().description)
        object.set("max_active", limit)
        object.set("total_seconds", seconds(run.total))
        object.set("peak", run.peak)
        object.set("mean", .number(run.mean))
        object.set("critical_path", .strings(run.criticalPath.map(\.rawValue)))
        object.set("critical_seconds", seconds(run.criticalDuration))
        object.set("assumed", .strings(run.assumed.map(\.rawValue)))
        object.set("assumed_seconds", seconds(assumed))
        object.set(
            "workers",
            .array(
                run.spans.map { span in
                    var item = JSONObject()
                    item.set("worker", span.worker.rawValue)
                    item.set("start_seconds", seconds(span.start))
                    item.set("end_seconds", seconds(span.end))
                    return item.value
                }))
        object.set(
            "never",
            .array(
                run.left.map { left in
                    var item = JSONObject()
                    item.set("worker", left.worker.rawValue)
                    item.set("why", left.why)
                    return item.value
                }))
        return object.value
    }

    private func seconds(_ duration: Duration) -> JSONValue { .number(duration / .seconds(1)) }
}
