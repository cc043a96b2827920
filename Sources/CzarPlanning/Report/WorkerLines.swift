/// What reports say about one worker in a line.
extension MetricsReport.Worker {
    var id: WorkerID { status.definition.id }
    /// Whether nothing but a failed dependency holds it.
    var onlyWaitsForFailed: Bool { status.record.state == .blocked && status.record.causes == [.dependencyFailed] }
    var doneTasks: Int { status.tasks.count { $0.done } }

    /// `1,150,000 of 1,200,000 tokens (95 %), $3.10`; nil where nothing is known.
    var tokenText: String? {
        let tokens = ReportText.tokens(status.record.tokens.used, of: status.definition.budget.tokens)
        let parts = [tokens, status.record.tokens.cost.map(Figures.dollars)].compactMap { $0 }
        return parts.isEmpty ? nil : parts.joined(separator: ", ")
    }

    /// `3 commits, 4 files, +40 −3 lines, 2 tests`; nil without a branch or a change.
    var changeText: String? {
        guard let commits = status.figures.ownCommits, commits > 0 else { return nil }
        var parts = [Figures.plural(commits, "commit")]
        if let files = status.figures.files { parts.append(Figures.plural(files.all, "file")) }
        if let lines = status.figures.lines { parts.append("+\(Figures.grouped(lines.inserted)) −\(Figures.grouped(lines.deleted)) lines") }
        if let tests = status.figures.testsAdded, tests != 0 { parts.append(Figures.plural(tests, "test") + (tests > 0 ? " added" : "")) }
        return parts.joined(separator: ", ")
    }

    /// `5 of 9 tasks (55 %)`, `5 tasks done` where nobody knows of how many; nil without tasks.
    var taskText: String? {
        guard status.tasksAreKnown else { return doneTasks > 0 ? "\(Figures.plural(doneTasks, "task")) done" : nil }
        return status.tasks.isEmpty
            ? nil
            : "\(doneTasks) of \(Figures.plural(status.tasks.count, "task")) (\(ReportText.roundedPercent(doneTasks, of: status.tasks.count)) %)"
    }

    var plannedMilliseconds: Int64? { status.definition.plannedDuration.map { $0.components.seconds * 1000 } }

    /// Whether it has been active for longer than planned.
    var isBeyondPlan: Bool { plannedMilliseconds.map { times.active > $0 } ?? false }

    /// `5h active of 3d planned`; without a plan the same as ``activeText``.
    var plannedText: String? {
        guard let planned = plannedMilliseconds else { return activeText }
        return "\(ReportText.duration(times.active)) active of \(ReportText.duration(planned)) planned"
    }

    var activeText: String? { times.active > 0 ? "\(ReportText.duration(times.active)) active" : nil }

    /// Why it does not go on: a reason of its own, or who it waits for.
    var holdLine: Line {
        if onlyWaitsForFailed, let reason = status.record.reason { return Line("cannot go on, because \(Self.cause(reason))") }
        // What a worker wrote is quoted; Czar's own sentences need not be.
        if let reason = status.record.reason { return Line([status.record.causes.contains(.event) ? .code(reason) : .text(reason)]) }
        if !status.record.causes.isEmpty { return Line(Cause.text(of: status.record.causes)) }
        return waitLine ?? "no reason was recorded"
    }

    /// `'api' failed`, of `'ui' is blocked: 'api' failed` that it depends on `'ui'`, and `'api'` failed.
    private static func cause(_ reason: String) -> String {
        let steps = reason.split(separator: " is blocked: ")
        return steps.count < 2 ? reason : "it depends on \(steps[0]), and \(steps[steps.count - 1])"
    }

    /// `waits for core (active) and api (pending)`; nil when it waits for nothing.
    var waitLine: Line? {
        guard !status.waitingFor.isEmpty else { return nil }
        var line: Line = "waits for "
        for (index, wait) in status.waitingFor.enumerated() {
            if index > 0 { line = line + (index == status.waitingFor.count - 1 ? " and " : ", ") }
            if let other = wait.worker { line = line + "\(worker: other) (\(wait.why))" } else { line = line + Line(wait.why) }
        }
        return line
    }

