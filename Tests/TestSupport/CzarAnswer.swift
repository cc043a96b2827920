import Foundation

/// A JSON answer, looked into without a type for each.
public struct CzarAnswer: @unchecked Sendable, CustomStringConvertible {
    public let value: Any?

    public init(_ text: String) throws {
        value = try JSONSerialization.jsonObject(with: Data(text.utf8), options: [.fragmentsAllowed])
    }

    init(value: Any?) { self.value = value }

    public var description: String { value.map { "\($0)" } ?? "nothing" }
    public subscript(_ name: String) -> CzarAnswer { CzarAnswer(value: (value as? [String: Any])?[name]) }
    public subscript(_ index: Int) -> CzarAnswer {
        let list = value as? [Any] ?? []
        return CzarAnswer(value: list.indices.contains(index) ? list[index] : nil)
    }

    public var exists: Bool { value != nil }
    public var isNull: Bool { value is NSNull }
    public var string: String? { value as? String }
    public var int: Int? { (value as? NSNumber)?.intValue }
    public var bool: Bool? { (value as? NSNumber)?.boolValue }
    public var array: [CzarAnswer] { (value as? [Any] ?? []).map { CzarAnswer(value: $0) } }
    public var strings: [String] { array.compactMap(\.string) }
    public var fields: [String: String] { value as? [String: String] ?? [:] }
}

/// One entry of the journal, as `czar events --format json` prints it.
public struct CzarEvent: Sendable, CustomStringConvertible {
    public let sequence: Int
    public let worker: String?
    public let type: String
    public let fields: [String: String]

    init(_ answer: CzarAnswer) {
        (sequence, worker, type) = (answer["seq"].int ?? -1, answer["worker"].string, answer["type"].string ?? "")
        fields = answer["fields"].fields
    }

    /// `api pending→ready` for a change of state, else `api TYPE`.
    public var description: String {
        let subject = worker ?? "-"
        guard type == "STATE_CHANGED" else { return "\(subject) \(type)" }
        return "\(subject) \(fields["from"] ?? "?")→\(fields["to"] ?? "?")"
    }
}
