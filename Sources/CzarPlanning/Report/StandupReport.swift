/// What happened since the last working day, and what comes next.
struct StandupReport {
    private let inputs: ReportInputs
    private let since: Timestamp

    init(_ inputs: ReportInputs) {
        self.inputs = inputs
        since = inputs.since ?? ReportKind.standup.usualBeginning(inputs.now, inputs.zone) ?? inputs.now
    }

    /// The beginning of the last working day before today.
    static func lastWorkday(before now: Timestamp, _ zone: Zone) -> Timestamp {
        var day = zone.day(now)
        repeat { day = CivilDate(daysSinceEpoch: day.daysSinceEpoch - 1) } while !Weekday(day).isWorkday
        return zone.moment(day)
    }

    private var completed: [MetricsReport.Worker] { inputs.completed(since: since) }
    private var failed: [MetricsReport.Worker] { inputs.workers(in: .failed) }

    var document: Document {
        var document = Document(
            title: "Standup of \(inputs.zone.longDay(inputs.now))",
            subtitle: "\(inputs.project). What happened since \(inputs.zone.full(since)).")
        let done = completed.map { inputs.completeLine($0, withPlan: false) }
        document.add(
            "Completed",
            done.isEmpty
                ? .paragraph("Nothing was completed since then.")
                : .list(done, atMost: 40, rest: "\(code: "czar report status") names all."))
        let active = inputs.workers(in: .active, .starting).map { worker in worker.line([inputs.news(worker)] + progress(worker)) }
        document.add("Active", active.isEmpty ? .paragraph("Nobody is at work.") : .list(active))
        let held = inputs.workers(in: .blocked, .paused).map { worker in
            worker.line([
                Line("\(worker.status.record.state) since \(inputs.zone.minute(worker.status.record.stateSince ?? inputs.now))"),
                worker.holdLine,
            ])
        }
        let failures = failed.map { $0.line(["failed", $0.holdLine]) }
        document.add("Blocked", held.isEmpty && failures.isEmpty ? .paragraph("Nothing is blocked.") : .list(held + failures))
        let ready = inputs.workers(in: .ready).map { $0.line([$0.waitLine]) }
        if !ready.isEmpty { document.add("Ready to start", .list(ready)) }
        inputs.addAttention(to: &document)
        return document
    }

    private func progress(_ worker: MetricsReport.Worker) -> [Line?] {
        [ReportText.optional(worker.taskText), ReportText.optional(worker.tokenText), worker.latestLine(at: inputs.now)]
    }

    var json: JSONValue {
        var object = inputs.jsonStart(.standup)
        object.set("since", since.description)
        object.set("completed", .array(completed.map(ReportInputs.brief)))
        object.set(
            "active",
            .array(
                inputs.workers(in: .active, .starting).map { worker in
                    var entry = JSONObject(ReportInputs.brief(worker))
                    entry.set("commits_since", inputs.growth?.workers[worker.id])
                    return entry.value
                }))
        object.set("blocked", .array(inputs.workers(in: .blocked, .paused).map(ReportInputs.brief)))
        object.set("failed", .array(failed.map(ReportInputs.brief)))
        object.set("ready", .array(inputs.workers(in: .ready).map(ReportInputs.brief)))
        object.set("attention", inputs.attentionJSON)
        return object.value
    }
}

extension ReportInputs {
    /// Workers that are complete, and became so since then.
    func completed(since: Timestamp) -> [MetricsReport.Worker] {
        workers(in: .complete).filter { (chronicle.lastEntry(of: $0.id, into: .complete) ?? $0.status.record.endedAt ?? since) >= since }
    }

    /// `3 new commits since then`; nil when there are none, or nothing tells.
    func news(_ worker: MetricsReport.Worker, _ when: String = "since then") -> Line? {
        guard let commits = growth?.workers[worker.id], commits > 0 else { return nil }
        return Line("\(Figures.plural(commits, "new commit")) \(when)")
    }
}
