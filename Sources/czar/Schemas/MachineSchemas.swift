import CzarKit
import CzarPlanning

/// What is on this machine.
extension AnswerSchema {
    static let machine = [
        AnswerSchema(
            "czar.agents/1", "czar agents: each profile, whether its program is here, and what would be run.",
            .required(
                "agents",
                .list(
                    .object(
                        .required("name", .words), .required("found", .flag), .optional("program", .path), .optional("problem", .words),
                        .optional("version", .words), .required("from_plan", .flag),
                        .required("autonomy", .oneOf(AgentOverride.Autonomy.self)),
                        .required("sandbox", .flag), .required("command", .list(.text)), .optional("resume", .list(.text)),
                        .optional("take_over", .list(.text)),
                        .required("prompt", .words), .required("exclude", .list(.words)), .optional("source", .words)))))
    ]
}
