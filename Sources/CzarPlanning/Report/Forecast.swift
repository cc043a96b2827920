/// When the work should end by what was planned, and when it will at this rate.
package struct Forecast: Hashable, Sendable {
    /// The deadline; else the beginning and the planned length of the critical path.
    package let due: Timestamp?
    /// Whether ``due`` is the plan's deadline.
    package let isDeadline: Bool
    /// When the last worker completed, or will; nil when nothing tells.
    package let end: Timestamp?
    /// Whether ``end`` has happened.
    package let isOver: Bool
    /// Whether the phase was closed before that: nothing more is expected of it.
    package let isClosed: Bool
    /// Whether ``end`` follows from planned durations; else from the rate at which workers were completed.
    package let isPlanned: Bool
    /// Workers that do not go on before somebody does something about them, so that the end is not in sight: failed, blocked or paused.
    package let held: [WorkerID]
    /// Open workers without a planned duration, where the end follows from those of the others: it cannot be sooner, and may be later.
    package let unplanned: [WorkerID]
    /// Open workers that have been active for longer than planned: nothing tells how long they still take.
    package let overrun: [WorkerID]

    /// Milliseconds that the end lies behind the due time; negative: before it. Of what is only planned less than a minute is no difference:
    /// the plan itself is read a moment after it was accepted.
    package var late: Int64? { lateSeconds.map { !isDeadline && abs($0) < 60 ? 0 : $0 * 1000 } }

    /// The same to the second: a plan's date means all of its last second.
    private var lateSeconds: Int64? {
        guard let due, let end else { return nil }
        return end.milliseconds / 1000 - due.milliseconds / 1000
    }

    /// - Complexity: O(workers + dependencies).
    init(_ inputs: ReportInputs) {
        let chronicle = inputs.chronicle, plan = inputs.plan
        let planned = chronicle.began.flatMap { began in inputs.graph.criticalDuration.map { began.advanced(by: $0) } }
        (due, isDeadline) = (plan.project.deadline ?? planned, plan.project.deadline != nil)
        let open = inputs.metrics.workers.filter { $0.status.record.state != .complete }
        isOver = open.isEmpty && !inputs.metrics.workers.isEmpty
        isClosed = chronicle.closed != nil && !isOver
        held =
            isClosed
            ? [] : open.filter { [.failed, .blocked, .paused].contains($0.status.record.state) && !$0.onlyWaitsForFailed }.map(\.id)
        let unknown = open.filter { $0.status.definition.plannedDuration == nil }.map(\.id)
        overrun = isClosed ? [] : open.filter(\.isBeyondPlan).map(\.id)
        if isOver {
            end = inputs.metrics.workers.compactMap { chronicle.lastEntry(of: $0.id, into: .complete) }.max()
            (isPlanned, unplanned) = (false, [])
        } else if isClosed {
            (end, isPlanned, unplanned) = (nil, false, [])
        } else {
            // What is planned takes its time, whatever the rate says; and where something is not planned the rate may say more.
            let planned = unknown.count < open.count ? Self.byPlan(inputs) : nil
            let rate = unknown.isEmpty ? nil : Self.byRate(inputs)
            end = [planned, rate].compactMap { $0 }.max()
            isPlanned = planned != nil && planned == end
            unplanned = isPlanned && rate == nil ? unknown : []
        }
    }

    /// Every open worker needs what is left of its planned duration, after all that it waits for; one without such a duration counts as if it
    /// needed no time.
    private static func byPlan(_ inputs: ReportInputs) -> Timestamp? {
        let now = inputs.now
        let workers = Dictionary(inputs.metrics.workers.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        var ends: [WorkerID: Timestamp] = [:]
        for id in inputs.graph.topologicalOrder {
            guard let worker = workers[id], worker.status.record.state != .complete else {
                ends[id] = now
                continue
            }
            let planned = worker.status.definition.plannedDuration?.components.seconds ?? 0
            let left = Duration.milliseconds(max(0, planned * 1000 - worker.times.active))
            ends[id] = (inputs.graph.dependencies(of: id).compactMap { ends[$0] }.max() ?? now).advanced(by: left)
        }
        return ends.values.max()
    }

    private static func byRate(_ inputs: ReportInputs) -> Timestamp? {
        let done = Int64(inputs.metrics.totals.complete), all = Int64(inputs.metrics.totals.workers)
        guard done > 0, let began = inputs.chronicle.began else { return nil }
        let elapsed = max(0, inputs.now.milliseconds - began.milliseconds)
        return Timestamp(milliseconds: began.milliseconds + elapsed / done * all)
    }

    /// `on schedule: the end is expected 2026-01-12, 2d before the deadline`.
    func line(_ zone: Zone) -> Line {
        guard let due else {
            guard let end else { return "unknown: the plan names no deadline and no planned durations" }
            return isOver
                ? "ended \(zone.minute(end))"
                : Line("the end is expected about \(zone.minute(end)) (\(basis)); the plan names no deadline")
                    + (held.isEmpty ? "" : "; \(heldLine)")
        }
        let name = isDeadline ? "the deadline" : "what was planned"
        guard let end, let late else {
            let line = Line("due \(zone.deadline(due)); nothing tells yet when the work will end")
            return held.isEmpty ? line : line + "; \(heldLine)"
        }
        let margin = ReportText.duration(abs(late))
        let again = held.isEmpty ? "" : "once \(held.count == 1 ? "it does" : "they do"), "
        let when =
            isOver
            ? "ended \(zone.minute(end))"
            : "\(again)the end is expected \(isBound ? "at" : "about") \(zone.minute(end))\(isBound ? " at the earliest" : "") (\(basis))"
        let verdict = verdict(late: late)
        guard late != 0 else { return verdict + Line(": \(when), as \(isDeadline ? "the deadline asks" : "planned")") }
        return verdict + Line(": \(when), \(margin) \(late <= 0 ? "before" : "after") \(name) (\(zone.deadline(due)))")
    }

    /// Nothing is on schedule that cannot end, or of which a part is of unknown length.
    private func verdict(late: Int64) -> Line {
        if late > 0 { return Line([.toned(isOver ? "late" : "behind schedule", .bad)]) + (held.isEmpty ? "" : "; \(heldLine)") }
        if !held.isEmpty { return Line([.toned("held up", .warning)]) + "; \(heldLine)" }
        if !unplanned.isEmpty {
            return Line([.toned("not known", .warning)]) + ", because of \(Self.names(unplanned)) nothing tells how long it takes"
        }
        if !overrun.isEmpty {
            return Line([.toned("not known", .warning)])
                + ", because \(Self.names(overrun)) \(overrun.count == 1 ? "takes" : "take") longer than planned"
        }
        return Line([.toned("on schedule", .good)])
    }

    /// Whether the end can only be later than it is said to be.
    private var isBound: Bool { !unplanned.isEmpty || !overrun.isEmpty }

    private var heldLine: Line { "\(Self.names(held)) \(held.count == 1 ? "does" : "do") not go on without a person" }

    private static func names(_ workers: [WorkerID]) -> Line {
        var line: Line = ""
        let last = workers.count > 4 ? -1 : workers.count - 1
        for (index, worker) in workers.prefix(4).enumerated() {
            line = line + (index == 0 ? "" : index == last ? " and " : ", ") + "\(worker: worker)"
        }
        return workers.count > 4 ? line + " and \(workers.count - 4) more" : line
    }

    private var basis: String { isPlanned ? "by planned durations" : "at the rate so far" }

    var json: JSONValue {
        var object = JSONObject()
        object.setOrNull("due", due.map { .time($0) })
        object.set("due_is_deadline", isDeadline)
        object.setOrNull("end", end.map { .time($0) })
        object.set("ended", isOver)
        object.set("basis", isOver ? "fact" : isClosed ? "closed" : isPlanned ? "planned_durations" : "rate")
        object.setOrNull("late_seconds", lateSeconds.map { .integer($0) })
        object.set("held", .strings(held.map(\.rawValue)))
        object.set("unplanned", .strings(unplanned.map(\.rawValue)))
        object.set("overrun", .strings(overrun.map(\.rawValue)))
        return object.value
    }
}
