import CzarPlanning

/// Why a project could not be read: what failed and why as a sentence, and what to do about it.
public struct ReadingError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What kind of failure it is; the cases are those of `czar`'s exit codes.
    public enum Kind: String, Hashable, Sendable, CaseIterable {
        /// No repository, no plan, no such branch (66).
        case missing
        /// An invalid plan or other data; ``ReadingError/problems`` lists what is wrong with a plan (65).
        case invalid
        /// Something that this machine or format does not allow (69).
        case unavailable
        /// Refused for safety (77).
        case refused
        /// Everything else; a fault of Czar's own among it (70).
        case other
    }

    /// What kind of failure it is.
    public let kind: Kind
    /// One sentence: what failed, on what, why.
    public let description: String
    /// What to do about it; nil when nothing is known to help.
    public let remedy: String?
    /// The problems of an invalid plan, with file, line and field.
    public let problems: [Problem]

    init(_ error: any Error) {
        let explained = error as? any Explained
        description = "\(error)"
        remedy = explained?.remedy
        if case .invalidPlan(let found) = error as? ProjectError { problems = found } else { problems = [] }
        kind =
            switch explained?.kind {
            case .missing: .missing
            case .invalid: .invalid
            case .unavailable: .unavailable
            case .refused: .refused
            default: .other
            }
    }

    /// Runs the body; whatever it throws leaves as this error.
    static func explaining<Value>(_ body: () throws -> Value) throws(ReadingError) -> Value {
        do { return try body() } catch { throw ReadingError(error) }
    }
}
