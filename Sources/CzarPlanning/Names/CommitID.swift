/// A commit's object id as lower-case hexadecimal text: what the journal keeps, so that this target needs no Git.
public struct CommitID: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    public let rawValue: String

    public init(rawValue: String) { self.rawValue = rawValue }

    public var description: String { rawValue }

    /// The first ten digits, for sentences.
    public var short: String { String(rawValue.prefix(10)) }
}
