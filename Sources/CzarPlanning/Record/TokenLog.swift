/// A worker's tokens and their cost: the sum over its attempts.
///
/// What was measured in an agent's own output (`USAGE`) counts; where nothing was, an attempt has used the larger of what it added up
/// and the last total it reported.
package struct TokenLog: Hashable, Sendable {
    package enum Source: String, Hashable, Sendable, CaseIterable { case reported, measured }

    /// What was read from an agent's output.
    package struct Measured: Hashable, Sendable {
        /// All tokens that went in and out, those from a cache among them.
        package var tokens: Int64
        package var cached: Int64?
        /// In US dollars, where the agent says so.
        package var cost: Double?
        /// The agent's session, of which several attempts may be a part.
        package var session: String?

        package init(tokens: Int64, cached: Int64? = nil, cost: Double? = nil, session: String? = nil) {
            (self.tokens, self.cached, self.cost, self.session) = (tokens, cached, cost, session)
        }
    }

    private struct Attempt: Hashable, Sendable {
        var sum: Int64 = 0
        var total: Int64 = 0
        var measured: Measured?
        var used: Int64 { measured?.tokens ?? max(sum, total) }
    }

    private var attempts: [Int: Attempt] = [:]

    package init() {}

    /// Nil when nothing was ever reported.
    package var used: Int64? {
        attempts.isEmpty ? nil : attempts.values.reduce(0) { $0.addingReportingOverflow($1.used).partialValue }
    }

    /// Measured wins where any attempt has it.
    package var source: Source? {
        attempts.isEmpty ? nil : attempts.values.contains { $0.measured != nil } ? .measured : .reported
    }

    /// How many of ``used`` came from a cache; nil when no agent said so.
    package var cached: Int64? {
        let known = attempts.values.compactMap { $0.measured?.cached }
        return known.isEmpty ? nil : known.reduce(0, +)
    }

    /// In US dollars; nil when no agent said what it cost.
    package var cost: Double? { Self.sum(attempts.values.compactMap { $0.measured?.cost }) }

    /// To a millionth of a dollar, whatever the order of the parts; nil without any.
    static func sum(_ costs: [Double]) -> Double? {
        costs.isEmpty ? nil : Double(costs.reduce(Int64(0)) { $0 + Int64(($1 * 1_000_000).rounded()) }) / 1_000_000
    }

    /// What was measured in one attempt.
    package func measured(in attempt: Int) -> Measured? { attempts[attempt]?.measured }

    /// What the attempts before `attempt` used of a session: agents report a session's totals, whoever began it.
    package func measured(before attempt: Int, inSession session: String) -> Measured {
        attempts.sorted { $0.key < $1.key }.reduce(into: Measured(tokens: 0, cached: 0, cost: 0, session: session)) { sum, entry in
            guard entry.key < attempt, let measured = entry.value.measured, measured.session == session else { return }
            sum.tokens += measured.tokens
            sum.cached = (sum.cached ?? 0) + (measured.cached ?? 0)
            sum.cost = (sum.cost ?? 0) + (measured.cost ?? 0)
        }
    }

    /// Takes the figures of one entry; text that is no count is passed over, because anybody may write an event.
    mutating func take(_ type: EventType, fields: [String: String], attempt: Int) {
        let tokens = fields[Field.tokens].flatMap(Self.count)
        let total = fields[Field.tokensTotal].flatMap(Self.count)
        guard tokens != nil || total != nil else { return }
        if type == .usage { return takeMeasured(fields, total ?? tokens ?? 0, attempt: attempt) }
        var figures = attempts[attempt] ?? Attempt()
        switch type {
        case .workerComplete: figures.total = tokens ?? figures.total
        default: figures.sum += tokens ?? 0
        }
        if let total { figures.total = total }
        attempts[attempt] = figures
    }

    /// Each is the attempt's total so far, so that reading an output twice changes nothing.
    private mutating func takeMeasured(_ fields: [String: String], _ tokens: Int64, attempt: Int) {
        let attempt = fields[Field.attempt].flatMap { Int($0) } ?? attempt
        attempts[attempt, default: Attempt()].measured = Measured(
            tokens: tokens, cached: fields[Field.tokensCached].flatMap(Self.count), cost: fields[Field.cost].flatMap(Self.dollars),
            session: fields[Field.session])
    }

    private static func dollars(_ text: String) -> Double? {
        guard let value = Double(text), value >= 0, value < 1e9 else { return nil }
        return value
    }

    /// An amount as plans write it too, such as `850K`; nil for what is none.
    package static func count(_ text: String) -> Int64? {
        guard let value = TokenAmount.parse(text), value < 1 << 50 else { return nil }
        return value
    }
}
