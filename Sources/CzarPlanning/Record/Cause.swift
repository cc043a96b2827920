/// Why a worker is blocked, paused or failed: an open set, because later versions add causes.
package struct Cause: RawRepresentable, Hashable, Comparable, Sendable, CustomStringConvertible {
    package let rawValue: String

    package init(rawValue: String) { self.rawValue = rawValue }

    package var description: String { rawValue }

    package static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }

    // Blocked.
    package static let dependencyFailed = Cause(rawValue: "dependency-failed")
    package static let event = Cause(rawValue: "event")
    package static let conflict = Cause(rawValue: "conflict")
    /// Its agent may not ask its model before a known time.
    package static let rateLimit = Cause(rawValue: "rate-limit")

    // Paused.
    package static let `operator` = Cause(rawValue: "operator")
    /// The daemon was told to end; the next one goes on.
    package static let interrupted = Cause(rawValue: "interrupted")
    package static let budget = Cause(rawValue: "budget")

    // Failed.
    package static let unproven = Cause(rawValue: "unproven")
    package static let exit = Cause(rawValue: "exit")
    package static let signal = Cause(rawValue: "signal")
    package static let launch = Cause(rawValue: "launch")
    package static let create = Cause(rawValue: "create")
    package static let crashed = Cause(rawValue: "crashed")
    package static let setup = Cause(rawValue: "setup")

    /// Failures that another attempt may mend without a person.
    package static let retriable: Set<Cause> = [.unproven, .exit, .signal, .launch, .crashed, .setup]

    /// The text form of a set of causes in a journal field.
    package static func text(of causes: Set<Cause>) -> String { causes.map(\.rawValue).sorted().joined(separator: ",") }

    package static func set(from text: String) -> Set<Cause> { Set(text.split(separator: ",").map { Cause(rawValue: String($0)) }) }
}
