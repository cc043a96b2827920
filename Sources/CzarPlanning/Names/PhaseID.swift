/// The phase a worker belongs to, as the plan wrote it: `1`, `2`, `default`.
public struct PhaseID: RawRepresentable, Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The text of the plan.
    public let rawValue: String

    /// Any text is a phase.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// What a plan without a phase means.
    public static let first = PhaseID(rawValue: "1")

    /// The text of the plan.
    public var description: String { rawValue }

    /// Numeric phases come first and in numeric order, so that phase 10 follows phase 9.
    public static func < (left: Self, right: Self) -> Bool {
        switch (Int(left.rawValue), Int(right.rawValue)) {
        case (let left?, let right?): left < right
        case (.some, nil): true
        case (nil, .some): false
        case (nil, nil): left.rawValue < right.rawValue
        }
    }
}
