import CzarKit
import CzarPlanning

/// Answers of several lines, each with its `schema`, and the one object of a failure.
extension AnswerSchema {
    static let streams = [
        AnswerSchema(
            EventLine.schema, "czar events, czar run: one entry of the journal a line. An entry about the whole project has no worker.",
            .required("seq", .sequence), .required("time", .time), .required("phase", .words), .optional("worker", .worker),
            .required("type", .eventType), .required("fields", .fields), .optional("actor", .words), isDated: false),
        AnswerSchema(
            "czar.run-ended/1", "czar run: the last line, how it ended and who waits for what.",
            .required("reason", .oneOf(DaemonEnd.Reason.self)), .required("complete", .count),
            .required(
                "open",
                .list(
                    .object(
                        .required("worker", .worker), .required("state", .oneOf(WorkerState.self)),
                        .required("waiting_for", .list(waiting)))))),
        AnswerSchema(
            "czar.detached/1", "czar run --detach: whether it runs, and where its log is.",
            .required("running", .flag), .optional("pid", .sequence), .optional("since", .time), .required("log", .path)),
        AnswerSchema("czar.run-stopped/1", "czar run --stop: the process that has ended.", .required("pid", .sequence)),
        AnswerSchema(
            "czar.waited/1", "czar wait: how the wait ended and how far each worker is.",
            .required("for", .oneOf(WaitGoal.self)), .required("outcome", .oneOf(WorkerWait.Ending.Reason.self)),
            .required("seconds", .seconds),
            .required(
                "workers",
                .list(
                    .object(
                        .required("worker", .worker), .required("state", .oneOf(WorkerState.self)),
                        .required("outcome", .oneOf(WaitJudgement.Outcome.self)), .optional("why", .words))))),
        AnswerSchema(
            "czar.error/1",
            "Every failure with --json: the last line on standard error. The code is the command's exit code; of czar exec that of what it ran.",
            .required("code", .exitCode), .required("message", .words), .optional("hint", .words)),
    ]
}
