/// What becomes of a worker whose attempt has ended, or that was declared complete without one.
package enum Verdict: Hashable, Sendable {
    case complete(tip: CommitID)
    case move(StateMove)
    /// Nothing to decide: it stays as it is, and why.
    case stay(String)

    /// Judges by declaration and proof alone; nothing is inferred from output, messages or an empty branch.
    package static func judge(_ record: WorkerRecord, worker: WorkerDefinition, facts: ProofFacts) -> Verdict {
        guard let branch = record.creation?.branch else { return .stay("its branch was not made yet") }
        let end = record.attempts.lastEnd.flatMap { $0.number == record.attempts.count ? $0 : nil }
        switch record.state {
        case .starting: return judgeStart(end)
        case .active: break
        default: return .stay("it is \(record.state)")
        }
        if let reason = record.surrender { return .move(StateMove(to: .failed, causes: [.operator], reason: reason)) }
        let byExit = !record.person && end?.outcome == .exited(0)
        guard record.declaration != nil || byExit else { return .move(failure(end?.outcome ?? .lost)) }
        let missing = Proof.missing(for: worker, branch: branch, facts: facts)
        if missing.isEmpty, let tip = facts.tip { return .complete(tip: tip) }
        let reason = missing.joined(separator: "; ")
        return record.person
            ? .stay("declared complete, but not proven: \(reason)")
            : .move(StateMove(to: .failed, causes: [.unproven], reason: reason, remedy: remedy(branch, record, worker, facts)))
    }

    /// Trying again from another branch fails again, so what brings it back is said.
    private static func remedy(_ branch: BranchName, _ record: WorkerRecord, _ worker: WorkerDefinition, _ facts: ProofFacts) -> String? {
        let mend = facts.problemRemedy ?? Proof.branchRemedy(branch, facts, at: record.creation?.worktree)?.command
        return mend.map { "\($0) && czar complete \(worker.id)" }
    }

    /// An attempt that ended between its claim and its start. Whatever may have run counts as an attempt: its retries have a limit.
    private static func judgeStart(_ end: Attempts.End?) -> Verdict {
        switch end?.outcome {
        case .notLaunched(let why): .move(StateMove(to: .failed, causes: [.launch], reason: why))
        case .notPrepared(let why): .move(StateMove(to: .failed, causes: [.setup], reason: why))
        case .neverBegun, nil: .move(StateMove(to: .ready, reason: "the start was interrupted"))
        case let outcome?: .move(failure(outcome))
        }
    }

    private static func failure(_ outcome: Attempts.Outcome) -> StateMove {
        let cause: Cause =
            switch outcome {
            case .exited: .exit
            case .signalled: .signal
            case .notLaunched: .launch
            case .notPrepared: .setup
            case .lost, .neverBegun, .leftToOriginal: .crashed
            }
        if case .notPrepared(let why) = outcome { return StateMove(to: .failed, causes: [cause], reason: why) }
        return StateMove(to: .failed, causes: [cause], reason: "its command \(outcome)")
    }
}
