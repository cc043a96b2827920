import OrderedCollections

extension StatusReport {
    /// Puts the report together.
    /// - Complexity: O(workers + dependencies).
    package init(plan: Plan, waves: [[WorkerID]], state: ProjectState, facts: StatusFacts) {
        let options = facts.daemon == nil ? ScheduleOptions() : state.daemonOptions
        let schedule = Scheduler(plan: plan, order: waves.flatMap { $0 }, options: options).schedule(state, facts: facts.schedule)
        var waveOf: [WorkerID: Int] = [:]
        for (index, wave) in waves.enumerated() { for id in wave { waveOf[id] = index + 1 } }
        generatedAt = facts.now
        repository = facts.repository
        base = facts.base
        (target, targetStart) = (plan.project.omnibusBranch ?? facts.base, facts.targetStart)
        daemon = facts.daemon
        budgetTokens = Self.budget(of: plan)
        workers = plan.workers.values.map { definition in
            Worker(
                definition: definition, state: state, facts: facts, wave: waveOf[definition.id] ?? 0,
                waiting: schedule.waiting[definition.id] ?? [], retryAt: facts.daemon == nil ? nil : schedule.retries[definition.id],
                stuckAfter: plan.orchestration.stuckAfter)
        }
        phase = plan.phase
        unlisted = state.outside(plan)
        tokensTakenBack = state.workers.values.filter { $0.key.phase == plan.phase }.reduce(0) { sum, record in
            sum + record.tokensBefore + (record.isWithdrawn ? record.tokens.used ?? 0 : 0)
        }
        closedAt = state.closings[plan.phase]
        limitations = facts.limitations
        firstCommit = facts.firstCommit
        attention = []
        let waiting = Self.waitingForMerges(schedule, plan)
        isOfFormerPhase = facts.isOfFormerPhase
        openPhases = isOfFormerPhase ? [] : OpenPhase.all(beside: plan, state)
        if !facts.isOfFormerPhase { attention = [trustAttention(facts.untrusted)].compactMap { $0 } }
        // Of another phase's worker the plan's own report says it.
        let left = facts.isOfFormerPhase ? former : unlisted
        attention += left.compactMap { Self.unlistedAttention($0, plan.phase) }
        attention += workers.flatMap { worker in
            // What keeps others comes before what is the worker's own.
            let found = [waiting[worker.definition.id].flatMap { mergeAttention(worker, $0) }, worker.attention(facts)].compactMap { $0 }
            guard found.isEmpty, facts.daemon == nil || facts.namesPeople else { return found }
            return Self.personAttention(worker, isJudged: facts.daemon != nil).map { [$0] } ?? []
        }
        if facts.isOfFormerPhase {
            for index in attention.indices {
                attention[index].commands = PhaseHint(plan.phase).commands(attention[index].commands, of: attention[index].worker)
            }
        } else if facts.daemon == nil, state.lastSequence > 0, let idle = idleAttention(asks: state.lastRunAsked) {
            attention.append(idle)
        }
    }

    /// By worker, those that wait for nothing but that it, and others, be merged.
    private static func waitingForMerges(_ schedule: Schedule, _ plan: Plan) -> [WorkerID: [WorkerID]] {
        var result: [WorkerID: [WorkerID]] = [:]
        for id in plan.ids {
            guard let waits = schedule.waiting[id], waits.allSatisfy(\.isForLanding) else { continue }
            for worker in waits.compactMap(\.worker) { result[worker, default: []].append(id) }
        }
        return result
    }

    /// A complete worker that others wait for until somebody merges it.
    private func mergeAttention(_ worker: Worker, _ waiting: [WorkerID]) -> Attention? {
        let id = worker.definition.id
        guard worker.record.state == .complete else { return nil }
        let names = waiting.map { "'\($0)'" }.joined(separator: ", ")
        let isReverted = worker.figures.integration == .reverted
        return Attention(
            worker: id,
            why: "complete\(isReverted ? " and reverted on '\(target)'" : ""); \(names) \(waiting.count == 1 ? "waits" : "wait") until "
                + "'\(target)' contains it",
            since: worker.record.endedAt,
            commands: [
                LandingHint.command(
                    branch: worker.branch, target: target, start: targetStart,
                    tip: worker.figures.stranded.isEmpty ? nil : worker.record.completedTip, isReverted: isReverted,
                    revert: worker.figures.revert),
                "czar diff \(id)",
            ])
    }

