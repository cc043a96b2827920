import CzarGit
import CzarPlanning

/// Whether this machine has what a worker would run.
enum ProgramCheck {
    /// Why the worker's program cannot be run here; nil when it can, where nothing is run, and where only the worktree, or what its set-up
    /// does there, will tell.
    /// - Throws: ``LaunchError/unknownAgent(name:known:)``.
    static func problem(of worker: WorkerDefinition, in plan: Plan) throws(LaunchError) -> String? {
        guard worker.setup == nil else { return nil }
        let program: String?
        switch worker.work {
        case .agent(let name): program = try AgentProfile.named(name, in: plan.agents).variant.command.first
        case .command(let command): program = command.first
        case .script, .person: program = nil
        }
        guard let program, program.hasPrefix("/") || !program.contains("/") else { return nil }
        do throws(Program.Missing) {
            _ = try Program.path(of: program, in: "/", searchPath: processEnvironment()["PATH"])
            return nil
        } catch {
            return error.reason
        }
    }
}
