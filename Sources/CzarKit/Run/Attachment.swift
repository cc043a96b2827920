import CzarGit
import CzarPlanning
import Glibc

/// How a person gets into a worker's command: its terminal, or its agent's session.
package struct Attachment: Sendable {
    private let coordinator: Coordinator

    package init(_ coordinator: Coordinator) { self.coordinator = coordinator }

    /// What shows the terminal of the running command.
    /// - Throws: ``OperationError/noTerminal(worker:running:)`` when nothing runs there, or without a terminal.
    package func terminal(of worker: WorkerDefinition) throws -> ResolvedCommand {
        let record = try coordinator.ledger.refresh()[worker.key]
        guard let place = record.attempts.running?.terminal.flatMap(TerminalPlace.init(text:)), record.supervisor?.isAlive == true else {
            throw OperationError.noTerminal(worker: worker.id, running: record.attempts.running != nil)
        }
        var environment = processEnvironment()
        let arguments = ["tmux"] + place.attachArguments(around: environment, view: "czar-\(worker.id)-\(getpid())")
        // tmux refuses to open a client inside of one unless it does not see the other.
        if arguments.contains("attach-session") { environment["TMUX"] = nil }
        return ResolvedCommand(arguments: arguments, environment: environment, folder: "/")
    }

    /// Ends the running command, so that a person can take its place; its supervisor records the end and what its output says.
    /// - Returns: whether one ran.
    package func stop(_ worker: WorkerDefinition) throws -> Bool {
        guard try coordinator.ledger.refresh()[worker.key].attempts.running != nil else { return false }
        try Operations(coordinator).stop(worker)
        return true
    }

    /// What opens the agent's session for a person, in the worker's worktree; a shell where there is none.
    /// - Throws: ``OperationError/noWorktree(worker:)``; ``LaunchError``.
    package func session(of worker: WorkerDefinition, czarExecutable: String) throws -> ResolvedCommand {
        let launcher = SupervisorLauncher(executable: czarExecutable)
        var command = try WorkerStarter(coordinator, launcher: launcher).environment(of: worker)
        let record = try coordinator.ledger.refresh()[worker.key]
        if case .agent(let name) = worker.work, let session = try sessionID(of: worker, record, agent: name),
            let takeOver = try AgentProfile.named(name, in: coordinator.plan.agents).takeOver
        {
            try Trust(coordinator.project).require(coordinator.plan.started([worker]))
            command.arguments = takeOver.map { CommandPlaceholder.fill($0, with: [.session: session]).text }
        } else {
            command.arguments = [processEnvironment()["SHELL"].flatMap { $0.isEmpty ? nil : $0 } ?? "/bin/sh"]
        }
        return command
    }

    /// What the running attempt's output says, since that is recorded only at its end; else what is recorded.
    private func sessionID(of worker: WorkerDefinition, _ record: WorkerRecord, agent: String) throws -> String? {
        if record.attempts.running != nil {
            var output = try AttemptOutput(worker, record, plan: coordinator.plan, project: coordinator.project)
            if let session = try output?.readOn().session { return session }
        }
        return record.session?.agent == AgentNames.canonical(agent) ? record.session?.id : nil
    }
}