    /// A worker that has left the plan is nobody's business but the one's who took it out.
    private static func unlistedAttention(_ record: WorkerRecord, _ phase: PhaseID) -> Attention? {
        let id = record.key.id
        guard record.attempts.running != nil else { return nil }
        let commands = ["czar stop \(id)", "czar status \(id)"]
        guard record.key.phase != phase else {
            return Attention(
                worker: id, why: "no longer in the plan, and its command runs", since: record.stateSince, commands: commands)
        }
        return Attention(
            worker: id, why: "of phase \(record.key.phase), and its command runs", since: record.stateSince,
            commands: PhaseHint(record.key.phase).commands(commands, of: id))
    }

    /// Whose work keeps no run going: once nothing runs, it is what the rest waits for.
    /// `isJudged`: a `czar run` is active and judges declarations.
    private static func personAttention(_ worker: Worker, isJudged: Bool) -> Attention? {
        let id = worker.definition.id
        if !isJudged, worker.definition.work == .person, worker.record.declaration != nil, worker.record.creation != nil,
            [.pending, .ready].contains(worker.record.state)
        {
            let create = worker.record.creation?.worktree == nil ? "czar create \(id) && " : ""
            return Attention(
                worker: id, why: "declared complete, and no 'czar run' is active to judge it", since: worker.record.declaration?.time,
                commands: ["\(create)czar complete \(id)", "czar run"])
        }
        guard worker.record.state == .active, worker.record.person else { return nil }
        return Attention(
            worker: id, why: "waits for a person", since: worker.record.stateSince, commands: ["czar shell \(id)", "czar complete \(id)"])
    }

    /// One for all workers that could start if only somebody started them, once something has been started here.
    ///
    /// `asks`: the last run asked before each start, so the next one is to ask too.
    private func idleAttention(asks: Bool) -> Attention? {
        guard workers.contains(where: { $0.record.attempts.count > 0 || $0.record.person || $0.record.state == .ready }) else { return nil }
        let idle = workers.filter { worker in
            [.pending, .ready].contains(worker.record.state) && worker.waitingFor.isEmpty
                && !attention.contains { $0.worker == worker.definition.id }
        }
        guard let first = idle.first else { return nil }
        let others = idle.count == 1 ? "" : idle.count == 2 ? " and 1 other" : " and \(idle.count - 1) others"
        let id = first.definition.id
        let approval = first.record.approved ? "" : "czar approve \(id) && "
        return Attention(
            worker: id, why: "it\(others) can start, but no 'czar run' is active", since: first.record.stateSince,
            commands: asks ? ["\(approval)czar run --approve ask", "czar status \(id)"] : ["czar run", "czar start \(id)"])
    }

    /// One for all workers that a changed plan keeps from starting, under the first of them.
    private func trustAttention(_ untrusted: Set<WorkerID>) -> Attention? {
        let held = workers.filter { untrusted.contains($0.definition.id) && $0.record.state != .complete }
        guard let first = held.first else { return nil }
        let others = held.count == 1 ? "" : held.count == 2 ? " and 1 other" : " and \(held.count - 1) others"
        return Attention(
            worker: first.definition.id,
            why: "the plan changed what it\(others) run\(held.count == 1 ? "s" : ""), which waits to be trusted",
            since: nil, commands: ["czar trust", "czar validate"])
    }

    /// The tokens that all workers may use together: what the plan says, else the sum of their own.
    static func budget(of plan: Plan) -> Int64? {
        if let tokens = plan.orchestration.budget.tokens { return tokens }
        let budgets = plan.workers.values.compactMap(\.budget.tokens)
        return budgets.isEmpty ? nil : budgets.reduce(0) { $0.addingReportingOverflow($1).partialValue }
    }
}

