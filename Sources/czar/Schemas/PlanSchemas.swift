import CzarPlanning

/// What is said about the plan itself.
extension AnswerSchema {
    static let plan = [
        AnswerSchema(
            "czar.graph/1", "czar graph: the waves, who waits for whom, the critical path.",
            .required("waves", .list(.list(.worker))),
            .required("critical_path", .list(.worker)),
            .required("edges", .list(.object(.required("from", .worker), .required("to", .worker))))),
        AnswerSchema(
            "czar.validation/1", "czar validate: every problem of the plan. An invalid plan ends the command with 65.",
            .required("valid", .flag),
            .required(
                "problems",
                .list(
                    .object(
                        .required("severity", .oneOf(Problem.Severity.self)), .required("file", .text), .required("line", .sequence),
                        .required("column", .sequence), .required("field", .text), .required("message", .words))))),
        AnswerSchema(
            "czar.added/1", "czar add: the new worker, and how far its start came.",
            .required("worker", .worker), .optional("agent", .words), .required("definition", .words), .optional("brief", .words),
            .required("dependencies", .list(.worker)), .required("branch", .words), .optional("path", .path),
            .required("state", .oneOf(WorkerState.self)), .optional("waits_for", .words)),
        AnswerSchema(
            "czar.imported/1", "czar import: what was taken from an old project, and what was not.",
            .required("imported", .count), .required("known", .count), .required("files", .list(.words)),
            .required("claims", .list(.words)), .required("refused", .list(.words)), .optional("kept_aside", .words)),
        AnswerSchema(
            "czar.simulation/1", "czar simulate: when each worker would start and end, and what the run comes to.",
            .required("max_active", .count), .required("total_seconds", .seconds), .required("peak", .count), .required("mean", .seconds),
            .required("critical_path", .list(.worker)), .required("critical_seconds", .seconds), .required("assumed", .list(.worker)),
            .required("assumed_seconds", .seconds),
            .required(
                "workers",
                .list(
                    .object(.required("worker", .worker), .required("start_seconds", .seconds), .required("end_seconds", .seconds)))),
            .required("never", .list(.object(.required("worker", .worker), .required("why", .words))))),
        AnswerSchema(
            "czar.initialized/1", "czar init: the plan that was written, and its default agent.", .required("plan", .words),
            .optional("agent", .words)),
        AnswerSchema("czar.trusted/1", "czar trust: what is trusted now and was not before.", .required("trusted", .list(.words))),
        AnswerSchema(
            "czar.schemas/1", "czar schema: the names of all schemas.",
            .required(
                "schemas", .list(.object(.required("name", .words), .required("title", .words), .required("file", .words))))),
    ]
}
