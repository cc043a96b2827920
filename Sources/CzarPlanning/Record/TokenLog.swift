/// A worker's tokens: the sum over its attempts, each the larger of what it added up and the last total it gave.
package struct TokenLog: Hashable, Sendable {
    package enum Source: String, Hashable, Sendable { case reported, measured }

    private struct Attempt: Hashable, Sendable {
        var sum: Int64 = 0
        var total: Int64 = 0
        var measured: Int64 = 0
        var used: Int64 { measured > 0 ? measured : max(sum, total) }
    }

    private var attempts: [Int: Attempt] = [:]

    package init() {}

    /// Nil when nothing was ever reported.
    package var used: Int64? {
        attempts.isEmpty ? nil : attempts.values.reduce(0) { $0.addingReportingOverflow($1.used).partialValue }
    }

    /// Measured wins where any attempt has it.
    package var source: Source? {
        attempts.isEmpty ? nil : attempts.values.contains { $0.measured > 0 } ? .measured : .reported
    }

    /// Takes the figures of one entry; text that is no count is passed over, because anybody may write an event.
    mutating func take(_ type: EventType, fields: [String: String], attempt: Int) {
        let tokens = fields[Field.tokens].flatMap(Self.count)
        let total = fields[Field.tokensTotal].flatMap(Self.count)
        guard tokens != nil || total != nil else { return }
        var figures = attempts[attempt] ?? Attempt()
        switch type {
        case .usage: figures.measured += tokens ?? 0
        case .workerComplete: figures.total = tokens ?? figures.total
        default: figures.sum += tokens ?? 0
        }
        if let total { figures.total = total }
        attempts[attempt] = figures
    }

    private static func count(_ text: String) -> Int64? {
        guard let value = Int64(text), value >= 0, value < 1 << 50 else { return nil }
        return value
    }
}
