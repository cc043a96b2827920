import CzarKit
import CzarPlanning

/// Making and removing branches and worktrees.
extension AnswerSchema {
    /// One worker's failure where several were tried.
    private static let failed = Schema.object(
        .required("worker", .words), .required("code", .failureCode), .required("message", .words), .optional("hint", .words))

    /// A worker that was removed, and where what no reference reaches was kept.
    static let removedWorker = Schema.object(
        .required("worker", .worker), .required("path", Schema.path.orNull), .required("folder_was_there", .flag),
        .required("branch", .words), .required("branch_deleted", .flag), .required("tip", Schema.commit.orNull),
        .required("recovery", Schema.words.orNull))

    private static let prunedWorker = Schema.object(
        .required("worker", .words), .required("path", .path), .required("why", .words), .required("recovery", Schema.words.orNull))

    static let workspaces = [
        AnswerSchema(
            "czar.created/1", "czar create: what was made, what was there, what failed.",
            .required(
                "created",
                .list(
                    .object(
                        .required("worker", .worker), .required("branch", .words), .required("path", .path),
                        .required("fork_point", Schema.commit.orNull), .required("files", .count), .required("seconds", .seconds)))),
            .required("existing", .list(.worker)),
            .required("failed", .list(failed))),
        AnswerSchema(
            "czar.removed/1", "czar remove: what was removed and where it was kept, what failed, who left the plan with it.",
            .required("removed", .list(removedWorker)),
            .required("failed", .list(failed)), .optional("withdrawn", .list(.worker))),
        AnswerSchema(
            "czar.pruned/1", "czar prune: what was removed, what stays and why.",
            .required("dry_run", .flag),
            .required("recovered", .list(.words)),
            .required("pruned", .list(prunedWorker)),
            .required("kept", .list(prunedWorker))),
        AnswerSchema(
            "czar.undone/1", "czar undo: the entry that was taken back.",
            .required("sequence", .sequence), .optional("worker", .worker), .required("what", .eventType), .required("message", .words),
            .required("more", .count)),
        AnswerSchema(
            "czar.doctor/1", "czar doctor: each problem with its remedy.",
            .required("healthy", .flag),
            .required(
                "findings",
                .list(
                    .object(
                        .required("name", .words), .required("severity", .oneOf(DoctorFinding.Severity.self)),
                        .required("message", .words), .required("hint", Schema.words.orNull))))),
    ]
}
