import CzarGit
import CzarPlanning

/// What a worker reports about itself: into the journal, or into its outbox where the journal cannot be written.
///
/// Called by every worker all the time, so it looks at as little as it can: the plan is read only when the worker has to be found by
/// its folder, and the journal is folded only for events that change a state.
package struct WorkerReport {
    private let project: ProjectLayout
    private let key: WorkerKey
    /// Whether it is one of an operator's, not a worker's about itself.
    private let isOperators: Bool
    private var actor: String { isOperators ? "cli" : "worker" }

    package enum Receipt: Hashable, Sendable {
        /// `problem`: why the status file does not show it yet. `next`: the command without which nothing follows from it.
        case recorded(JournalEntry, problem: String?, next: String?)
        case queued
    }

    /// `worker` is the one that was named; nil finds it by `acting`, the worker whose environment this process has (`CZAR_WORKER`), or by
    /// the worktree around `path`.
    ///
    /// - Throws: ``ProjectError``: no such worker, none named, or another one's.
    /// `phase`: only a worker of that one.
    package init(around path: String, worker: String?, acting: String?, phase: PhaseID? = nil) throws {
        project = try ProjectLayout(around: path)
        try project.requireReadableFormat()
        isOperators = acting == nil
        if let acting, let worker, acting != worker { throw ProjectError.notYourWorker(acting: acting, on: worker) }
        let environment = processEnvironment()
        if let acting, let id = WorkerID(rawValue: acting), let phase = environment["CZAR_PHASE"] {
            key = WorkerKey(phase: PhaseID(rawValue: phase), id: id)
            return
        }
        key = try Self.find(worker ?? acting, phase, project)
    }

    /// About a worker that was found already.
    package init(around path: String, of worker: WorkerKey, acting: String?) throws {
        project = try ProjectLayout(around: path)
        try project.requireReadableFormat()
        (key, isOperators) = (worker, acting == nil)
    }

    private static func find(_ name: String?, _ phase: PhaseID?, _ project: ProjectLayout) throws -> WorkerKey {
        let current = try PlanSource(project).readOrAccepted().reading.plan
        if let name, phase == nil,
            let found = current.definitions.first(where: { $0.id.rawValue == name || $0.displayName == name })
        {
            return found.key
        }
        let place = try JournalPlace(commonDirectory: project.location.commonDirectory, planFolder: nil)
        let entries: [JournalEntry]
        do throws(JournalError) { entries = try Journal.open(place, mode: .readOnly)?.entries() ?? [] } catch {
            // Who may not even read the journal still has an outbox.
            guard case .unreadable = error else { throw error }
            entries = []
        }
        let state = ProjectState(entries)
        let roster = try roster(current, phase, state, AcceptedPlans(entries))
        let plan = roster.plan
        if let name {
            guard let found = try roster.named(name) else { throw plan.noSuchWorker(name) }
            return found.key
        }
        guard project.location.isLinked, let here = project.location.currentWorktree else {
            throw ProjectError.workerNeeded(known: plan.ids.map(\.rawValue))
        }
        // Where another phase's worktree still stands, the plan's worker would be made.
        if let found = try roster.worker(at: here, state) { return found.key }
        let planned = plan.definitions.first { state[$0.key].creation == nil && project.worktreePath(of: $0, under: nil) == here }
        if let planned { return planned.key }
        // What it reports does not depend on where its folder is.
        guard let moved = try roster.worker(movedTo: here, state, project) else {
            throw ProjectError.workerNeeded(known: plan.ids.map(\.rawValue))
        }
        return moved.key
    }

    private static func roster(_ current: Plan, _ phase: PhaseID?, _ state: ProjectState, _ accepted: AcceptedPlans) throws -> Roster {
        func everyWorker(_ plan: Plan) -> Plan { accepted.former(plan, state).reduce(into: plan) { $0.replace($1) } }
        guard let phase else { return Roster(plan: everyWorker(current), current: current, state, define: accepted.definitions) }
        guard let found = PhasePlan(of: phase, current, state) else { throw ReportError.nothingRecorded(phase: phase, at: nil) }
        return Roster(of: phase, plan: everyWorker(found.plan), current: current)
    }

    /// Records the event, with the change of state that follows from it.
    package func write(_ type: EventType, _ fields: [String: String]) throws -> Receipt {
        if EventType.reserved.contains(type) { throw OperationError.reservedType(type: type.rawValue) }
        try EventAdmission.check(type: type.rawValue, fields: fields)
        let event = Event(time: currentTime(), phase: key.phase, worker: key.id, type: type, fields: fields, actor: actor)
        do {
            return try record(event)
        } catch let error as JournalError {
            return try queue(event, because: error)
        }
    }

    private func record(_ event: Event) throws -> Receipt {
        let place = try JournalPlace(
            commonDirectory: project.location.commonDirectory, planFolder: project.folder, ownFiles: project.location.ownFiles)
        let former = FileKind(at: place.database) == nil ? try prepareFirstEntry() : []
        let journal = try Journal.openOrCreate(place)
        journal.keepOpenUntilExit()
        var problem = try takeInQueued(journal)
        let written: [JournalEntry]
        var next: String?
        if [.blocked, .unblocked, .workerStart, .workerComplete].contains(event.type) {
            // It may change a state: that needs the journal folded.
            let ledger = try Ledger(journal, actor: actor)
            let writer = EventWriter(ledger, plan: try PlanSource(project).readOrAccepted().reading.plan)
            var fields = event.fields
            if event.type == .workerComplete { fields[Field.tip] = try tip(of: ledger.refresh()[key])?.hex }
            written = try writer.write(event.type, worker: key, phase: key.phase, fields)
            if try ledger.refresh()[key].hasEndToJudge { problem = try judge() ?? problem }
            if event.type == .blocked { problem = withoutEffect(try ledger.refresh()[key]) ?? problem }
            if event.type == .unblocked { next = try start(ledger.refresh()[key]) }
        } else {
            let appended = try journal.append([event])
            written = appended.entries
            if let behind = appended.mirrorProblem { problem = [problem, "\(behind)"].compactMap { $0 }.joined(separator: "\n") }
        }
        guard let entry = written.first else { throw OperationError.badEvent(why: "nothing was written") }
        if let note = try OldProject(project).whereabouts(of: former) {
            problem = [problem, note].compactMap { $0 }.joined(separator: "\n")
        }
        return .recorded(entry, problem: problem, next: next)
    }

    /// What is declared complete.
    private func tip(of record: WorkerRecord) throws -> ObjectID? {
        guard let branch = record.creation?.branch.rawValue else { return nil }
        return try Repository(opening: project.location).branchTip(branch)
    }

    /// What is checked out in a worktree: by the time somebody takes in what is queued the branch may have gone on. That it cannot be read keeps
    /// nothing from being queued.
    private static func tip(of worktree: String) -> ObjectID? {
        do {
            guard case .branch(_, let tip) = try Repository(opening: worktree).head() else { return nil }
            return tip
        } catch { return nil }
    }

    /// Keeps Git from seeing the files that come with a journal's first entry. Returns the names of old logs that make room for them.
    private func prepareFirstEntry() throws -> [String] {
        try WorkspaceFiles(project: project, plan: try PlanSource(project).readOrAccepted().reading.plan).hideOwnFiles()
        return OldProject(project).logs
    }

    /// The table of states holds nobody who has ended.
    private func withoutEffect(_ record: WorkerRecord) -> String? {
        guard record.state == .complete || record.state == .failed else { return nil }
        let next = record.state == .complete ? "reopen" : "retry"
        return "it holds nothing: '\(key.id)' is \(record.state) and cannot become blocked; 'czar \(next) \(key.id)' comes first"
    }

    /// What starts a worker that nothing holds any more, where nobody does by himself.
    private func start(_ record: WorkerRecord) throws -> String? {
        guard try DaemonLock.holder(project) == nil else { return nil }
        // The end of the run that it belonged to holds it yet.
        if record.state == .paused, record.causes == [.interrupted] { return "czar run" }
        return record.state == .pending || record.state == .ready ? "czar start \(key.id)" : nil
    }

    /// What was queued comes first, also where a daemon is about to take it in: all of it before what an operator says, and its own before
    /// what a worker says. Nearly always there is nothing, which the folders say without the plan. Returns what could not be taken in.
    private func takeInQueued(_ journal: Journal) throws -> String? {
        let places = isOperators ? try project.location.worktreePlaces() : [ownWorktree].compactMap { $0 }
        guard try places.contains(where: Outbox.holdsAny) || EventsLog.holdsAny(places, journal) else { return nil }
        var problems: [WorkerProblem] = []
        if isOperators {
            let coordinator = try Coordinator(around: project.root, actor: actor, evenWithBrokenPlan: true)
            problems = try EventIntake(coordinator).takeAll()
        } else {
            let plan = try PlanSource(project).readOrAccepted().reading.plan
            let intake = EventIntake(try Ledger(journal, actor: actor), plan: plan, project: project)
            try WorkerProblem.collecting(&problems, for: key) { try intake.take(of: key) }
        }
        return problems.isEmpty ? nil : problems.map { "\($0.worker.id): \($0.error)" }.joined(separator: "\n")
    }

    /// Of the worker that this process belongs to, wherever it works.
    private var ownWorktree: String? { processEnvironment()["CZAR_WORKTREE"] ?? project.location.currentWorktree }

    /// The command ended while its worker was held: nobody else judges that where no daemon runs. Returns why the status file could not be
    /// written.
    private func judge() throws -> String? {
        let coordinator = try Coordinator(around: project.root, actor: actor, evenWithBrokenPlan: true)
        guard let worker = coordinator.plan[key.id], worker.key == key else { return nil }
        try Settlement(coordinator).settleUnjudgedEnd(of: worker)
        return try HoldKeeper(coordinator).keepWithoutDaemon()
    }

    /// Only where the journal cannot be written at all; every other fault is told.
    private func queue(_ event: Event, because error: JournalError) throws -> Receipt {
        let isClosed = if case .denied = error { true } else if case .unreadable = error { true } else { false }
        guard isClosed, let worktree = project.location.currentWorktree, project.location.isLinked else { throw error }
        var event = event
        if event.type == .workerComplete { event.fields[Field.tip] = Self.tip(of: worktree)?.hex }
        _ = try Outbox.put(event, worktree: worktree)
        return .queued
    }
}
