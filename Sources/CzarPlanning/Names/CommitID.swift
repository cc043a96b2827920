/// A commit's object id as lower-case hexadecimal text: what the journal keeps, so that this target needs no Git.
public struct CommitID: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    /// The digits.
    public let rawValue: String

    /// Takes the digits as they are.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// The digits.
    public var description: String { rawValue }

    /// The first ten digits, for sentences.
    public var short: String { String(rawValue.prefix(10)) }
}
