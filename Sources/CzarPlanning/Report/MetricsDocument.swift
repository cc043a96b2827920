extension ReportInputs {
    /// `czar report metrics`: the figures per worker and in total.
    var metricsDocument: Document {
        var document = document("Metrics of \(plan.project.name)")
        document.add("Workers", .table(workTable), .table(timeTable), .table(dateTable))
        document.add("In total", .facts(totalFacts), .paragraph(Line(Self.explanation)))
        return document
    }

    static let explanation =
        "Commits are those that a branch adds to its base; in the total a commit that several branches hold counts once. Files, lines and tests are what each branch changes against its base, and a branch that merged another's work has that in its figures too; in the total it counts once. The row of a branch that went on after it was merged shows only what came since; the total has all of it. Active, waiting and blocked (or paused) are the times spent in that state; used is the share of the worker's token budget."

    var workTable: DocumentTable {
        var table = DocumentTable([
            ("Worker", false, 0), ("State", false, 1), ("Commits", true, 0), ("Files created", true, 3), ("Files modified", true, 3),
            ("Files deleted", true, 4),
            ("Files renamed", true, 5), ("Lines", true, 0), ("Tests added", true, 2), ("Landed", false, 2),
        ])
        for worker in metrics.workers {
            let figures = worker.status.figures
            func number(_ value: Int?) -> Line { figures.tip == nil ? "" : Line(value.map { Figures.grouped($0) } ?? "?") }
            table.rows.append([
                "\(worker: worker.id)", "\(state: worker.status.record.state)", number(figures.ownCommits), number(figures.files?.created),
                number(figures.files?.modified), number(figures.files?.deleted), number(figures.files?.renamed),
                figures.tip == nil
                    ? "" : Line(figures.lines.map { "+\(Figures.grouped($0.inserted)) −\(Figures.grouped($0.deleted))" } ?? "?"),
                number(figures.testsAdded), landedLine(figures),
            ])
        }
        return table
    }

    /// A worker that had nothing to do has landed all the same: the total counts it.
    /// When each worker began and ended, and what its branch and worktree are like.
    var dateTable: DocumentTable {
        var table = DocumentTable([
            ("Worker", false, 0), ("Started", false, 1), ("Ended", false, 2), ("Last commit", false, 3), ("Not committed", true, 0),
            ("Test files", true, 4),
        ])
        func time(_ moment: Timestamp?) -> Line { Line(moment.map { zone.minute($0) }) }
        for worker in metrics.workers {
            let figures = worker.status.figures, record = worker.status.record
            let commit: Line = figures.lastCommit.map { "\($0.time.map { zone.minute($0) + " " } ?? "")\(code: $0.id.short)" } ?? ""
            let dirty = figures.worktree.knownDirty.map { Line(Figures.grouped($0)) } ?? (figures.worktree.isUnknown ? "?" : "")
            let tests = figures.tip == nil ? "" : Line(figures.testFiles.map { Figures.grouped($0) } ?? "?")
            table.rows.append(["\(worker: worker.id)", time(record.startedAt), time(record.endedAt), commit, dirty, tests])
        }
        return table
    }

    private func landedLine(_ figures: GitFigures) -> Line {
        guard figures.tip != nil else { return "" }
        guard !figures.lacksIntegration else { return "?" }
        if figures.isMergedBeforeRest { return "\(figures.integration.sentence) before these commits" }
        return Line(figures.nothingToLand ?? (figures.ownCommits == 0 && figures.integration == .no ? "" : figures.integration.sentence))
    }

    /// `$12.40, as the agents say; of 2 workers it is not known`; nil when no agent said anything.
    var costLine: Line? {
        metrics.totals.cost.map { cost in
            let unknown = metrics.totals.withoutCost
            return Line(
                "\(Figures.dollars(cost)), as the agents say"
                    + (unknown > 0 ? "; of \(Figures.plural(unknown, "worker")) it is not known" : ""))
        }
    }

    var timeTable: DocumentTable {
        // Few agents say what they cost: an empty column would only make the others narrow.
        let hasCost = metrics.totals.cost != nil
        var table = DocumentTable(
            [
                ("Worker", false, 0), ("Active", true, 0), ("Planned", true, 3), ("Waiting", true, 2), ("Blocked", true, 1),
                ("Tokens", true, 0), ("Budget", true, 2), ("Used", true, 1),
            ] + (hasCost ? [("Cost", true, 1)] : []) + [("Tasks done", true, 2)])
        for worker in metrics.workers {
            func time(_ milliseconds: Int64) -> Line { milliseconds < 1000 ? "" : Line(ReportText.duration(milliseconds)) }
            table.rows.append(
                [
                    "\(worker: worker.id)", time(worker.times.active),
                    Line(worker.status.definition.plannedDuration.map { Figures.duration(seconds: $0.components.seconds) }),
                    time(worker.times.waiting), time(worker.times.blocked + worker.times.paused),
                    Line(worker.status.record.tokens.used.map { Figures.grouped($0) }),
                    Line(worker.status.definition.budget.tokens.map { Figures.grouped($0) }), budgetLine(worker.budgetPercent),
                ] + (hasCost ? [Line(worker.status.record.tokens.cost.map(Figures.dollars))] : []) + [
                    Line(tasksDone(worker))
                ])
        }
        return table
    }

    /// Of a past moment only the tasks are known that were reported: how many there were then, nobody wrote down.
    private func tasksDone(_ worker: MetricsReport.Worker) -> String? {
        guard !worker.status.tasks.isEmpty else { return nil }
        return !worker.status.tasksAreKnown ? "\(worker.doneTasks)" : "\(worker.doneTasks) of \(worker.status.tasks.count)"
    }

    private func budgetLine(_ percent: Int64?) -> Line {
        guard let percent else { return "" }
        return Line([.toned("\(Figures.grouped(percent)) %", percent > 100 ? .bad : percent >= 80 ? .warning : .good)])
    }

    private var totals: MetricsReport.Totals { metrics.totals }

    private var landedTotal: Line {
        let share = ReportText.share(totals.integrated, of: totals.workers)
        return Line(totals.withoutIntegration == 0 ? share : "\(share); of \(totals.withoutIntegration) it could not be found out")
    }

    private var elapsedName: String {
        if totals.complete == totals.workers, totals.workers > 0 { return "From the beginning to the last completion" }
        guard let closed = chronicle.closed else { return "Time since the beginning" }
        // Who works on after a phase was closed makes it longer.
        return chronicle.end > closed ? "From the beginning to the last work, after the closing" : "From the beginning to the closing"
    }

    var totalFacts: [(name: String, value: Line)] {
        var facts: [(name: String, value: Line)] = [
            ("Complete", Line(ReportText.share(totals.complete, of: totals.workers))),
            ("Landed", landedTotal),
            ("Commits of the workers", Line(totals.ownCommits.map { Figures.grouped($0) } ?? "unknown")),
            ("Files", Line("\(Figures.grouped(totals.files.all)) changed, \(Figures.grouped(totals.files.created)) of them new")),
            ("Lines", Line("+\(Figures.grouped(totals.lines.inserted)) −\(Figures.grouped(totals.lines.deleted))")),
            ("Tests added", Line(Figures.grouped(totals.testsAdded))), ("Test files", Line(Figures.grouped(totals.testFiles))),
            ("Files not committed", Line(totals.dirtyFiles.map { Figures.grouped($0) } ?? "unknown")),
        ]
        if let tokens = ReportText.tokens(totals.tokens, of: totals.budgetTokens) { facts.append(("Tokens", Line(tokens))) }
        if let former = totals.formerTokens {
            facts.append(("Of these used by workers that left the plan", Line(Figures.grouped(former))))
        }
        if let costLine { facts.append(("Cost", costLine)) }
        facts.append(("Active time, all workers together", Line(ReportText.duration(totals.times.active))))
        if let elapsed = totals.elapsed { facts.append((elapsedName, Line(ReportText.duration(elapsed)))) }
        // A rate over minutes says nothing about hours, and one over hours nothing about days.
        if let elapsed = totals.elapsed, elapsed >= 3_600_000 {
            let isLong = elapsed >= 6 * 3_600_000
            func rate(_ perDay: Double?) -> Line { Line(ReportText.rate(perDay.map { isLong ? $0 : $0 / 24 })) }
            let unit = isLong ? "a day" : "an hour"
            if totals.commitsPerDay != nil { facts.append(("Commits \(unit)", rate(totals.commitsPerDay))) }
            facts.append(("Lines added or removed \(unit)", rate(totals.linesPerDay)))
            facts.append(("Workers completed \(unit)", rate(totals.completedPerDay)))
        }
        if totals.unknown > 0 {
            facts.append(
                (
                    "Not counted",
                    Line(
                        "\(Figures.plural(totals.unknown, "branch", "branches")) of which it is not known what \(totals.unknown == 1 ? "it adds" : "they add")"
                    )
                ))
        }
        return facts
    }
}
