import CzarGit
import CzarPlanning

/// Gathers what reports are made of. Reads only: works without a journal, on read-only checkouts and in folders Czar has never touched.
///
/// Of the present it looks at references and worktrees; of a moment that has passed only at the journal and at objects.
package struct ReportReader {
    private let project: ProjectLayout
    private let history: HistoryReader
    private let entries: [JournalEntry]
    private let plan: Plan
    private let graph: PlanGraph
    /// The workers that have left the plan, and that something was made or run for.
    private let former: [WorkerDefinition]
    private let chronicle: Chronicle
    private let base: String
    private let isPast: Bool
    /// Whether it is the phase that the plan's file is in.
    private let isCurrent: Bool
    /// Whether the plan was in another phase by then.
    private let isOfFormerPhase: Bool
    /// Why the journal does not belong to this folder; nil when it does.
    package let warning: String?
    private let limitations: [Limitation]
    /// Why the plan's files make up no plan, so that the reports are by the one accepted last; nil when all is well.
    package private(set) var planProblem: (any Error)?

    /// The moment that the reports are of.
    package var moment: Timestamp { chronicle.until }
    /// The phase that the reports are about.
    package var phase: PhaseID { chronicle.phase }
    /// When the phase was closed; nil while it is open.
    package var closed: Timestamp? { chronicle.closed }

    /// What went wrong with caches and graph files while inputs were read: it cost time, never truth.
    package var diagnostics: [String] { history.diagnostics }

    /// `phase`: nil for the plan's. `moment`: nil for now.
    /// Throws ``ReportError`` when the journal knows nothing of the phase at that moment.
    package init(around path: String, phase: PhaseID? = nil, at moment: Moment? = nil) throws {
        let project = try ProjectLayout(around: path)
        let history = project.makeHistoryReader()
        history.openAhead()
        let limitations = try project.checkedLimitations()
        let place = try JournalPlace(commonDirectory: project.location.commonDirectory, planFolder: nil)
        let journal = try Journal.open(place, mode: .readOnly)
        let warning = try journal?.identityProblem().map { "\($0)" }
        let (current, problem) = moment == nil ? try PlanSource(project).readOrAccepted() : (nil, nil)
        try self.init(
            project, history, current, entries: try journal?.entries() ?? [], phase: phase, at: moment, warning: warning,
            limitations: limitations)
        planProblem = problem
    }

    /// For a process that has the journal open, and a reader that remembers earlier reports.
    package init(_ coordinator: Coordinator, phase: PhaseID? = nil) throws {
        try self.init(
            coordinator.project, coordinator.history, coordinator.reading, entries: try coordinator.ledger.journal.entries(),
            phase: phase, at: nil, warning: nil, limitations: coordinator.limitations)
    }

    /// `current`: the plan as it is now; nil for a moment that has passed.
    private init(
        _ project: ProjectLayout, _ history: HistoryReader, _ current: PlanSource.Reading?, entries: [JournalEntry], phase: PhaseID?,
        at moment: Moment?, warning: String?, limitations: [Limitation]
    ) throws {
        (self.project, self.history, self.warning, self.limitations) = (project, history, warning, limitations)
        isPast = moment != nil
        let (entries, until) = try Self.cut(entries, at: moment)
        let newest = entries.last { $0.event.type == .planAccepted && $0.event.time <= until }?.event.phase
        guard let phase = phase ?? current?.plan.phase ?? newest else { throw ReportError.nothingRecorded(phase: nil, at: until) }
        chronicle = Chronicle(entries, phase: phase, until: until)
        self.entries = entries
        guard let found = PhasePlan(of: phase, current?.plan, chronicle.state) else {
            throw ReportError.nothingRecorded(phase: phase, at: isPast ? until : nil)
        }
        (plan, isCurrent) = (found.plan, found.isCurrent)
        isOfFormerPhase =
            isPast ? found.accepted?.sequence != chronicle.state.plans.values.map(\.sequence).max() : !found.isCurrent
        graph = PlanGraph(plan.restricted(to: phase))
        // One that runs in another phase is that one's, and one that the plan has moved to another phase has left this one.
        former = AcceptedPlans(entries.filter { $0.event.time <= until }).former(plan.restricted(to: phase), chronicle.state)
            .filter { $0.phase == phase }
        base = try plan.project.base ?? found.accepted?.base ?? PlanAcceptance.comparedHead(project)
    }

    /// The entries that count, and the time that the reports are of.
    private static func cut(_ entries: [JournalEntry], at moment: Moment?) throws -> ([JournalEntry], Timestamp) {
        switch moment {
        // A clock that was set back must not hide what stands in the journal.
        case nil: return (entries, max(currentTime(), entries.map(\.event.time).max() ?? currentTime()))
        case .time(let time): return (entries, time)
        case .sequence(let sequence):
            let kept = Array(entries.prefix { $0.sequence <= sequence })
            guard let last = kept.last, last.sequence == sequence else { throw ReportError.noSuchEntry(sequence: sequence) }
            return (kept, max(last.event.time, kept.map(\.event.time).max() ?? last.event.time))
        }
    }

    /// What the report of a kind is made of. `since`: from where `standup` and `weekly` count; nil for their usual beginning.
    /// - Complexity: that of ``FiguresReader/figures(_:)``, a fold of the journal, and for weekly and closeout O(own commits at each sample).
    package func inputs(for kind: ReportKind, zone: Zone, since: Timestamp? = nil) throws -> ReportInputs {
        let state = chronicle.state
        let repository = try Repository(opening: project.location)
        let tips = isPast ? [:] : Dictionary(try repository.branches().map { ($0.name, $0.tip) }, uniquingKeysWith: { first, _ in first })
        let everyone = former.reduce(into: plan) { $0.replace($1) }
        var facts = try isPast ? pastFacts(everyone, state) : presentFacts(everyone, state, tips)
        (facts.isOfFormerPhase, facts.namesPeople) = (isOfFormerPhase, true)
        let status = StatusReport(plan: plan, waves: PlanGraph(plan).waves, state: state, facts: facts).restricted(to: phase, plan)
        let work = try JointWorkReader(status, chronicle, history: history, tests: TestPatterns(added: plan.testMarkers))
        let beginning = since ?? kind.usualBeginning(chronicle.until, zone)
        let merges = try MergeReader(plan, history: history, tips: tips).proofs(state).filter { plan[$0.worker]?.phase == phase }
        return ReportInputs(
            plan: plan, graph: graph, chronicle: chronicle, status: status, former: formerWorkers(everyone, state, facts),
            work: try work.total(), merges: merges, zone: zone, since: since, growth: try beginning.flatMap { try growth(work, since: $0) },
            commits: kind.isDrawn ? try work.commitsOverTime() : [], isPast: isPast,
            isOfFormerPhase: isOfFormerPhase)
    }

    /// What is known of the workers that have left the plan.
    private func formerWorkers(_ everyone: Plan, _ state: ProjectState, _ facts: StatusFacts) -> [StatusReport.Worker] {
        guard !former.isEmpty else { return [] }
        let names = Set(former.map(\.id))
        let status = StatusReport(plan: everyone, waves: PlanGraph(everyone).waves, state: state, facts: facts)
        return status.workers.filter { names.contains($0.definition.id) }
    }

    /// `plan`: with the workers that have left it.
    private func presentFacts(_ plan: Plan, _ state: ProjectState, _ tips: [String: ObjectID]) throws -> StatusFacts {
        var facts = try StatusReader.facts(project, plan, base, history, state, limitations, now: chronicle.until)
        // A branch that was deleted after it had landed still has the figures that it had.
        let reader = FiguresReader(project: project, plan: plan, base: base, history: history)
        let gone = Set(plan.definitions.map(\.id).filter { facts.figures[$0]?.tip == nil })
        let recorded = try gone.isEmpty ? [:] : reader.recordedFigures(state, bases: tips, of: gone)
        for (id, figures) in recorded where gone.contains(id) {
            let worktree = facts.figures[id]?.worktree
            facts.figures[id] = figures
            facts.figures[id]?.isRecorded = true
            // The folder may outlive its branch.
            if let worktree { facts.figures[id]?.worktree = worktree }
        }
        // At the place of an earlier phase's worktree may be one of the next phase.
        for worker in plan.definitions where !isCurrent && state[worker.key].creation?.worktree == nil {
            facts.figures[worker.id]?.worktree = WorktreeFigures(path: nil, state: .none)
        }
        return facts
    }

    /// `plan`: with the workers that have left it.
    private func pastFacts(_ plan: Plan, _ state: ProjectState) throws -> StatusFacts {
        var facts = StatusFacts(now: chronicle.until, repository: project.root, logsFolder: project.logsFolder, base: base)
        facts.figures = try FiguresReader(project: project, plan: plan, base: base, history: history).recordedFigures(state)
        facts.limitations = FigureNotes(limitations: limitations, figures: facts.figures).sentences
        facts.daemon = state.daemon.map { daemon in
            StatusReport.Daemon(pid: ProcessIdentity(text: daemon.process).map { Int($0.pid) } ?? 0, since: daemon.since)
        }
        facts.checklistsAreKnown = false
        // What was in a worktree then nobody can say any more.
        for worker in plan.definitions {
            guard let path = state[worker.key].creation?.worktree else { continue }
            facts.figures[worker.id, default: GitFigures()].worktree = WorktreeFigures(path: path, state: .unknown)
        }
        facts.schedule.integrated = Set(
            facts.figures.filter { id, figures in
                figures.integration.isIntegrated && plan[id].map { state[$0.key].state == .complete } == true
            }.keys)
        return facts
    }

    /// Nil without a journal: nothing tells where the branches were.
    private func growth(_ work: JointWorkReader, since: Timestamp) throws -> Growth? {
        guard chronicle.began != nil else { return nil }
        let end = entries.lastIndex { $0.event.time < since }.map { $0 + 1 } ?? 0
        return try work.growth(since: ProjectState(entries[..<end]))
    }
}

/// Why there is no report.
package enum ReportError: Explained, Hashable {
    /// The journal holds no plan of the phase at that moment; nil: now.
    case nothingRecorded(phase: PhaseID?, at: Timestamp?)
    case noSuchEntry(sequence: Int64)

    package var description: String {
        switch self {
        case .nothingRecorded(let phase, let moment):
            "the journal holds no plan\(phase.map { " of phase \($0)" } ?? "")\(moment.map { " at \($0)" } ?? "")"
        case .noSuchEntry(let sequence): "the journal has no entry #\(sequence)"
        }
    }

    package var kind: FailureKind { .missing }
    package var remedy: String? { "czar events" }
}
