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
        let shown = chosen
        let planned = shown.compactMap { plannedEnd($0) }.max()
        let last = [chronicle.end, planned, deadline].compactMap { $0 }.max() ?? chronicle.end
        // A deadline far ahead would leave the work itself a sliver.
        let elapsed = chronicle.end.milliseconds - began.milliseconds
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
        parts.append(SVG.line("c-now", axis.x(chronicle.end), Self.top - 6, axis.x(chronicle.end), bottom))
        if let deadline, deadline >= axis.from, deadline <= axis.to {
            parts.append(SVG.line("c-limit", axis.x(deadline), Self.top - 6, axis.x(deadline), bottom + 4))
            parts.append(SVG.text("c-soft", min(axis.x(deadline), axis.right - 24), bottom + 16, "deadline", anchor: "middle"))
        }
        let svg = SVG.picture(
            width: Self.width, height: bottom + 22, label: "When each of \(shown.count) workers was in which state", parts)
        let words = caption + deadlineNote(axis) + hiddenNote(workers.count - shown.count)
        return Document.Picture(svg: svg, caption: words, width: Int(Self.width))
    }

    /// Of more workers than can be drawn those that matter now: at work or held, then what may start, then what ended last; in the order of
    /// the graph.
    private var chosen: [StatusReport.Worker] {
        guard workers.count > Self.limit else { return workers }
        let ranked = workers.indices.sorted { left, right in
            let (one, other) = (rank(workers[left]), rank(workers[right]))
            return (one.group, -one.time, left) < (other.group, -other.time, right)
        }
        return ranked.prefix(Self.limit).sorted().map { workers[$0] }
    }

    private func rank(_ worker: StatusReport.Worker) -> (group: Int, time: Int64) {
        let since = chronicle.spans[worker.definition.id]?.last?.from.milliseconds ?? 0
        return switch worker.record.state {
        case .active, .starting, .blocked, .paused, .failed: (0, since)
        case .ready: (1, since)
        case .complete: (2, since)
        case .pending: (3, 0)
        }
    }

    private func hiddenNote(_ hidden: Int) -> String {
        hidden <= 0
            ? ""
            : " \(Figures.plural(hidden, "more worker")) \(hidden == 1 ? "is" : "are") not drawn: those at work or held come first, then those that ended last."
    }

    /// A deadline that is not on the drawing is named.
    private func deadlineNote(_ axis: TimeAxis) -> String {
        guard let deadline else { return "" }
        if deadline < axis.from { return " The deadline, \(zone.deadline(deadline)), was before the beginning." }
        return deadline > axis.to ? " The deadline, \(zone.deadline(deadline)), lies beyond the right edge." : ""
    }

    private var caption: String {
        var text =
            "Blue: active. Orange: blocked. Violet: paused. Red: failed. Green end: complete. Grey: waiting. The dotted line is \(endName)"
        if workers.contains(where: { $0.definition.plannedDuration != nil }) { text += "; a dashed frame is the planned duration" }
        return text + "."
    }

    private var endName: String {
        switch chronicle.closed {
        case nil: "the time of this report"
        case chronicle.end: "when the phase was closed"
        case .some: "the end of the work that went on after the phase was closed"
        }
    }

    private func plannedEnd(_ worker: StatusReport.Worker) -> Timestamp? {
        guard let duration = worker.definition.plannedDuration else { return nil }
        return chronicle.firstEntry(of: worker.definition.id, into: .active)?.advanced(by: duration)
    }

    private func row(_ worker: StatusReport.Worker, _ y: Double, _ axis: TimeAxis) -> [String] {
        let id = worker.definition.id
        let name = LabelWidth.cut(id.rawValue, to: Self.left - 14, size: 12)
        var parts = [
            SVG.text("c-text", Self.left - 10, y + 17, name, anchor: "end"),
            SVG.rect("c-lane", x: axis.left, y: y + 6, width: axis.right - axis.left, height: Self.row - 12, radius: 3),
        ]
        if let start = chronicle.firstEntry(of: id, into: .active), let end = plannedEnd(worker) {
            let (from, to) = (axis.x(start), axis.x(end))
            if end <= axis.to {
                parts.append(SVG.rect("c-plan", x: from, y: y + 3.5, width: max(2, to - from), height: Self.row - 7, radius: 3))
            } else {
                // It goes on beyond the drawing: open at that side.
                let (top, low) = (SVG.number(y + 3.5), SVG.number(y + Self.row - 3.5))
                parts.append("<path class=\"c-plan\" d=\"M\(SVG.number(to)) \(top)H\(SVG.number(from))V\(low)H\(SVG.number(to))\"/>")
            }
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
