import CzarKit
import CzarPlanning

/// `czar status` for a terminal.
struct StatusText {
    let report: StatusReport
    let style: Style
    var order = StatusOrder.plan
    /// Every worker has its row, however many there are.
    var showsAll = false
    /// How many rows and sentences there may be at most.
    private var (mostRows, mostSentences) = (FoldedRows.most, 10)

    init(report: StatusReport, style: Style) { (self.report, self.style) = (report, style) }

    /// Who needs a person, why and what helps, a line each, and how far everything is: for the morning after. `czar status` has the
    /// sentences whole.
    func morning() -> String {
        guard !report.attention.isEmpty else { return "nothing needs you\n" + summary }
        let items = Dictionary(grouping: report.attention, by: \.worker)
        let workers = order.sorted(report.workers.filter { items[$0.definition.id] != nil })
        let rows = FoldedRows(workers, most: showsAll || style.width == nil ? .max : FoldedRows.most)
        // Workers that left the plan have no row of their own.
        let listed = Set(workers.map(\.definition.id))
        let shown = report.attention.filter { !listed.contains($0.worker) } + rows.shown.flatMap { items[$0.definition.id] ?? [] }
        let needs = shown.map { item in
            AttentionLines.Need(
                worker: item.worker.rawValue, why: DisplayText.safe(local(item.why)),
                command: DisplayText.safe(item.commands.first ?? ""))
        }
        let lines = AttentionLines(needs: needs, style: style).lines + (rows.rest.map { [style.paint($0, .faint)] } ?? [])
        let last = style.width.map { DisplayText.cut(totals, to: $0, ellipsis: style.symbol("…", ascii: "~")) } ?? totals
        return (lines + [last]).joined(separator: "\n")
    }

    /// The table, the totals and what needs a person.
    func overview() -> String {
        var table = Table(columns: Self.columns)
        let workers = order.sorted(report.workers)
        // What is no terminal is read by a program, which looks for rows.
        let rows = FoldedRows(workers, most: showsAll || style.width == nil ? .max : mostRows)
        for worker in rows.shown { table.rows.append(row(worker)) }
        var lines = table.lines(style)
        if let rest = rows.rest { lines.append(style.paint(rest, .faint)) }
        lines.append("")
        lines.append(summary)
        if !report.unlisted.isEmpty {
            lines.append("no longer in the plan: " + report.unlisted.map { "\($0.key.id) (\($0.state))" }.joined(separator: ", "))
        }
        lines += report.openPhases.map(\.sentence)
        lines += attention
        if let firstStep { lines.append(firstStep) }
        return lines.joined(separator: "\n")
    }

    /// The same on so many lines: what needs a person has half of them at most, and the rows that matter least go.
    func overview(fittedTo height: Int) -> String {
        var text = self
        while text.mostSentences > 1, text.attention.count > height / 2 { text.mostSentences -= 1 }
        text.mostRows = min(mostRows, report.workers.count)
        while true {
            let picture = text.overview()
            let excess = picture.count { $0 == "\n" } + 1 - height
            if excess <= 0 || text.mostRows <= 1 { return picture }
            text.mostRows = max(1, text.mostRows - excess)
        }
    }

    /// Where nothing was ever started nothing needs anybody, and the plan's author wants to know how it goes on.
    private var firstStep: String? {
        guard report.daemon == nil, report.attention.isEmpty, !report.isOfFormerPhase,
            report.workers.allSatisfy({
                [.pending, .ready].contains($0.record.state) && $0.record.attempts.isUntried && !$0.record.person
            }),
            let first = report.workers.first(where: { $0.waitingFor.isEmpty })
        else { return nil }
        if let commit = report.firstCommit { return "next: \(commit)" }
        // A run would begin again what an old project may have finished.
        // A branch without a commit of its own proves nothing.
        let claiming = report.workers.first { worker in
            worker.claimsComplete
                && (worker.record.creation == nil || worker.record.declaration == nil || worker.figures.ownCommits != 0
                    || worker.definition.allowEmpty)
        }
        if let claiming {
            let id = claiming.definition.id
            let create = claiming.record.creation?.worktree == nil ? "czar create \(id) && " : ""
            return claiming.record.declaration == nil
                ? "next: czar import   (what the old project says happened; '\(id)' claims to be complete)"
                : "next: \(create)czar complete \(id)   (proves what it claims; 'czar run' starts it anew)"
        }
        return "next: czar run, or czar start \(first.definition.id)"
    }

