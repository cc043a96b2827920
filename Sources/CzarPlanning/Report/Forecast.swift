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
    /// Whether ``end`` follows from planned durations; else from the rate at which workers were completed.
    package let isPlanned: Bool

    /// Milliseconds that the end lies behind the due time; negative: before it. Less than a minute is no difference: the plan itself is
    /// read a moment after it was accepted.
    package var late: Int64? {
        guard let due, let end else { return nil }
        let difference = end.milliseconds - due.milliseconds
        return abs(difference) < 60_000 ? 0 : difference
    }

    /// - Complexity: O(workers + dependencies).
    init(_ inputs: ReportInputs) {
        let chronicle = inputs.chronicle, plan = inputs.plan
        let planned = chronicle.began.flatMap { began in inputs.graph.criticalDuration.map { began.advanced(by: $0) } }
        (due, isDeadline) = (plan.project.deadline ?? planned, plan.project.deadline != nil)
        let open = inputs.metrics.workers.filter { $0.status.record.state != .complete }
        isOver = open.isEmpty && !inputs.metrics.workers.isEmpty
        if isOver {
            end = inputs.metrics.workers.compactMap { chronicle.lastEntry(of: $0.id, into: .complete) }.max()
            isPlanned = false
        } else if open.allSatisfy({ $0.status.definition.plannedDuration != nil }), !open.isEmpty {
            (end, isPlanned) = (Self.byPlan(inputs), true)
        } else {
            (end, isPlanned) = (Self.byRate(inputs), false)
        }
    }

    /// Every open worker needs what is left of its planned duration, after all that it waits for.
    private static func byPlan(_ inputs: ReportInputs) -> Timestamp? {
        let now = inputs.now
        let workers = Dictionary(inputs.metrics.workers.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        var ends: [WorkerID: Timestamp] = [:]
        for id in inputs.graph.topologicalOrder {
            guard let worker = workers[id], worker.status.record.state != .complete, let planned = worker.status.definition.plannedDuration
            else {
                ends[id] = now
                continue
            }
            let left = Duration.milliseconds(max(0, planned.components.seconds * 1000 - worker.times.active))
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
                ? "ended \(zone.minute(end))" : "the end is expected about \(zone.minute(end)) (\(basis)); the plan names no deadline"
        }
        let name = isDeadline ? "the deadline" : "what was planned"
        guard let end, let late else { return "due \(zone.minute(due)); nothing tells yet when the work will end" }
        let margin = ReportText.duration(abs(late))
        let verdict: Line.Part = late <= 0 ? .toned("on schedule", .good) : .toned(isOver ? "late" : "behind schedule", .bad)
        let when = isOver ? "ended \(zone.minute(end))" : "the end is expected about \(zone.minute(end)) (\(basis))"
        guard late != 0 else { return Line([verdict]) + Line(": \(when), as \(isDeadline ? "the deadline asks" : "planned")") }
        return Line([verdict]) + Line(": \(when), \(margin) \(late <= 0 ? "before" : "after") \(name) (\(zone.minute(due)))")
    }

    private var basis: String { isPlanned ? "by planned durations" : "at the rate so far" }

    var json: JSONValue {
        var object = JSONObject()
        object.setOrNull("due", due.map { .time($0) })
        object.set("due_is_deadline", isDeadline)
        object.setOrNull("end", end.map { .time($0) })
        object.set("ended", isOver)
        object.set("basis", isOver ? "fact" : isPlanned ? "planned_durations" : "rate")
        object.setOrNull("late_seconds", late.map { .integer($0 / 1000) })
        return object.value
    }
}
