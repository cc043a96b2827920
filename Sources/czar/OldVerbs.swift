import ArgumentParser
import CzarPlanning

/// Czarina's own verbs answer with the command that does the same here.
enum OldVerbs {
    private static let replacements: [String: String] = [
        "launch": "czar run", "daemon": "czar run", "list": "czar status",
        "analyze": "czar validate", "phase": "czar prune",
        "dashboard": "czar status",
    ]

    /// The arguments, with aliases resolved.
    /// - Throws: ``Failure`` (64) that names the new command for a verb that only Czarina has.
    static func checked(_ arguments: [String]) throws -> [String] {
        guard let verb = arguments.first else { return arguments }
        if verb == "create-worktree" { return ["create"] + arguments.dropFirst() }
        if let replacement = replacements[verb] {
            throw Failure(message: "'czar \(verb)' is Czarina's command", hint: replacement, code: 64)
        }
        try refuseUnknown(verb)
        return arguments
    }

    /// A mistyped command is not taken for a worker of `czar status`, which is what bare `czar` runs.
    private static func refuseUnknown(_ verb: String) throws {
        guard !verb.hasPrefix("-"), verb != "help" else { return }
        let known = CzarCommand.configuration.groupedSubcommands.flatMap { $0.subcommands }.compactMap { $0.configuration.commandName }
        guard !known.contains(verb) else { return }
        let near = NearName.suggestion(for: verb, among: known).map { "czar \($0)" }
        throw Failure(message: "there is no command '\(verb)'", hint: near ?? "czar --help", code: 64)
    }
}
