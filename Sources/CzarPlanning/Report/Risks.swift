/// Something that may keep the work from ending as planned.
package struct Risk: Hashable, Sendable {
    package enum Kind: String, Hashable, Sendable, CaseIterable {
        case stuck, crashed, failed, blocked, conflict, drifted, stranded, reverted
        case overBudget = "over-budget"
        case nearBudget = "near-budget"
        case staleBase = "stale-base"
        case late
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
    /// The workers' risks in the plan's order, then those of the whole.
    var risks: [Risk] {
        var risks = metrics.workers.flatMap(self.risks)
        if let share = metrics.totals.budgetPercent, share >= 80 {
            risks.append(Risk(kind: share > 100 ? .overBudget : .nearBudget, worker: nil, text: "\(share) % of the token budget is used"))
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
        case .stuck: add(.stuck, "stuck: no commit, changed file, event or output for \(ReportText.duration(quiet(worker)))")
        case .crashed: add(.crashed, "its supervisor died")
        case .drifted: add(.drifted, "drifted from the plan or from its branch")
        case .overBudget where worker.budgetPercent ?? 0 <= 100: add(.overBudget, "over its time budget")
        default: break
        }
        if let share = worker.budgetPercent, share >= 80, record.state != .complete || share > 100 {
            add(share > 100 ? .overBudget : .nearBudget, "used \(share) % of its token budget")
        }
        if !figures.stranded.isEmpty { add(.stranded, "\(Figures.plural(figures.stranded.count, "commit")) after what was completed") }
        if figures.integration == .reverted { add(.reverted, "landed and was reverted") }
        if let behind = figures.behind, behind > 0, !figures.integration.isIntegrated, (figures.ownCommits ?? 0) > 0 {
            add(.staleBase, "\(Figures.plural(behind, "commit")) behind \(worker.status.base)")
        }
        return found
    }

    private func quiet(_ worker: MetricsReport.Worker) -> Int64 {
        let heard = [worker.status.lastProgress?.time, worker.status.record.stateSince].compactMap { $0 }.max() ?? now
        return max(0, now.milliseconds - heard.milliseconds)
    }
}
