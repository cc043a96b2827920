extension MetricsReport {
    /// The answer as JSON: `czar.metrics/1` (JSON.md).
    ///
    /// `isPast`: whether it is about a moment that has passed.
    package func json(isPast: Bool = false) -> JSONValue {
        var object = JSONObject()
        object.set("schema", "czar.metrics/1")
        object.set("generated_at", generatedAt.description)
        if isPast { object.set("past", true) }
        object.set("phase", phase.rawValue)
        object.set("workers", .array(workers.map { $0.json(target: target, now: end) }))
        object.set("totals", totals.json)
        object.set("samples", .array(samples.map(\.json)))
        return object.value
    }
}

extension MetricsReport.Worker {
    func json(target: String, now: Timestamp) -> JSONValue {
        var object = JSONObject(status.json(target: target, now: now, detailed: false))
        times.set(&object)
        object.setOrNull("dirty_files", status.figures.worktree.knownDirty.map { .integer($0) })
        object.set("budget_percent", budgetPercent.map { .integer($0) })
        object.set("commits_per_active_hour", commitsPerHour.map { .number($0) })
        return object.value
    }
}

extension MetricsReport.Times {
    fileprivate func set(_ object: inout JSONObject) {
        object.set("waiting_seconds", .integer(waiting / 1000))
        object.set("blocked_seconds", .integer(blocked / 1000))
        object.set("paused_seconds", .integer(paused / 1000))
    }
}

extension MetricsReport.Totals {
    package var json: JSONValue {
        var object = JSONObject()
        object.set("workers", workers)
        object.set("complete", complete)
        object.set("integrated", integrated)
        object.setOrNull("own_commits", ownCommits.map { .integer($0) })
        var counts = JSONObject()
        counts.set("created", files.created)
        counts.set("modified", files.modified)
        counts.set("deleted", files.deleted)
        counts.set("renamed", files.renamed)
        object.set("files", counts.value)
        var changed = JSONObject()
        changed.set("inserted", lines.inserted)
        changed.set("deleted", lines.deleted)
        object.set("lines", changed.value)
        object.set("tests_added", testsAdded)
        object.set("test_files", testFiles)
        object.setOrNull("dirty_files", dirtyFiles.map { .integer($0) })
        object.set("unknown", unknown)
        object.set("tokens", tokens.map { .integer($0) })
        object.set("unlisted_tokens", formerTokens.map { .integer($0) })
        object.set("budget_tokens", budgetTokens.map { .integer($0) })
        object.set("budget_percent", budgetPercent.map { .integer($0) })
        object.set("cost_usd", cost.map { .number($0) })
        object.set("active_seconds", .integer(times.active / 1000))
        times.set(&object)
        object.set("elapsed_seconds", elapsed.map { .integer($0 / 1000) })
        object.set("completed_per_day", completedPerDay.map { .number($0) })
        object.set("commits_per_day", commitsPerDay.map { .number($0) })
        object.set("lines_per_day", linesPerDay.map { .number($0) })
        return object.value
    }
}

extension Chronicle.Sample {
    fileprivate var json: JSONValue {
        var object = JSONObject()
        object.set("worker", worker.rawValue)
        object.set("time", time.description)
        object.set("tip", tip.rawValue)
        object.setOrNull("own_commits", ownCommits.map { .integer($0) })
        object.setOrNull("inserted", inserted.map { .integer($0) })
        object.setOrNull("deleted", deleted.map { .integer($0) })
        object.setOrNull("tests_added", testsAdded.map { .integer($0) })
        return object.value
    }
}
