/// A local branch's name without `refs/heads/`, valid by the rules of git's `check-ref-format --branch`.
public struct BranchName: RawRepresentable, Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The name as it was given.
    public let rawValue: String

    /// Returns nil when git would refuse the name; ``problem(in:)`` says why.
    public init?(rawValue: String) {
        guard Self.problem(in: rawValue) == nil else { return nil }
        self.rawValue = rawValue
    }

    /// The name.
    public var description: String { rawValue }

    /// The full name of the reference.
    public var reference: String { "refs/heads/" + rawValue }

    /// By Unicode order.
    public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }

    /// Why git would refuse the name, as the end of a sentence; nil when it is valid.
    public static func problem(in text: String) -> String? {
        if PlainPath.isPlain(text), text != "HEAD", !text.hasPrefix("refs/") { return nil }
        if text.isEmpty { return "is empty" }
        if text.utf8.count > 240 { return "is longer than 240 bytes" }
        if text == "HEAD" || text == "@" { return "is reserved by git" }
        if text.hasPrefix("-") { return "must not start with '-'" }
        if text.hasPrefix("refs/") { return "must be given without 'refs/heads/'" }
        if text.hasSuffix(".") { return "must not end with '.'" }
        if text.contains("..") { return "must not hold '..'" }
        if text.contains("@{") { return "must not hold '@{'" }
        for byte in text.utf8 where byte <= 0x20 || byte == 0x7F || forbidden.contains(byte) {
            return "must not hold spaces, control characters or any of ~ ^ : ? * [ \\"
        }
        for component in text.split(separator: "/", omittingEmptySubsequences: false) {
            if component.isEmpty { return "must not start or end with '/' or hold '//'" }
            if component.hasPrefix(".") { return "must not have a part that starts with '.'" }
            if component.hasSuffix(".lock") { return "must not have a part that ends with '.lock'" }
        }
        return nil
    }

    private static let forbidden = Set("~^:?*[\\".utf8)
}
