extension MetricsReport {
    /// The two text forms that Prometheus reads.
    package enum Exposition: Sendable { case prometheus, openMetrics }

    /// Every figure as a metric: base units, unit last in the name, counters with `_total`, a help line each.
    ///
    /// An unknown figure has no sample. In the older form a counter's family is named with `_total`, in OpenMetrics without.
    package func exposition(_ form: Exposition) -> String {
        var writer = ExpositionWriter(form: form)
        let all = workers.map { worker in (labels(worker), worker) }
        func each(_ name: String, _ help: String, isCounter: Bool = false, unit: String? = nil, _ value: (Worker) -> Double?) {
            writer.family(
                name, help, isCounter: isCounter, unit: unit, all.compactMap { labels, worker in value(worker).map { (labels, $0) } })
        }
        func count(_ value: Int?) -> Double? { value.map(Double.init) }
        writer.family(
            "czar_worker_state", "Whether a worker is in a state (1) or not (0).",
            all.flatMap { labels, worker in
                WorkerState.allCases.map { (labels + [("state", $0.rawValue)], worker.status.record.state == $0 ? 1.0 : 0) }
            })
        each("czar_worker_integrated", "Whether the target contains the worker's change (1) or not (0).") {
            $0.status.figures.tip == nil || $0.status.figures.lacksIntegration ? nil : $0.status.figures.integration.isIntegrated ? 1 : 0
        }
        each("czar_worker_own_commits", "Commits of the branch that neither its base nor its fork point has.") {
            count($0.status.figures.ownCommits)
        }
        each("czar_worker_commits", "Commits that the branch's tip reaches, those of its base among them.") {
            count($0.status.figures.total)
        }
        each("czar_worker_commits_ahead", "Commits of the branch that its base does not have.") { count($0.status.figures.ahead) }
        each("czar_worker_commits_behind", "Commits of the base that the branch does not have.") { count($0.status.figures.behind) }
        writer.family(
            "czar_worker_files", "Files that the branch changes, by kind of change.",
            all.flatMap { labels, worker in
                Self.changes.compactMap { name, path in
                    worker.status.figures.files.map { (labels + [("change", name)], Double($0[keyPath: path])) }
                }
            })
        writer.family(
            "czar_worker_lines", "Lines that the branch inserts and deletes.",
            all.flatMap { labels, worker in
                worker.status.figures.lines.map {
                    [(labels + [("change", "inserted")], Double($0.inserted)), (labels + [("change", "deleted")], Double($0.deleted))]
                } ?? []
            })
        each("czar_worker_tests_added", "Test declarations in added lines minus those in removed ones.") {
            count($0.status.figures.testsAdded)
        }
        each("czar_worker_dirty_files", "Changed and untracked files of the worktree.") {
            count($0.status.figures.worktree.knownDirty)
        }
        each("czar_worker_own_commits_per_active_hour", "Own commits in an hour of active time.") { $0.commitsPerHour }
        each("czar_worker_tasks", "Tasks of the worker's list.") { count($0.status.taskCounts?.all) }
        each("czar_worker_tasks_done", "Tasks that are ticked or reported done.") { count($0.status.taskCounts?.done) }
        each("czar_worker_tokens", "Tokens used by all attempts.", isCounter: true) { $0.status.record.tokens.used.map(Double.init) }
        each("czar_worker_token_budget", "Tokens that the worker may use.") { $0.status.definition.budget.tokens.map(Double.init) }
        each("czar_worker_cost_usd", "What the worker's agents say their attempts cost, in US dollars.", isCounter: true, unit: "usd") {
            $0.status.record.tokens.cost
        }
        each("czar_worker_attempts", "Runs of the worker's command.", isCounter: true) { Double($0.status.record.attempts.count) }
        let times: [(String, KeyPath<Times, Int64>)] = [
            ("active", \.active), ("waiting", \.waiting), ("blocked", \.blocked), ("paused", \.paused),
        ]
        writer.family(
            "czar_worker_time_seconds", "Time spent in each kind of state.", unit: "seconds",
            all.flatMap { labels, worker in times.map { (labels + [("kind", $0.0)], Double(worker.times[keyPath: $0.1]) / 1000) } })
        each("czar_worker_last_commit_timestamp_seconds", "When the tip was committed, since 1970.", unit: "seconds") {
            $0.status.figures.lastCommit?.time.map { Double($0.milliseconds) / 1000 }
        }
        each("czar_worker_test_files", "New and changed files that declare a test.") { count($0.status.figures.testFiles) }
        each("czar_worker_started_timestamp_seconds", "When the worker was started first, since 1970.", unit: "seconds") {
            $0.status.record.startedAt.map { Double($0.milliseconds) / 1000 }
        }
        each("czar_worker_ended_timestamp_seconds", "When the worker's last attempt ended, since 1970.", unit: "seconds") {
            $0.status.record.endedAt.map { Double($0.milliseconds) / 1000 }
        }
        writeTotals(&writer)
        return writer.text
    }

