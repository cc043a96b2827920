/// Seven days: what was done, what goes on, what comes next, the timeline against the plan, and what may go wrong.
struct WeeklyReport {
    private let inputs: ReportInputs
    private let since: Timestamp

    init(_ inputs: ReportInputs) {
        self.inputs = inputs
        since = inputs.since ?? ReportKind.weekly.usualBeginning(inputs.now, inputs.zone) ?? inputs.now
    }

    /// Whether it is of the usual seven days.
    private var isWeek: Bool { inputs.since == nil }
    private var period: String { isWeek ? "this week" : "since then" }
    private var completed: [MetricsReport.Worker] { inputs.completed(since: since) }
    private var active: [MetricsReport.Worker] { inputs.workers(in: .active, .starting) }
    private var held: [MetricsReport.Worker] { inputs.workers(in: .blocked, .paused, .failed) }

    /// Workers that start when those at work now are done, or that nothing holds.
    private var next: [MetricsReport.Worker] {
        let busy = Set(active.map(\.id))
        return inputs.workers(in: .ready, .pending).filter { worker in
            let waits = worker.status.waitingFor.compactMap(\.worker)
            return waits.allSatisfy(busy.contains)
        }
    }

    /// Those that start once what is held goes on.
    private var afterHeld: [MetricsReport.Worker] {
        let (busy, stuck) = (Set(active.map(\.id)), Set(held.map(\.id)))
        return inputs.workers(in: .ready, .pending).filter { worker in
            let waits = worker.status.waitingFor.compactMap(\.worker)
            return waits.contains(where: stuck.contains) && waits.allSatisfy { busy.contains($0) || stuck.contains($0) }
        }
    }

    var document: Document {
        var document = Document(
            title: isWeek ? "Week to \(inputs.zone.longDay(inputs.now))" : "Report of \(inputs.zone.longDay(inputs.now))",
            subtitle: "\(inputs.project). From \(inputs.zone.full(since)) to \(inputs.zone.full(inputs.now)).")
        let done = completed.map { inputs.completeLine($0, withPlan: true) }
        document.add("In short", .paragraph(summary))
        document.add("Completed \(period)", done.isEmpty ? .paragraph("No worker was completed.") : short(done))
        let goingOn = active.map { worker in
            worker.line([
                daysIn(worker), worker.plannedMilliseconds.flatMap { _ in ReportText.optional(worker.plannedText) },
                ReportText.optional(worker.taskText), inputs.news(worker, period),
                ReportText.optional(worker.tokenText),
                worker.latestLine(at: inputs.now),
            ])
        }
        document.add("Active", goingOn.isEmpty ? .paragraph("Nobody is at work.") : short(goingOn))
        if !held.isEmpty {
            document.add("Blocked", short(held.map { $0.line([Line([.state($0.status.record.state)]), $0.holdLine]) }))
        }
        document.add("Next", short(plan))
        document.add("Timeline", .paragraph(timeline + "."))
        document.add("Figures", .facts(figures))
        let risks = inputs.risks
        document.add("Risks", risks.isEmpty ? .paragraph("None is known.") : short(risks.map(\.line)))
        document.add("Pictures", ReportPictures(inputs).all)
        inputs.addAttention(to: &document)
        return document
    }

    /// `12 workers were completed, 4 are at work, 1 is held and 33 are still to start.`
    private var summary: Line {
        func count(_ number: Int, _ one: String, _ many: String) -> String { "\(Figures.grouped(number)) \(number == 1 ? one : many)" }
        let waiting = inputs.workers(in: .ready, .pending).count
        return
            "\(count(completed.count, "worker was", "workers were")) completed, \(count(active.count, "is", "are")) at work, \(count(held.count, "is", "are")) held, and \(count(waiting, "is", "are")) still to start."
    }

    /// Nothing more is expected of a phase that was closed.
    private var timeline: Line {
        let forecast = Forecast(inputs)
        guard let closed = inputs.chronicle.closed, !forecast.isOver else { return forecast.line(inputs.zone) }
        let left = inputs.metrics.totals.workers - inputs.metrics.totals.complete
        return "closed \(inputs.zone.minute(closed)), with \(Figures.plural(left, "worker")) not complete"
    }

