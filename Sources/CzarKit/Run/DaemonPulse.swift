import CzarPlanning

/// What the daemon tells whoever watches a terminal: how many workers are in which state, and what is worth a look.
package struct DaemonPulse: Sendable {
    package let states: [WorkerState: Int]
    /// Those that the plan's `notify` wants told.
    package let notices: [Notice]
}

/// Finds in what the daemon sees what a person wants to be told, each thing once.
struct NoticeFinder: Sendable {
    let plan: Plan
    /// Workers whose approval was asked for.
    private var asked: Set<WorkerID> = []

    init(_ plan: Plan) { self.plan = plan }

    /// Where the plan says nothing, what needs a person.
    private var wanted: Set<Notifications.Occasion> {
        plan.notifications?.on ?? Set(Notifications.Occasion.allCases).subtracting([.complete])
    }

    mutating func notices(_ entries: [JournalEntry], _ state: ProjectState, _ schedule: Schedule?) -> [Notice] {
        var found = entries.compactMap { entry in Notice(entry.event, willRetry: willRetry(entry, entries, state)) }
        if let schedule {
            let waiting = Set(schedule.waiting.filter { $0.value.contains { $0.worker == nil && $0.why == "approval" } }.keys)
            for worker in plan.ids where waiting.contains(worker) && !asked.contains(worker) {
                found.append(
                    Notice(.approval, worker: worker, title: "\(worker) waits for approval", text: "czar approve \(worker)"))
            }
            asked = waiting
        }
        return found.filter { wanted.contains($0.occasion) }
    }

    /// `state` is later than the entry: where the retry stands among the entries already, it is counted there too.
    private func willRetry(_ entry: JournalEntry, _ entries: [JournalEntry], _ state: ProjectState) -> Bool {
        let event = entry.event
        guard let key = event.key, plan[key.id] != nil else { return false }
        let isRetried = entries.contains { later in
            later.sequence > entry.sequence && later.event.key == key && later.event.type == .stateChanged
                && later.event.fields[Field.from] == WorkerState.failed.rawValue
        }
        if isRetried { return true }
        let causes = Cause.set(from: event.fields[Field.causes] ?? "")
        return !causes.isEmpty && causes.isSubset(of: Cause.retriable) && state[key].attempts.retries < plan.orchestration.retry.limit
    }
}