extension StatusReport.Worker {
    fileprivate init(
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

    /// What needs a person, with the next command; nil when nothing does.
    fileprivate func attention(_ facts: StatusFacts) -> StatusReport.Attention? {
        let found = isUnrecorded ? unrecordedAttention(facts) : attentionBesideFolder(facts)
        if record.state == .active, record.person, record.creation?.worktree == nil {
            // Nobody can get in, or prove anything, before.
            let id = definition.id
            // In a phase that the plan is not in nothing makes one, and what is committed is proven without.
            let proof = (figures.ownCommits ?? 0) > 0 ? ["czar complete \(id)"] : []
            return StatusReport.Attention(
                worker: id, why: "\(found?.why ?? "waits for a person"); it has no worktree", since: record.stateSince,
                commands: facts.isOfFormerPhase
                    ? proof + ["czar fail \(id) --reason 'not done'"] : ["czar create \(id)", "czar status \(id)"])
        }
        guard figures.worktree.state == .missing, record.creation != nil, record.state != .complete else { return found }
        let id = definition.id
        if let place = figures.worktree.movedTo {
            return StatusReport.Attention(
                worker: id, why: [found?.why, "its worktree was moved to '\(place)'"].compactMap { $0 }.joined(separator: "; "),
                since: found?.since ?? record.stateSince, commands: ["czar doctor --repair"] + (found?.commands ?? []))
        }
        let sentence = "its worktree \(figures.worktree.path.map { "'\($0)' " } ?? "")is gone"
        let isSaid = record.reason?.contains(Proof.worktreeMissing) == true
        // What runs there works on files that nobody will see again.
        let isRunning = record.attempts.running != nil
        let mend =
            facts.isOfFormerPhase
            ? "\(isRunning ? "czar stop \(id) && " : "")czar remove \(id)"
            : isRunning ? "czar stop \(id) && czar create \(id) && czar start \(id)" : "czar create \(id)"
        return StatusReport.Attention(
            worker: id, why: [found?.why, isSaid ? nil : sentence].compactMap { $0 }.joined(separator: "; "),
            since: found?.since ?? record.stateSince, commands: [mend] + (found?.commands ?? ["czar status \(id)"]))
    }

    private func attentionBesideFolder(_ facts: StatusFacts) -> StatusReport.Attention? {
        let (id, now) = (definition.id, facts.now)
        func attention(_ why: String, _ commands: String...) -> StatusReport.Attention {
            StatusReport.Attention(worker: id, why: why, since: record.stateSince, commands: commands)
        }
        if let sessionProcess {
            return attention(
                "a person has taken it over (process \(sessionProcess)); 'czar start \(id)' goes on once that session has ended",
                "czar diff \(id)")
        }
        if record.attempts.isRunning(beyond: record.state), !facts.schedule.orphaned.contains(id) {
            let why = record.reason.map { ": \($0)" } ?? ""
            return attention("\(record.state)\(why); its command still runs", "czar stop \(id)", "czar status \(id)")
        }
        switch record.state {
        case .failed where retryAt != nil: break
        case .failed:
            if let remedy = record.remedy, record.causes == [.unproven] || (record.causes == [.create] && record.attempts.count > 0) {
                // What it did is on another branch: its output does not say so, and another attempt would begin there again.
                return attention("failed: \(record.reason ?? "not proven")", remedy, "czar logs \(id)", "czar retry \(id)")
            }
            // What stands in the way is removed before it is tried again.
            let commands = (record.remedy.map { [$0] } ?? []) + ["czar retry \(id)", "czar status \(id)"]
            // What it printed says more than any reason, where it ran at all.
            return StatusReport.Attention(
                worker: id, why: "failed: \(record.reason ?? "no reason recorded")", since: record.stateSince,
                commands: record.attempts.count > 0 ? ["czar logs \(id)"] + commands : commands)
        // Its command may have been stopped meanwhile: the answer waits for the next one.
        case .blocked where record.causes.contains(.event), .paused where record.causes == [.event, .interrupted]:
            let question = record.whyHeld(by: record.causes.subtracting([.interrupted])) ?? ""
            return attention("blocked: \(question)", "czar unblock \(id) 'answer'", "czar status \(id)")
        case .paused where record.causes == [.interrupted]:
            let why = "paused: \(record.reason ?? "czar run was stopped")"
            // Whoever starts it again without a look meets the same hang.
            return stuckSince == nil ? attention(why, "czar run", "czar resume \(id)") : attention(why, "czar logs \(id)", "czar run")
        case .paused where record.causes.contains(.budget) && !exhausted(now).isEmpty:
            // Resumed with the same budget it would be held again at once.
            let fields = exhausted(now).map { "'budget: {\($0.name): …}'" }.joined(separator: " and ")
            return attention(
                "paused: \(record.reason ?? "its budget is used up"); 'czar resume \(id)' is of use once \(fields) of '\(id)' is raised in the plan",
                // What has no commit of its own is proven by nobody.
                (figures.ownCommits ?? 0) > 0 ? "czar diff \(id)" : "czar logs \(id)",
                (figures.ownCommits ?? 0) > 0 ? "czar complete \(id)" : "czar fail \(id) --reason 'out of budget'")
        case .paused:
            let other = record.attempts.running == nil ? "czar start \(id)" : "czar stop \(id)"
            return attention("paused: \(record.reason ?? "by an operator")", "czar resume \(id)", other)
        case .active where record.person && record.attempts.count > 0 && record.declaration == nil:
            return attention("reopened: a person works there", "czar complete \(id)", "czar start \(id)")
        case .active where record.person && record.declaration != nil:
            return attention("declared complete, not proven yet", "czar complete \(id)")
        case .ready where waitingFor.contains(where: { $0.why == "approval" }):
            return attention("waits for approval", "czar approve \(id)")
        default: break
        }
        if let problem = figures.worktree.problem { return attention("its worktree cannot be read: \(problem)", "czar doctor") }
        switch health {
        case .stuck: return attention(stuckText, "czar status \(id)", "czar stop \(id)")
        // Another phase's worktree may stand where this worker's would.
        case .drifted where figures.worktree.state == .drifted && record.creation == nil: return nil
        case .drifted where figures.worktree.state == .drifted:
            let git = BranchMend.git(in: figures.worktree.path)
            let found = figures.worktree.otherBranch, exists = figures.tip != nil
            let why = "its worktree is not on its branch '\(branch)' but on \(found.map { "'\($0)'" } ?? "none")"
            if let other = figures.worktree.branchPlace { return attention("\(why); '\(other)' has that checked out", "czar doctor") }
            let mend = BranchMend.command(git, to: branch, found: found, exists: exists, isAnothers: isOnAnothersBranch)
            // What kept it from there, such as a rebase, comes first: git refuses to switch before that.
            return exists
                ? attention(why, "\(git) status", mend) : attention("\(why), and '\(branch)' no longer exists", mend, "czar doctor")
        case .drifted: return attention("drifted from the plan", rebinding(planned: facts.plannedTips[id]))
        case .overBudget where record.state.canMove(to: .paused):
            return attention(overBudgetText(now), "czar pause \(id)", "czar stop \(id)")
        case .crashed where facts.schedule.orphaned.contains(id):
            return attention("its supervisor died; 'czar run' judges what it left", "czar run", "czar stop \(id)")
        case .ok, .idle, .crashed, .overBudget: return figures.stranded.isEmpty ? nil : strandedAttention()
        }
    }

    /// Rebinding moves no commit: the worktree is brought to the branch of the plan before, which begins with the work where it is new.
    private func rebinding(planned: CommitID?) -> String {
        let command = "czar create --rebind \(definition.id)"
        guard definition.branch != branch, let tip = figures.tip, tip != planned ?? figures.baseTip,
            let path = record.creation?.worktree, record.attempts.running == nil
        else { return command }
        let isNew = planned == nil ? "-c " : ""
        return "\(BranchMend.git(in: path)) switch \(isNew)\(ShellText.word(definition.branch.rawValue)) && \(command)"
    }

    /// The command has ended and nobody could write that down: a `czar run` does as soon as there is space.
    private func unrecordedAttention(_ facts: StatusFacts) -> StatusReport.Attention? {
        let id = definition.id
        func attention(_ why: String, _ commands: String...) -> StatusReport.Attention {
            StatusReport.Attention(worker: id, why: why, since: record.stateSince, commands: commands)
        }
        if let fullDisk = facts.fullDisk {
            return attention("its command has ended, and the disk is too full to record that", fullDisk, "czar status \(id)")
        }
        if facts.daemon != nil { return nil }
        return attention("its command ended while the disk was full; 'czar run' judges what it left", "czar run", "czar stop \(id)")
    }

    /// The limits of its own of which nothing is left.
    private func exhausted(_ now: Timestamp) -> [BudgetUse] {
        BudgetUse.of(definition.budget, tokens: record.tokens.used, milliseconds: record.activeMilliseconds(at: now)).filter(\.isOver)
    }

    /// `over budget: 880,000 of 800,000 tokens`.
    private func overBudgetText(_ now: Timestamp) -> String {
        let over = exhausted(now).map {
            $0.name == "tokens" ? "\(Figures.grouped($0.used)) of \(Figures.grouped($0.limit)) tokens" : $0.text
        }
        return "over budget: " + over.joined(separator: ", ") + (stuckSince == nil ? "" : "; and \(stuckText)")
    }

    private var stuckText: String {
        "stuck" + (stuckSince.map { " since \($0)" } ?? "") + ": no commit, changed file, event or output"
    }

    private func strandedAttention() -> StatusReport.Attention {
        let count = figures.stranded.count
        return StatusReport.Attention(
            worker: definition.id, why: count == 1 ? "1 stranded commit" : "\(count) stranded commits", since: record.endedAt,
            commands: ["czar complete \(definition.id)", "czar reopen \(definition.id)"])
    }
}
