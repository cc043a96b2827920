/// The answer of `czar metrics`: every figure of SPEC section 8, per worker and in total.
package struct MetricsReport: Hashable, Sendable {
    package let generatedAt: Timestamp
    /// Where its times end: when the phase was closed, else at ``generatedAt``.
    package let end: Timestamp
    package let phase: PhaseID
    package let target: String
    package let workers: [Worker]
    /// Workers that have left the plan and that something was made or run for; what they used is in the totals, what they changed is not.
    package let former: [Worker]
    package let totals: Totals
    package let samples: [Chronicle.Sample]

    /// One worker's figures: those of the status, and its times.
    package struct Worker: Hashable, Sendable {
        package let status: StatusReport.Worker
        package let times: Times

        /// The share of its token budget, in per cent; nil without a budget.
        package var budgetPercent: Int64? { percent(status.record.tokens.used ?? 0, of: status.definition.budget.tokens) }

        /// How much of each limit of its own budget is used.
        var budgetUses: [BudgetUse] {
            BudgetUse.of(status.definition.budget, tokens: status.record.tokens.used, milliseconds: times.active)
        }

        /// Own commits in an hour of active time; nil before the first minute.
        package var commitsPerHour: Double? {
            guard let commits = status.figures.ownCommits, times.active >= 60_000 else { return nil }
            return Double(commits) * 3_600_000 / Double(times.active)
        }
    }

    /// Milliseconds in each kind of state.
    package struct Times: Hashable, Sendable {
        /// Pending, ready or starting.
        package var waiting: Int64 = 0
        package var active: Int64 = 0
        package var blocked: Int64 = 0
        package var paused: Int64 = 0

        static func + (left: Times, right: Times) -> Times {
            Times(
                waiting: left.waiting + right.waiting, active: left.active + right.active, blocked: left.blocked + right.blocked,
                paused: left.paused + right.paused)
        }
    }

    /// Sums over the workers; of commits and changes those of ``JointWork``. A figure that is unknown for some worker is a sum of the others,
    /// and ``unknown`` counts those.
    package struct Totals: Hashable, Sendable {
        package var times = Times()
        /// Each commit once, however many branches hold it; nil when some history cannot be read.
        package var ownCommits: Int?
        package var files = GitFigures.FileCounts()
        package var lines = GitFigures.LineCounts(inserted: 0, deleted: 0)
        package var testsAdded = 0
        package var testFiles = 0
        /// Nil when some worktree cannot be looked at.
        package var dirtyFiles: Int? = 0
        package var tokens: Int64?
        /// The part of ``tokens`` that workers used which have left the plan.
        package var formerTokens: Int64?
        package var budgetTokens: Int64?
        /// In US dollars, as far as agents said so.
        package var cost: Double?
        /// Workers that used tokens and whose agents did not say what those cost.
        package var withoutCost = 0
        package var complete = 0
        package var integrated = 0
        /// Workers of which it could not be found out whether they are integrated.
        package var withoutIntegration = 0
        package var workers = 0
        /// Workers with a branch whose commits, files or lines could not be found out.
        package var unknown = 0
        /// From the phase's beginning to now, to its last completion when all are complete, or else to its closing; nil before the beginning.
        package var elapsed: Int64?

        package var budgetPercent: Int64? { percent(tokens ?? 0, of: budgetTokens) }
        /// Completed workers a day since the phase began.
        package var completedPerDay: Double? { perDay(complete) }
        package var commitsPerDay: Double? { ownCommits.flatMap(perDay) }
        package var linesPerDay: Double? { perDay(lines.inserted + lines.deleted) }

        private func perDay(_ count: Int) -> Double? {
            guard let elapsed, elapsed >= 60_000 else { return nil }
            return Double(count) * 86_400_000 / Double(elapsed)
        }
    }

    package init(_ status: StatusReport, former: [StatusReport.Worker] = [], _ chronicle: Chronicle, work: JointWork) {
        (generatedAt, phase, target, samples) = (status.generatedAt, chronicle.phase, status.target, chronicle.samples)
        end = chronicle.end
        workers = status.workers.map { Worker(status: $0, times: Times($0.definition.id, chronicle)) }
        self.former = former.map { Worker(status: $0, times: Times($0.definition.id, chronicle)) }
        var totals = Totals()
        totals.ownCommits = work.ownCommits
        (totals.files, totals.lines, totals.testsAdded, totals.testFiles) = (work.files, work.lines, work.testsAdded, work.testFiles)
        (totals.tokens, totals.budgetTokens, totals.cost) = (status.tokens, status.budgetTokens, status.cost)
        totals.formerTokens = status.formerTokens
        totals.withoutCost = status.former.count { $0.tokens.used != nil && $0.tokens.cost == nil }
        (totals.workers, totals.complete) = (workers.count, status.count(.complete))
        totals.elapsed = chronicle.began.map { max(0, Self.end(status, chronicle).milliseconds - $0.milliseconds) }
        for worker in workers { totals.add(worker) }
        self.totals = totals
    }

    /// Now, or when the phase was closed; once everything is complete, the last completion.
    private static func end(_ status: StatusReport, _ chronicle: Chronicle) -> Timestamp {
        guard !status.workers.isEmpty, status.count(.complete) == status.workers.count else { return chronicle.end }
        return status.workers.compactMap { chronicle.lastEntry(of: $0.definition.id, into: .complete) }.max() ?? chronicle.end
    }
}

extension MetricsReport.Times {
    fileprivate init(_ id: WorkerID, _ chronicle: Chronicle) {
        waiting = chronicle.milliseconds(of: id, in: [.pending, .ready, .starting])
        active = chronicle.milliseconds(of: id, in: [.active])
        blocked = chronicle.milliseconds(of: id, in: [.blocked])
        paused = chronicle.milliseconds(of: id, in: [.paused])
    }
}

extension MetricsReport.Totals {
    fileprivate mutating func add(_ worker: MetricsReport.Worker) {
        let figures = worker.status.figures
        times = times + worker.times
        dirtyFiles = figures.worktree.isUnknown ? nil : dirtyFiles.map { $0 + figures.worktree.dirty }
        if worker.status.record.tokens.used != nil, worker.status.record.tokens.cost == nil { withoutCost += 1 }
        if figures.integration.isIntegrated { integrated += 1 }
        if figures.lacksIntegration { withoutIntegration += 1 }
        if figures.tip != nil, figures.files == nil || figures.lines == nil || figures.ownCommits == nil { unknown += 1 }
    }
}

extension GitFigures.Integration {
    /// Whether the target contains the change.
    package var isIntegrated: Bool { self == .ancestor || self == .patch || self == .squash }

    /// How the target contains it, in a column or behind a yes.
    package var sentence: String {
        switch self {
        case .no: "no"
        case .ancestor: "merged"
        case .patch: "as the same patches"
        case .squash: "as one change"
        case .reverted: "landed and reverted"
        }
    }

    /// The same as a sentence of its own: `merged into main`.
    package func sentence(on target: String) -> String {
        switch self {
        case .no: "not on \(target) yet"
        case .ancestor: "merged into \(target)"
        case .patch: "on \(target), as the same patches"
        case .squash: "on \(target), as one change"
        case .reverted: "landed on \(target) and was reverted"
        }
    }
}

func percent(_ used: Int64, of limit: Int64?) -> Int64? {
    guard let limit, limit > 0 else { return nil }
    let (product, overflow) = used.multipliedReportingOverflow(by: 100)
    return overflow ? used / limit * 100 : product / limit
}
