/// The plan's `notify` block: what is worth a person's attention, and the command that gets it.
public struct Notifications: Hashable, Sendable {
    /// What may have happened.
    public enum Occasion: String, Hashable, Sendable, CaseIterable {
        case failed, stuck, blocked
        case overBudget = "over-budget"
        case approval, complete
    }

    /// What is told; all of it where the plan does not say.
    public var on: Set<Occasion>
    /// An argument vector with `{title}`, `{text}` and the worker's placeholders; nil: only the terminal of `czar run` tells.
    public var command: [String]?

    /// Notifications of their parts; nothing is checked here.
    public init(on: Set<Occasion> = Set(Occasion.allCases), command: [String]? = nil) { (self.on, self.command) = (on, command) }
}
