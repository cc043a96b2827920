/// One way of asking whether an orchestration was a success, answered from the journal and from Git.
struct Criterion {
    enum Verdict: String {
        case met, unmet
        /// It is too early to tell, or cannot be found out.
        case open
        /// The plan gives nothing to measure by.
        case notAsked

        var line: Line {
            switch self {
            case .met: Line([.toned("met", .good)])
            case .unmet: Line([.toned("not met", .bad)])
            case .open: Line([.toned("open", .faint)])
            case .notAsked: Line([.toned("not asked", .faint)])
            }
        }
    }

    let name: String
    let verdict: Verdict
    let detail: String

    private init(_ name: String, _ isMet: Bool?, _ detail: String) {
        (self.name, self.detail) = (name, detail)
        verdict = isMet.map { $0 ? .met : .unmet } ?? .open
    }

    /// A rule that the plan does not set.
    private init(_ name: String, notAsked why: String) { (self.name, detail, verdict) = (name, why, .notAsked) }

    /// Names what breaks a rule; met when nothing does.
    ///
    /// `unknown`: of whom it could not be found out; then the rule is at best open.
    private init(_ name: String, broken all: [WorkerID], _ what: String, unknown: [WorkerID] = [], met: String) {
        let parts = [
            all.isEmpty ? nil : "\(what): \(Self.names(all))", unknown.isEmpty ? nil : "could not be found out of: \(Self.names(unknown))",
        ].compactMap { $0 }
        self.init(name, all.isEmpty && !unknown.isEmpty ? nil : all.isEmpty, parts.isEmpty ? met : parts.joined(separator: "; "))
    }

    /// Each once, the first six.
    private static func names(_ all: [WorkerID]) -> String {
        let each = all.enumerated().filter { index, id in all.firstIndex(of: id) == index }.map(\.element)
        return each.prefix(6).map(\.rawValue).joined(separator: ", ") + (each.count > 6 ? " and \(each.count - 6) more" : "")
    }

    /// `met: Every worker was started (7 workers)`.
    var line: Line { "\(verdict.line): \(name) (\(detail))" }

    var json: JSONValue {
        var object = JSONObject()
        object.set("name", name)
        object.setOrNull("met", verdict == .open || verdict == .notAsked ? nil : .bool(verdict == .met))
        object.set("detail", detail)
        return object.value
    }

    static func all(_ inputs: ReportInputs) -> [Criterion] {
        work(inputs) + landing(inputs) + limits(inputs)
    }

    private static func work(_ inputs: ReportInputs) -> [Criterion] {
        let workers = inputs.metrics.workers
        let idle = workers.filter { $0.status.record.startedAt == nil }.map(\.id)
        let starts = inputs.chronicle.starts
        let early = workers.map(\.id).filter { starts[$0]?.isEarly == true }
        let held = workers.filter { [.blocked, .paused, .failed].contains($0.status.record.state) }.map(\.id)
        let open = workers.filter { $0.status.record.state != .complete }.map(\.id)
        let begun = workers.reduce(0) { $0 + (starts[$1.id]?.dependencies.count ?? 0) }
        let unseen = workers.filter { worker in
            (worker.status.figures.ownCommits ?? 0) > 0 && !inputs.chronicle.samples.contains { $0.worker == worker.id }
        }.map(\.id)
        let blocked = inputs.metrics.totals.times.blocked
        return [
            Criterion("Every worker was started", broken: idle, "never started", met: Figures.plural(workers.count, "worker")),
            Criterion(
                "Nobody started before what it depends on was complete", broken: early, "started early",
                met: inputs.graph.edges.isEmpty && begun == 0
                    ? "nobody depends on another"
                    : begun == 0
                        ? "nobody who depends on another has started"
                        : "\(Figures.plural(begun, "dependency", "dependencies")) of those who started, and each was waited for"),
            Criterion(
                "Nobody was left blocked", broken: held, "still held",
                met: blocked < 1000 ? "nobody was blocked" : "blocked for \(ReportText.duration(blocked)) together, and resolved"),
            Criterion(
                "Every worker is complete, and that is proven", broken: open, "not complete", met: Figures.plural(workers.count, "worker")),
            Criterion(
                "Progress was recorded while the work went on", broken: unseen, "nothing was recorded of",
                met: "branches were seen to move \(Figures.plural(inputs.chronicle.samples.count, "time"))"),
        ]
    }

