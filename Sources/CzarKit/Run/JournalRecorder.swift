import CzarGit
import CzarPlanning

/// Writes what becomes of an attempt into the journal.
struct JournalRecorder: AttemptRecorder {
    let ledger: Ledger
    /// Where the words of workers wait that could not write the journal; nil where no end is recorded.
    let queue: EventIntake?
    /// What has to be complete, still, when the attempt is claimed.
    var dependencies: [WorkerKey] = []
    /// Where the command's output goes, below `.czarina/logs`.
    var logName: String?

    /// The claim is the move from ready to starting: whoever finds the worker in another state, or the attempt taken, has lost.
    func claim(_ attempt: AttemptID, supervisor: ProcessIdentity) async throws -> AttemptClaim {
        guard let key = attempt.key else { return .lost(reason: "'\(attempt.worker)' is no worker id") }
        var claim = AttemptClaim.claimed
        try ledger.change { state in
            let record = state[key]
            guard record.state == .ready, record.attempts.running == nil, attempt.number == record.attempts.count + 1 else {
                claim = .lost(reason: "the worker is \(record.state), attempt \(record.attempts.count)")
                return []
            }
            if let reopened = dependencies.first(where: { state[$0].state != .complete }) {
                claim = .lost(reason: "'\(reopened.id)', which it depends on, is \(state[reopened].state)")
                return []
            }
            guard record.plannedTidying == nil else {
                claim = .lost(reason: "its worktree is being removed")
                return []
            }
            claim = .claimed
            let fields = [Field.attempt: String(attempt.number), Field.process: supervisor.text]
            return [
                ledger.event(.stateChanged, worker: key, phase: key.phase)
                    .stateChanged(from: .ready, StateMove(to: .starting), fields: fields)
            ]
        }
        return claim
    }

    func started(_ attempt: AttemptID, command: ProcessIdentity, terminal: TerminalPlace?) async throws {
        guard let key = attempt.key else { return }
        try ledger.change { state in
            let record = state[key]
            guard record.attempts.running?.number == attempt.number else { return [] }
            var fields = [Field.attempt: String(attempt.number), Field.process: command.text]
            fields[Field.log] = logName
            fields[Field.terminal] = terminal?.text
            let started = ledger.event(.processStarted, worker: key, phase: key.phase, fields)
            // After a set-up it was active already.
            return record.state == .starting ? [started] + active(record, started) : [started]
        }
    }

    /// The start of a command that has ended, where nobody could write it down when it began; nothing where it is recorded, or never was.
    private func unrecordedStart(_ attempt: AttemptID, _ outcome: Attempts.Outcome, _ record: WorkerRecord) -> [Event] {
        guard record.state == .starting, outcome.mayHaveRun else { return [] }
        var fields = [Field.attempt: String(attempt.number)]
        fields[Field.log] = logName
        let started = ledger.event(.processStarted, worker: record.key, phase: record.key.phase, fields)
        // Of an attempt whose supervisor died nobody knows whether it came to that.
        return (outcome == .lost ? [] : [started]) + active(record, started)
    }

    /// Active; and blocked at once by what was reported before that was recorded.
    private func active(_ record: WorkerRecord, _ event: Event) -> [Event] {
        let active = event.stateChanged(from: .starting, StateMove(to: .active))
        guard !record.causes.isEmpty else { return [active] }
        let held = StateMove(to: .blocked, causes: record.causes, reason: record.whyHeld(by: record.causes))
        return [active, event.stateChanged(from: .active, held)]
    }

    func prepared(_ attempt: AttemptID, _ setup: SetupRequest, _ result: SetupResult) async throws {
        guard let key = attempt.key else { return }
        var fields = [
            Field.attempt: String(attempt.number), Field.what: setup.what, Field.exit: String(result.ending.status),
            "seconds": String(Int(result.seconds.rounded())),
        ]
        if result.tookTooLong { fields[Field.reason] = "took too long" }
        try ledger.record(.setupFinished, worker: key, phase: key.phase, fields)
    }

    func ended(_ attempt: AttemptID, _ ending: AttemptEnding) async throws { try record(attempt, ending) }

    func record(_ attempt: AttemptID, _ ending: AttemptEnding) throws {
        let outcome: Attempts.Outcome =
            switch ending {
            case .exited(let status): .exited(status)
            case .signalled(let signal): .signalled(signal)
            case .notStarted(_, let reason): .notLaunched(reason)
            case .notPrepared(let reason): .notPrepared(reason)
            }
        try record(attempt, outcome)
    }

    /// Records an end once, and before it what its worker had queued until then and why it was brought about, where that could not be
    /// recorded then: a daemon that took the supervisor for dead may have been there first.
    func record(_ attempt: AttemptID, _ outcome: Attempts.Outcome) throws {
        guard let key = attempt.key else { return }
        // An end is judged by what was said before it. What cannot be taken in keeps no end from being recorded: whoever settles says it.
        var problems: [WorkerProblem] = []
        try WorkerProblem.collecting(&problems, for: key) { try queue?.take(of: key) }
        let hold = try UnrecordedHold.of(attempt, in: ledger.journal.place.folder)
        try ledger.change { state in
            var record = state[key]
            guard let running = record.attempts.running, running.number == attempt.number else { return [] }
            let begun = unrecordedStart(attempt, outcome, record)
            for event in begun { record.apply(JournalEntry(sequence: record.lastSequence, event: event)) }
            let held = hold?.events(record, ledger.event(.stateChanged, worker: key, phase: key.phase)) ?? []
            let fields = outcome.fields.merging([Field.attempt: String(attempt.number)]) { _, new in new }
            return begun + held + [ledger.event(.processEnded, worker: key, phase: key.phase, fields)]
        }
    }
}

extension WorkerRecord {
    /// The supervisor of the running attempt.
    package var supervisor: ProcessIdentity? { attempts.running.flatMap { ProcessIdentity(text: $0.supervisor) } }

    /// Whether a supervisor has claimed the start, and has not said yet what became of it.
    var isBeingStarted: Bool {
        guard state == .starting, !person else { return false }
        if attempts.running != nil { return !isOrphaned }
        return attempts.lastEnd.flatMap { ProcessIdentity(text: $0.supervisor) }?.isAlive == true
    }

    package var runningAttempt: AttemptID? { attempts.running.map { AttemptID(key, number: $0.number) } }

    /// Whether its supervisor is gone and has left something undone: nobody will record the end of its attempt, or judge one that is recorded.
    package var isOrphaned: Bool {
        if attempts.running != nil { return supervisor?.isAlive != true }
        guard !person, state == .active || state == .starting, let end = attempts.lastEnd else { return false }
        return ProcessIdentity(text: end.supervisor)?.isAlive != true
    }
}
