extension StatusReport {
    /// The answer as JSON: `czar.status/1` (JSON.md). `detailed` adds each worker's tasks.
    package func json(detailed: Bool = false) -> JSONValue {
        var object = JSONObject()
        object.set("schema", "czar.status/1")
        object.set("generated_at", generatedAt.description)
        object.set("repository", repository)
        object.set("base", base)
        object.set("target", target)
        object.set("daemon", daemonJSON)
        object.set("attention", .array(attention.map(\.json)))
        object.set("totals", totalsJSON)
        object.set("closed_at", closedAt?.description)
        object.set("workers", .array(workers.map { $0.json(target: target, now: generatedAt, detailed: detailed) }))
        if !unlisted.isEmpty { object.set("unlisted", .array(unlisted.map(\.unlistedJSON))) }
        if !limitations.isEmpty { object.set("limitations", .strings(limitations)) }
        return object.value
    }

    private var daemonJSON: JSONValue {
        var object = JSONObject()
        object.set("running", daemon != nil)
        object.set("pid", daemon?.pid)
        object.set("since", daemon?.since?.description)
        return object.value
    }

    private var totalsJSON: JSONValue {
        var object = JSONObject()
        object.set("budget_tokens", budgetTokens.map { .integer($0) })
        object.set("progress", .number(progress))
        object.set("workers", workers.count)
        for state in WorkerState.allCases { object.set(state.rawValue, count(state)) }
        object.set("tokens", .integer(tokens ?? 0))
        return object.value
    }
}

extension StatusReport.Attention {
    fileprivate var json: JSONValue {
        var object = JSONObject()
        object.set("worker", worker.rawValue)
        object.set("why", why)
        object.set("since", since?.description)
        object.set("commands", .strings(commands))
        return object.value
    }
}

extension StatusReport.Worker {
    /// The figures of one worker, as in `czar.status/1`.
    package func json(target: String, now: Timestamp, detailed: Bool) -> JSONValue {
        var object = JSONObject()
        setIdentity(&object)
        setGit(&object, target: target)
        setAttempt(&object)
        setWork(&object, now: now)
        if detailed { object.set("task_list", .array(tasks.map(\.json))) }
        return object.value
    }

    private func setIdentity(_ object: inout JSONObject) {
        object.set("id", definition.id.rawValue)
        object.set("display_name", definition.displayName)
        object.set("phase", definition.phase.rawValue)
        object.set("state", record.state.rawValue)
        object.set("cause", record.causes.isEmpty ? nil : record.reason ?? Cause.text(of: record.causes))
        object.set("causes", record.causes.isEmpty ? nil : .strings(record.causes.map(\.rawValue).sorted()))
        object.set("health", health.rawValue)
        object.set("wave", wave)
        object.setOrNull("progress", knownProgress.map { .number($0) })
        object.set("description", definition.description)
        if case .agent(let name) = definition.work { object.set("agent", name) }
        if claimsComplete { object.set("claimed", "complete") }
    }

    private func setGit(_ object: inout JSONObject, target: String) {
        object.set("branch", branch.rawValue)
        object.set("branch_ref", figures.remoteReference ?? branch.reference)
        object.set("base", base)
        // A worker whose branch was not made has no figures at all; a figure that could not be found out is null.
        if let tip = figures.tip {
            object.set("tip", tip.rawValue)
            object.setOrNull("fork_point", (record.creation?.forkPoint).map { .string($0.rawValue) })
            object.setOrNull("compared_with", figures.comparedWith.map { .string($0.rawValue) })
            object.setOrNull("ahead", figures.ahead.map { .integer($0) })
            object.setOrNull("behind", figures.behind.map { .integer($0) })
            object.setOrNull("total", figures.total.map { .integer($0) })
            object.setOrNull("own_commits", figures.ownCommits.map { .integer($0) })
            object.setOrNull("files", figures.files?.json)
            object.setOrNull("lines", figures.lines?.json)
            object.setOrNull("tests_added", figures.testsAdded.map { .integer($0) })
            object.setOrNull("test_files", figures.testFiles.map { .integer($0) })
            object.setOrNull("last_commit", figures.lastCommit?.json)
            object.set("figures_problem", figures.problem)
        }
        var integrated = JSONObject()
        integrated.setOrNull("state", figures.lacksIntegration ? nil : .string(figures.integration.rawValue))
        integrated.set("target", target)
        object.set("integrated", integrated.value)
        object.set("stranded", .strings(figures.stranded.map(\.rawValue)))
        object.set("conflicts_with", [])
        object.set("worktree", figures.worktree.json)
    }

