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
    }

    /// The compact text, in one line.
    package var text: String {
        var out = ""
        write(to: &out, indent: nil)
        return out
    }

    /// The text with two spaces of indentation a level.
    package var prettyText: String {
        var out = ""
        write(to: &out, indent: 0)
        return out
    }

    private func write(to out: inout String, indent: Int?) {
        switch self {
        case .null: out += "null"
        case .bool(let value): out += value ? "true" : "false"
        case .integer(let value): out += String(value)
        case .number(let value): out += Self.text(of: value)
        case .string(let value): Self.write(value, to: &out)
        case .array(let values):
            Self.writeList(values, open: "[", close: "]", to: &out, indent: indent) { $0.write(to: &$1, indent: $2) }
        case .object(let members):
            Self.writeList(members, open: "{", close: "}", to: &out, indent: indent) { member, out, indent in
                Self.write(member.name, to: &out)
                out += indent == nil ? ":" : ": "
                member.value.write(to: &out, indent: indent)
            }
        }
    }

    private static func writeList<Item>(
        _ items: [Item], open: String, close: String, to out: inout String, indent: Int?, item: (Item, inout String, Int?) -> Void
    ) {
        out += open
        let inner = indent.map { $0 + 2 }
        for (index, value) in items.enumerated() {
            if index > 0 { out += "," }
            if let inner { out += "\n" + String(repeating: " ", count: inner) }
            item(value, &out, inner)
        }
        if let indent, !items.isEmpty { out += "\n" + String(repeating: " ", count: indent) }
        out += close
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

    private static func write(_ string: String, to out: inout String) {
        out += "\""
        defer { out += "\"" }
        // Nearly every text of a report is plain, and there are thousands. 0xE2 may begin one of the separators.
        let isPlain = string.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x22 && $0 != 0x5C && $0 != 0x7F && $0 != 0xE2 }
        guard !isPlain else {
            out += string
            return
        }
        for scalar in string.unicodeScalars {
            switch scalar {
            case "\"": out += "\\\""
            case "\\": out += "\\\\"
            case "\n": out += "\\n"
            case "\r": out += "\\r"
            case "\t": out += "\\t"
            case _ where scalar.value < 0x20 || scalar.value == 0x7F || scalar.value == 0x2028 || scalar.value == 0x2029:
                let hex = String(scalar.value, radix: 16)
                out += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
            default: out.unicodeScalars.append(scalar)
            }
        }
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
    package static func strings(_ values: some Sequence<String>) -> JSONValue { .array(values.map { .string($0) }) }
}

/// Builds an object member by member; nil leaves a member out, ``JSONValue/null`` writes it.
package struct JSONObject {
    private var members: [JSONValue.Member] = []

    package init() {}

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
