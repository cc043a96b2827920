import CzarPlanning

/// `czar status WORKER` for a terminal: one worker whole.
struct WorkerText {
    let worker: StatusReport.Worker
    let report: StatusReport
    let style: Style

    var text: String {
        var lines = [
            style.paint("\(worker.definition.displayName ?? worker.definition.id.rawValue)", .bold) + "  "
                + StateMark(worker.record.state).text(style)
        ]
        if let description = worker.definition.description { lines.append(DisplayText.safe(description)) }
        lines.append("")
        lines += facts.map { name, value in
            style.paint(name.padding(to: 13), .faint) + DisplayText.safe(LocalTime.sentence(value, now: report.generatedAt))
        }
        lines += section(
            "Tasks", worker.tasks.map { "\($0.done ? style.symbol("✓", ascii: "x") : style.symbol("·", ascii: "-")) \($0.text)" })
        lines += section("Latest", worker.record.latest.reversed().map(line))
        for item in report.attention where item.worker == worker.definition.id {
            // This very answer is no next step.
            lines += section(
                "Needs you",
                DisplayText.wrapped(LocalTime.sentence(item.why, now: report.generatedAt), to: (style.width ?? .max) - 2)
                    + item.commands.filter { $0 != "czar status \(item.worker)" })
        }
        return lines.joined(separator: "\n")
    }

    private var facts: [(String, String)] {
        let record = worker.record, figures = worker.figures, now = report.generatedAt
        var facts: [(String, String)] = [("branch", worker.branch.rawValue), ("base", worker.base)]
        if worker.claimsComplete, record.state != .complete {
            facts.append(("claims", "to be complete; 'czar complete \(worker.definition.id)' holds that against what is committed"))
        }
        if let reason = record.reason { facts.append(("why", reason)) }
        let waits = worker.waitingFor.map { wait in wait.worker.map { "\($0) (\(wait.why))" } ?? wait.why }
        if !waits.isEmpty { facts.append(("waits for", waits.joined(separator: ", "))) }
        if [.starting, .active].contains(record.state), !record.person, let progress = worker.lastProgress {
            facts.append(("now", "\(progress.text) (\(Figures.age(of: progress.time, at: now)) ago)"))
        }
        if let path = figures.worktree.path {
            facts.append(("worktree", path + (figures.worktree.state == .ok ? "" : " (\(figures.worktree.state))")))
            if let problem = figures.worktree.problem { facts.append(("problem", problem)) }
        }
        if let tip = figures.tip { facts.append(("tip", "\(tip.short) \(figures.lastCommit?.subject ?? "")")) }
        if let ahead = figures.ahead, let behind = figures.behind {
            let own = figures.ownCommits.map { "\($0) of its own" } ?? "which are its own is not known"
            facts.append(("commits", "\(ahead) ahead, \(behind) behind, \(own)"))
        }
        if let files = figures.files, let lines = figures.lines {
            facts.append(
                (
                    "changes",
                    "\(files.created) created, \(files.modified) modified, \(files.deleted) deleted, \(files.renamed) renamed; +\(lines.inserted) -\(lines.deleted) lines"
                ))
        }
        if figures.worktree.dirty > 0 {
            let tree = figures.worktree
            facts.append(
                (
                    "uncommitted",
                    "\(tree.staged) staged, \(tree.modified) modified, \(tree.untracked) untracked, \(tree.conflicted) conflicted"
                ))
        }
        if figures.integration != .no { facts.append(("landed", figures.nothingToLand ?? figures.integration.sentence(on: report.target))) }
        if let started = record.startedAt { facts.append(("started", LocalTime.dayAndClock(started))) }
        if let ended = record.endedAt { facts.append(("ended", LocalTime.dayAndClock(ended))) }
        let active = record.activeMilliseconds(at: now) / 1000
        if active > 0 { facts.append(("active", Figures.duration(seconds: active))) }
        if let used = record.tokens.used {
            facts.append(("tokens", Figures.count(used) + (worker.definition.budget.tokens.map { " of \(Figures.count($0))" } ?? "")))
        }
        if let cost = record.tokens.cost { facts.append(("cost", Figures.dollars(cost) + ", as its agent says")) }
        if !record.attempts.isUntried {
            facts.append(("attempt", "\(record.attempts.count)" + (record.attempts.lastEnd.map { ", the last \($0.outcome)" } ?? "")))
        }
        if let log = worker.log { facts.append(("log", log)) }
        if let problem = figures.problem { facts.append(("unknown", problem)) }
        return facts
    }

    /// On one line of a terminal: `czar events` has the rest.
    private func line(_ entry: JournalEntry) -> String {
        let text = DisplayText.safe("\(EntryText(entry: entry).number) \(EntryText(entry: entry).text)")
        return style.width.map { DisplayText.cut(text, to: $0 - 2, ellipsis: style.symbol("…", ascii: "...")) } ?? text
    }

    private func section(_ title: String, _ items: [String]) -> [String] {
        items.isEmpty ? [] : ["", style.paint(title, .bold)] + items.map { "  " + DisplayText.safe($0) }
    }
}

extension String {
    fileprivate func padding(to width: Int) -> String { self + String(repeating: " ", count: max(1, width - count)) }
}
