/// Everything the journal says: a fold of its entries in order.
///
/// The same entries give the same state. An entry whose fields make no sense changes nothing but the worker's last sequence number:
/// what stands in the journal stands, and a fold has nobody to complain to.
package struct ProjectState: Hashable, Sendable {
    package private(set) var lastSequence: Int64 = 0
    /// The plan accepted last, per phase.
    package private(set) var plans: [PhaseID: AcceptedPlan] = [:]
    package private(set) var workers: [WorkerKey: WorkerRecord] = [:]
    /// Workers that are starting or active, and those whose attempt has not ended: what `max_active` counts, people among them.
    package private(set) var occupying: Set<WorkerKey> = []
    /// The state of the base branches seen last, by name.
    package private(set) var baseTips: [String: CommitID] = [:]
    /// The daemon that was recorded as started last; nil once its end is.
    package private(set) var daemon: StartedDaemon?
    /// What the daemon that started last was told; nobody's once it has ended.
    package private(set) var daemonOptions = ScheduleOptions()
    /// Whether the daemon that started last asked before each start; known after its end too.
    package private(set) var lastRunAsked = false
    /// When phases were closed; one whose closing was undone is open again.
    package private(set) var closings: [PhaseID: Timestamp] = [:]
    /// The levels of the plan's budget that were reported, with the limit they were reported for.
    package private(set) var budgetLevels: Set<String> = []

    /// Until when no worker of an agent is started, by its canonical name: its model refuses to answer before.
    package private(set) var agentHolds: [String: Timestamp] = [:]

    /// Whose worktree was recorded last at each place.
    private var places: [String: WorkerKey] = [:]

    package init() {}

    package init(_ entries: some Sequence<JournalEntry>) {
        for entry in entries { apply(entry) }
    }

    /// A plan as it was accepted.
    package struct AcceptedPlan: Hashable, Sendable {
        package var sequence: Int64
        package var text: String
        /// The branch that workers without a base of their own start from; recorded once, never floating.
        package var base: String
        /// Whether ``base`` is only that of a worker, because HEAD named no branch and every worker had its own: nobody else may start from it.
        package var isOfWorker = false

        /// The base that was recorded for workers without one of their own; nil while there is none.
        package var startingPoint: String? { isOfWorker ? nil : base }
    }

    /// A `czar run` as its beginning was recorded.
    package struct StartedDaemon: Hashable, Sendable {
        /// Its process: `host=… pid=…`.
        package var process: String
        package var since: Timestamp
    }

    /// A worker's record, or a fresh one for a worker that the journal does not know.
    package subscript(key: WorkerKey) -> WorkerRecord { workers[key] ?? WorkerRecord(key: key) }

    /// Workers that are no longer the plan's: of its phase all of them, of other phases those whose command still runs.
    /// - Complexity: O(recorded workers).
    package func outside(_ plan: Plan) -> [WorkerRecord] {
        workers.values.filter { record in
            plan[record.key.id]?.key != record.key && !record.isWithdrawn
                && (record.key.phase == plan.phase || record.attempts.running != nil)
        }.sorted { $0.key < $1.key }
    }

    /// Whether a branch is, or was, another worker's.
    /// - Complexity: O(recorded workers).
    package func isAnothers(_ branch: String?, than worker: WorkerKey) -> Bool {
        guard let branch else { return false }
        return workers.values.contains { $0.key != worker && ($0.creation ?? $0.formerCreation)?.branch.rawValue == branch }
    }

    /// What makes a failed worker's next attempt go better, as far as it still does: another worker's worktree that was in the way may be gone.
    package func standingRemedy(of record: WorkerRecord) -> String? {
        guard let remedy = record.remedy, remedy.hasPrefix("czar remove ") else { return record.remedy }
        let stands = workers.values.contains { other in
            let option = other.key.phase == record.key.phase ? "" : " --phase \(ShellText.word(other.key.phase.rawValue))"
            return other.creation?.worktree != nil && remedy.hasPrefix("czar remove \(other.key.id)\(option) && ")
        }
        return stands ? remedy : nil
    }

    /// A place holds one worktree: an earlier phase's that was recorded there is gone, whoever took it away.
    private mutating func settle(_ key: WorkerKey, at place: String) {
        guard let former = places.updateValue(key, forKey: place), former.phase != key.phase,
            workers[former]?.creation?.worktree == place
        else { return }
        workers[former]?.loseWorktree()
    }

    /// Folds one entry. Entries come in the order of their sequence numbers.
    /// - Complexity: O(fields of the entry).
    package mutating func apply(_ entry: JournalEntry) {
        lastSequence = max(lastSequence, entry.sequence)
        if entry.event.type == .rateLimited, let agent = entry.event.fields[Field.agent] {
            agentHolds[agent] = entry.event.fields[Field.until].flatMap { Timestamp($0) }
        }
        if let key = entry.event.key {
            let occupies = workers[key, default: WorkerRecord(key: key)].applyTellingWhetherItOccupies(entry)
            if occupies { occupying.insert(key) } else { occupying.remove(key) }
            if entry.event.type == .worktreeCreated, let place = entry.event.fields[Field.path] { settle(key, at: place) }
        } else {
            applyToProject(entry)
        }
    }

    private mutating func applyToProject(_ entry: JournalEntry) {
        let fields = entry.event.fields
        switch entry.event.type {
        case .planAccepted:
            guard let text = fields[Field.plan], let base = fields[Field.base] else { return }
            plans[entry.event.phase] = AcceptedPlan(
                sequence: entry.sequence, text: text, base: base, isOfWorker: fields[Field.baseOf] != nil)
        case .baseMoved, .targetMoved:
            guard let name = fields[Field.branch], let tip = fields[Field.to] else { return }
            baseTips[name] = CommitID(rawValue: tip)
        case .phaseClosed: closings[entry.event.phase] = closings[entry.event.phase] ?? entry.event.time
        case .undone where fields[Field.what] == EventType.phaseClosed.rawValue: closings[entry.event.phase] = nil
        case .daemonStarted:
            daemonOptions = ScheduleOptions(fields: fields)
            lastRunAsked = daemonOptions.asksApproval
            daemon = StartedDaemon(process: fields[Field.process] ?? "", since: entry.event.time)
        case .daemonEnded: (daemonOptions, daemon) = (ScheduleOptions(), nil)
        case .budgetReached:
            if let level = fields[Field.level] { budgetLevels.insert(level) }
        default:
            break
        }
    }
}
