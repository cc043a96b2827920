import CzarPlanning

/// How what an agent prints is read: data, one for each form of output (``AgentOutput/named(_:)``).
///
/// Nothing here is ever taken from what a model wrote: only from the records that the agent's program prints about itself.
package struct AgentOutput: Hashable, Sendable {
    /// A line of JSON that has these texts at these places; a place is a path of names, `message.id`.
    package struct Pattern: Hashable, Sendable {
        var equal: [String: String] = [:]
        /// Any of the texts, in any letter case, somewhere in the text at the place.
        var containing: [String: [String]] = [:]
    }

    /// Where figures stand.
    package struct Usage: Hashable, Sendable {
        package enum Scope: Hashable, Sendable {
            /// What one step took; steps with the same text at `key` are one.
            case step(key: String?)
            /// Everything since the program began.
            case run
            /// Everything since the session began, whichever attempt that was.
            case session
        }

        var pattern: Pattern
        var tokens: [String]
        var cached: [String] = []
        var cost: String?
        var scope: Scope
        /// The same for the cost, where it differs.
        var costScope: Scope?
    }

    /// The program ends because its model refuses to answer for a while.
    package struct RateLimit: Hashable, Sendable {
        var pattern: Pattern
        /// Where the program's sentence about it stands.
        var message: String
    }

    /// A text in lines that fit.
    package struct Place: Hashable, Sendable {
        var pattern: Pattern
        var path: String
    }

    /// Where the session's id stands.
    var session: Place?
    var usage: [Usage] = []
    var rateLimits: [RateLimit] = []
    /// Where the time stands at which a limit ends, in seconds since 1970.
    var limitEnd: Place?
    /// The agent prints text for people; ``PlainAgentText`` knows its sentences.
    var isPlainText = false

    /// The form of a name that a plan may write; nil for `none`.
    package static func named(_ name: String) -> AgentOutput? { all[name] }

    private static let all: [String: AgentOutput] = [
        "claude": claude, "codex": codex, "gemini": gemini, "opencode": opencode, "cursor": cursor, "aider": aider,
    ]

    // Recorded from 2.1.332 (Fixtures/agents/claude-*.jsonl, 2026-11-25). `usage` of a result is this run's, `total_cost_usd` the
    // whole session's: seen with --resume. After ten refusals it ends with 1. `rate_limit_event`: from the program's own schema, not seen.
    private static let claude = AgentOutput(
        session: Place(pattern: Pattern(equal: ["type": "system", "subtype": "init"]), path: "session_id"),
        usage: [
            Usage(
                pattern: Pattern(equal: ["type": "assistant"]), tokens: claudeTokens("message.usage"),
                cached: ["message.usage.cache_read_input_tokens"], scope: .step(key: "message.id")),
            Usage(
                pattern: Pattern(equal: ["type": "result"]), tokens: claudeTokens("usage"), cached: ["usage.cache_read_input_tokens"],
                cost: "total_cost_usd", scope: .run, costScope: .session),
        ],
        rateLimits: [
            RateLimit(pattern: Pattern(equal: ["type": "result", "is_error": "true", "api_error_status": "429"]), message: "result"),
            RateLimit(
                pattern: Pattern(
                    equal: ["type": "result", "is_error": "true"],
                    containing: ["result": ["hit your session limit", "hit your limit", "usage limit reached"]]),
                message: "result"),
        ],
        limitEnd: Place(
            pattern: Pattern(equal: ["type": "rate_limit_event", "rate_limit_info.status": "rejected"]), path: "rate_limit_info.resetsAt"))

    private static func claudeTokens(_ place: String) -> [String] {
        ["input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens", "output_tokens"].map { "\(place).\($0)" }
    }

    // Recorded from 0.147.0 (Fixtures/agents/codex-*.jsonl, 2026-11-25). `usage` counts the whole thread: seen with `resume`.
    // A refusal ends it with 1; "usage limit" and its "try again" are sentences in the program, not seen.
    private static let codex = AgentOutput(
        session: Place(pattern: Pattern(equal: ["type": "thread.started"]), path: "thread_id"),
        usage: [
            Usage(
                pattern: Pattern(equal: ["type": "turn.completed"]), tokens: ["usage.input_tokens", "usage.output_tokens"],
                cached: ["usage.cached_input_tokens"], scope: .session)
        ],
        rateLimits: [
            RateLimit(
                pattern: Pattern(
                    equal: ["type": "turn.failed"], containing: ["error.message": ["429 too many requests", "usage limit", "rate limit"]]),
                message: "error.message")
        ])

    // packages/core/src/output (stream-json) of google-gemini/gemini-cli and geminicli.com/docs/cli/headless, 2026-11-25; not run here.
    private static let gemini = AgentOutput(
        session: Place(pattern: Pattern(equal: ["type": "init"]), path: "session_id"),
        usage: [
            Usage(
                pattern: Pattern(equal: ["type": "result"]), tokens: ["stats.total_tokens"], cached: ["stats.cached"], scope: .run)
        ],
        rateLimits: [
            RateLimit(
                pattern: Pattern(
                    equal: ["type": "result", "status": "error"],
                    containing: ["error.message": ["429", "quota", "rate limit", "resource_exhausted"]]), message: "error.message")
        ])

    // `opencode run --format json`, opencode.ai/docs/cli and the crate unified-agent-api-opencode, 2026-11-25; not run here.
    private static let opencode = AgentOutput(
        session: Place(pattern: Pattern(equal: ["type": "step_start"]), path: "sessionID"),
        usage: [
            Usage(
                pattern: Pattern(equal: ["type": "step_finish"]),
                tokens: ["input", "output", "reasoning", "cache.read", "cache.write"].map { "part.tokens.\($0)" },
                cached: ["part.tokens.cache.read"], cost: "part.cost", scope: .step(key: "part.id"))
        ],
        rateLimits: [
            RateLimit(pattern: Pattern(equal: ["type": "error", "error.data.statusCode": "429"]), message: "error.data.message")
        ])

    // cursor.com/docs/cli/reference/output-format, 2026-11-25; `usage` from a user's account of 2026.09.02, not run here.
    private static let cursor = AgentOutput(
        session: Place(pattern: Pattern(equal: ["type": "system", "subtype": "init"]), path: "session_id"),
        usage: [
            Usage(
                pattern: Pattern(equal: ["type": "result"]),
                tokens: ["inputTokens", "outputTokens", "cacheReadTokens", "cacheWriteTokens"].map { "usage.\($0)" },
                cached: ["usage.cacheReadTokens"], scope: .run)
        ],
        rateLimits: [
            RateLimit(
                pattern: Pattern(
                    equal: ["type": "result", "is_error": "true"], containing: ["result": ["rate limit", "usage limit", "429"]]),
                message: "result")
        ])

    private static let aider = AgentOutput(isPlainText: true)
}
