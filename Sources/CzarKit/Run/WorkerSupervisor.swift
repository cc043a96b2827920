import CzarPlanning

/// What the supervisor process does with the journal: claims, records, and settles its worker when the command has ended.
package enum WorkerSupervisor {
    /// Runs as `czar __supervise`; the request comes on standard input, or, in a window, at the first of three paths.
    /// - Returns: the exit code.
    package static func run(window: [String]? = nil) async -> Int32 {
        await SupervisorProcess.run(
            window: window,
            recorder: { request in
                let coordinator = try coordinator(request)
                let worker = try worker(of: request, coordinator)
                return JournalRecorder(
                    ledger: coordinator.ledger, queue: EventIntake(coordinator),
                    dependencies: worker.map { worker in
                        worker.dependencies.map { WorkerKey(phase: worker.phase, id: $0) }
                    } ?? [], logName: request.logName)
            },
            settle: { request, _ in
                try await onOwnThread("settle") {
                    let coordinator = try coordinator(request)
                    guard let worker = try worker(of: request, coordinator) else { return }
                    // Its own reports alone: what another worker did to its worktree is no business of this attempt.
                    var problems: [WorkerProblem] = []
                    try WorkerProblem.collecting(&problems, for: worker.key) { try EventIntake(coordinator).take(of: worker.key) }
                    try coordinator.record(problems)
                    try Settlement(coordinator).settle(worker)
                }
            })
    }

    /// The attempt's worker: the plan's, unless the plan has another of that name, or none, by now.
    private static func worker(of request: AttemptRequest, _ coordinator: Coordinator) throws -> WorkerDefinition? {
        guard let key = request.attempt.key else { return nil }
        if let worker = coordinator.plan[key.id], worker.key == key { return worker }
        return try definition(key.id, request)
    }

    /// The worker as the plan defined it when the attempt began, for one that has left the plan since.
    private static func definition(_ id: WorkerID, _ request: AttemptRequest) throws -> WorkerDefinition {
        let file = PlanFile(
            name: "the plan of attempt \(request.attempt)", bytes: Array((request.context["plan"] ?? "").utf8), format: .json)
        guard let worker = PlanReader().read(file).plan?[id] else {
            throw LaunchError.unreadable(what: "the plan of attempt \(request.attempt)", reason: "it has no worker '\(id)'")
        }
        return worker
    }

    private static func coordinator(_ request: AttemptRequest) throws -> Coordinator {
        guard let repository = request.context["repository"] else {
            throw LaunchError.unreadable(what: "the supervisor's request", reason: "it names no repository")
        }
        return try Coordinator(around: repository, actor: "supervisor", evenWithBrokenPlan: true)
    }
}
