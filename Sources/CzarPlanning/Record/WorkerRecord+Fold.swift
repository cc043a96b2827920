extension WorkerRecord {
    /// Folds one of the worker's entries. Returns whether the worker takes part of the room that `max_active` leaves.
    mutating func applyTellingWhetherItOccupies(_ entry: JournalEntry) -> Bool {
        apply(entry)
        return state.occupiesSlot || attempts.running != nil
    }

    /// Folds one of the worker's entries.
    package mutating func apply(_ entry: JournalEntry) {
        let event = entry.event
        let known = recordedTip
        lastSequence = entry.sequence
        remember(entry)
        tokens.take(event.type, fields: event.fields, attempt: attempts.count)
        tasks.take(event.type, fields: event.fields)
        switch event.type {
        case .stateChanged: changeState(event)
        case .causesChanged: changeCauses(event)
        case .workspacePlanned: planStart(event)
        case .branchCreated, .branchAdopted, .rebound: create(event)
        case .worktreeCreated:
            plannedStart = nil
            setWorktree(event.fields[Field.path])
            creation?.wasMoved = event.fields[Field.moved] != nil
        case .worktreeRemoved: setWorktree(nil)
        case .branchDeleted:
            deleteBranch()
            plannedWithdrawal = event.fields[Field.withdraws] == nil ? nil : .leave
        case .removalPlanned:
            plannedWithdrawal = nil
            plannedTidying = PlannedTidying(sequence: entry.sequence, isUndo: false, fields: event.fields)
            recordedTip = event.fields[Field.tip].map(CommitID.init) ?? recordedTip
        case .undoPlanned: plannedTidying = PlannedTidying(sequence: entry.sequence, isUndo: true, fields: event.fields)
        case .removalAbandoned: (plannedTidying, plannedWithdrawal) = (nil, nil)
        case .undone: undo(event)
        case .workerAdded:
            plannedWithdrawal = nil
            beginAnew()
        case .workerWithdrawn:
            plannedWithdrawal = nil
            leave(at: entry.sequence)
        case .processStarted:
            attempts.started(
                command: event.fields[Field.process], log: event.fields[Field.log], terminal: event.fields[Field.terminal])
        case .processEnded: attempts.ended(Attempts.Outcome(fields: event.fields), at: event.time, isBlocked: causes.contains(.event))
        case .agentSession: takeSession(event.fields)
        case .setupFinished: setup = event.fields[Field.exit] == "0" ? event.fields[Field.what] : nil
        case .portsLeased: ports = event.fields[Field.ports]?.split(separator: ",").compactMap { Int($0) } ?? []
        case .approved: approved = true
        case .blocked: ask(event)
        case .unblocked: answer(event)
        case .workerComplete:
            let tip = event.fields[Field.tip].map(CommitID.init)
            (declaration, surrender) = (Declaration(sequence: entry.sequence, time: event.time, tip: tip), nil)
        case .workerFailed: (declaration, surrender) = (nil, event.fields[Field.reason] ?? "the worker has given up")
        case .tipMoved: seeTip(event.fields[Field.to].map(CommitID.init))
        case .commitPlanned: plannedCommit = event.fields
        case .commitAbandoned: plannedCommit = nil
        case .committed:
            plannedCommit = nil
            recordedTip = event.fields[Field.commit].map(CommitID.init) ?? recordedTip
        case .stuck: stuckSince = event.time
        case .budgetReached: if let level = event.fields[Field.level] { budgetLevels.insert(level) }
        default: break
        }
        noteProgress(event, known: known)
    }

    private mutating func seeTip(_ commit: CommitID?) { (tip, recordedTip) = (commit, commit) }

    private mutating func ask(_ event: Event) {
        guard let text = event.fields[Field.reason] ?? event.fields[Field.message] else { return }
        if questions.count == Self.questionLimit { questions.removeFirst() }
        questions.append(Question(text: text))
    }

    /// Whoever lets the worker go on answers all that it has asked since it went on last. What is said later is about the last question: the
    /// answer came behind, or another one takes its place.
    private mutating func answer(_ event: Event) {
        let answer = event.fields[Field.answer]
        let open = questions.indices.filter { !questions[$0].isClosed }
        for index in open { (questions[index].isClosed, questions[index].answer) = (true, answer) }
        if open.isEmpty, answer != nil, let last = questions.indices.last { questions[last].answer = answer }
    }

    /// Another worker's worktree is where its own was.
    mutating func loseWorktree() { setWorktree(nil) }

    private mutating func setWorktree(_ path: String?) {
        creation?.worktree = path
        plannedTidying = nil
        // What was prepared, or leased, went with the folder; a session's files may have, too, and agents look them up by it.
        (setup, session) = (nil, nil)
        if path == nil { ports = [] }
    }

    private mutating func takeSession(_ fields: [String: String]) {
        guard let agent = fields[Field.agent] else { return }
        let attempt = fields[Field.attempt].flatMap { Int($0) } ?? attempts.count
        session = fields[Field.session].map { Session(id: $0, agent: agent, attempt: attempt) }
    }

    private mutating func deleteBranch() {
        formerCreation = creation ?? formerCreation
        (creation, plannedTidying) = (nil, nil)
    }

    /// What an undo changes beside the entries that come with it.
    private mutating func undo(_ event: Event) {
        plannedTidying = nil
        plannedWithdrawal = event.fields[Field.withdrawal].flatMap { Int64($0) }.map { .comeBack(from: $0) }
        if event.fields[Field.what] == EventType.approved.rawValue { approved = false }
        if event.fields[Field.what] == EventType.workerAdded.rawValue { isWithdrawn = true }
        if event.fields[Field.what] == EventType.workerWithdrawn.rawValue {
            comeBack(from: event.fields[Field.sequence].flatMap { Int64($0) } ?? 0)
        }
        if let commit = event.fields[Field.tip] { seeTip(CommitID(rawValue: commit)) }
    }

    private mutating func remember(_ entry: JournalEntry) {
        if latest.count == Self.latestLimit { latest.removeFirst() }
        latest.append(entry)
    }

    private mutating func changeState(_ event: Event) {
        guard let next = event.fields[Field.to].flatMap(WorkerState.init) else { return }
        activeMilliseconds = activeMilliseconds(at: event.time)
        let previous = state
        (state, stateSince) = (next, event.time)
        setCauses(event.fields[Field.causes].map(Cause.set) ?? [], reason: event.fields[Field.reason])
        // What held it before holds it still, and is to be read beside what came now.
        reason = next == .paused ? whyHeld(by: causes) : event.fields[Field.reason]
        remedy = next == .failed ? event.fields[Field.remedy] : nil
        stuckWhenStopped = event.fields[Field.stuckSince].flatMap { Timestamp($0) }
        attempts.moved(to: next, ends: event.fields[Field.ends] == "true")
        person = event.fields[Field.person] == "true"
        switch next {
        case .starting:
            // A person's start has no command whose end somebody would record, and whoever works without one may be done before it.
            if !person {
                attempts.claimed(
                    event.fields[Field.attempt].flatMap { Int($0) } ?? attempts.count + 1,
                    supervisor: event.fields[Field.process] ?? "", at: event.time)
                (declaration, surrender) = (nil, nil)
            }
            (stuckSince, budgetLevels, approved) = (nil, [], false)
        case .active:
            startedAt = startedAt ?? event.time
            endedAt = nil
            // Nothing that was said before a reopening counts as a declaration after it.
            if previous == .complete { (declaration, surrender, completedTip, completedBase) = (nil, nil, nil, nil) }
        case .complete:
            endedAt = event.time
            // It is carried out: another one is about what came since.
            declaration = nil
            completedTip = event.fields[Field.tip].map(CommitID.init)
            recordedTip = completedTip ?? recordedTip
            completedBase = event.fields[Field.baseTip].map(CommitID.init)
        case .failed:
            endedAt = event.time
        case .pending:
            if previous == .failed {
                attempts.retried(automatically: event.fields[Field.automatic] == "true")
                (declaration, surrender, endedAt) = (nil, nil, nil)
            }
        case .ready, .blocked, .paused:
            break
        }
    }

    private mutating func changeCauses(_ event: Event) {
        guard let next = event.fields[Field.causes].map(Cause.set) else { return }
        // Of a command that an operator paused first and ended then, the end is what counts.
        let isEndedNow = event.fields[Field.ends] == "true" && next == causes
        setCauses(next, reason: event.fields[Field.reason], renewing: isEndedNow ? .operator : nil)
        reason = whyHeld(by: causes) ?? event.fields[Field.reason]
        if event.fields[Field.ends] == "true" { attempts.moved(to: state, ends: true) }
    }

    private mutating func planStart(_ event: Event) {
        guard let branch = event.fields[Field.branch].flatMap(BranchName.init), let commit = event.fields[Field.commit] else { return }
        plannedStart = PlannedStart(branch: branch, commit: CommitID(rawValue: commit))
    }

    private mutating func create(_ event: Event) {
        guard let branch = event.fields[Field.branch].flatMap(BranchName.init), let base = event.fields[Field.base] else { return }
        (plannedStart, plannedWithdrawal, isWithdrawn) = (nil, nil, false)
        creation = Creation(
            branch: branch, base: base, forkPoint: event.fields[Field.forkPoint].map(CommitID.init),
            worktree: event.fields[Field.path] ?? creation?.worktree, time: event.time)
        seeTip(event.fields[Field.tip].map(CommitID.init) ?? creation?.forkPoint)
    }

    /// Entries that the worker's own doing caused; a note of Czar about the worker is no sign of life. `known`: the tip recorded before.
    private mutating func noteProgress(_ event: Event, known: CommitID?) {
        let fields = event.fields
        switch event.type {
        // It was done when it was committed, or before it was proven: that it is only now seen is no new sign.
        case .tipMoved where known != nil && fields[Field.to] == known?.rawValue: return
        case .tipMoved, .committed:
            lastProgress = Progress(time: event.time, kind: .commit, text: fields[Field.subject] ?? "commit")
        case let type where !EventType.reserved.contains(type):
            let detail = fields[Field.task] ?? fields[Field.name] ?? fields[Field.reason] ?? fields[Field.message]
            lastProgress = Progress(time: event.time, kind: .event, text: detail.map { "\(type): \($0)" } ?? type.rawValue)
        default:
            return
        }
        stuckSince = nil
    }
}
