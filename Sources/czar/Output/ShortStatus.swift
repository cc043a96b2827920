import CzarKit
import CzarPlanning

/// `czar status --short`: a few words for a prompt, from the journal alone. No branch and no worktree is looked at, so it takes no longer in a
/// large repository.
struct ShortStatus {
    private let states: [WorkerState]
    private let style: Style

    init(_ reader: StatusReader, style: Style) {
        states = reader.reading.plan.definitions.map { reader.state[$0.key].state }
        self.style = style
    }

    /// `●2 ✓3 ✗1`; pending workers are not worth a place, and nothing at all is an empty text.
    var text: String {
        WorkerState.allCases.filter { $0 != .pending }.compactMap { state in
            let count = states.count { $0 == state }
            guard count > 0 else { return nil }
            let mark = StateMark(state)
            return style.paint("\(mark.sign(style))\(count)", mark.tone)
        }.joined(separator: " ")
    }

    var json: JSONValue { Self.json(states) }

    /// The same where there is no plan yet.
    static var withoutPlan: JSONValue { json([]) }

    private static func json(_ states: [WorkerState]) -> JSONValue {
        var object = JSONObject()
        object.set("schema", "czar.short-status/1")
        object.set("generated_at", currentTime().description)
        object.set("workers", states.count)
        for state in WorkerState.allCases { object.set(state.rawValue, states.count { $0 == state }) }
        return object.value
    }
}