    private static let columns = [
        Table.Column(title: "WORKER", rank: 0, holdsNames: true), Table.Column(title: "STATE", rank: 0),
        Table.Column(title: "COMMITS", rank: 2, alignsRight: true), Table.Column(title: "LINES", rank: 4, alignsRight: true),
        Table.Column(title: "DIRTY", rank: 5, alignsRight: true), Table.Column(title: "TASKS", rank: 6, alignsRight: true),
        Table.Column(title: "TOKENS", rank: 7, alignsRight: true), Table.Column(title: "SEEN", rank: 3, alignsRight: true),
        Table.Column(title: "NOW", rank: 1, isFlexible: true),
    ]

    private func row(_ worker: StatusReport.Worker) -> [Table.Cell] {
        [
            Table.Cell(worker.definition.id.rawValue, .bold), state(worker), commits(worker), lines(worker), dirty(worker), tasks(worker),
            tokens(worker), seen(worker), Table.Cell(local(now(worker)), .faint),
        ]
    }

    private func state(_ worker: StatusReport.Worker) -> Table.Cell {
        let mark = StateMark(worker.record.state)
        return Table.Cell(mark.plain(style), mark.tone)
    }

    private func commits(_ worker: StatusReport.Worker) -> Table.Cell {
        guard worker.figures.tip != nil else { return Table.Cell("") }
        let ahead = worker.figures.ahead.map { String($0) } ?? "?"
        let behind = worker.figures.behind.map { String($0) } ?? "?"
        let text = style.usesASCII ? "+\(ahead)/-\(behind)" : "↑\(ahead) ↓\(behind)"
        return Table.Cell(text, ahead == "0" ? .faint : .plain)
    }

    private func lines(_ worker: StatusReport.Worker) -> Table.Cell {
        guard let lines = worker.figures.lines else { return Table.Cell("") }
        let minus = style.symbol("−", ascii: "-")
        return Table.Cell("+\(Figures.count(Int64(lines.inserted))) \(minus)\(Figures.count(Int64(lines.deleted)))")
    }

    private func dirty(_ worker: StatusReport.Worker) -> Table.Cell {
        switch worker.figures.worktree.state {
        case .none: Table.Cell("")
        case .missing: Table.Cell("missing", .red)
        case .unreadable: Table.Cell("unreadable", .red)
        default:
            worker.figures.worktree.conflicted > 0
                ? Table.Cell("\(worker.figures.worktree.dirty)!", .red)
                : Table.Cell(worker.figures.worktree.dirty == 0 ? "" : String(worker.figures.worktree.dirty), .yellow)
        }
    }

    private func tasks(_ worker: StatusReport.Worker) -> Table.Cell {
        worker.tasks.isEmpty ? Table.Cell("") : Table.Cell("\(worker.tasks.count { $0.done })/\(worker.tasks.count)")
    }

    private func tokens(_ worker: StatusReport.Worker) -> Table.Cell {
        guard let used = worker.record.tokens.used else { return Table.Cell("") }
        let isOver = worker.definition.budget.tokens.map { used >= $0 } ?? false
        return Table.Cell(Figures.count(used), isOver ? .red : .plain)
    }

