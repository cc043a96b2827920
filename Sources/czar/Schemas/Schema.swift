import CzarPlanning

/// A JSON schema (draft 2020-12), as a value that writes itself.
///
/// What an answer promises is required, typed and, where only certain words occur, enumerated; members beyond that are allowed, because
/// an answer may get more of them within its version.
struct Schema {
    let json: JSONValue

    private init(_ members: [(String, JSONValue)]) {
        json = .object(members.map { JSONValue.Member(name: $0.0, value: $0.1) })
    }

    /// A member of an object. One that is not required is absent where it does not apply.
    struct Member {
        let name: String
        let schema: Schema
        let isRequired: Bool

        static func required(_ name: String, _ schema: Schema) -> Member { Member(name: name, schema: schema, isRequired: true) }
        static func optional(_ name: String, _ schema: Schema) -> Member { Member(name: name, schema: schema, isRequired: false) }
    }

    // MARK: Single values

    static let text = Schema([("type", "string")])
    /// Text that says something.
    static let words = Schema([("type", "string"), ("minLength", 1)])
    static let flag = Schema([("type", "boolean")])
    static let count = Schema([("type", "integer"), ("minimum", 0)])
    static let integer = Schema([("type", "integer")])
    static let sequence = Schema([("type", "integer"), ("minimum", 1)])
    /// Seconds, with at most three decimals.
    static let seconds = Schema([("type", "number"), ("minimum", 0)])
    /// From 0 to 1.
    static let share = Schema([("type", "number"), ("minimum", 0), ("maximum", 1)])
    /// RFC 3339 in UTC, to the second or the millisecond.
    static let time = pattern("^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}(\\.\\d{3})?Z$", format: "date-time")
    /// A full object id of Git.
    static let commit = pattern("^[0-9a-f]{40}$")
    static let path = pattern("^/")
    static let worker = pattern("^[a-z0-9][a-z0-9._-]{0,63}$")
    static let eventType = pattern("^[A-Z][A-Z0-9_]{0,63}$")
    /// What a process can end with but 0.
    static let exitCode = Schema([("type", "integer"), ("minimum", 1), ("maximum", 255)])
    /// An exit code of a failure (SPEC section 6).
    static let failureCode = Schema([("enum", [1, 64, 65, 66, 69, 70, 73, 75, 77, 124, 130])])

    static func pattern(_ expression: String, format: String? = nil) -> Schema {
        Schema([("type", "string")] + (format.map { [("format", .string($0))] } ?? []) + [("pattern", .string(expression))])
    }

    static func constant(_ text: String) -> Schema { Schema([("const", .string(text))]) }

    static func oneOf(_ words: [String]) -> Schema { Schema([("enum", .strings(words))]) }

    /// One of the values of an enumeration: what the code can say is what the schema allows.
    static func oneOf<Value: CaseIterable & RawRepresentable>(_ type: Value.Type) -> Schema where Value.RawValue == String {
        oneOf(type.allCases.map(\.rawValue))
    }

    // MARK: Composed values

    static func list(_ element: Schema) -> Schema { Schema([("type", "array"), ("items", element.json)]) }

    /// Texts by key.
    static let fields = Schema([("type", "object"), ("additionalProperties", text.json)])

    static func object(_ members: Member...) -> Schema { object(members) }

    static func object(_ members: [Member]) -> Schema { Schema(objectMembers(members)) }

    private static func objectMembers(_ members: [Member]) -> [(String, JSONValue)] {
        let properties = members.map { JSONValue.Member(name: $0.name, value: $0.schema.json) }
        let required = members.filter(\.isRequired).map(\.name)
        return [("type", "object"), ("properties", .object(properties))] + (required.isEmpty ? [] : [("required", .strings(required))])
    }

    /// What could not be determined is null.
    var orNull: Schema { Schema([("anyOf", .array([json, .object([.init(name: "type", value: "null")])]))]) }

    /// Further members of an answer, by the text of one that all of its kinds have.
    struct Variants {
        let member: String
        let members: [String: [Member]]

        init(by member: String, _ members: [String: [Member]]) { (self.member, self.members) = (member, members) }

        /// A kind whose member names something else than what is required of it is refused by `then`.
        fileprivate var json: JSONValue {
            .array(
                members.sorted { $0.key < $1.key }.map { kind, members in
                    let condition = Schema.object([.required(member, .constant(kind))])
                    return .object([
                        .init(name: "if", value: condition.json), .init(name: "then", value: Schema.object(members).json),
                    ])
                })
        }
    }

    /// The schema of a whole answer: one file.
    static func answer(_ name: String, _ title: String, _ members: [Member], variants: Variants? = nil) -> Schema {
        Schema(
            [
                ("$schema", "https://json-schema.org/draft/2020-12/schema"), ("$id", .string("urn:czar:schema:\(name)")),
                ("title", .string(name)), ("description", .string(title)),
            ] + objectMembers([.required("schema", .constant(name))] + members)
                + (variants.map { [("allOf", $0.json)] } ?? []))
    }
}