    private static func landing(_ inputs: ReportInputs) -> [Criterion] {
        let workers = inputs.metrics.workers
        let unknown = workers.filter { $0.status.figures.lacksIntegration }.map(\.id)
        let away = workers.filter { worker in
            let figures = worker.status.figures
            return figures.tip != nil && (figures.ownCommits ?? 1) > 0 && !figures.integration.isIntegrated && !figures.lacksIntegration
        }.map(\.id)
        let former = FormerWorker.all(inputs)
        let stranded = workers.filter { !$0.status.figures.stranded.isEmpty }.map(\.id) + former.filter { $0.stranded > 0 }.map(\.id)
        let unproven = inputs.merges.filter { !$0.isProven }.map(\.worker)
        return [
            Criterion(
                "All work is on \(inputs.status.target)", broken: away + former.filter(\.hasUnlandedWork).map(\.id), "not there",
                unknown: unknown,
                met: "\(inputs.metrics.totals.integrated) landed"),
            inputs.merges.isEmpty
                ? Criterion("Every required merge is proven", notAsked: "the plan requires none")
                : Criterion(
                    "Every required merge is proven", broken: unproven, "not proven in", met: Figures.plural(inputs.merges.count, "merge")),
            Criterion(
                "No work is stranded", broken: stranded, "stranded in",
                unknown: workers.filter { $0.status.record.state == .complete && $0.status.figures.lacksHistory }.map(\.id),
                met: "no commit after what was completed"),
        ]
    }

    private static func limits(_ inputs: ReportInputs) -> [Criterion] {
        let forecast = Forecast(inputs), zone = inputs.zone
        let time: Criterion
        if let due = forecast.due {
            let isOnTime = forecast.isOver ? (forecast.late ?? 0) <= 0 : inputs.now <= due && !forecast.isClosed ? nil : false
            var detail = "due \(zone.deadline(due))"
            if let end = forecast.end, forecast.isOver {
                detail += ", ended \(zone.minute(end))"
                if let late = forecast.late, late > 0 { detail += ", \(ReportText.duration(late)) late" }
            } else {
                detail += forecast.isClosed ? ", closed before it ended" : ", not ended"
            }
            time = Criterion("The work ended in time", isOnTime, detail)
        } else {
            time = Criterion("The work ended in time", notAsked: "the plan names no deadline, or not every worker's planned duration")
        }
        return [time, budget(inputs)]
    }

    /// Tokens and time, of all together and of each.
    private static func budget(_ inputs: ReportInputs) -> Criterion {
        let name = "The budget was kept"
        let uses = inputs.budgetUses
        let limited = inputs.metrics.workers.filter {
            $0.status.definition.budget.tokens != nil || $0.status.definition.budget.time != nil
        }
        let shared = inputs.plan.orchestration.budget
        guard !limited.isEmpty || shared.tokens != nil || shared.time != nil else {
            return Criterion(name, notAsked: "the plan names none")
        }
        let over = limited.filter { $0.budgetUses.contains(where: \.isExceeded) }.map(\.id.rawValue)
        var parts = uses.map { $0.share(of: "the") + " used" }
        if uses.isEmpty, over.isEmpty { parts.append("no worker is over its own") }
        if !over.isEmpty {
            parts.append(
                "over their own: " + over.prefix(6).joined(separator: ", ") + (over.count > 6 ? " and \(over.count - 6) more" : ""))
        }
        return Criterion(name, over.isEmpty && !uses.contains(where: \.isExceeded), parts.joined(separator: "; "))
    }
}
