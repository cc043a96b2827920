import CzarPlanning

/// Writes into the journal what an agent's output says: the session it can go on with, and what it has used.
struct UsageRecorder {
    let ledger: Ledger

    /// While an attempt runs, its figures are recorded only when they have grown by a tenth: the journal is no meter.
    enum Moment { case running, ended }

    func record(_ found: AgentFindings, of worker: WorkerDefinition, agent: String, attempt: Int, _ moment: Moment) throws {
        try ledger.change { state in
            let record = state[worker.key]
            guard record.attempts.count == attempt else { return [] }
            return [sessionEvent(found, worker, record, agent, attempt, moment), usageEvent(found, worker, record, attempt, moment)]
                .compactMap(\.self)
        }
    }

    private func sessionEvent(
        _ found: AgentFindings, _ worker: WorkerDefinition, _ record: WorkerRecord, _ agent: String, _ attempt: Int, _ moment: Moment
    ) -> Event? {
        var fields = [Field.agent: agent, Field.attempt: String(attempt)]
        if let session = found.session {
            guard record.session?.id != session || record.session?.agent != agent else { return nil }
            fields[Field.session] = session
        } else {
            // It was to go on with a session and failed without opening one: the next attempt begins anew.
            guard moment == .ended, let session = record.session, session.agent == agent, session.attempt < attempt,
                case .exited(let status) = record.attempts.lastEnd?.outcome, status != 0
            else { return nil }
            fields[Field.reason] = "session \(session.id) could not be opened"
        }
        return ledger.event(.agentSession, worker: worker.key, phase: worker.phase, fields)
    }

    private func usageEvent(
        _ found: AgentFindings, _ worker: WorkerDefinition, _ record: WorkerRecord, _ attempt: Int, _ moment: Moment
    ) -> Event? {
        guard let usage = found.usage else { return nil }
        let own = Self.own(usage, session: found.session, attempt: attempt, record.tokens)
        let before = record.tokens.measured(in: attempt)
        guard own != before else { return nil }
        if moment == .running, let before, own.tokens < before.tokens + max(1, before.tokens / 10) { return nil }
        var fields = [Field.attempt: String(attempt), Field.tokensTotal: String(own.tokens)]
        fields[Field.tokensCached] = own.cached.map { String($0) }
        fields[Field.cost] = own.cost.map { String($0) }
        fields[Field.session] = own.session
        return ledger.event(.usage, worker: worker.key, phase: worker.phase, fields)
    }

    /// This attempt's part: what a program counts for a whole session holds what earlier attempts used of it.
    private static func own(
        _ usage: AgentFindings.Figures, session: String?, attempt: Int, _ log: TokenLog
    ) -> TokenLog.Measured {
        let earlier = session.map { log.measured(before: attempt, inSession: $0) }
        var own = TokenLog.Measured(tokens: usage.tokens, cached: usage.cached, cost: usage.cost, session: session)
        if usage.tokensAreOfSession, let earlier {
            own.tokens = max(0, own.tokens - earlier.tokens)
            own.cached = own.cached.map { max(0, $0 - (earlier.cached ?? 0)) }
        }
        if usage.costIsOfSession, let earlier { own.cost = own.cost.map { rounded(max(0, $0 - (earlier.cost ?? 0))) } }
        return own
    }

    /// To millionths of a dollar, so that differences of floating-point numbers do not show.
    private static func rounded(_ cost: Double) -> Double { (cost * 1_000_000).rounded() / 1_000_000 }
}
