/// Everything that a report is made of. The same inputs make the same bytes.
package struct ReportInputs: Sendable {
    package let plan: Plan
    package let graph: PlanGraph
    package let chronicle: Chronicle
    package let status: StatusReport
    package let metrics: MetricsReport
    package let merges: [MergeProof]
    package let zone: Zone
    /// From where `standup` and `weekly` count; nil: their own usual beginning.
    package let since: Timestamp?
    /// What is new since then; nil in other reports, and where nothing tells.
    package let growth: Growth?
    /// Own commits over time, for the reports that draw them.
    package let commits: [CommitPoint]
    /// Whether it is about a moment that has passed, of which only the journal and objects are known.
    package let isPast: Bool
    /// Whether the plan is in another phase: nothing starts these workers any more, and commands have to name their phase.
    package let isOfFormerPhase: Bool
    /// Why closing the phase kept a worker's worktree or branch; empty in other reports.
    package var kept: [WorkerID: String] = [:]

    package init(
        plan: Plan, graph: PlanGraph, chronicle: Chronicle, status: StatusReport, former: [StatusReport.Worker] = [], work: JointWork,
        merges: [MergeProof], zone: Zone, since: Timestamp? = nil, growth: Growth? = nil, commits: [CommitPoint] = [],
        isPast: Bool = false, isOfFormerPhase: Bool = false
    ) {
        self.isOfFormerPhase = isOfFormerPhase
        (self.plan, self.graph, self.chronicle, self.status, self.merges) = (plan, graph, chronicle, status, merges)
        (self.zone, self.since, self.growth, self.commits, self.isPast) = (zone, since, growth, commits, isPast)
        metrics = MetricsReport(status, former: former, chronicle, work: work)
    }

    /// A command of a hint about a worker, as it can be called; nil where it would only start something that nothing starts any more.
    func command(_ text: String?, of worker: WorkerID) -> String? {
        isOfFormerPhase ? text.flatMap { PhaseHint(chronicle.phase).command($0, of: worker) } : text
    }

    /// `czar closeout` of this phase.
    package var closeoutCommand: String { "czar closeout" + phaseOption }

    /// What a command of the whole phase needs behind it.
    package var phaseOption: String { isOfFormerPhase ? " --phase \(ShellText.word(chronicle.phase.rawValue))" : "" }

    package var now: Timestamp { status.generatedAt }

    /// How much is used of each limit that the plan sets for all workers together; its time runs from the first start.
    var budgetUses: [BudgetUse] {
        let started = metrics.workers.compactMap(\.status.record.startedAt).min()
        let began = chronicle.began ?? metrics.end
        let isOver = !metrics.workers.isEmpty && metrics.totals.complete == metrics.workers.count
        let end = isOver ? began.advanced(by: .milliseconds(metrics.totals.elapsed ?? 0)) : metrics.end
        var budget = plan.orchestration.budget
        budget.tokens = metrics.totals.budgetTokens
        return BudgetUse.of(
            budget, tokens: metrics.totals.tokens, milliseconds: started.map { max(0, end.milliseconds - $0.milliseconds) } ?? 0)
    }
    /// Where the time that reports draw ends: when the phase was closed, else now.
    var end: Timestamp { chronicle.end }

    /// `billing 1.2.0, phase 1`.
    package var project: String {
        let version = plan.project.version.map { " \($0)" } ?? ""
        return "\(plan.project.name)\(version), phase \(chronicle.phase)"
    }

    package var subtitle: String { "\(project). \(zone.full(now))." }

    func workers(in states: WorkerState...) -> [MetricsReport.Worker] { metrics.workers.filter { states.contains($0.status.record.state) } }

    func document(_ title: String) -> Document { Document(title: title, subtitle: subtitle) }

    /// The members that every report's JSON begins with.
    func jsonStart(_ kind: ReportKind) -> JSONObject {
        var object = JSONObject()
        object.set("schema", "czar.report/1")
        object.set("generated_at", now.description)
        object.set("report", kind.rawValue)
        if isPast { object.set("past", true) }
        var project = JSONObject()
        project.set("name", plan.project.name)
        project.set("version", plan.project.version)
        project.set("phase", chronicle.phase.rawValue)
        object.set("project", project.value)
        object.set("base", status.base)
        object.set("target", status.target)
        object.set("began_at", chronicle.began?.description)
        object.set("closed_at", chronicle.closed?.description)
        return object
    }
}

/// Whether a worker's branch, or the target, contains the change of a worker that it has to contain.
package struct MergeProof: Hashable, Sendable {
    package enum Verdict: Hashable, Sendable {
        /// How.
        case contained(GitFigures.Integration)
        case missing
        /// Why nobody can tell.
        case unknown(String)
    }

    /// The worker whose branch has to contain it.
    package let worker: WorkerID
    package let source: WorkerID
    package let verdict: Verdict

    package init(worker: WorkerID, source: WorkerID, verdict: Verdict) {
        (self.worker, self.source, self.verdict) = (worker, source, verdict)
    }

    package var isProven: Bool { if case .contained = verdict { true } else { false } }
}

/// The reports there are.
package enum ReportKind: String, Hashable, Sendable, CaseIterable {
    case status, metrics, standup, weekly, closeout

    /// From where the report counts what is new: `standup` from the beginning of the last working day before today, `weekly` from that of
    /// the day a week ago; nil for the others.
    package func usualBeginning(_ now: Timestamp, _ zone: Zone) -> Timestamp? {
        switch self {
        case .standup: StandupReport.lastWorkday(before: now, zone)
        case .weekly: zone.moment(CivilDate(daysSinceEpoch: zone.day(now).daysSinceEpoch - 7))
        case .status, .metrics, .closeout: nil
        }
    }

    /// Whether the report has drawings over time.
    package var isDrawn: Bool { self == .weekly || self == .closeout }
}

extension ReportInputs {
    /// The report for people.
    package func document(_ kind: ReportKind) -> Document {
        var document =
            switch kind {
            case .status: statusDocument
            case .metrics: metricsDocument
            case .standup: StandupReport(self).document
            case .weekly: WeeklyReport(self).document
            case .closeout: CloseoutReport(self).document
            }
        document.add("What the words mean", .list(Legend(self).lines(kind)))
        if isPast { document.subtitle += " " + Self.ofThePast }
        return document
    }

    private static let ofThePast =
        "As it was recorded then: what was not committed, and boxes ticked in briefs, have no history and do not count."

    /// The report for programs: `czar.report/1`; of metrics `czar.metrics/1`.
    package func json(_ kind: ReportKind) -> JSONValue {
        switch kind {
        case .status: statusJSON
        case .metrics: metrics.json(isPast: isPast)
        case .standup: StandupReport(self).json
        case .weekly: WeeklyReport(self).json
        case .closeout: CloseoutReport(self).json
        }
    }
}
