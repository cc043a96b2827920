import CzarPlanning

/// From what the plan says about a worker to a command with nothing left to fill in.
package enum WorkerCommand {
    /// What to run for a worker. `inherited` is the environment of the process that starts it, `czarExecutable` absolute.
    ///
    /// - Throws: ``LaunchError`` when the worker has no command, names an unknown agent or uses a value it does not have.
    package static func resolve(
        _ context: WorkerContext, agents: [String: AgentOverride], inherited: [String: String], czarExecutable: String
    ) throws(LaunchError) -> ResolvedCommand {
        let template = try template(context, agents)
        let arguments = try fill(template.command, context)
        return ResolvedCommand(
            arguments: arguments,
            environment: WorkerEnvironment.make(
                inherited: inherited, context: context, extra: template.environment, czarExecutable: czarExecutable),
            folder: context.worktree,
            input: template.prompt == .stdin ? .file(WorkerFiles.prompt) : .nothing)
    }

    private struct Template {
        var command: [String]
        var environment: [String: String] = [:]
        var prompt = AgentProfile.PromptDelivery.file
    }

    private static func template(_ context: WorkerContext, _ agents: [String: AgentOverride]) throws(LaunchError) -> Template {
        switch context.worker.work {
        case .person: throw .noCommand(worker: context.worker.id)
        case .command(let command): return Template(command: command)
        case .script: return Template(command: ["/bin/sh", "-c", "{script}"])
        case .agent(let name):
            let profile = try AgentProfile.named(name, in: agents)
            let variant = profile.variant
            let command = context.session.flatMap { _ in variant.resume } ?? variant.command
            return Template(command: command, environment: variant.environment, prompt: profile.prompt)
        }
    }

    /// Fills each element of an argument vector. In one that is a JSON object the values are escaped as its strings are, so that a folder
    /// with a quotation mark in its name leaves it JSON.
    static func fill(_ command: [String], _ context: WorkerContext) throws(LaunchError) -> [String] {
        func refuse(_ reason: String) -> LaunchError { .badCommand(worker: context.worker.id, reason: reason) }
        guard command.first?.isEmpty == false else { throw refuse("it is empty") }
        let values = context.placeholders
        let insideJSON = values.mapValues { String(JSONText.quoted($0).dropFirst().dropLast()) }
        var arguments: [String] = []
        for (index, element) in command.enumerated() {
            // Text from a plan or a prompt would be run as shell code there.
            if Placeholders.isShellText(index, of: command),
                let other = CommandPlaceholder.all(in: element).first(where: { $0 != .script })
            {
                throw refuse("after '\(command[index - 1])' only {script} may stand, not {\(other.rawValue)}; use $CZAR_… instead")
            }
            let (argument, missing) = CommandPlaceholder.fill(element, with: element.hasPrefix("{\"") ? insideJSON : values)
            if let name = missing.first { throw refuse("{\(name.rawValue)} has no value here") }
            if argument.utf8.contains(0) { throw refuse("element \(index + 1) holds a zero byte") }
            if argument.utf8.count >= ResolvedCommand.longestArgument {
                throw refuse("element \(index + 1) is longer than \(ResolvedCommand.longestArgument - 1) bytes; use {prompt_file}")
            }
            arguments.append(argument)
        }
        return arguments
    }
}
