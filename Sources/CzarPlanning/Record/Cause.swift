/// Why a worker is blocked, paused or failed: an open set, because later versions add causes.
public struct Cause: RawRepresentable, Hashable, Comparable, Sendable, CustomStringConvertible {
    public let rawValue: String

    public init(rawValue: String) { self.rawValue = rawValue }

    public var description: String { rawValue }

    public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }

    // Blocked.
    public static let dependencyFailed = Cause(rawValue: "dependency-failed")
    public static let event = Cause(rawValue: "event")
    public static let conflict = Cause(rawValue: "conflict")

    // Paused.
    public static let `operator` = Cause(rawValue: "operator")
    /// The daemon was told to end; the next one goes on.
    public static let interrupted = Cause(rawValue: "interrupted")
    public static let budget = Cause(rawValue: "budget")

    // Failed.
    public static let unproven = Cause(rawValue: "unproven")
    public static let exit = Cause(rawValue: "exit")
    public static let signal = Cause(rawValue: "signal")
    public static let launch = Cause(rawValue: "launch")
    public static let create = Cause(rawValue: "create")
    public static let crashed = Cause(rawValue: "crashed")

    /// Failures that another attempt may mend without a person.
    public static let retriable: Set<Cause> = [.unproven, .exit, .signal, .launch, .crashed]

    /// The text form of a set of causes in a journal field.
    public static func text(of causes: Set<Cause>) -> String { causes.map(\.rawValue).sorted().joined(separator: ",") }

    public static func set(from text: String) -> Set<Cause> { Set(text.split(separator: ",").map { Cause(rawValue: String($0)) }) }
}
