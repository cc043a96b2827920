/// Something that may keep the work from ending as planned.
package struct Risk: Hashable, Sendable {
    package enum Kind: String, Hashable, Sendable, CaseIterable {
        case stuck, crashed, failed, blocked, conflict, drifted, stranded, reverted
        case overBudget = "over-budget"
        case nearBudget = "near-budget"
        case staleBase = "stale-base"
        case late
        /// Active for longer than planned, and not complete.
        case overPlanned = "over-planned"
        /// It has left the plan, and something of it is still there.
        case unlisted
    }

    package let kind: Kind
    /// Nil for what concerns the whole phase.
    package let worker: WorkerID?
    package let text: String
    /// A reason that somebody gave, quoted where it is shown.
    package var quote: String?

    var line: Line {
        let line: Line = worker.map { "\(worker: $0): \(text)" } ?? Line(text.capitalisedFirst)
        return quote.map { line + ": \(code: $0)" } ?? line
    }

    var json: JSONValue {
        var object = JSONObject()
        object.set("kind", kind.rawValue)
        object.set("worker", worker?.rawValue)
        object.set("text", quote.map { "\(text): \($0)" } ?? text)
        return object.value
    }
}

extension ReportInputs {
    /// The workers' risks in the plan's order, then those of the whole. Of a closed phase nothing is expected any more: only what has happened
    /// is left.
    var risks: [Risk] {
        var risks = metrics.workers.flatMap(self.risks)
        risks += FormerWorker.all(self).map { Risk(kind: .unlisted, worker: $0.id, text: $0.sentence) }
        for use in budgetUses where chronicle.closed == nil ? use.level != nil : use.isExceeded {
            risks.append(Risk(kind: use.isOver ? .overBudget : .nearBudget, worker: nil, text: "\(use.share(of: "the")) is used"))
        }
        let forecast = Forecast(self)
        if let late = forecast.late, late > 0, !forecast.isOver {
            risks.append(Risk(kind: .late, worker: nil, text: "the end is expected \(ReportText.duration(late)) after it is due"))
        }
        return risks
    }

    private func risks(of worker: MetricsReport.Worker) -> [Risk] {
        let record = worker.status.record, figures = worker.status.figures
        var found: [Risk] = []
        func add(_ kind: Risk.Kind, _ text: String, quote: String? = nil) {
            found.append(Risk(kind: kind, worker: worker.id, text: text, quote: quote))
        }
        switch record.state {
        case .failed: add(.failed, "failed", quote: record.reason)
        case .blocked where record.causes.contains(.conflict): add(.conflict, "held by a conflict", quote: record.reason)
        // What blocks it is a risk already.
        case .blocked where worker.onlyWaitsForFailed: break
        case .blocked: add(.blocked, "blocked", quote: record.reason ?? Cause.text(of: record.causes))
        default: break
        }
        switch worker.status.health {
        case .crashed: add(.crashed, "its supervisor died")
        case .drifted: add(.drifted, "drifted from the plan or from its branch")
        default: break
        }
        if let since = worker.status.stuckSince, chronicle.closed == nil {
            // What was stopped has had no more time to give one.
            let end = record.state == .active ? now : record.stateSince ?? now
            let quiet = max(0, end.milliseconds - since.milliseconds)
            add(.stuck, "stuck: no commit, changed file, event or output for \(ReportText.duration(quiet))")
        }
        // A complete worker uses no more: only what it used too much is worth a word.
        for use in worker.budgetUses where use.isExceeded || (use.level != nil && record.state != .complete && chronicle.closed == nil) {
            add(use.isOver ? .overBudget : .nearBudget, "used \(use.share(of: "its"))")
        }
        if worker.isBeyondPlan, record.state != .complete, chronicle.closed == nil, let planned = worker.plannedMilliseconds {
            add(.overPlanned, "active for \(ReportText.duration(worker.times.active)), planned \(ReportText.duration(planned))")
        }
        if !figures.stranded.isEmpty { add(.stranded, "\(Figures.plural(figures.stranded.count, "commit")) after what was completed") }
        if figures.integration == .reverted { add(.reverted, "landed and was reverted") }
        if chronicle.closed == nil, let behind = figures.behind, behind > 0, !figures.integration.isIntegrated,
            (figures.ownCommits ?? 0) > 0
        {
            add(.staleBase, "\(Figures.plural(behind, "commit")) behind \(worker.status.base)")
        }
        return found
    }
}
