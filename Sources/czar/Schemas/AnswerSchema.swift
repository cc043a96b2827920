import CzarKit
import CzarPlanning

/// One form of answer that programs can rely on: its name, what answers with it, and its schema.
struct AnswerSchema {
    /// `czar.graph/1`: what the answer says in `schema`.
    let name: String
    /// What answers so.
    let title: String
    let schema: Schema

    /// `generated_at` is a member of every answer but the lines of the journal, which have the time of their entry.
    init(_ name: String, _ title: String, _ members: Schema.Member..., isDated: Bool = true) {
        self.init(name, title, members, isDated: isDated)
    }

    init(_ name: String, _ title: String, _ members: [Schema.Member], isDated: Bool = true, variants: Schema.Variants? = nil) {
        (self.name, self.title) = (name, title)
        schema = .answer(name, title, (isDated ? [.required("generated_at", .time)] : []) + members, variants: variants)
    }

    /// The name without what all have in common: `graph`.
    var shortName: String { String(name.dropFirst("czar.".count).prefix { $0 != "/" }) }

    /// The file below `docs/schemas` that holds the same: `graph-1.json`.
    var fileName: String { "\(shortName)-\(name.split(separator: "/").last ?? "1").json" }

    /// Every form of answer, in the order of the names.
    static let all = (plan + workspaces + steering + inside + watching + changes + machine + reports + streams).sorted { $0.name < $1.name }

    /// - Throws: ``Failure`` (66) that names the nearest one.
    static func named(_ name: String) throws -> AnswerSchema {
        if let found = all.first(where: { $0.name == name || $0.shortName == name || $0.fileName == name }) { return found }
        let near = NearName.suggestion(for: name, among: all.map(\.shortName))
        throw Failure(
            message: "there is no schema '\(name)'", hint: near.map { "czar schema \($0)" } ?? "czar schema",
            code: FailureKind.missing.exitCode)
    }
}
