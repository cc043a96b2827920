import CzarPlanning

/// The answer of `czar status`, which `.czarina/worker-status.json` holds too.
extension AnswerSchema {
    static let watching = [
        AnswerSchema(
            "czar.status/1", "czar status, czar status WORKER and .czarina/worker-status.json.",
            .required("repository", .path), .required("base", Schema.words.orNull), .required("target", Schema.words.orNull),
            .required("daemon", .object(.required("running", .flag), .optional("pid", .sequence), .optional("since", .time))),
            .required("attention", .list(attention)),
            .required("totals", totals),
            .required("workers", .list(.object(statusWorker))),
            .optional("limitations", .list(.words)), .optional("closed_at", .time),
            .optional(
                "unlisted",
                .list(
                    .object(
                        .required("id", .worker), .required("phase", .words), .required("state", .oneOf(WorkerState.self)),
                        .optional("branch", .words), .optional("worktree", .path))))),
        AnswerSchema(
            "czar.short-status/1", "czar status --short: how many workers are in each state.",
            [.required("workers", .count)] + WorkerState.allCases.map { .required($0.rawValue, .count) }),
    ]

    static let attention = Schema.object(
        .required("worker", .worker), .required("why", .words), .optional("since", .time), .required("commands", .list(.words)))

    private static let totals = Schema.object(
        [.optional("budget_tokens", .count), .required("progress", .share), .required("workers", .count)]
            + WorkerState.allCases.map { .required($0.rawValue, .count) } + [.required("tokens", .count)])

    static let statusWorker = identity + git + attempt + work

    private static let identity: [Schema.Member] = [
        .required("id", .worker), .optional("display_name", .words), .required("phase", .words),
        .required("state", .oneOf(WorkerState.self)), .optional("cause", .words), .optional("causes", .list(.words)),
        .required("health", .oneOf(StatusReport.Health.self)), .required("wave", .count), .required("progress", Schema.share.orNull),
        .optional("description", .text), .optional("agent", .words), .optional("claimed", .constant("complete")),
    ]

    static let files = Schema.object(
        .required("created", .count), .required("modified", .count), .required("deleted", .count), .required("renamed", .count))

    static let lines = Schema.object(.required("inserted", .count), .required("deleted", .count))

    static let progress = Schema.object(
        .required("time", .time), .required("kind", .oneOf(WorkerRecord.Progress.Kind.self)), .required("text", .text))

    /// The figures are absent while there is no branch, and null where they could not be found out.
    private static let git: [Schema.Member] = [
        .required("branch", .words), .required("branch_ref", .pattern("^refs/(heads|remotes)/.")), .required("base", .words),
        .optional("tip", .commit), .optional("fork_point", Schema.commit.orNull), .optional("compared_with", Schema.commit.orNull),
        .optional("ahead", Schema.count.orNull), .optional("behind", Schema.count.orNull), .optional("total", Schema.count.orNull),
        .optional("own_commits", Schema.count.orNull),
        .optional("files", files.orNull), .optional("lines", lines.orNull),
        .optional(
            "last_commit",
            Schema.object(
                .required("oid", .commit), .required("time", Schema.time.orNull), .required("author", .text), .required("subject", .text)
            ).orNull),
        .optional("tests_added", Schema.integer.orNull), .optional("test_files", Schema.count.orNull), .optional("figures_problem", .words),
        .required(
            "integrated", .object(.required("state", Schema.oneOf(GitFigures.Integration.self).orNull), .required("target", .words))),
        .required("stranded", .list(.commit)), .required("conflicts_with", .list(.worker)),
        .required(
            "worktree",
            .object(
                .optional("path", .path), .required("state", Schema.oneOf(worktreeStates).orNull), .optional("problem", .text),
                .optional("staged", Schema.count.orNull), .optional("modified", Schema.count.orNull),
                .optional("untracked", Schema.count.orNull), .optional("conflicted", Schema.count.orNull))),
    ]

    /// That of a moment that has passed is null.
    private static let worktreeStates = WorktreeFigures.State.allCases.filter { $0 != .unknown }.map(\.rawValue)

    private static let attempt: [Schema.Member] = [
        .required("attempt", .count), .optional("taken_over_by", .sequence), .optional("pid", .sequence), .optional("exit", .count),
        .optional("signal", .sequence),
        .optional("log", .path), .optional("launcher", .oneOf(["local", "tmux"])), .optional("session", .words),
        .optional("ports", .list(.sequence)), .optional("cost_usd", .seconds),
        .optional("last_progress", progress),
    ]

    private static let work: [Schema.Member] = [
        .required("dependencies", .list(.worker)), .required("blocked_by", .list(.worker)),
        .required("waiting_for", .list(waiting)),
        .optional(
            "tokens",
            .object(
                .required("used", .count), .optional("budget", .count), .optional("cached", .count),
                .optional("source", .oneOf(TokenLog.Source.self)))),
        .required("tasks", .object(.required("done", Schema.count.orNull), .required("total", Schema.count.orNull))),
        .optional("started_at", .time), .optional("ended_at", .time), .required("active_seconds", .count),
        .required("latest", .list(entry)), .optional("task_list", .list(task)),
    ]

    static let waiting = Schema.object(.optional("worker", .worker), .required("why", .words))

    private static let entry = Schema.object(
        .required("seq", .sequence), .required("time", .time), .required("type", .eventType), .required("fields", .fields))
}