    private func setAttempt(_ object: inout JSONObject) {
        object.set("attempt", record.attempts.count)
        object.set("pid", record.attempts.running?.command.flatMap(Self.pid))
        if case .exited(let status) = record.attempts.lastEnd?.outcome { object.set("exit", Int(status)) }
        if case .signalled(let signal) = record.attempts.lastEnd?.outcome { object.set("signal", Int(signal)) }
        object.set("log", log)
        object.set("session", record.session?.id)
        object.set("taken_over_by", sessionProcess.map { .integer(Int64($0)) })
        if definition.work != .person { object.set("launcher", record.attempts.running?.terminal == nil ? "local" : "tmux") }
        if !record.ports.isEmpty { object.set("ports", .array(record.ports.map { .integer(Int64($0)) })) }
        if let lastProgress {
            var progress = JSONObject()
            progress.set("time", lastProgress.time.description)
            progress.set("kind", lastProgress.kind.rawValue)
            progress.set("text", lastProgress.text)
            object.set("last_progress", progress.value)
        }
    }

    private func setWork(_ object: inout JSONObject, now: Timestamp) {
        object.set("dependencies", .strings(definition.dependencies.map(\.rawValue)))
        object.set("blocked_by", .strings(waitingFor.compactMap { $0.worker?.rawValue }))
        object.set("waiting_for", .array(waitingFor.map(\.json)))
        if let used = record.tokens.used {
            var tokens = JSONObject()
            tokens.set("used", .integer(used))
            tokens.set("budget", definition.budget.tokens.map { .integer($0) })
            tokens.set("cached", record.tokens.cached.map { .integer($0) })
            tokens.set("source", record.tokens.source?.rawValue)
            object.set("tokens", tokens.value)
        } else if let budget = definition.budget.tokens {
            var tokens = JSONObject()
            tokens.set("used", 0)
            tokens.set("budget", .integer(budget))
            object.set("tokens", tokens.value)
        }
        object.set("cost_usd", record.tokens.cost.map { .number($0) })
        var counts = JSONObject()
        counts.setOrNull("done", taskCounts.map { .integer($0.done) })
        counts.setOrNull("total", taskCounts.map { .integer($0.all) })
        object.set("tasks", counts.value)
        object.set("started_at", record.startedAt?.description)
        object.set("ended_at", record.endedAt?.description)
        object.set("active_seconds", .integer(record.activeMilliseconds(at: now) / 1000))
        object.set("latest", .array(record.latest.map(\.json)))
    }

    private static func pid(_ identity: String) -> Int? {
        identity.split(separator: " ").lazy.compactMap { part in
            part.hasPrefix("pid=") ? Int(part.dropFirst(4)) : nil
        }.first
    }
}

extension WorkerRecord {
    fileprivate var unlistedJSON: JSONValue {
        var object = JSONObject()
        object.set("id", key.id.rawValue)
        object.set("phase", key.phase.rawValue)
        object.set("state", state.rawValue)
        object.set("branch", creation?.branch.rawValue)
        object.set("worktree", creation?.worktree)
        return object.value
    }
}

extension StatusReport.Task {
    fileprivate var json: JSONValue {
        var object = JSONObject()
        object.set("text", text)
        object.set("done", done)
        return object.value
    }
}

extension Schedule.Waiting {
    /// `worker` is absent where it is not another worker that is waited for.
    package var json: JSONValue {
        var object = JSONObject()
        object.set("worker", worker?.rawValue)
        object.set("why", why)
        return object.value
    }
}

extension JournalEntry {
    fileprivate var json: JSONValue {
        var object = JSONObject()
        object.set("seq", .integer(sequence))
        object.set("time", event.time.description)
        object.set("type", event.type.rawValue)
        object.set("fields", .sorted(event.fields.mapValues { .string($0) }))
        return object.value
    }
}

extension GitFigures.FileCounts {
    fileprivate var json: JSONValue {
        var object = JSONObject()
        object.set("created", created)
        object.set("modified", modified)
        object.set("deleted", deleted)
        object.set("renamed", renamed)
        return object.value
    }
}

extension GitFigures.LineCounts {
    fileprivate var json: JSONValue {
        var object = JSONObject()
        object.set("inserted", inserted)
        object.set("deleted", deleted)
        return object.value
    }
}

extension GitFigures.LastCommit {
    fileprivate var json: JSONValue {
        var object = JSONObject()
        object.set("oid", id.rawValue)
        object.setOrNull("time", time.map { .string($0.description) })
        object.set("author", author)
        object.set("subject", subject)
        return object.value
    }
}

extension WorktreeFigures {
    fileprivate var json: JSONValue {
        var object = JSONObject()
        object.set("path", path)
        object.setOrNull("state", state == .unknown ? nil : .string(state.rawValue))
        object.set("problem", problem)
        switch state {
        case .ok, .locked, .drifted:
            object.set("staged", staged)
            object.set("modified", modified)
            object.set("untracked", untracked)
            object.set("conflicted", conflicted)
        case .unreadable, .unknown: for count in ["staged", "modified", "untracked", "conflicted"] { object.set(count, .null) }
        case .missing, .none: break
        }
        return object.value
    }
}
