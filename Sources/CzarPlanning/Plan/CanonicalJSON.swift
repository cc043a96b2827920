/// JSON text that is the same bytes for the same value: sorted keys, no space, only the escapes that JSON demands.
enum CanonicalJSON {
    case text(String)
    case number(Int64)
    case bool(Bool)
    case list([CanonicalJSON])
    case object([String: CanonicalJSON])

    static func texts(_ texts: [String]) -> CanonicalJSON { .list(texts.map { .text($0) }) }

    var serialised: String {
        switch self {
        case .text(let text): Self.quoted(text)
        case .number(let number): String(number)
        case .bool(let bool): bool ? "true" : "false"
        case .list(let elements): "[" + elements.map(\.serialised).joined(separator: ",") + "]"
        case .object(let members):
            "{" + members.sorted { $0.key < $1.key }.map { Self.quoted($0.key) + ":" + $0.value.serialised }.joined(separator: ",") + "}"
        }
    }

    static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case _ where scalar.value < 0x20 || scalar.value == 0x7F:
                result += "\\u00" + (scalar.value < 16 ? "0" : "") + String(scalar.value, radix: 16)
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
