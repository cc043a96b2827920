import CzarGit
import CzarPlanning

/// Starts the next attempt of a worker: worktree, prompt, supervisor.
package struct WorkerStarter: Sendable {
    private let coordinator: Coordinator
    private let launcher: SupervisorLauncher
    private let options: WorkspaceOptions
    private let watch: WorkspaceWatch

    /// `watch` sees a worktree being made.
    package init(
        _ coordinator: Coordinator, launcher: SupervisorLauncher, options: WorkspaceOptions = WorkspaceOptions(),
        watch: WorkspaceWatch = WorkspaceWatch()
    ) {
        (self.coordinator, self.launcher, self.options, self.watch) = (coordinator, launcher, options, watch)
    }

    private var ledger: Ledger { coordinator.ledger }

    /// Who started an attempt.
    package enum Start: Hashable, Sendable {
        case here
        /// Another process was quicker: the very attempt that was asked for runs, or ran, without this one's doing.
        case elsewhere
    }

    /// Makes what is missing and starts the command; a person's worker becomes active as soon as its worktree is there.
    ///
    /// `attempt`: the one that is asked for; nil: the next one. Creation or preparation that fails makes the worker `failed` with the
    /// reason; the caller goes on with the others.
    @discardableResult
    package func start(_ worker: WorkerDefinition, attempt: Int? = nil) async throws -> Start {
        let attempt = try attempt ?? ledger.refresh()[worker.key].attempts.count + 1
        let workspace: Workspace
        let request: AttemptRequest?
        do {
            workspace = try WorkspaceCreator(coordinator, options: options).create(worker, watch: watch)
            watch.finished?(workspace)
            try leasePorts(worker, workspace)
            request = try worker.work == .person ? nil : prepare(worker, workspace)
        } catch let error as any Explained where error.kind != .internal {
            watch.finished?(nil)
            // Nothing of the worker has failed, and it may start as soon as the journal knows the place.
            if case WorkspaceError.moved = error, try MovedWorktree.place(of: ledger.refresh()[worker.key], coordinator.project) != nil {
                throw error
            }
            let failure = StateMove(
                to: .failed, causes: [Self.cause(of: error)], reason: "\(error)",
                remedy: (error as? WorkspaceError)?.remedyOfFailure ?? error.remedy)
            try ledger.move(worker.key, from: [.ready], failure)
            throw error
        }
        guard let request else {
            try beginPerson(worker)
            return .here
        }
        // Whoever was first has prepared the same attempt, or is past it.
        guard request.attempt.number == attempt else { return .elsewhere }
        switch try await launchUnlessElsewhere(request) {
        case nil: return .elsewhere
        case .claimed: return .here
        case .lost(let reason), .taken(let reason): throw OperationError.notStarted(worker: worker.id, why: reason)
        case .failed(let reason):
            try ledger.move(worker.key, from: [.ready, .starting], StateMove(to: .failed, causes: [.launch], reason: reason))
            throw OperationError.notStarted(worker: worker.id, why: reason)
        }
    }

    /// Nil when somebody else has the attempt.
    ///
    /// A supervisor has the attempt's lifeline a moment before it has the claim, so when that is taken the claim is waited for; one that
    /// gives up without a claim leaves the attempt to be tried again.
    private func launchUnlessElsewhere(_ request: AttemptRequest) async throws -> Handshake? {
        let deadline = ContinuousClock.now + .seconds(60)
        while true {
            let answer = await launch(request)
            let sequence: Int64
            switch answer {
            case .claimed, .failed: return answer
            case .lost, .taken:
                let state = try ledger.refresh()
                if let key = request.attempt.key, state[key].attempts.count >= request.attempt.number { return nil }
                sequence = state.lastSequence
            }
            guard case .taken = answer, ContinuousClock.now < deadline else { return answer }
            try await onOwnThread("claim") { [ledger] in
                // Nothing tells of a lifeline that was given back without a claim.
                _ = try JournalChanges(of: ledger.journal).wait(after: sequence, timeout: .milliseconds(500))
            }
        }
    }

    private static func cause(of error: any Error) -> Cause {
        if case LaunchError.badProgram = error { .launch } else { .create }
    }

    private func launch(_ request: AttemptRequest) async -> Handshake {
        do throws(LaunchError) {
            return try await launcher.launch(request)
        } catch {
            return .failed(reason: "\(error)")
        }
    }

    /// What a start would do now.
    package struct Preview: Sendable {
        package let folder: String
        /// Nil: a person works there.
        package let command: ResolvedCommand?
        /// What runs before the command; nil when the worktree has had it, or nothing is to be run.
        package let setup: SetupRequest?
        /// The ports that it has; more, up to what the plan says, are leased when it starts.
        package let ports: [Int]
        /// Why it would not be started; nil when nothing is known to be in the way.
        package let obstacle: (any Error)?
    }

    /// What would be started now, without starting or writing anything.
    package func preview(_ worker: WorkerDefinition) throws -> Preview {
        let record = try ledger.refresh()[worker.key]
        let path = record.creation?.worktree ?? coordinator.project.worktreePath(of: worker, under: options.folder)
        let (fork, obstacle) = outlook(worker)
        if case .person = worker.work {
            return Preview(folder: path, command: nil, setup: nil, ports: record.ports, obstacle: obstacle)
        }
        let context = try context(worker, record, path: path, branch: record.creation?.branch ?? worker.branch, forkPoint: fork)
        let (command, setup) = (try resolve(context), try setup(worker, record, context))
        return Preview(
            folder: path, command: command, setup: setup, ports: record.ports,
            obstacle: obstacle ?? (setup == nil ? missingProgram(of: command) : nil))
    }

    private func outlook(_ worker: WorkerDefinition) -> (fork: CommitID?, obstacle: (any Error)?) {
        do { return (try WorkspaceStart(coordinator, options).outlook(worker), nil) } catch { return (nil, error) }
    }

    /// A program that is named by a path in the worktree is known once that is there.
    private func missingProgram(of command: ResolvedCommand) -> (any Error)? {
        let isInside = command.arguments.first.map { $0.contains("/") && !$0.hasPrefix("/") } ?? true
        guard FileKind(at: command.folder) != nil || !isInside else { return nil }
        do {
            _ = try command.programPath()
            return nil
        } catch { return error }
    }

    private func beginPerson(_ worker: WorkerDefinition) throws {
        try ledger.change { state in
            guard state[worker.key].state == .ready else { return [] }
            let event = ledger.event(.stateChanged, worker: worker.key, phase: worker.phase)
            return [
                event.stateChanged(from: .ready, StateMove(to: .starting), person: true),
                event.stateChanged(from: .starting, StateMove(to: .active), person: true),
            ]
        }
    }

    private func prepare(_ worker: WorkerDefinition, _ workspace: Workspace) throws -> AttemptRequest {
        try Trust(coordinator.project).require(coordinator.plan.started([worker]))
        let state = try ledger.refresh()
        let record = state[worker.key]
        let context = try context(worker, record, path: workspace.path, branch: workspace.branch)
        let (command, setup) = (try resolve(context), try setup(worker, record, context))
        // Whoever starts it is told now; a set-up may bring the program first.
        if setup == nil { _ = try command.programPath() }
        let folder = try Folder(opening: workspace.path).subfolder(
            WorkerFiles.folder, creating: coordinator.project.location.ownFiles.folder)
        guard let entry = try gitDirectory(ofWorktree: workspace.path) else {
            throw WorkspaceError.unlinked(worker: worker.id, path: workspace.path)
        }
        try PromptFile(worktree: workspace.path, entry: entry).write(context.prompt, in: folder)
        try folder.replaceLink("czar", to: launcher.executable)
        return AttemptRequest(
            attempt: AttemptID(worker.key, number: record.attempts.count + 1), command: command,
            stateFolder: coordinator.project.stateFolder, czarinaFolder: coordinator.project.folder,
            context: ["repository": coordinator.project.root, "plan": coordinator.plan.normalised],
            setup: setup, terminalSession: terminalSession, logStem: AttemptLog.stem(of: worker.key, in: state))
    }

    private var terminalSession: String? {
        guard coordinator.plan.orchestration.launcher == .tmux else { return nil }
        let project = coordinator.project
        return TmuxSession(repository: project.root, commonDirectory: project.location.commonDirectory).name
    }

    /// The environment and folder of a worker's command, for a person who takes its place; without arguments.
    func environment(of worker: WorkerDefinition) throws -> ResolvedCommand {
        let record = try ledger.refresh()[worker.key]
        guard let creation = record.creation, let path = creation.worktree else { throw OperationError.noWorktree(worker: worker.id) }
        let context = try context(worker, record, path: path, branch: creation.branch)
        return ResolvedCommand(
            arguments: [],
            environment: WorkerEnvironment.make(
                inherited: processEnvironment(), context: context, extra: [:], czarExecutable: launcher.executable), folder: path)
    }

    /// Nil when the worktree has had this very set-up.
    private func setup(_ worker: WorkerDefinition, _ record: WorkerRecord, _ context: WorkerContext) throws -> SetupRequest? {
        guard let setup = worker.setup else { return nil }
        let what = JSONValue.strings(setup.run).text
        guard record.setup != what else { return nil }
        return SetupRequest(
            arguments: try WorkerCommand.fill(setup.run, context), timeout: Double(setup.timeout.components.seconds), what: what)
    }

    /// Gives the worktree as many ports as the plan says, the same ones at each start.
    private func leasePorts(_ worker: WorkerDefinition, _ workspace: Workspace) throws {
        let record = try ledger.refresh()[worker.key]
        guard worker.ports > 0 || !record.ports.isEmpty else { return }
        let ports = try PortLeases(environment: processEnvironment()).lease(worker.ports, to: workspace.path)
        guard ports != record.ports else { return }
        let text = ports.map(String.init).joined(separator: ",")
        try ledger.record(.portsLeased, worker: worker.key, phase: worker.phase, [Field.ports: text])
    }

    private func resolve(_ context: WorkerContext) throws -> ResolvedCommand {
        try WorkerCommand.resolve(
            context, agents: coordinator.plan.agents, inherited: processEnvironment(), czarExecutable: launcher.executable)
    }

    /// The session to go on with: of the worker's agent as the plan names it now.
    private func session(of worker: WorkerDefinition, _ record: WorkerRecord) -> String? {
        guard case .agent(let agent) = worker.work, record.session?.agent == AgentNames.canonical(agent) else { return nil }
        return record.session?.id
    }

    /// `forkPoint`: of a branch that is not recorded yet.
    private func context(
        _ worker: WorkerDefinition, _ record: WorkerRecord, path: String, branch: BranchName, forkPoint: CommitID? = nil
    ) throws -> WorkerContext {
        let project = coordinator.project
        let brief = try Briefs(project).text(of: worker)
        let entry = try project.location.worktrees().first { $0.path == path }
        let identityPath = WorkspaceFiles.identityPath(worktree: path, gitDirectory: entry?.gitDirectory)
        let base = record.creation?.base ?? worker.base ?? coordinator.base
        var context = WorkerContext(
            worker: worker, project: coordinator.plan.project, attempt: record.attempts.count + 1, repository: project.root,
            branch: branch.rawValue, base: base, worktree: path, brief: project.briefPath(of: worker.id), identity: identityPath,
            prompt: "",
            session: session(of: worker, record))
        context.ports = record.ports
        context.forkPoint = record.creation.map(\.forkPoint) ?? forkPoint
        let file = try Briefs(project).file(of: worker)
        (context.brief, context.hasBrief) = (file ?? context.brief, file != nil)
        context.prompt = Prompt.text(
            identity: IdentityFile.text(context, workers: coordinator.plan.definitions), brief: brief, worker: worker,
            lastFailure: record.attempts.isUntried ? nil : record.lastFailure, questions: record.questions)
        return context
    }
}
