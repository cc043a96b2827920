/// The name of a worker within its phase: `^[a-z0-9][a-z0-9._-]*$`, at most 64 bytes, no `..`, no trailing `.` or `.lock`.
///
/// A worker's id becomes part of branch names and folder names, so a value of this type is safe in both.
public struct WorkerID: RawRepresentable, Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The id itself.
    public let rawValue: String

    /// Returns nil when the text breaks the rule above; ``problem(in:)`` says how.
    public init?(rawValue: String) {
        guard Self.problem(in: rawValue) == nil else { return nil }
        self.rawValue = rawValue
    }

    /// The id itself.
    public var description: String { rawValue }

    /// By bytes.
    public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }

    /// Why the text is no worker id, as the end of a sentence; nil when it is one.
    public static func problem(in text: String) -> String? {
        guard let first = text.utf8.first else { return "is empty" }
        if text.utf8.count > 64 { return "is longer than 64 bytes" }
        guard isLowerOrDigit(first) else { return "must start with a lower-case letter or a digit" }
        for byte in text.utf8
        where !isLowerOrDigit(byte) && byte != UInt8(ascii: ".") && byte != UInt8(ascii: "_") && byte != UInt8(ascii: "-") {
            return "may hold only lower-case letters, digits, '.', '_' and '-'"
        }
        if text.contains("..") { return "must not hold '..'" }
        if text.hasSuffix(".") { return "must not end with '.'" }
        if text.hasSuffix(".lock") { return "must not end with '.lock'" }
        return nil
    }

    private static func isLowerOrDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }
}
