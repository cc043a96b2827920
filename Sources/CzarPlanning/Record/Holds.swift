/// Holds (SPEC section 4): a blocked or paused worker has a set of causes and leaves that state with the last of them.
///
/// A paused worker may have causes of both kinds: what blocked it before, or was reported meanwhile, holds it still when it is resumed.
extension Cause {
    /// The causes that pause; all others block.
    package static let pausing: Set<Cause> = [.operator, .interrupted, .budget]
}

extension WorkerRecord {
    /// Where a worker stands that nothing holds any longer: active where a command runs, or ended while it was held and is to be judged,
    /// or a person works; else the rules say when it starts.
    package var stateWithoutHolds: WorkerState { attempts.running != nil || hasEndToJudge || person ? .active : .pending }

    /// Whether its last attempt ended while it was held, and is to be judged when nothing holds it any more.
    ///
    /// A command that said it is blocked and ended without declaring anything claims nothing: the next attempt goes on with the answer.
    package var hasEndToJudge: Bool {
        attempts.hasUnjudgedEnd && (declaration != nil || surrender != nil || !attempts.endedAsking)
    }

    /// Complete, and declared so once more: what had been committed by then is to be proven. A declaration without anything new says nothing
    /// about what comes later.
    package var isDeclaredAgain: Bool {
        guard state == .complete, let tip = declaration?.tip else { return false }
        return tip != completedTip
    }

    /// Why these causes hold the worker; nil when none of them came with a reason.
    package func whyHeld(by causes: Set<Cause>) -> String? {
        var texts: [String] = []
        for text in causes.sorted().compactMap({ reasons[$0] }) where !texts.contains(text) { texts.append(text) }
        return texts.isEmpty ? nil : texts.joined(separator: "; ")
    }
}

extension Event {
    /// Pauses the worker for one more cause; nothing where that cause holds it already. The caller has checked that it can be paused.
    ///
    /// `ends`: its running command is ended with it, so that nobody judges that end.
    package func paused(
        _ record: WorkerRecord, by cause: Cause, reason: String, ends: Bool = false, fields extra: [String: String] = [:]
    ) -> [Event] {
        let causes = record.causes.union([cause])
        // An end that was there before stays to be judged.
        let ends = ends && record.attempts.running != nil
        let fields = ends ? extra.merging([Field.ends: "true"]) { _, new in new } : extra
        guard record.state == .paused else {
            let move = StateMove(to: .paused, causes: causes, reason: reason)
            return [stateChanged(from: record.state, move, person: record.person, fields: fields)]
        }
        return causes == record.causes && !ends ? [] : [causesChanged(causes, reason: reason, fields: fields)]
    }

    /// Takes causes from a blocked or paused worker: it stays held by the others, or goes where nothing holds it.
    package func released(_ record: WorkerRecord, from causes: Set<Cause>, reason: String? = nil) -> [Event] {
        let rest = record.causes.subtracting(causes)
        let next: WorkerState = rest.isEmpty ? record.stateWithoutHolds : rest.isDisjoint(with: Cause.pausing) ? .blocked : .paused
        let why = rest.isEmpty ? reason : record.whyHeld(by: rest)
        if next == record.state { return rest == record.causes ? [] : [causesChanged(rest, reason: why)] }
        return [stateChanged(from: record.state, StateMove(to: next, causes: rest, reason: why), person: record.person)]
    }
}
