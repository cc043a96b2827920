import CzarGit
import CzarPlanning

/// A project with its plan and its open journal: what every command that changes something works with.
package final class Coordinator: Sendable {
    package let project: ProjectLayout
    package let reading: PlanSource.Reading
    package let ledger: Ledger
    package let limitations: [Limitation]
    /// What this process remembers of history.
    let history: HistoryReader
    /// The branch that workers without a base of their own start from, as recorded.
    package let base: String
    /// Why the plan's files make up no plan, so that ``plan`` is the one accepted last; nil when all is well.
    package let planProblem: (any Error)?

    package var plan: Plan { reading.plan }
    package var phase: PhaseID { plan.phase }

    /// Opens the project around `path` for writing: checks what the repository is, reads the plan and accepts it into the journal.
    ///
    /// `actor` is who writes, as entries show it: `cli`, `daemon`, `supervisor`. `evenWithBrokenPlan`: for what is about workers that exist
    /// already, the plan accepted last will do. `withWithdrawn`: also for workers that were taken out of it.
    package init(around path: String, actor: String, evenWithBrokenPlan: Bool = false, withWithdrawn: Bool = false) throws {
        project = try ProjectLayout(around: path)
        history = project.makeHistoryReader()
        limitations = try project.checkedLimitations()
        try WithdrawnFiles(project).settle()
        let source = PlanSource(project)
        (reading, planProblem) =
            evenWithBrokenPlan ? try source.readOrAccepted(withWithdrawn: withWithdrawn) : (try source.read(), nil)
        let repository = try Repository(opening: project.location)
        try project.location.rememberMainWorktree()
        try WorkspaceFiles(project: project, plan: reading.plan).hideOwnFiles()
        let place = try JournalPlace(
            commonDirectory: project.location.commonDirectory, planFolder: project.folder, ownFiles: project.location.ownFiles)
        // The first entry of a journal puts the old events.log aside; a plan that cannot be accepted is no reason for that.
        if planProblem == nil, FileKind(at: place.database) == nil {
            try PlanAcceptance.requireBase(reading.plan, project)
        }
        ledger = try Ledger(try Journal.openOrCreate(place), actor: actor)
        if planProblem != nil, let accepted = try ledger.refresh().plans[reading.plan.phase] {
            base = accepted.base
        } else {
            let accepted = try PlanAcceptance(project: project, reading: reading, ledger: ledger).accept(repository)
            base = accepted.base
            // Whoever is at work is told who works beside him now.
            if accepted.isNew { try WorkspaceFiles(project: project, plan: reading.plan).refreshIdentities(try ledger.refresh()) }
        }
    }

    /// Opens the project around `path` for a look at what would be done: nothing is written, and where there is no journal all stands as at the
    /// beginning.
    package init(lookingAround path: String) throws {
        project = try ProjectLayout(around: path)
        history = project.makeHistoryReader()
        limitations = try project.checkedLimitations()
        (reading, planProblem) = (try PlanSource(project).read(), nil)
        let place = try JournalPlace(commonDirectory: project.location.commonDirectory, planFolder: nil)
        ledger = try Ledger(try Journal.openForLooking(place), actor: "cli")
        base = try PlanAcceptance(project: project, reading: reading, ledger: ledger).expectedBase()
    }

    private init(_ other: Coordinator, by phasePlan: PhasePlan) {
        (project, ledger, limitations, history) = (other.project, other.ledger, other.limitations, other.history)
        reading = PlanSource.Reading(
            plan: phasePlan.plan, graph: PlanGraph(phasePlan.plan), warnings: [], files: [], fingerprint: other.reading.fingerprint)
        base = phasePlan.plan.project.base ?? phasePlan.accepted?.base ?? other.base
        planProblem = nil
    }

    /// The plan, and the workers that have left it and still have something here: for what is done to workers by name.
    package func everyWorker() throws -> Plan {
        var plan = plan
        let state = try ledger.refresh()
        guard !state.outside(plan).isEmpty else { return plan }
        for worker in AcceptedPlans(try ledger.journal.entries()).former(plan, state) { plan.replace(worker) }
        return plan
    }

    /// Whom commands can mean; `phase`: only workers of that one.
    /// - Throws: ``ReportError/nothingRecorded(phase:at:)`` where nothing is known of the phase.
    package func roster(of phase: PhaseID? = nil) throws -> Roster {
        if let phase { return Roster(of: phase, plan: try inPhase(phase).everyWorker(), current: plan) }
        return Roster(plan: try everyWorker(), current: plan, try ledger.refresh()) { [ledger] workers in
            workers.isEmpty ? [] : AcceptedPlans(try ledger.journal.entries()).definitions(of: workers)
        }
    }

    /// Whom commands that begin work can mean: only the plan's own workers, and of others it is known who they are.
    package func startable() throws -> Roster {
        Roster(plan: plan, current: plan, try ledger.refresh()) { [ledger] workers in
            workers.isEmpty ? [] : AcceptedPlans(try ledger.journal.entries()).definitions(of: workers)
        }
    }

    /// The same project by the plan that a phase's workers stand in.
    package func inPhase(_ phase: PhaseID) throws -> Coordinator {
        guard phase != self.phase else { return self }
        guard let found = PhasePlan(of: phase, plan, try ledger.refresh()) else {
            throw ReportError.nothingRecorded(phase: phase, at: nil)
        }
        return Coordinator(self, by: found)
    }

    /// The same project by the plan that a worker stands in: its base, and whom it names, are those of its phase.
    package func about(_ worker: WorkerKey) throws -> Coordinator { plan.lacks(worker) ? try inPhase(worker.phase) : self }

    /// What stands behind a worker's name in commands about it.
    func phaseOption(of worker: WorkerKey) -> String { plan.lacks(worker) ? " --phase \(ShellText.word(worker.phase.rawValue))" : "" }

    /// The worker of that name in the current phase.
    package func worker(_ id: WorkerID) throws -> WorkerDefinition {
        guard let worker = plan[id] else { throw plan.noSuchWorker(id.rawValue) }
        return worker
    }

    /// Writes down what is wrong with workers, so that it is seen in their latest entries.
    func record(_ problems: [WorkerProblem]) throws {
        for problem in problems {
            try ledger.record(.problem, worker: problem.worker, phase: phase, [Field.reason: "\(problem.error)"])
        }
    }

    /// Opens a repository handle for the calling thread.
    package func openRepository() throws -> Repository { try Repository(opening: project.location) }
}

extension Plan {
    /// The error for a name that is no worker's, with the nearest one.
    package func noSuchWorker(_ name: String) -> ProjectError {
        let known = ids.map(\.rawValue)
        return .noSuchWorker(name: name, suggestion: NearName.suggestion(for: name, among: known), known: known)
    }
}
