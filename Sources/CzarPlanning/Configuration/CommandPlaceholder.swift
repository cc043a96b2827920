/// The names that stand for values in a command's elements. There are no others: `{anything else}` is text.
package enum CommandPlaceholder: String, CaseIterable, Sendable {
    case id, phase, slug, version, repo, branch, base, worktree, brief, prompt
    case promptFile = "prompt_file"
    case script, session, title, text

    /// Puts values in the place of placeholders: one pass, so that a value that looks like a placeholder stays as it is.
    ///
    /// - Returns: the text, and the placeholders in it that have no value.
    package static func fill(_ text: String, with values: [CommandPlaceholder: String]) -> (text: String, missing: [CommandPlaceholder]) {
        var missing: [CommandPlaceholder] = []
        let filled = Placeholders.fill(text) { name in
            guard let placeholder = Self(rawValue: name) else { return nil }
            if values[placeholder] == nil { missing.append(placeholder) }
            return values[placeholder] ?? ""
        }
        return (filled, missing)
    }

    /// Those that occur in the text, in its order.
    package static func all(in text: String) -> [CommandPlaceholder] { Placeholders.names(in: text).compactMap(Self.init(rawValue:)) }
}
