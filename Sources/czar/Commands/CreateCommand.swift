import ArgumentParser
import CzarGit
import CzarKit
import CzarPlanning

struct CreateCommand: AsyncParsableCommand, CommonCommand {
    static let configuration = CommandConfiguration(
        commandName: "create", abstract: "Makes the branch, worktree and identity file of workers; only what is missing.",
        discussion: """
            Without a worker: those of the first wave that are not created yet. --all makes all. Ignored files of the main worktree that \
            .worktreeinclude or a worker's 'copy' selects come along. Ctrl-C takes back what is not complete.
            """)

    @OptionGroup var selection: WorkerSelection

    @Option(help: ArgumentHelp("Start from this revision instead of the base.", valueName: "rev"), completion: .branches)
    var base: String?

    @Option(help: ArgumentHelp("Put worktrees into this folder of yours, outside the repository.", valueName: "dir"))
    var worktrees: String?

    @Option(help: "How many to make at one time.")
    var jobs: Int = 4

    @Flag(help: "Take what the plan says now where something else was recorded.")
    var rebind = false

    @OptionGroup var common: CommonOptions

    func run() async throws {
        let coordinator = try Coordinator(around: common.path, actor: "cli")
        try common.takeIn(coordinator)
        let state = try coordinator.ledger.refresh()
        let choice = try selection.choice(of: coordinator.startable(), state, starting: true)
        try choice.refuseIfOnlyUnknown()
        var workers = choice.workers
        if selection.isEmpty {
            try ActingWorker.leaveToOperators("create the others")
            workers = coordinator.plan.definitions.filter { $0.dependencies.isEmpty }
        }
        common.noteLimitations(coordinator)
        if let sentence = try SparseNotice.sentence(for: workers, in: coordinator.project) { common.note("czar: note: \(sentence)") }
        let options = WorkspaceOptions(base: base, folder: try WorktreeFolder.chosen(worktrees), rebind: rebind)
        for sentence in try InterruptedTidying(coordinator).finish() { common.note(sentence) }
        try show(try await create(workers, coordinator, options), choice.unknown)
    }

    private func create(
        _ workers: [WorkerDefinition], _ coordinator: Coordinator, _ options: WorkspaceOptions
    ) async throws -> [WorkspaceBatch.Result] {
        let isStopped = StopFlag()
        let signals = StopSignals { isStopped.raise() }
        defer { signals.cancel() }
        let display = CreationDisplay(common)
        defer { display.clear() }
        var watch = display.watch
        watch.isCancelled = { isStopped.isRaised }
        return try await WorkspaceBatch(coordinator, options: options).create(workers, jobs: max(1, jobs), watch: watch)
    }

    private func show(_ results: [WorkspaceBatch.Result], _ unknown: [WorkerChoice.Unknown]) throws {
        var failures: [Failure] = []
        var made: [Workspace] = []
        for result in results {
            switch result.outcome {
            case .success(let workspace):
                guard !common.wantsJSON, !common.quiet else { continue }
                Console.answer(WorkspaceText.answer(workspace))
                made.append(workspace)
            case .failure(let error):
                let failure = Failure(error)
                failures.append(failure)
                if !common.wantsJSON { failure.show(asJSON: false) }
            }
        }
        for unknown in unknown {
            failures.append(Failure(unknown.error))
            if !common.wantsJSON { Failure(unknown.error).show(asJSON: false) }
        }
        WorkspaceText.notes(made).forEach { common.note($0) }
        if common.wantsJSON { Console.answer(json(results, unknown).prettyText) }
        guard let last = failures.last else { return }
        let code = Failure.code(of: failures)
        throw ShownFailure(failure: failures.count == 1 ? last : Failure(message: "\(failures.count) workers were not created", code: code))
    }

    private func json(_ results: [WorkspaceBatch.Result], _ unknown: [WorkerChoice.Unknown]) -> JSONValue {
        var created: [JSONValue] = [], existing: [JSONValue] = [], failed: [JSONValue] = []
        for result in results {
            var item = JSONObject()
            item.set("worker", result.worker.rawValue)
            switch result.outcome {
            case .success(let workspace):
                guard workspace.isNew else {
                    existing.append(.string(workspace.worker.rawValue))
                    continue
                }
                item.set("branch", workspace.branch.rawValue)
                item.set("path", workspace.path)
                item.setOrNull("fork_point", workspace.forkPoint.map { .string($0.hex) })
                item.set("files", workspace.files)
                item.set("seconds", .number(workspace.seconds))
                WorkspaceText.describe(workspace, in: &item)
                created.append(item.value)
            case .failure(let error):
                failed.append(Failure(error).json(of: result.worker.rawValue))
            }
        }
        failed += unknown.map { Failure($0.error).json(of: $0.name) }
        var object = JSONObject()
        object.set("schema", "czar.created/1")
        object.set("generated_at", currentTime().description)
        object.set("created", .array(created))
        object.set("existing", .array(existing))
        object.set("failed", .array(failed))
        return object.value
    }
}

/// Where the user, and nobody else, wants worktrees outside the repository.
enum WorktreeFolder {
    /// The option, else `czar.worktreeRoot` of Git's user configuration; absolute.
    static func chosen(_ option: String?) throws -> String? {
        guard let folder = try option ?? userConfigValue("czar.worktreeRoot") else { return nil }
        return try UserFolder.absolute(folder)
    }
}