    private func seen(_ worker: StatusReport.Worker) -> Table.Cell {
        guard worker.record.state != .pending, let progress = worker.lastProgress else { return Table.Cell("") }
        return Table.Cell(Figures.age(of: progress.time, at: report.generatedAt), worker.health == .stuck ? .red : .faint)
    }

    private func local(_ sentence: String) -> String { LocalTime.sentence(sentence, now: report.generatedAt) }

    /// What it does now, or why it waits.
    private func now(_ worker: StatusReport.Worker) -> String {
        switch worker.record.state {
        case .blocked, .paused, .failed:
            let why = worker.record.reason ?? Cause.text(of: worker.record.causes)
            guard let due = worker.retryAt else { return why }
            return "tried again in \(Figures.duration(seconds: Int64(max(0, due.seconds(since: report.generatedAt))))): \(why)"
        case .complete:
            let landed =
                switch worker.figures.integration {
                case .no: ""
                case .reverted: "reverted"
                case let how: "integrated (\(how.rawValue))"
                }
            return worker.figures.stranded.isEmpty ? landed : Figures.plural(worker.figures.stranded.count, "stranded commit")
        case .pending, .ready, .starting, .active: break
        }
        if worker.claimsComplete { return "claims to be complete" }
        let waits = worker.waitingFor.map { wait in wait.worker.map { "\($0) (\(wait.why))" } ?? wait.why }
        if !waits.isEmpty { return "waits for " + waits.joined(separator: ", ") }
        switch worker.record.state {
        case .active, .starting:
            if worker.health == .crashed { return "its supervisor died" }
            if worker.record.person { return "a person works there" }
            return worker.lastProgress?.text ?? ""
        case .pending, .ready: return report.daemon == nil ? "" : "starts next"
        default: return ""
        }
    }

    /// Broken between its parts only where it is longer than the terminal is wide: a figure stays with what it counts.
    private var summary: String {
        guard let width = style.width else { return totals }
        let space = " ", kept = "\u{A0}"
        let parts = totals.replacing(space, with: kept).replacing("," + kept, with: ", ").replacing(";" + kept, with: "; ")
        return DisplayText.wrapped(parts, to: width).joined(separator: "\n").replacing(kept, with: space)
    }

    private var totals: String {
        let states = WorkerState.allCases.filter { report.count($0) > 0 }.map { "\(report.count($0)) \($0)" }
        var text = "\(Figures.plural(report.workers.count, "worker")) on \(report.base): " + states.joined(separator: ", ")
        if let tokens = report.tokens {
            text += "; \(Figures.count(tokens))" + (report.budgetTokens.map { " of \(Figures.count($0))" } ?? "") + " tokens"
        }
        if let cost = report.cost { text += "; " + Figures.dollars(cost) }
        if let closed = report.closedAt { text += "; the phase was closed \(Zone.local.minute(closed))" }
        return text + (report.daemon.map { "; czar run is active (pid \($0.pid))" } ?? "")
    }

    private var attention: [String] {
        guard !report.attention.isEmpty else { return [] }
        let shown = report.attention.prefix(mostSentences)
        var lines = ["", style.paint("Needs you", .bold)]
        lines += shown.flatMap(sentence)
        if report.attention.count > shown.count { lines.append("  and \(report.attention.count - shown.count) more") }
        return lines
    }

    /// Why a worker needs a person, whole, and below it what to do.
    private func sentence(_ item: StatusReport.Attention) -> [String] {
        let sentence = DisplayText.wrapped("\(item.worker): \(DisplayText.safe(local(item.why)))", to: (style.width ?? .max) - 6)
        let first = "  " + style.paint(item.worker.rawValue, .bold) + sentence[0].dropFirst(item.worker.rawValue.count)
        let commands = item.commands.prefix(2).map { style.paint($0, .cyan) }
        return [first] + sentence.dropFirst().map { "      " + $0 }
            + (commands.isEmpty ? [] : ["    " + commands.joined(separator: "  or  ")])
    }
}
