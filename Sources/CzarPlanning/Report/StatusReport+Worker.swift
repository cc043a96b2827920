/// A worker as the report shows it: put together from its definition, its record and what was looked up.
extension StatusReport.Worker {
    init(
        definition: WorkerDefinition, state: ProjectState, facts: StatusFacts, wave: Int, waiting: [Schedule.Waiting], retryAt: Timestamp?,
        stuckAfter: Duration
    ) {
        var record = state[definition.key]
        record.remedy = state.standingRemedy(of: record)
        let figures = facts.figures[definition.id] ?? GitFigures()
        self.definition = definition
        self.record = record
        self.figures = figures
        self.wave = wave
        base = record.creation?.base ?? definition.base ?? facts.base
        self.retryAt = retryAt
        let waits = record.state == .pending || record.state == .ready || record.state == .blocked || retryAt != nil
        // The scheduler answers with states as they are about to be; the report shows them as they are.
        func stateOf(_ other: WorkerID) -> WorkerState { state[WorkerKey(phase: definition.phase, id: other)].state }
        let named = waiting.map { wait in
            guard let other = wait.worker, WorkerState(rawValue: wait.why) != nil else { return wait }
            return Schedule.Waiting(worker: other, why: stateOf(other).rawValue)
        }
        // A pending worker behind one that failed is about to be blocked, and waits for it until then.
        let open = definition.dependencies.filter { stateOf($0) != .complete }
        let isUnexplained = named.isEmpty && record.state == .pending
        waitingFor = !waits ? [] : isUnexplained ? open.map { Schedule.Waiting(worker: $0, why: stateOf($0).rawValue) } : named
        let checklist = (facts.checklists[definition.id] ?? []).map { (text: $0.text, done: $0.done) }
        tasks = record.tasks.merged(withChecklist: checklist).map { StatusReport.Task(text: $0.text, done: $0.done) }
        tasksAreKnown = facts.checklistsAreKnown
        sessionProcess = facts.schedule.sessions[definition.id]
        isUnrecorded = facts.unrecorded.contains(definition.id)
        isOnAnothersBranch = state.isAnothers(figures.worktree.otherBranch, than: definition.key)
        log = record.attempts.log.map { facts.logsFolder + "/" + $0 }
        lastProgress = Self.newest(
            record, figures, activity: facts.schedule.activity[definition.id], line: facts.lastLines[definition.id])
        // An imported declaration of a worker that was never started here is a claim like an old mark.
        let isImported = record.declaration != nil && record.startedAt == nil && record.attempts.count == 0
        claimsComplete = facts.claims.contains(definition.id) || isImported
        (health, stuckSince) = (.ok, nil)
        let activity = activityHealth(facts, stuckAfter: stuckAfter)
        stuckSince = activity == .stuck ? record.stuckWhenStopped ?? heard : nil
        health = troubles(facts) ?? activity
    }

    private static func newest(
        _ record: WorkerRecord, _ figures: GitFigures, activity: Timestamp?, line: String?
    ) -> WorkerRecord.Progress? {
        var candidates: [WorkerRecord.Progress] = record.lastProgress.map { [$0] } ?? []
        // The sign of life that was looked up may be a file's: of two at one moment the first is told.
        if let change = figures.worktree.newestChange {
            let what = figures.worktree.newestFile.map { "changed \($0)" } ?? "changed files"
            candidates.append(.init(time: change, kind: .file, text: what))
        }
        if let activity { candidates.append(.init(time: activity, kind: .output, text: line ?? "output")) }
        if let commit = figures.lastCommit, let time = commit.time, (figures.ownCommits ?? 0) > 0 {
            candidates.append(.init(time: time, kind: .commit, text: commit.subject))
        }
        return candidates.max { $0.time < $1.time }
    }

    /// What is wrong with it beside a want of signs of life; nil when nothing is.
    private func troubles(_ facts: StatusFacts) -> StatusReport.Health? {
        if facts.schedule.orphaned.contains(definition.id) || record.causes.contains(.crashed) { return .crashed }
        if facts.schedule.drifted[definition.id] != nil || figures.worktree.state == .drifted { return .drifted }
        let uses = BudgetUse.of(definition.budget, tokens: record.tokens.used, milliseconds: record.activeMilliseconds(at: facts.now))
        return uses.contains(where: \.isOver) ? .overBudget : nil
    }

    /// When it gave its last sign of life.
    private var heard: Timestamp? { [lastProgress?.time, record.stateSince].compactMap { $0 }.max() }

    private func activityHealth(_ facts: StatusFacts, stuckAfter: Duration) -> StatusReport.Health {
        if record.state == .paused, record.stuckWhenStopped != nil { return .stuck }
        guard record.state == .active, !record.person else { return .ok }
        let quiet = facts.now.seconds(since: heard ?? facts.now)
        let limit = Double(stuckAfter.components.seconds)
        return quiet >= limit ? .stuck : quiet >= limit / 3 ? .idle : .ok
    }
}