    /// A page of a list.
    private func short(_ items: [Line]) -> Document.Block {
        .list(items, atMost: 40, rest: "\(code: "czar report weekly --json") names all.")
    }

    private func daysIn(_ worker: MetricsReport.Worker) -> Line? {
        worker.status.record.startedAt.map {
            Line("\(ReportText.duration(inputs.chronicle.end.milliseconds - $0.milliseconds)) since its start")
        }
    }

    /// What the coming days should bring.
    private var plan: [Line] {
        let former: [Line] = FormerWorker.all(inputs).map {
            "Decide about \(worker: $0.id), which \($0.sentence) (\(code: inputs.command($0.command, of: $0.id) ?? $0.command))."
        }
        if let closed = inputs.chronicle.closed {
            return former + ["Nothing\(former.isEmpty ? "" : " else"): the phase was closed \(inputs.zone.minute(closed))."]
        }
        var lines: [Line] = active.map { "Complete \(worker: $0.id)." }
        lines += next.map { worker in
            worker.waitLine.map { "Start \(worker: worker.id): it \($0)." } ?? "Start \(worker: worker.id)."
        }
        lines += held.filter { !$0.onlyWaitsForFailed }.map { "Get \(worker: $0.id) going again." }
        lines += afterHeld.map { "Then start \(worker: $0.id): it \($0.waitLine ?? "waits")." }
        let unlanded = inputs.workers(in: .complete).filter {
            !$0.status.figures.integration.isIntegrated && !$0.status.figures.lacksIntegration && $0.status.figures.tip != nil
        }
        lines += unlanded.map(landing)
        lines += former
        return lines.isEmpty ? ["Nothing is left to do: close the phase with \(code: inputs.closeoutCommand)."] : lines
    }

    private func landing(_ worker: MetricsReport.Worker) -> Line {
        let figures = worker.status.figures, target = inputs.status.target
        guard figures.integration == .reverted else { return "Land \(worker: worker.id) on \(code: target)." }
        let command = LandingHint.command(branch: worker.status.branch, target: target, isReverted: true, revert: figures.revert)
        return "Land \(worker: worker.id) on \(code: target) again: the revert has to be reverted (\(code: command))."
    }

    private var figures: [(name: String, value: Line)] {
        let totals = inputs.metrics.totals
        var facts: [(name: String, value: Line)] = [
            ("Workers completed", Line(ReportText.share(totals.complete, of: totals.workers)))
        ]
        if let week { facts.append(("Week of the phase", Line(week))) }
        if let tokens = ReportText.tokens(totals.tokens, of: totals.budgetTokens) { facts.append(("Tokens", Line(tokens))) }
        if let cost = inputs.costLine { facts.append(("Cost so far", cost)) }
        if let commits = totals.ownCommits { facts.append(("Commits so far", Line(Figures.grouped(commits)))) }
        if let growth = inputs.growth { facts.append(("New commits \(period)", Line(Figures.grouped(growth.total)))) }
        facts.append(("Tests added so far", Line(Figures.grouped(totals.testsAdded))))
        return facts
    }

    /// `2 of 3`, by the deadline or the plan.
    private var week: String? {
        guard let began = inputs.chronicle.began else { return nil }
        func weeks(_ to: Timestamp) -> Int64 { max(1, (to.milliseconds - began.milliseconds + 604_799_999) / 604_800_000) }
        let now = min(inputs.now, inputs.end)
        let forecast = Forecast(inputs)
        return forecast.due.map {
            "\(weeks(now)) of \(weeks($0)), by \(forecast.isDeadline ? "the deadline" : "planned durations")"
        } ?? "\(weeks(now))"
    }

    var json: JSONValue {
        var object = inputs.jsonStart(.weekly)
        object.set("since", since.description)
        object.set("completed", .array(completed.map(ReportInputs.brief)))
        object.set("active", .array(active.map(ReportInputs.brief)))
        object.set("blocked", .array(held.map(ReportInputs.brief)))
        object.set("next", .array(next.map(ReportInputs.brief)))
        object.set("timeline", Forecast(inputs).json)
        object.set("risks", .array(inputs.risks.map(\.json)))
        object.setOrNull("commits_since", inputs.growth.map { .integer($0.total) })
        object.set("totals", inputs.metrics.totals.json)
        object.set("attention", inputs.attentionJSON)
        return object.value
    }
}
