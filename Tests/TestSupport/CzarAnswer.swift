import Foundation

/// A JSON answer, looked into without a type for each.
package struct CzarAnswer: @unchecked Sendable, CustomStringConvertible {
    package let value: Any?

    package init(_ text: String) throws {
        value = try JSONSerialization.jsonObject(with: Data(text.utf8), options: [.fragmentsAllowed])
    }

    init(value: Any?) { self.value = value }

    package var description: String { value.map { "\($0)" } ?? "nothing" }
    package subscript(_ name: String) -> CzarAnswer { CzarAnswer(value: (value as? [String: Any])?[name]) }
    package subscript(_ index: Int) -> CzarAnswer {
        let list = value as? [Any] ?? []
        return CzarAnswer(value: list.indices.contains(index) ? list[index] : nil)
    }

    package var exists: Bool { value != nil }
    package var isNull: Bool { value is NSNull }
    package var string: String? { value as? String }
    package var int: Int? { (value as? NSNumber)?.intValue }
    package var double: Double? { (value as? NSNumber)?.doubleValue }
    package var bool: Bool? { (value as? NSNumber)?.boolValue }
    package var array: [CzarAnswer] { (value as? [Any] ?? []).map { CzarAnswer(value: $0) } }
    package var strings: [String] { array.compactMap(\.string) }
    package var fields: [String: String] { value as? [String: String] ?? [:] }
}

/// One entry of the journal, as `czar events --format json` prints it.
package struct CzarEvent: Sendable, CustomStringConvertible {
    package let sequence: Int
    package let worker: String?
    /// RFC 3339.
    package let time: String
    package let type: String
    package let fields: [String: String]

    init(_ answer: CzarAnswer) {
        (sequence, worker, type) = (answer["seq"].int ?? -1, answer["worker"].string, answer["type"].string ?? "")
        time = answer["time"].string ?? ""
        fields = answer["fields"].fields
    }

    /// `api pending→ready` for a change of state, else `api TYPE`.
    package var description: String {
        let subject = worker ?? "-"
        guard type == "STATE_CHANGED" else { return "\(subject) \(type)" }
        return "\(subject) \(fields["from"] ?? "?")→\(fields["to"] ?? "?")"
    }
}
