/// When each worker was in which state, with what was planned.
struct GanttChart {
    let workers: [StatusReport.Worker]
    let chronicle: Chronicle
    let deadline: Timestamp?
    let zone: Zone

    private static let limit = 80
    private static let width = 960.0
    private static let left = 180.0
    private static let row = 26.0
    private static let top = 30.0

    /// Nil before the phase began.
    var picture: Document.Picture? {
        guard let began = chronicle.began, !workers.isEmpty else { return nil }
        let shown = Array(workers.prefix(Self.limit))
        let planned = shown.compactMap { plannedEnd($0) }.max()
        let last = [chronicle.until, planned, deadline].compactMap { $0 }.max() ?? chronicle.until
        // A deadline far ahead would leave the work itself a sliver.
        let elapsed = chronicle.until.milliseconds - began.milliseconds
        let horizon = Timestamp(milliseconds: began.milliseconds + max(60_000, elapsed) * 4)
        let axis = TimeAxis(from: began, to: min(last, horizon), left: Self.left, right: Self.width - 16)
        let bottom = Self.top + Double(shown.count) * Self.row
        var parts = axis.ticks(zone).flatMap { tick in
            [
                SVG.line("c-grid", axis.x(tick.moment), Self.top - 6, axis.x(tick.moment), bottom),
                SVG.text("c-soft", axis.x(tick.moment), Self.top - 12, tick.label, anchor: "middle"),
            ]
        }
        for (number, worker) in shown.enumerated() { parts += row(worker, Self.top + Double(number) * Self.row, axis) }
        parts.append(SVG.line("c-now", axis.x(chronicle.until), Self.top - 6, axis.x(chronicle.until), bottom))
        if let deadline, deadline <= axis.to {
            parts.append(SVG.line("c-limit", axis.x(deadline), Self.top - 6, axis.x(deadline), bottom + 4))
            parts.append(SVG.text("c-soft", min(axis.x(deadline), axis.right - 24), bottom + 16, "deadline", anchor: "middle"))
        }
        let svg = SVG.picture(
            width: Self.width, height: bottom + 22, label: "When each of \(shown.count) workers was in which state", parts)
        return Document.Picture(svg: svg, caption: caption(hiding: workers.count - shown.count), width: Int(Self.width))
    }

    private func caption(hiding hidden: Int) -> String {
        var text =
            "Blue: active. Orange: blocked. Violet: paused. Red: failed. Green end: complete. Grey: waiting. The dotted line is the time of this report"
        if workers.contains(where: { $0.definition.plannedDuration != nil }) { text += "; a dashed frame is the planned duration" }
        return text + "." + (hidden > 0 ? " \(Figures.plural(hidden, "more worker")) not drawn." : "")
    }

    private func plannedEnd(_ worker: StatusReport.Worker) -> Timestamp? {
        guard let duration = worker.definition.plannedDuration else { return nil }
        return chronicle.firstEntry(of: worker.definition.id, into: .active)?.advanced(by: duration)
    }

    private func row(_ worker: StatusReport.Worker, _ y: Double, _ axis: TimeAxis) -> [String] {
        let id = worker.definition.id
        let name = id.rawValue.count <= 24 ? id.rawValue : id.rawValue.prefix(23) + "…"
        var parts = [
            SVG.text("c-text", Self.left - 10, y + 17, name, anchor: "end"),
            SVG.rect("c-lane", x: axis.left, y: y + 6, width: axis.right - axis.left, height: Self.row - 12, radius: 3),
        ]
        if let start = chronicle.firstEntry(of: id, into: .active), let end = plannedEnd(worker) {
            let (from, to) = (axis.x(start), axis.x(end))
            parts.append(SVG.rect("c-plan", x: from, y: y + 3.5, width: max(2, to - from), height: Self.row - 7, radius: 3))
        }
        for span in chronicle.spans[id] ?? [] { parts += bar(span, y, axis) }
        return parts
    }

    private func bar(_ span: Chronicle.Span, _ y: Double, _ axis: TimeAxis) -> [String] {
        let (from, to) = (axis.x(span.from), axis.x(span.to))
        let tip = "\(span.state): \(zone.minute(span.from)) to \(zone.minute(span.to))"
        switch span.state {
        case .complete:
            return [
                SVG.rect(
                    "c-complete", x: from - 2, y: y + 4, width: 4, height: Self.row - 8, radius: 2,
                    tip: "complete: \(zone.minute(span.from))")
            ]
        case .pending, .ready:
            return [SVG.rect("c-pending", x: from, y: y + Self.row / 2 - 1, width: max(0, to - from), height: 2, tip: tip)]
        case .starting, .active, .blocked, .paused, .failed:
            return [SVG.rect("c-\(span.state)", x: from, y: y + 6, width: max(1.5, to - from), height: Self.row - 12, radius: 2, tip: tip)]
        }
    }
}
