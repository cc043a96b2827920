/// An error that a person can act on: what failed and on what (`description`), and what to do.
package protocol Explained: Error, CustomStringConvertible {
    var kind: FailureKind { get }
    /// The next command, or what to change; nil when the sentence says it all.
    var remedy: String? { get }
}

/// What sort of failure it is: the program maps it to an exit code.
package enum FailureKind: Hashable, Sendable {
    /// The command line makes no sense.
    case usage
    /// A plan, or other data, is invalid.
    case invalid
    /// No such worker, branch or repository.
    case missing
    /// A file system or a remote cannot be used.
    case unavailable
    /// A fault of Czar's own.
    case `internal`
    /// A branch, folder or file cannot be made.
    case cannotCreate
    /// Another process holds what is needed.
    case busy
    /// Refused for safety or for lack of trust.
    case refused
    /// A negative answer.
    case negative
    case timedOut
    case interrupted
}
