import CzarGit
import CzarPlanning

/// Judges workers whose attempt has ended: commits what was left uncommitted, gathers the proof, records the verdict.
///
/// The supervisor settles its own attempt; the daemon settles those whose supervisor died. A lock per worker keeps the two, and any
/// command, from doing it at once.
package struct Settlement {
    private let coordinator: Coordinator

    package init(_ coordinator: Coordinator) { self.coordinator = coordinator }

    private var ledger: Ledger { coordinator.ledger }

    /// Brings the worker to the state that its declaration and proof give.
    /// - Returns: why it stays as it is; nil when it was moved.
    @discardableResult
    package func settle(_ worker: WorkerDefinition) throws -> String? {
        try coordinator.project.withLock("settle-\(worker.phase)-\(worker.id)") { try settleLocked(worker) }
    }

    /// Judges an end that came while the worker was held, once nothing holds it any more.
    func settleUnjudgedEnd(of worker: WorkerDefinition) throws {
        let record = try ledger.refresh()[worker.key]
        if record.state == .active, record.hasEndToJudge { try settle(worker) }
    }

    private func settleLocked(_ worker: WorkerDefinition) throws -> String? {
        var record = try ledger.refresh()[worker.key]
        if record.isOrphaned { try recordLostEnd(worker, record) }
        try takeCompletionMark(worker, record)
        record = try ledger.refresh()[worker.key]
        if record.attempts.running != nil { return "its command runs" }
        if record.isDeclaredAgain { return try judgeAgain(worker) }
        var commitProblem: String?
        if record.state == .active, wantsCommit(record) {
            do {
                try WorkerCommit(coordinator).commitRest(of: worker, record)
            } catch OperationError.wrongBranch, OperationError.branchGone {
                // The proof says so, and with what brings it back.
                commitProblem = nil
            } catch let error as any Explained where error.kind != .internal {
                commitProblem = "\(error)"
            }
        }
        let limit = try readOutput(worker, record)
        let state = try ledger.refresh()
        let facts = try facts(worker, state)
        let verdict = Verdict.judge(state[worker.key], worker: worker, facts: facts)
        if let limit, case .move(let move) = verdict, move.causes.isSubset(of: Self.limitedFailures), !move.causes.isEmpty {
            return try hold(worker, limit)
        }
        return try apply(verdict, worker, facts, commitProblem)
    }

    /// What was committed after the completion counts once it is proven too; until then the worker stays complete at the tip it was.
    private func judgeAgain(_ worker: WorkerDefinition) throws -> String? {
        let state = try ledger.refresh()
        let record = state[worker.key]
        let facts = try facts(worker, state)
        let missing = Proof.missing(for: worker, branch: record.creation?.branch ?? worker.branch, facts: facts)
        guard missing.isEmpty, let tip = facts.tip else {
            return "declared complete again, but not proven: \(missing.joined(separator: "; "))"
        }
        guard tip == record.declaration?.tip else { return "its branch has gone on since it was declared complete again" }
        try ledger.change { state in
            guard state[worker.key].isDeclaredAgain else { return [] }
            let event = ledger.event(.stateChanged, worker: worker.key, phase: worker.phase)
            return [
                event.stateChanged(from: .complete, StateMove(to: .active, reason: "declared complete again")),
                event.stateChanged(from: .active, StateMove(to: .complete), fields: facts.completion(at: tip)),
            ]
        }
        return nil
    }

    /// Failures that are none when the agent's model refused to answer.
    private static let limitedFailures: Set<Cause> = [.exit, .unproven]

    private struct Limit {
        let agent: String
        let attempt: Int
        let until: Timestamp
        let message: String
    }

    /// Records what the ended attempt's output says about itself.
    /// - Returns: the limit that ended it, if one did.
    private func readOutput(_ worker: WorkerDefinition, _ record: WorkerRecord) throws -> Limit? {
        guard let end = record.attempts.lastEnd, end.number == record.attempts.count,
            var output = try AttemptOutput(worker, record, plan: coordinator.plan, project: coordinator.project)
        else { return nil }
        let found = try output.readToEnd()
        let agent = output.profile.name
        try UsageRecorder(ledger: ledger).record(found, of: worker, agent: agent, attempt: end.number, .ended)
        return found.rateLimit.map { limit in
            let now = currentTime()
            let until = limit.until?.moment(from: now) ?? now.advanced(by: output.profile.rateLimitWait)
            return Limit(agent: agent, attempt: end.number, until: until, message: limit.message.firstLine)
        }
    }

    /// Holds the worker until its agent may ask again: no failure, so it costs no retry.
    private func hold(_ worker: WorkerDefinition, _ limit: Limit) throws -> String? {
        try ledger.change { state in
            guard state[worker.key].state == .active else { return [] }
            let fields = [
                Field.agent: limit.agent, Field.attempt: String(limit.attempt), Field.until: limit.until.description,
                Field.message: limit.message,
            ]
            let event = ledger.event(.rateLimited, worker: worker.key, phase: worker.phase, fields)
            let reason = "\(limit.agent) is rate-limited until \(limit.until): \(limit.message)"
            let move = StateMove(to: .blocked, causes: [.rateLimit], reason: reason)
            return [event, event.stateChanged(from: .active, move, fields: [Field.ends: "true"])]
        }
        return nil
    }

    /// What cannot be read is not proven; what another process holds for a moment is looked at again.
    private func facts(_ worker: WorkerDefinition, _ state: ProjectState) throws -> ProofFacts {
        do {
            var facts = try ProofReader(coordinator).facts(worker, state[worker.key], state: state)
            // What mends the rest finds it only then.
            if try MovedWorktree.place(of: state[worker.key], coordinator.project) != nil { facts.problemRemedy = "czar doctor --repair" }
            return facts
        } catch let error as any Explained where ![.internal, .busy].contains(error.kind) {
            var facts = ProofFacts(tip: nil)
            facts.problem = "\(error)"
            facts.problemRemedy = try repair(of: worker.id, state[worker.key]) ?? (error as? OperationError)?.remedy
            return facts
        }
    }

    /// What brings back a worktree that is not tied to the repository any more.
    private func repair(of worker: WorkerID, _ record: WorkerRecord) throws -> String? {
        guard let creation = record.creation else { return nil }
        do {
            _ = try WorkerWorktree.find(worker, creation, coordinator.project)
            return nil
        } catch let error as RemovalError {
            switch error {
            case .unlinked, .damaged, .adrift, .behindLink: return error.remedy
            default: return nil
            }
        } catch let error as any Explained where error.kind != .internal {
            return nil
        }
    }

    /// Only work that is declared done is committed for the worker; what a failed command left stays as it is, to be looked at.
    private func wantsCommit(_ record: WorkerRecord) -> Bool {
        guard coordinator.plan.orchestration.autoCommit == .onExit, !record.person, record.surrender == nil else { return false }
        return record.declaration != nil || record.attempts.lastEnd?.outcome == .exited(0)
    }

    private func apply(
        _ verdict: Verdict, _ worker: WorkerDefinition, _ facts: ProofFacts, _ commitProblem: String?
    ) throws -> String? {
        switch verdict {
        case .stay(let why): return why
        case .complete(let tip):
            try ledger.move(worker.key, from: [.active], fields: facts.completion(at: tip), StateMove(to: .complete))
        case .move(var move):
            // What keeps it from being committed may keep it from being proven, and is said already.
            if let commitProblem, move.reason?.contains(commitProblem) != true {
                move.reason = [move.reason, "what it left could not be committed: \(commitProblem)"].compactMap { $0 }.joined(
                    separator: "; ")
            }
            try ledger.move(worker.key, from: [.active, .starting], move)
        }
        return nil
    }

    /// Czarina's workers leave a file when they are done: a claim like any other, taken in once.
    private func takeCompletionMark(_ worker: WorkerDefinition, _ record: WorkerRecord) throws {
        guard record.declaration == nil, record.state == .active,
            let path = try MovedWorktree.path(of: record, coordinator.project),
            FileKind(at: path + "/.WORKER_COMPLETE") == .file
        else { return }
        try ledger.record(.workerComplete, worker: worker.key, phase: worker.phase, [Field.what: ".WORKER_COMPLETE"])
        try Folder(opening: path).removeFile(".WORKER_COMPLETE")
    }

    /// The supervisor is gone: whatever of its attempt still runs is ended, and the end is recorded as it was kept, or that nobody saw it.
    private func recordLostEnd(_ worker: WorkerDefinition, _ record: WorkerRecord) throws {
        guard let running = record.attempts.running else { return }
        if let supervisor = record.supervisor { try SessionProcesses(supervisor: supervisor).terminate(grace: .seconds(5)) }
        let attempt = AttemptID(worker.key, number: running.number)
        let recorder = JournalRecorder(ledger: ledger, queue: EventIntake(coordinator))
        if let kept = try UnrecordedEnding.of(attempt, in: coordinator.project.stateFolder) {
            try recorder.record(attempt, kept.ending)
        } else {
            // From the mark on its command may have run: then the attempt is over, however it ended.
            let hasBegun = try AttemptReserve(.begun, in: coordinator.project.stateFolder).content(of: attempt) != nil
            try recorder.record(attempt, hasBegun ? .lost : .neverBegun)
        }
        try AttemptReserve.giveBack(attempt, in: coordinator.project.stateFolder)
    }
}