    private func writeTotals(_ writer: inout ExpositionWriter) {
        let labels = [("phase", phase.rawValue)]
        func one(_ name: String, _ help: String, isCounter: Bool = false, unit: String? = nil, _ value: Double?) {
            writer.family(name, help, isCounter: isCounter, unit: unit, value.map { [(labels, $0)] } ?? [])
        }
        one("czar_workers", "Workers of the phase.", Double(totals.workers))
        one("czar_workers_complete", "Workers that are complete.", Double(totals.complete))
        one("czar_workers_integrated", "Workers whose change the target contains.", Double(totals.integrated))
        one("czar_tests_added", "Test declarations that all workers add, shared history counted once.", Double(totals.testsAdded))
        one("czar_lines_inserted", "Lines that all workers insert, shared history counted once.", Double(totals.lines.inserted))
        one("czar_lines_deleted", "Lines that all workers delete, shared history counted once.", Double(totals.lines.deleted))
        one("czar_workers_completed_per_day", "Completed workers a day since the phase began.", totals.completedPerDay)
        one("czar_own_commits_per_day", "Own commits of all workers a day since the phase began.", totals.commitsPerDay)
        one("czar_lines_per_day", "Inserted and deleted lines of all workers a day since the phase began.", totals.linesPerDay)
        one("czar_own_commits", "Own commits of all workers, each counted once.", totals.ownCommits.map(Double.init))
        one(
            "czar_tokens", "Tokens used by all workers, also by those that have left the plan.", isCounter: true,
            totals.tokens.map(Double.init))
        one("czar_cost_usd", "What agents say that all workers cost, in US dollars.", isCounter: true, unit: "usd", totals.cost)
        one("czar_token_budget", "Tokens that all workers may use together.", totals.budgetTokens.map(Double.init))
        writer.family(
            "czar_files", "Files that all workers change, by kind of change, shared history counted once.",
            Self.changes.map { (labels + [("change", $0.0)], Double(totals.files[keyPath: $0.1])) })
        one(
            "czar_test_files", "New and changed files of all workers that declare a test, shared history counted once.",
            Double(totals.testFiles))
        one("czar_dirty_files", "Changed and untracked files of all worktrees.", totals.dirtyFiles.map(Double.init))
        one("czar_phase_elapsed_seconds", "Time since the phase began.", unit: "seconds", totals.elapsed.map { Double($0) / 1000 })
    }

    private static var changes: [(String, KeyPath<GitFigures.FileCounts, Int>)] {
        [("created", \.created), ("modified", \.modified), ("deleted", \.deleted), ("renamed", \.renamed)]
    }

    private func labels(_ worker: Worker) -> [(String, String)] {
        [("worker", worker.status.definition.id.rawValue), ("phase", worker.status.definition.phase.rawValue)]
    }
}

/// Writes metric families one after the other.
private struct ExpositionWriter {
    let form: MetricsReport.Exposition
    private var lines: [String] = []

    init(form: MetricsReport.Exposition) { self.form = form }

    /// Both forms may end with this line: in the older one it is a comment.
    var text: String { (lines + ["# EOF"]).joined(separator: "\n") + "\n" }

    mutating func family(
        _ name: String, _ help: String, isCounter: Bool = false, unit: String? = nil,
        _ samples: [(labels: [(String, String)], value: Double)]
    ) {
        guard !samples.isEmpty else { return }
        let sample = isCounter ? name + "_total" : name
        let family = form == .openMetrics ? name : sample
        lines.append("# HELP \(family) \(help)")
        lines.append("# TYPE \(family) \(isCounter ? "counter" : "gauge")")
        if form == .openMetrics, let unit { lines.append("# UNIT \(family) \(unit)") }
        for (labels, value) in samples {
            let text = labels.map { "\($0.0)=\"\(Self.escaped($0.1))\"" }.joined(separator: ",")
            lines.append("\(sample){\(text)} \(Self.number(value))")
        }
    }

    private static func number(_ value: Double) -> String {
        value == value.rounded() && abs(value) < 9e15 ? String(Int64(value)) : JSONValue.number(value).text
    }

    private static func escaped(_ text: String) -> String {
        text.map { $0 == "\\" ? "\\\\" : $0 == "\"" ? "\\\"" : $0 == "\n" ? "\\n" : String($0) }.joined()
    }
}
