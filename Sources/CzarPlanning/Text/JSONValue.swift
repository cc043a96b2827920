/// A JSON value whose text is the same bytes for the same value: members keep the order in which they were written.
package indirect enum JSONValue: Hashable, Sendable {
    case null
    case bool(Bool)
    case integer(Int64)
    /// Finite; written with at most three decimals, because no figure here means more.
    case number(Double)
    case string(String)
    case array([JSONValue])
    case object([Member])

    package struct Member: Hashable, Sendable {
        package let name: String
        package let value: JSONValue

        package init(name: String, value: JSONValue) { (self.name, self.value) = (name, value) }
    }

    /// The compact text, in one line.
    package var text: String { written(indent: nil) }

    /// The text with two spaces of indentation a level.
    package var prettyText: String { written(indent: 0) }

    private func written(indent: Int?) -> String {
        var bytes: [UInt8] = []
        write(to: &bytes, indent: indent)
        return String(decoding: bytes, as: UTF8.self)
    }

    private func write(to out: inout [UInt8], indent: Int?) {
        switch self {
        case .null: out += "null".utf8
        case .bool(let value): out += (value ? "true" : "false").utf8
        case .integer(let value): out += String(value).utf8
        case .number(let value): out += Self.text(of: value).utf8
        case .string(let value): JSONText.append(value, to: &out)
        case .array(let values):
            Self.writeList(values, between: ("[", "]"), to: &out, indent: indent) { $0.write(to: &$1, indent: $2) }
        case .object(let members):
            Self.writeList(members, between: ("{", "}"), to: &out, indent: indent) { member, out, indent in
                JSONText.append(member.name, to: &out)
                out.append(UInt8(ascii: ":"))
                if indent != nil { out.append(UInt8(ascii: " ")) }
                member.value.write(to: &out, indent: indent)
            }
        }
    }

    private static func writeList<Item>(
        _ items: [Item], between brackets: (Unicode.Scalar, Unicode.Scalar), to out: inout [UInt8], indent: Int?,
        item: (Item, inout [UInt8], Int?) -> Void
    ) {
        func newLine(_ indent: Int) {
            out.append(UInt8(ascii: "\n"))
            out.append(contentsOf: repeatElement(UInt8(ascii: " "), count: indent))
        }
        out.append(UInt8(ascii: brackets.0))
        let inner = indent.map { $0 + 2 }
        for (index, value) in items.enumerated() {
            if index > 0 { out.append(UInt8(ascii: ",")) }
            if let inner { newLine(inner) }
            item(value, &out, inner)
        }
        if let indent, !items.isEmpty { newLine(indent) }
        out.append(UInt8(ascii: brackets.1))
    }

    private static func text(of value: Double) -> String {
        let thousandths = (value * 1000).rounded()
        guard thousandths.isFinite, abs(thousandths) < 9e15 else { return "null" }
        let whole = Int64(thousandths)
        guard whole % 1000 != 0 else { return String(whole / 1000) }
        var digits = String(abs(whole) % 1000)
        digits = String(repeating: "0", count: 3 - digits.count) + digits
        while digits.hasSuffix("0") { digits.removeLast() }
        return (whole < 0 ? "-" : "") + String(abs(whole) / 1000) + "." + digits
    }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral, ExpressibleByNilLiteral,
    ExpressibleByArrayLiteral
{
    package init(stringLiteral value: String) { self = .string(value) }
    package init(integerLiteral value: Int64) { self = .integer(value) }
    package init(booleanLiteral value: Bool) { self = .bool(value) }
    package init(nilLiteral: ()) { self = .null }
    package init(arrayLiteral elements: JSONValue...) { self = .array(elements) }

    package static func integer(_ value: Int) -> JSONValue { .integer(Int64(value)) }
    package static func time(_ value: Timestamp) -> JSONValue { .string(value.description) }
    /// An object whose members stand in the order of their names.
    package static func sorted(_ members: [String: JSONValue]) -> JSONValue {
        .object(members.sorted { $0.key < $1.key }.map { Member(name: $0.key, value: $0.value) })
    }
    package static func strings(_ values: some Sequence<String>) -> JSONValue { .array(values.map { .string($0) }) }
}

/// Builds an object member by member; nil leaves a member out, ``JSONValue/null`` writes it.
package struct JSONObject {
    private var members: [JSONValue.Member] = []

    package init() {}

    /// The members of an object, to go on with; none of anything else.
    package init(_ value: JSONValue) {
        if case .object(let members) = value { self.members = members }
    }

    package mutating func set(_ name: String, _ value: JSONValue?) {
        if let value { members.append(JSONValue.Member(name: name, value: value)) }
    }

    package mutating func set(_ name: String, _ value: String?) { set(name, value.map { JSONValue.string($0) }) }
    package mutating func set(_ name: String, _ value: Int?) { set(name, value.map { JSONValue.integer(Int64($0)) }) }
    package mutating func set(_ name: String, _ value: Bool) { set(name, JSONValue.bool(value)) }

    /// Writes null where the value could not be determined.
    package mutating func setOrNull(_ name: String, _ value: JSONValue?) { set(name, value ?? JSONValue.null) }

    package var value: JSONValue { .object(members) }
}
