/// How much of one limit of a budget is used.
struct BudgetUse: Hashable, Sendable {
    /// `tokens` or `time`.
    let name: String
    let used: Int64
    let limit: Int64
    /// For sentences: `85 of 100 tokens`.
    let text: String

    /// The limits that a budget sets. `milliseconds` is the time used so far.
    static func of(_ budget: Budget, tokens: Int64?, milliseconds: Int64) -> [BudgetUse] {
        var uses: [BudgetUse] = []
        if let limit = budget.tokens, limit > 0, let tokens {
            uses.append(BudgetUse(name: "tokens", used: tokens, limit: limit, text: "\(tokens) of \(limit) tokens"))
        }
        if let time = budget.time, time > .zero {
            let limit = time.components.seconds * 1000
            let text = "\(DurationText.format(.seconds(milliseconds / 1000))) of \(DurationText.format(time))"
            uses.append(BudgetUse(name: "time", used: milliseconds, limit: limit, text: text))
        }
        return uses
    }

    /// Whether the limit is reached: nothing is left of it.
    var isOver: Bool { used >= limit }

    /// Whether more was used than the limit allows.
    var isExceeded: Bool { used > limit }

    /// `110 % of its token budget`, with `whose` for `its`.
    func share(of whose: String) -> String {
        "\(Figures.grouped(percent(used, of: limit) ?? 0)) % of \(whose) \(name == "tokens" ? "token" : name) budget"
    }

    /// The level that is reached: `tokens-80`, `tokens-100`; nil below 80 %.
    var level: String? { isOver ? "\(name)-100" : used >= warningAt ? "\(name)-80" : nil }

    /// Time until the next level, while the clock runs; nil for tokens and when there is none.
    var millisecondsToNextLevel: Int64? {
        guard name == "time", !isOver else { return nil }
        return (used < warningAt ? warningAt : limit) - used
    }

    private var warningAt: Int64 { limit / 5 * 4 + limit % 5 * 4 / 5 }
}
