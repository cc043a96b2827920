/// What operators do to workers.
extension AnswerSchema {
    static let steering = [
        AnswerSchema(
            "czar.results/1", "czar approve, pause, resume, stop, start, retry, reopen, fail: one result for each worker.",
            .required(
                "results",
                .list(
                    .object(
                        .required("worker", .words), .required("message", .words), .required("code", .count), .optional("folder", .path),
                        .optional("setup", .list(.text)), .optional("argv", .list(.text)), .optional("stdin", .words),
                        .optional("ports", .count), .optional("env", .object())))))
    ]
}
