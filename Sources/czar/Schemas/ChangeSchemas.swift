import CzarGit
import CzarPlanning

/// A worker's output and change, and what runs in its folder.
extension AnswerSchema {
    private static let commit = Schema.object(
        .required("oid", .commit), .required("parents", .list(.commit)), .required("author", .text), .required("email", .text),
        .required("time", .time), .required("subject", .text), .required("message", .text))

    /// Lines are absent for a binary file.
    private static let file = Schema.object(
        .required("path", .words), .optional("old_path", .words), .required("status", .pattern("^[A-Z]$")), .required("binary", .flag),
        .optional("inserted", .count), .optional("deleted", .count))

    static let changes = [
        AnswerSchema(
            "czar.logs/1", "czar logs: the output of a worker's command.",
            .required("worker", .worker), .required("log", .path), .required("text", .text)),
        AnswerSchema(
            "czar.diff/1", "czar diff: what a worker changed.",
            .required("worker", .worker), .required("branch", .words), .required("base", .words), .required("uncommitted", .count),
            .required("files", .list(file))),
        AnswerSchema(
            "czar.log/1", "czar log: a worker's own commits.", .required("worker", .worker), .required("commits", .list(commit))),
        AnswerSchema(
            "czar.commit/1", "czar show: one commit and what it changed.", .required("commit", commit), .required("files", .list(file))),
        AnswerSchema(
            "czar.exec/1", "czar exec: one result for each worker.",
            .required(
                "results",
                .list(
                    .object(
                        .required("worker", .worker), .required("exit", .count), .required("output", .text), .optional("problem", .words))))
        ),
        AnswerSchema(
            "czar.path/1", "czar path: the worker's worktree, or with --root the main one.",
            .optional("worker", .worker), .required("path", .path)),
    ]
}
