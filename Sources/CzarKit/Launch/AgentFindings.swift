import CzarPlanning

/// What an agent's output has said about itself so far.
package struct AgentFindings: Hashable, Sendable {
    /// The session that it began or went on with.
    package var session: String?
    /// Nil while it has told no figures.
    package var usage: Figures?
    /// Set when the program says that it ends because of its model's limit, and no figures of a later turn followed.
    package var rateLimit: Limit?

    package init() {}

    package struct Figures: Hashable, Sendable {
        package var tokens: Int64 = 0
        package var cached: Int64?
        package var cost: Double?
        /// The figures count the whole session and not only this run.
        package var tokensAreOfSession = false
        package var costIsOfSession = false
    }

    package struct Limit: Hashable, Sendable {
        /// The program's own sentence.
        package var message: String
        /// When it says that the limit ends.
        package var until: LimitEnd?
    }

    /// When a limit ends, as programs say it.
    package enum LimitEnd: Hashable, Sendable {
        case moment(Timestamp)
        case after(Duration)
        /// A time of day in this machine's zone, in minutes since midnight.
        case clock(minutes: Int)
    }
}
