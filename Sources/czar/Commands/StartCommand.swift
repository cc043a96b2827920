import ArgumentParser
import CzarGit
import CzarKit
import CzarPlanning

struct StartCommand: AsyncParsableCommand, CommonCommand {
    static let configuration = CommandConfiguration(
        commandName: "start", abstract: "Starts workers now, whether 'czar run' is active or not.",
        discussion: """
            What a worker depends on must be complete; room ('max_active') is not waited for. --dry-run shows what would be run instead.
            """)

    @OptionGroup var selection: WorkerSelection

    @Flag(help: "Show what would be run, where and with what; start nothing.")
    var dryRun = false

    @Flag(help: "Trust what is started.")
    var trust = false

    @OptionGroup var common: CommonOptions

    func run() async throws {
        let coordinator = try dryRun ? Coordinator(lookingAround: common.path) : Coordinator(around: common.path, actor: "cli")
        // A look takes nothing in either.
        if !dryRun { try common.takeIn(coordinator) }
        let state = try coordinator.ledger.refresh()
        let choice = try selection.choice(of: coordinator.startable(), state, starting: true)
        guard !choice.isEmpty else { throw ProjectError.workerNeeded(known: coordinator.plan.ids.map(\.rawValue)) }
        let launcher = try SupervisorLauncher(executable: OwnExecutable.path())
        let starter = WorkerStarter(
            coordinator, launcher: launcher, options: WorkspaceOptions(folder: try WorktreeFolder.chosen(nil)))
        if dryRun {
            let operations = Operations(coordinator)
            if !trust { try noteMissingTrust(coordinator, choice.workers) }
            return try await EachWorker.answer(choice, common) { worker in
                let preview = try starter.preview(worker)
                var answer = StartPreview(worker: worker, preview: preview).answer
                answer.refusal = preview.obstacle.map { Failure($0) }
                do { try operations.requireStartable(worker) } catch { answer.refusal = Failure(error) }
                return answer
            }
        }
        try TrustCheck.pass(coordinator, common, trusting: trust, plan: coordinator.plan.started(choice.workers))
        for sentence in try InterruptedTidying(coordinator).finish() { common.note(sentence) }
        if choice.workers.contains(where: { state[$0.key].creation == nil }) { common.noteLimitations(coordinator) }
        try common.noteCommitWarning(coordinator)
        try await EachWorker.run(choice, common) { worker in
            let attempt = state[worker.key].attempts.count + 1
            guard try Operations(coordinator).makeReady(worker, for: attempt),
                try await starter.start(worker, attempt: attempt) == .here
            else { return "\(worker.id) was started by another process meanwhile" }
            return "started \(worker.id)"
        }
        try common.noteCrowd(coordinator)
    }

    /// A look shows what there is to be trusted, so it is not refused for lack of trust as the start itself is.
    private func noteMissingTrust(_ coordinator: Coordinator, _ workers: [WorkerDefinition]) throws {
        guard try !Trust(coordinator.project).untrusted(coordinator.plan.started(workers)).isEmpty else { return }
        common.note("czar: note: this was never trusted on this machine, so it is not started yet\ntry: czar trust")
    }
}