    /// The newest sign of life: `commit 2h ago: …`.
    func latestLine(at now: Timestamp) -> Line? {
        guard let progress = status.lastProgress else { return nil }
        // What was printed, and which of the files was changed last, is for who looks on.
        let isNamed = progress.kind == .commit || progress.kind == .event
        let age = Figures.duration(seconds: Int64(max(0, now.seconds(since: progress.time))))
        let line: Line = "latest \(progress.kind == .file ? "file change" : progress.kind.rawValue) \(age) ago"
        return isNamed ? line + ": \(code: progress.text)" : line
    }

    /// Its id, and what people call it where that is another name.
    private var nameLine: Line {
        guard let name = status.definition.displayName, name != id.rawValue else { return "\(worker: id)" }
        return "\(worker: id) (\(name))"
    }

    /// The worker's name, then what is known, separated by semicolons.
    func line(_ parts: [Line?]) -> Line {
        var known = parts.compactMap { $0 }.filter { !$0.isEmpty }
        if known.isEmpty, status.record.person { known = ["a person works there"] }
        if known.isEmpty, status.record.state == .active { known = ["at work, with nothing to show yet"] }
        if known.isEmpty, status.record.state == .starting { known = ["about to begin"] }
        guard !known.isEmpty else { return nameLine }
        var line = nameLine + ": "
        for (index, part) in known.enumerated() { line = index == 0 ? line + part : line + "; " + part }
        return line
    }
}

extension GitFigures {
    /// Whether what was merged are not the commits that are counted here, but those before them.
    var isMergedBeforeRest: Bool { !stranded.isEmpty && integration.isIntegrated }

    /// Said of a branch that adds nothing, whatever contains it; nil for others.
    package var nothingToLand: String? { ownCommits == 0 && integration.isIntegrated ? "nothing to land" : nil }
}

extension GitFigures.FileCounts {
    /// Changed files of every kind.
    package var all: Int { created + modified + deleted + renamed }
}

extension Document.Block {
    /// A list that stays readable: of many items the first, and how many more there are.
    static func list(_ items: [Line], atMost limit: Int, rest: Line) -> Document.Block {
        items.count <= limit ? .list(items) : .list(items.prefix(limit) + ["and \(Figures.grouped(items.count - limit)) more: \(rest)"])
    }
}

/// Figures in the words of reports.
enum ReportText {
    static func duration(_ milliseconds: Int64) -> String { Figures.duration(seconds: milliseconds / 1000) }

    static func tokens(_ used: Int64?, of budget: Int64?) -> String? {
        switch (used, budget) {
        case (nil, nil): nil
        case (let used?, nil): "\(Figures.grouped(used)) \(used == 1 ? "token" : "tokens")"
        case (let used, let budget?):
            "\(Figures.grouped(used ?? 0)) of \(Figures.grouped(budget)) tokens (\(Figures.grouped(percent(used ?? 0, of: budget) ?? 0)) %)"
        }
    }

    /// `2 of 7 (29 %)`.
    static func share(_ count: Int, of all: Int) -> String {
        all == 0 ? "0 of 0" : "\(count) of \(all) (\(roundedPercent(count, of: all)) %)"
    }

    /// Rounded; but only nothing is 0, and only all is 100.
    static func roundedPercent(_ count: Int, of all: Int) -> Int {
        guard count > 0, count < all else { return count > 0 ? 100 : 0 }
        return min(99, max(1, (count * 200 + all) / (all * 2)))
    }

    static func optional(_ text: String?) -> Line? { text.map { Line($0) } }

    /// At most three decimals' worth of an amount a day.
    static func rate(_ value: Double?) -> String {
        guard let value else { return "unknown" }
        return value >= 10 ? Figures.grouped(Int64(value.rounded())) : JSONValue.number((value * 10).rounded() / 10).text
    }
}

extension Line {
    init(_ text: String?) { self.init(text ?? "") }
}
