import CzarGit
import CzarPlanning

/// Puts `czar status` together. Reads only: works without a journal, on read-only checkouts and in folders Czar has never touched.
package struct StatusReader {
    private let project: ProjectLayout
    package let reading: PlanSource.Reading
    package let state: ProjectState
    /// Only what compares with the base needs to know it.
    private let base: Result<String, any Error>
    private let history: HistoryReader
    /// Why the journal is not read, or is not this folder's; nil when all is well.
    package let journalProblem: JournalError?
    /// Why the plan's files make up no plan, so that the one accepted last is shown; nil when all is well.
    package let planProblem: (any Error)?
    /// What Czar cannot do here as git would.
    package let limitations: [Limitation]

    /// Whether ``reading`` is the plan of a phase that the project is no longer in.
    private var isOfFormerPhase = false

    /// What went wrong with caches and graph files while the reports were made: it cost time, never truth.
    package var diagnostics: [String] { history.diagnostics }

    /// Reads the plan and, where there is one, the journal.
    ///
    /// `evenWithoutJournal`: where it cannot be read, ``journalProblem`` says why, and the workers are shown as Git alone knows them: worth
    /// having most when something is broken.
    package init(around path: String, evenWithoutJournal: Bool = false) throws {
        project = try ProjectLayout(around: path)
        history = project.makeHistoryReader()
        history.openAhead()
        let (plan, journal) = whileLibraryStarts { [project] in
            (
                Result { try PlanSource(project).readOrAccepted() },
                Result { try Self.journal(of: project, mayBeUnreadable: evenWithoutJournal) }
            )
        }
        // What the repository is comes first, also among errors.
        limitations = try project.checkedLimitations()
        (reading, planProblem) = try plan.get()
        (state, journalProblem) = try journal.get()
        base = Result { [reading, state, project] in try Self.base(reading.plan, state, project) }
    }

    /// For a process that has the state already, and perhaps a reader that remembers earlier reports.
    package init(_ coordinator: Coordinator, state: ProjectState, history: HistoryReader? = nil) {
        self.history = history ?? coordinator.history
        (project, reading, self.state, base) = (coordinator.project, coordinator.reading, state, .success(coordinator.base))
        (journalProblem, planProblem, limitations) = (nil, nil, coordinator.limitations)
    }

    /// For a process that reads again and again, and has read the plan and the journal.
    init(_ project: ProjectLayout, _ reading: PlanSource.Reading, _ state: ProjectState, base: String, history: HistoryReader) {
        (self.project, self.reading, self.state, self.base, self.history) = (project, reading, state, .success(base), history)
        (journalProblem, planProblem, limitations) = (nil, nil, [])
    }

    private init(_ other: StatusReader, by phasePlan: PhasePlan) {
        (project, state, history) = (other.project, other.state, other.history)
        (journalProblem, planProblem, limitations) = (other.journalProblem, other.planProblem, other.limitations)
        reading = PlanSource.Reading(
            plan: phasePlan.plan, graph: PlanGraph(phasePlan.plan), warnings: [], files: [], fingerprint: other.reading.fingerprint)
        base = (phasePlan.plan.project.base ?? phasePlan.accepted?.base).map { .success($0) } ?? other.base
        isOfFormerPhase = !phasePlan.isCurrent
    }

    private static func journal(of project: ProjectLayout, mayBeUnreadable: Bool) throws -> (ProjectState, JournalError?) {
        // With the plan's folder, where a mirror tells of a journal that is gone.
        let place = try JournalPlace(commonDirectory: project.location.commonDirectory, planFolder: project.folder)
        do throws(JournalError) {
            let journal = try Journal.open(place, mode: .readOnly)
            return (ProjectState(try journal?.entries() ?? []), try journal?.identityProblem())
        } catch {
            guard mayBeUnreadable else { throw error }
            return (ProjectState(), error)
        }
    }

    /// The report of this moment.
    /// - Complexity: that of ``FiguresReader/figures(_:)``.
    package func report(now: Timestamp = currentTime()) throws -> StatusReport {
        var facts = try Self.facts(project, reading.plan, base.get(), history, state, limitations, now: now)
        facts.isOfFormerPhase = isOfFormerPhase
        return StatusReport(plan: reading.plan, waves: reading.graph.waves, state: state, facts: facts)
    }

    /// The plan, and the workers that have left it and still have something here.
    package func everyWorker() throws -> Plan {
        var plan = reading.plan
        guard !state.outside(plan).isEmpty else { return plan }
        for worker in try AcceptedPlans(of: project)?.former(plan, state) ?? [] { plan.replace(worker) }
        return plan
    }

    /// Whom commands can mean; `phase`: only workers of that one.
    /// - Throws: ``ReportError/nothingRecorded(phase:at:)`` where nothing is known of the phase.
    package func roster(of phase: PhaseID? = nil) throws -> Roster {
        if let phase { return Roster(of: phase, plan: try inPhase(phase).everyWorker(), current: reading.plan) }
        return Roster(plan: try everyWorker(), current: reading.plan, state) { [project] workers in
            workers.isEmpty ? [] : try AcceptedPlans(of: project)?.definitions(of: workers) ?? []
        }
    }

    /// The same by the plan that a phase's workers stand in.
    package func inPhase(_ phase: PhaseID) throws -> StatusReader {
        guard phase != reading.plan.phase else { return self }
        guard let found = PhasePlan(of: phase, reading.plan, state) else { throw ReportError.nothingRecorded(phase: phase, at: nil) }
        return StatusReader(self, by: found)
    }

    /// The report with the workers in it that have left the plan.
    package func reportOfEveryWorker(now: Timestamp = currentTime()) throws -> StatusReport {
        let plan = try everyWorker()
        var facts = try Self.facts(project, plan, base.get(), history, state, limitations, now: now)
        facts.isOfFormerPhase = isOfFormerPhase
        return StatusReport(plan: plan, waves: PlanGraph(plan).waves, state: state, facts: facts)
    }

    private static let shallow =
        "the history is shallow: what lies beyond its boundary is in no figure; 'git fetch --unshallow' brings it"

    /// What the report needs beside plan and journal, as it is now.
    static func facts(
        _ project: ProjectLayout, _ plan: Plan, _ base: String, _ history: HistoryReader, _ state: ProjectState,
        _ limitations: [Limitation], now: Timestamp
    ) throws -> StatusFacts {
        var facts = StatusFacts(now: now, repository: project.root, logsFolder: project.logsFolder, base: base)
        facts.figures = try FiguresReader(project: project, plan: plan, base: base, history: history).figures(state)
        facts.schedule = try FactsReader(project: project, plan: plan, base: base, history: history).scheduleFacts(state, now: now)
        facts.schedule.orphaned = try stillOrphaned(facts.schedule.orphaned, project, plan, state)
        facts.unrecorded = try unrecorded(facts.schedule.orphaned, project, plan, state)
        if !facts.unrecorded.isEmpty, DiskSpace.isUsedUp(at: project.stateFolder) {
            facts.fullDisk = DiskSpace.remedy(for: project.stateFolder)
        }
        facts.schedule.orphaned.subtract(facts.unrecorded)
        facts.daemon = try DaemonLock.holder(project)
        facts.lastLines = LastLineReader(project).lines(plan, state)
        let repository = try Repository(opening: project.location)
        let local = Dictionary(try repository.branches().map { ($0.name, $0.tip) }, uniquingKeysWith: { first, _ in first })
        facts.targetStart = try TargetStart.of(plan, base, repository)
        for worker in plan.definitions where facts.schedule.drifted[worker.id] != nil {
            facts.plannedTips[worker.id] = local[worker.branch.rawValue].map { CommitID(rawValue: $0.hex) }
        }
        if case .unborn = try repository.head(), try repository.baseTip(base) == nil { facts.firstCommit = PlanAcceptance.firstCommit }
        if state.plans[plan.phase] == nil { facts.firstCommit = try PlanAcceptance.wayToBase(plan, project) ?? facts.firstCommit }
        facts.limitations = try RemoteCheckout(plan, state, local: local, repository).map { [$0.sentence] } ?? []
        facts.limitations += FigureNotes(limitations: limitations, figures: facts.figures).sentences
        if repository.isShallow { facts.limitations.append(shallow) }
        facts.untrusted = try Trust(project).waiting(plan)
        let briefs = Briefs(project)
        for worker in plan.definitions { facts.checklists[worker.id] = try briefs.tasks(of: worker) }
        // Shown until the worker does something here: then its own state says more than an old mark.
        facts.claims = try OldProject(project).completionClaims(plan, hasJournal: state.lastSequence > 0).filter { id in
            plan[id].map { state[$0.key].attempts.count == 0 && state[$0.key].startedAt == nil } ?? false
        }
        return facts
    }

    /// A supervisor records how its command ended and ends itself then. So of a worker whose supervisor is gone the end may have been written
    /// since the journal was read: only one of which it says nothing newer was left alone.
    private static func stillOrphaned(
        _ orphaned: Set<WorkerID>, _ project: ProjectLayout, _ plan: Plan, _ state: ProjectState
    ) throws -> Set<WorkerID> {
        guard !orphaned.isEmpty else { return [] }
        let place = try JournalPlace(commonDirectory: project.location.commonDirectory, planFolder: nil)
        guard let journal = try Journal.open(place, mode: .readOnly) else { return orphaned }
        let newest = try journal.lastSequences()
        return orphaned.filter { id in plan[id].map { newest[$0.key] ?? 0 <= state[$0.key].lastSequence } ?? true }
    }

    /// Those whose supervisor has kept the end of their command in a file, because the journal would not take it.
    private static func unrecorded(
        _ orphaned: Set<WorkerID>, _ project: ProjectLayout, _ plan: Plan, _ state: ProjectState
    ) throws -> Set<WorkerID> {
        try orphaned.filter { id in
            guard let attempt = plan[id].flatMap({ state[$0.key].runningAttempt }) else { return false }
            return try UnrecordedEnding.of(attempt, in: project.stateFolder) != nil
        }
    }

    static func base(_ plan: Plan, _ state: ProjectState, _ project: ProjectLayout) throws -> String {
        try plan.project.base ?? state.plans[plan.phase]?.base ?? PlanAcceptance.comparedHead(project)
    }
}
