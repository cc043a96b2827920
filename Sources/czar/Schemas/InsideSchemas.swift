import CzarPlanning

/// The commands for workers, inside their worktrees.
extension AnswerSchema {
    static let inside = [
        AnswerSchema(
            "czar.recorded/1", "czar event, block, unblock, task start, task done: recorded with its number, or queued.",
            .required("state", .oneOf(["recorded", "queued"])), .optional("seq", .sequence), .optional("problem", .words),
            .optional("next", .words)),
        AnswerSchema(
            "czar.tasks/1", "czar task: the worker's tasks.",
            .required("worker", .worker),
            .required("tasks", .list(listedTask))),
        AnswerSchema(
            "czar.completed/1", "czar complete: complete with its tip, or declared and what is missing so far.",
            .required("worker", .worker), .required("state", .oneOf(["complete", "declared"])), .optional("tip", .commit),
            .optional("missing", .list(.words))),
        AnswerSchema(
            "czar.committed/1", "czar commit: the new commit.", .required("worker", .worker), .required("commit", .commit)),
        AnswerSchema(
            "czar.brief/1", "czar brief: the worker's brief, what success means, and what it asked.", .required("worker", .worker),
            .required("text", .text),
            .required("success", .list(.text)), .required("questions", .list(question))),
        AnswerSchema(
            "czar.identity/1", "czar whoami: whose folder this is.",
            .required("worker", .worker), .required("phase", .words), .required("state", .oneOf(WorkerState.self)),
            .required("branch", .words), .optional("worktree", .path)),
    ]

    static let question = Schema.object(.required("text", .text), .optional("answer", .text), .required("answered", .flag))
    static let task = Schema.object(.required("text", .text), .required("done", .flag))
    /// `queued`: said, and still to be taken in.
    static let listedTask = Schema.object(.required("text", .text), .required("done", .flag), .optional("queued", .flag))
}
