/// What a person is told beside the workers' own troubles: what others wait for, what has left the plan, what nobody starts.
extension StatusReport {
    /// A complete worker that others wait for until somebody merges it.
    func mergeAttention(_ worker: Worker, _ waiting: [WorkerID]) -> Attention? {
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
    static func unlistedAttention(_ record: WorkerRecord, _ phase: PhaseID) -> Attention? {
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
    static func personAttention(_ worker: Worker, isJudged: Bool) -> Attention? {
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
    func idleAttention(asks: Bool) -> Attention? {
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
    func trustAttention(_ untrusted: Set<WorkerID>) -> Attention? {
        let held = workers.filter { untrusted.contains($0.definition.id) && $0.record.state != .complete }
        guard let first = held.first else { return nil }
        let others = held.count == 1 ? "" : held.count == 2 ? " and 1 other" : " and \(held.count - 1) others"
        return Attention(
            worker: first.definition.id,
            why: "the plan changed what it\(others) run\(held.count == 1 ? "s" : ""), which waits to be trusted",
            since: nil, commands: ["czar trust", "czar validate"])
    }
}
