extension ReportInputs {
    /// `czar report status`: an overview, then the workers by state.
    var statusDocument: Document {
        var document = document("Status of \(plan.project.name)")
        document.add("Overview", .facts(overview))
        let groups: [(String, [MetricsReport.Worker], (MetricsReport.Worker) -> Line)] = [
            ("Complete", workers(in: .complete), { completeLine($0, withPlan: false) }),
            ("Active", workers(in: .active, .starting), activeLine),
            ("Blocked", workers(in: .blocked), { $0.line([$0.holdLine]) }), ("Paused", workers(in: .paused), { $0.line([$0.holdLine]) }),
            ("Failed", workers(in: .failed), { $0.line([$0.holdLine]) }),
            ("Ready to start", workers(in: .ready), { $0.line([$0.waitLine]) }),
            ("Pending", workers(in: .pending), { $0.line([$0.waitLine ?? pendingLine]) }),
        ]
        for (title, workers, line) in groups where !workers.isEmpty { document.add(title, .list(workers.map(line))) }
        let former = FormerWorker.all(self)
        if !former.isEmpty {
            document.add(
                "No longer in the plan",
                .list(former.map { "\(worker: $0.id): \($0.sentence). Try \(code: command($0.command, of: $0.id) ?? $0.command)" }))
        }
        addAttention(to: &document)
        return document
    }

    private var pendingLine: Line {
        isOfFormerPhase ? "does not start: the plan is in another phase" : "starts with the next \(code: "czar run")"
    }

    var overview: [(name: String, value: Line)] {
        let counts: [(WorkerState, Int)] = WorkerState.allCases.map { ($0, status.count($0)) }.filter { $0.1 > 0 }
        var facts: [(name: String, value: Line)] = [
            ("Workers", Line("\(status.workers.count)")),
            ("Complete", Line(ReportText.share(status.count(.complete), of: status.workers.count))),
        ]
        for (state, count) in counts where state != .complete { facts.append((state.rawValue.capitalisedFirst, Line("\(count)"))) }
        if let tokens = ReportText.tokens(metrics.totals.tokens, of: metrics.totals.budgetTokens) { facts.append(("Tokens", Line(tokens))) }
        if let cost = costLine { facts.append(("Cost", cost)) }
        if let commits = metrics.totals.ownCommits { facts.append(("Commits of the workers", Line(Figures.grouped(commits)))) }
        if let began = chronicle.began { facts.append(("Began", Line(zone.minute(began)))) }
        if let closed = chronicle.closed { facts.append(("Closed", Line(zone.minute(closed)))) }
        if let deadline = plan.project.deadline { facts.append(("Deadline", Line(zone.deadline(deadline)))) }
        facts.append(("Lands on", "\(code: status.target)"))
        return facts
    }

    /// `withPlan`: with the planned time beside the actual one.
    func completeLine(_ worker: MetricsReport.Worker, withPlan: Bool) -> Line {
        worker.line([
            ReportText.optional(withPlan ? worker.plannedText : worker.activeText), ReportText.optional(worker.tokenText),
            ReportText.optional(worker.changeText),
            landingLine(worker.status.figures),
            strandedLine(worker),
        ])
    }

    private func landingLine(_ figures: GitFigures) -> Line? {
        guard figures.tip != nil else { return nil }
        if figures.isMergedBeforeRest { return Line("\(figures.integration.sentence(on: status.target)) before these commits") }
        if figures.lacksIntegration { return Line("whether it is on \(status.target) could not be found out") }
        return Line(figures.nothingToLand ?? figures.integration.sentence(on: status.target))
    }

    func activeLine(_ worker: MetricsReport.Worker) -> Line {
        worker.line([
            ReportText.optional(worker.taskText), ReportText.optional(worker.activeText), ReportText.optional(worker.tokenText),
            ReportText.optional(worker.changeText), worker.latestLine(at: now),
        ])
    }

    private func strandedLine(_ worker: MetricsReport.Worker) -> Line? {
        let count = worker.status.figures.stranded.count
        return count == 0 ? nil : Line([.toned(Figures.plural(count, "stranded commit"), .bad)])
    }

    func addAttention(to document: inout Document) {
        guard !status.attention.isEmpty else { return }
        document.add(
            "Needs a person",
            .list(
                status.attention.map { item in
                    let isQuoted = status.workers.first { $0.definition.id == item.worker }?.record.causes.contains(.event) == true
                    var line: Line = "\(worker: item.worker): \(Line([isQuoted ? .code(item.why) : .text(item.why)]))"
                    if let command = item.commands.first { line = line.trying(command) }
                    return line
                }))
    }

    var statusJSON: JSONValue {
        var object = jsonStart(.status)
        object.set("totals", metrics.totals.json)
        for state in WorkerState.allCases {
            object.set(state.rawValue, .array(workers(in: state).map { Self.brief($0) }))
        }
        object.set("attention", attentionJSON)
        return object.value
    }

    /// What needs a person.
    var attentionJSON: JSONValue {
        .array(
            status.attention.map { item in
                var entry = JSONObject()
                entry.set("worker", item.worker.rawValue)
                entry.set("why", item.why)
                entry.set("commands", .strings(item.commands))
                return entry.value
            })
    }

    /// What reports' JSON says of one worker.
    static func brief(_ worker: MetricsReport.Worker) -> JSONValue {
        var object = JSONObject()
        object.set("worker", worker.id.rawValue)
        object.set("state", worker.status.record.state.rawValue)
        object.set("reason", worker.status.record.reason)
        object.set("health", worker.status.health.rawValue)
        object.set("active_seconds", .integer(worker.times.active / 1000))
        object.set("tokens", worker.status.record.tokens.used.map { .integer($0) })
        object.set("budget_tokens", worker.status.definition.budget.tokens.map { .integer($0) })
        object.set("cost_usd", worker.status.record.tokens.cost.map { .number($0) })
        object.set("own_commits", worker.status.figures.ownCommits)
        object.setOrNull("tasks_done", worker.status.taskCounts.map { .integer($0.done) })
        object.setOrNull("tasks", worker.status.taskCounts.map { .integer($0.all) })
        object.set("blocked_by", .strings(worker.status.waitingFor.compactMap { $0.worker?.rawValue }))
        object.set("ended_at", worker.status.record.endedAt?.description)
        if let progress = worker.status.lastProgress {
            var latest = JSONObject()
            latest.set("time", progress.time.description)
            latest.set("kind", progress.kind.rawValue)
            latest.set("text", progress.text)
            object.set("latest", latest.value)
        }
        return object.value
    }
}

extension String {
    /// `Active` of `active`.
    var capitalisedFirst: String { prefix(1).uppercased() + dropFirst() }
}
