/// The names that stand for values in a command's elements. There are no others: `{anything else}` is text.
package enum CommandPlaceholder: String, CaseIterable, Sendable {
    case id, phase, slug, version, repo, branch, base, worktree, brief, prompt
    case promptFile = "prompt_file"
    case script, session, title, text

    /// Puts values in the place of placeholders: one pass, so that a value that looks like a placeholder stays as it is.
    ///
    /// - Returns: the text, and the placeholders in it that have no value.
    package static func fill(_ text: String, with values: [CommandPlaceholder: String]) -> (text: String, missing: [CommandPlaceholder]) {
        var result = ""
        var missing: [CommandPlaceholder] = []
        var rest = Substring(text)
        while let (before, placeholder, after) = next(in: rest) {
            result += before
            if let value = values[placeholder] { result += value } else { missing.append(placeholder) }
            rest = after
        }
        return (result + rest, missing)
    }

    /// Those that occur in the text, in its order.
    package static func all(in text: String) -> [CommandPlaceholder] {
        var found: [CommandPlaceholder] = []
        var rest = Substring(text)
        while let (_, placeholder, after) = next(in: rest) {
            found.append(placeholder)
            rest = after
        }
        return found
    }

    private static func next(in text: Substring) -> (before: Substring, CommandPlaceholder, after: Substring)? {
        var start = text.startIndex
        while let open = text[start...].firstIndex(of: "{") {
            let inside = text[text.index(after: open)...]
            let name = inside.prefix { $0 == "_" || $0.isLowercase }
            if name.endIndex < text.endIndex, text[name.endIndex] == "}", let placeholder = Self(rawValue: String(name)) {
                return (text[..<open], placeholder, text[text.index(after: name.endIndex)...])
            }
            start = inside.startIndex
        }
        return nil
    }
}
