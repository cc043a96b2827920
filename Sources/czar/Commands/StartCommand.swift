import ArgumentParser
import CzarGit
import CzarKit
import CzarPlanning

struct StartCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "start", abstract: "Starts workers now, whether 'czar run' is active or not.",
        discussion: "What a worker depends on must be complete. --dry-run shows the command instead.")

    @OptionGroup var selection: WorkerSelection

    @Flag(help: "Show argv, folder and environment; start nothing.")
    var dryRun = false

    @Flag(help: "Trust what is started.")
    var trust = false

    @OptionGroup var common: CommonOptions

    func run() async throws {
        let coordinator = try Coordinator(around: common.path, actor: "cli")
        try common.takeIn(coordinator)
        let state = try coordinator.ledger.refresh()
        let choice = try selection.choice(of: coordinator.plan, state)
        guard !choice.isEmpty else { throw ProjectError.workerNeeded(known: coordinator.plan.ids.map(\.rawValue)) }
        let launcher = try SupervisorLauncher(executable: OwnExecutable.path())
        let starter = WorkerStarter(coordinator, launcher: launcher)
        if dryRun { return try await EachWorker.run(choice, common) { try preview($0, starter) } }
        try TrustCheck.pass(coordinator, common, trusting: trust, plan: coordinator.plan.started(choice.workers))
        for sentence in try InterruptedTidying(coordinator).finish() { common.note(sentence) }
        try common.noteCommitWarning(coordinator)
        try await EachWorker.run(choice, common) { worker in
            let attempt = state[worker.key].attempts.count + 1
            guard try Operations(coordinator).makeReady(worker, for: attempt),
                try await starter.start(worker, attempt: attempt) == .here
            else { return "\(worker.id) was started by another process meanwhile" }
            return "started \(worker.id)"
        }
    }

    private func preview(_ worker: WorkerDefinition, _ starter: WorkerStarter) throws -> String {
        let command = try starter.preview(worker)
        let own = command.environment.filter { $0.key.hasPrefix("CZAR") }.sorted { $0.key < $1.key }
        let lines = [
            "\(worker.id)", "  in    \(DisplayText.safe(command.folder))", "  argv  \(DisplayText.safe(ShellText.line(command.arguments)))",
        ]
        return (lines + own.map { "  env   \($0.key)=\(Self.shown($0.value))" }).joined(separator: "\n")
    }

    /// A value on one line: a prompt is longer than a screen, and stands in its file.
    private static func shown(_ value: String) -> String {
        let lines = value.split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.count > 1 else { return DisplayText.safe(value) }
        return DisplayText.safe(String(lines[0])) + " … (\(Figures.plural(lines.count, "line")))"
    }
}
