import CzarPlanning

/// Metrics and reports.
extension AnswerSchema {
    private static let times: [Schema.Member] = [
        .required("waiting_seconds", .count), .required("blocked_seconds", .count), .required("paused_seconds", .count),
    ]

    /// The figures of `czar.status/1`, and what only metrics have.
    private static let measured = Schema.object(
        statusWorker + times + [
            .required("dirty_files", Schema.count.orNull), .optional("budget_percent", .count),
            .optional("commits_per_active_hour", .seconds),
        ])

    private static let totals = Schema.object(
        [
            .required("workers", .count), .required("complete", .count), .required("integrated", .count),
            .required("own_commits", Schema.count.orNull), .required("files", files), .required("lines", lines),
            .required("tests_added", .integer), .required("test_files", .count), .required("dirty_files", Schema.count.orNull),
            .required("unknown", .count), .optional("tokens", .count), .optional("unlisted_tokens", .count),
            .optional("budget_tokens", .count),
            .optional("budget_percent", .count), .optional("cost_usd", .seconds), .required("active_seconds", .count),
        ] + times + [
            .optional("elapsed_seconds", .count), .optional("completed_per_day", .seconds), .optional("commits_per_day", .seconds),
            .optional("lines_per_day", .seconds),
        ])

    private static let sample = Schema.object(
        .required("worker", .worker), .required("time", .time), .required("tip", .commit), .required("own_commits", Schema.count.orNull),
        .required("inserted", Schema.count.orNull), .required("deleted", Schema.count.orNull),
        .required("tests_added", Schema.integer.orNull))

    /// What a report says of one worker. `commits_since` is in `standup` only.
    private static let brief = Schema.object(
        .required("worker", .worker), .required("state", .oneOf(WorkerState.self)), .optional("reason", .text),
        .required("health", .oneOf(StatusReport.Health.self)), .required("active_seconds", .count), .optional("tokens", .count),
        .optional("budget_tokens", .count), .optional("cost_usd", .seconds), .optional("own_commits", .count),
        .required("tasks_done", Schema.count.orNull), .required("tasks", Schema.count.orNull),
        .required("blocked_by", .list(.worker)), .optional("ended_at", .time), .optional("latest", progress),
        .optional("commits_since", .count))

    private static let timeline = Schema.object(
        .required("due", Schema.time.orNull), .required("due_is_deadline", .flag), .required("end", Schema.time.orNull),
        .required("ended", .flag), .required("basis", .oneOf(["fact", "closed", "planned_durations", "rate"])),
        .required("late_seconds", Schema.integer.orNull), .required("held", .list(.worker)), .required("unplanned", .list(.worker)),
        .required("overrun", .list(.worker)))

    private static let risk = Schema.object(
        .required("kind", .oneOf(Risk.Kind.self)), .optional("worker", .worker), .required("text", .words))

    private static let merge = Schema.object(
        .required("worker", .worker), .required("source", .worker), .required("contained", Schema.flag.orNull),
        .optional("how", .oneOf(GitFigures.Integration.self)), .optional("why", .words))

    private static let criterion = Schema.object(
        .required("name", .words), .required("met", Schema.flag.orNull), .required("detail", .text))

    private static let remainder = Schema.object(
        .required("worker", .worker), .required("why", .words), .optional("command", .words))

    /// What every report begins with.
    private static let head: [Schema.Member] = [
        .optional("past", .flag),
        .required("project", .object(.required("name", .text), .optional("version", .text), .required("phase", .words))),
        .required("base", .words), .required("target", .words), .optional("began_at", .time), .optional("closed_at", .time),
    ]

    private static let closeout: [Schema.Member] = [
        .required("done", .flag), .required("timeline", timeline), .required("workers", .list(measured)),
        .optional("unlisted", .list(measured)), .required("totals", totals),
        .required("merges", .list(merge)), .required("criteria", .list(criterion)), .required("remains", .list(remainder)),
    ]

    /// The report that is archived with a phase: as `czar report closeout` gives it.
    private static let archived = Schema.object(
        [.required("schema", .words), .required("generated_at", .time), .required("report", .oneOf([ReportKind.closeout.rawValue]))]
            + head + closeout)

    static let reports = [
        AnswerSchema(
            "czar.closeout/1", "czar closeout: the archive, what was removed, what was kept and why, and the report.",
            .required("dry_run", .flag), .required("phase", .words), .required("archive", .words), .required("done", .flag),
            .required("removed", .list(removedWorker)), .required("removable", .list(.worker)),
            .required("kept", .list(.object(.required("worker", .worker), .required("why", .words)))),
            .required("left_logs", .list(.words)), .required("report", archived)),
        AnswerSchema(
            "czar.metrics/1", "czar metrics and czar report metrics: every figure, per worker and in total.",
            .optional("past", .flag), .required("phase", .words), .required("workers", .list(measured)), .required("totals", totals),
            .required("samples", .list(sample))),
        AnswerSchema(
            "czar.report/1", "czar report status, standup, weekly, closeout: which one it is stands in 'report'.",
            [.required("report", .oneOf(ReportKind.allCases.map(\.rawValue).filter { $0 != ReportKind.metrics.rawValue }))] + head,
            variants: Schema.Variants(
                by: "report",
                [
                    ReportKind.status.rawValue: [.required("totals", totals), .required("attention", .list(attention))]
                        + WorkerState.allCases.map { .required($0.rawValue, .list(brief)) },
                    ReportKind.standup.rawValue: [.required("since", .time), .required("attention", .list(attention))]
                        + ["completed", "active", "blocked", "failed", "ready"].map { .required($0, .list(brief)) },
                    ReportKind.weekly.rawValue: [
                        .required("since", .time), .required("timeline", timeline), .required("risks", .list(risk)),
                        .required("commits_since", Schema.count.orNull), .required("totals", totals),
                        .required("attention", .list(attention)),
                    ] + ["completed", "active", "blocked", "next"].map { .required($0, .list(brief)) },
                    ReportKind.closeout.rawValue: closeout,
                ])),
    ]
}
