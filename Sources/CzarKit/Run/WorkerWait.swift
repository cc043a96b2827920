import CzarGit
import CzarPlanning
import Synchronization

/// Waits until workers have come to where somebody wants them, with and without a daemon.
///
/// It looks when the journal grows, a branch moves, the plan's files change or the daemon ends, and otherwise sleeps. It writes nothing.
package final class WorkerWait: Sendable {
    private let project: ProjectLayout
    private let place: JournalPlace
    private let goal: WaitGoal
    private let watcher: Watcher
    private let history: HistoryReader
    private let isStopped = Atomic(false)

    /// How a wait ended.
    package struct Ending: Sendable {
        package enum Reason: String, Hashable, Sendable, CaseIterable {
            case met, failed
            case timedOut = "timed-out"
            case interrupted
        }

        package let reason: Reason
        package let judgement: WaitJudgement
        package let hasDaemon: Bool
    }

    package init(around path: String, for goal: WaitGoal) throws {
        self.goal = goal
        project = try ProjectLayout(around: path)
        _ = try project.checkedLimitations()
        place = try JournalPlace(commonDirectory: project.location.commonDirectory, planFolder: nil)
        watcher = try Watcher(commonDirectory: project.location.commonDirectory)
        history = project.makeHistoryReader()
    }

    /// Ends the wait from any thread.
    package func stop() {
        isStopped.store(true, ordering: .relaxed)
        watcher.wake()
    }

    /// Blocks until the goal is reached, cannot be reached any more, or the time is up.
    ///
    /// `choose` picks the workers, once; nil from it: all that the plan has, whatever becomes of that meanwhile. `begin` hears whether a daemon is there,
    /// when there is something to wait for. `warn` hears why the plan's files make up no plan, so that the one accepted last is gone by.
    /// - Throws: ``ProjectError/noSuchWorker(name:suggestion:known:)`` when a changed plan no longer has one that was chosen.
    package func wait(
        timeout: Duration?, choose: (Plan, ProjectState) throws -> [WorkerDefinition]?, begin: (_ hasDaemon: Bool) -> Void,
        warn: (any Error) -> Void
    ) throws -> Ending {
        let deadline = timeout.map { ContinuousClock.now + $0 }
        var view = View()
        var chosen: [WorkerID]?
        var hasBegun = false
        var absence = DaemonAbsence()
        while true {
            // Watched before it is looked at, so that what happens in between is notified.
            try watcher.watch(worktrees: [], planFolder: project.folder)
            try update(&view, warn)
            chosen = try chosen ?? choose(view.plan, view.state)?.map(\.id)
            let asked = try chosen?.map { id in
                guard let worker = view.plan[id] else { throw view.plan.noSuchWorker(id.rawValue) }
                return worker
            }
            var facts = try facts(view)
            facts.hasLostDaemon = absence.isFinal(isThere: facts.hasDaemon)
            let judgement = WaitJudgement(
                goal, of: asked ?? view.plan.definitions, plan: view.plan, order: view.graph.topologicalOrder, facts: facts)
            func ending(_ reason: Ending.Reason) -> Ending { Ending(reason: reason, judgement: judgement, hasDaemon: facts.hasDaemon) }
            if judgement.outcome == .met { return ending(.met) }
            if judgement.outcome == .failed { return ending(.failed) }
            if isStopped.load(ordering: .relaxed) { return ending(.interrupted) }
            let left = deadline.map { $0 - .now }
            if let left, left <= .zero { return ending(.timedOut) }
            if !hasBegun { begin(facts.hasDaemon) }
            hasBegun = true
            try sleep(facts.schedule.nextMoment, [left, absence.left].compactMap { $0 }.min())
        }
    }

    /// Whether a daemon that was there is gone for good: one that reads a changed plan ends and begins again within moments.
    private struct DaemonAbsence {
        private static let patience = Duration.seconds(5)
        private var wasThere = false
        private var since: ContinuousClock.Instant?

        mutating func isFinal(isThere: Bool) -> Bool {
            wasThere = wasThere || isThere
            since = isThere || !wasThere ? nil : since ?? .now
            return since.map { .now - $0 >= Self.patience } ?? false
        }

        /// How long one may still come back; nil where none is missed, or it is missed for good.
        var left: Duration? {
            since.flatMap { since in
                let left = Self.patience - (.now - since)
                return left > .zero ? left : nil
            }
        }
    }

    /// What was read so far: the plan is read again when its files change, the journal from where it ended.
    private struct View {
        var reading: PlanSource.Reading?
        var state = ProjectState()
        var journal: Journal?
        var base = ""

        /// Set by the first update.
        var plan: Plan { reading?.plan ?? Plan(project: Project(name: "", slug: "")) }
        var graph: PlanGraph { reading?.graph ?? PlanGraph(plan) }
    }

    private func update(_ view: inout View, _ warn: (any Error) -> Void) throws {
        let source = PlanSource(project)
        if try view.reading == nil || view.reading?.fingerprint != source.fingerprint() {
            let (reading, problem) = try source.readOrAccepted()
            view.reading = reading
            if let problem { warn(problem) }
        }
        view.journal = try view.journal ?? Journal.open(place, mode: .readOnly)
        for entry in try view.journal?.entries(after: view.state.lastSequence) ?? [] { view.state.apply(entry) }
        view.base = try StatusReader.base(view.plan, view.state, project)
    }

    private func facts(_ view: View) throws -> WaitFacts {
        let reader = FactsReader(project: project, plan: view.plan, base: view.base, history: history)
        let scheduler = Scheduler(plan: view.plan, order: view.graph.topologicalOrder)
        let found = try reader.scheduleFacts(view.state, now: currentTime())
        let schedule = scheduler.schedule(view.state, facts: found)
        var facts = WaitFacts(state: view.state, schedule: schedule, hasDaemon: try DaemonLock.holder(project) != nil)
        // A supervisor that is gone may have done everything since the journal was read.
        let newer = found.orphaned.isEmpty ? [] : try view.journal?.entries(after: view.state.lastSequence) ?? []
        facts.orphaned = found.orphaned.subtracting(newer.compactMap(\.event.key?.id))
        if goal == .integrated { facts.integrated = try reader.integrated(view.state) }
        if goal == .attention, let reading = view.reading {
            facts.attention = try StatusReader(project, reading, view.state, base: view.base, history: history).report().attention
        }
        return facts
    }

    private func sleep(_ moment: Timestamp?, _ left: Duration?) throws {
        let due = moment.map { Duration.milliseconds(max(1, $0.milliseconds - currentTime().milliseconds)) }
        let daemon = try DaemonLock.recorded(project)
        try watcher.wait([due, left].compactMap { $0 }.min(), processes: daemon.map { $0.isAlive ? [$0] : [] } ?? [])
    }
}
