/// The placeholders of commands and templates: `{id}` and its siblings, filled in by one pass over each piece of text.
package enum Placeholders {
    /// All that exist.
    package static let all = CommandPlaceholder.allCases.map(\.rawValue)
    static let inCommands = Set(all).subtracting(["title", "text"])
    /// Before an agent or a script is started there is neither prompt nor session.
    static let inSetup = inCommands.subtracting(["prompt", "prompt_file", "script", "session"])
    static let inNotifications: Set<String> = ["id", "phase", "slug", "version", "repo", "title", "text"]
    static let inBranchTemplate: Set<String> = ["id", "phase", "slug", "version", "repo", "base"]
    static let inWorktreeTemplate = inBranchTemplate.union(["branch"])

    /// The names between braces, in order. `{}`, `{a b}` and an open brace are plain text.
    package static func names(in text: String) -> [String] {
        pieces(of: text).compactMap { piece in if case .placeholder(let name) = piece { name } else { nil } }
    }

    /// The text with each placeholder replaced by its value, in one pass: a value that holds `{id}` stays as it is.
    /// A placeholder without a value stays as written.
    package static func fill(_ text: String, with values: [String: String]) -> String {
        fill(text) { values[$0] }
    }

    static func fill(_ text: String, with value: (String) -> String?) -> String {
        pieces(of: text).map { piece in
            switch piece {
            case .text(let text): String(text)
            case .placeholder(let name): value(name) ?? "{\(name)}"
            }
        }.joined()
    }

    /// Whether the element of an argument vector is a program for a shell.
    package static func isShellText(_ index: Int, of command: [String]) -> Bool { index > 0 && ["-c", "-lc"].contains(command[index - 1]) }

    /// What is wrong with an argument vector, as sentences with the index of the element.
    ///
    /// Behind `-c` and `-lc` stands a program for a shell: a value put into it would be run, so only `{script}` may stand there.
    static func problems(inCommand command: [String], allowed: Set<String> = inCommands) -> [(index: Int, message: String)] {
        var found: [(Int, String)] = []
        for (index, element) in command.enumerated() {
            let isShellText = isShellText(index, of: command)
            for name in names(in: element) {
                if !all.contains(name) {
                    found.append((index, unknown(name)))
                } else if isShellText, name != "script" {
                    found.append(
                        (
                            index,
                            "After '\(command[index - 1])' only {script} may stand; {\(name)} would be run by the shell. Use $CZAR_… instead."
                        ))
                } else if !allowed.contains(name) {
                    found.append((index, "{\(name)} has no meaning in this command."))
                }
            }
        }
        return found
    }

    static func unknown(_ name: String) -> String {
        "The placeholder {\(name.shortened)} does not exist.\(NearName.question(for: name, among: all))"
    }

    private enum Piece {
        case text(Substring)
        case placeholder(String)
    }

    private static func pieces(of text: String) -> [Piece] {
        var pieces: [Piece] = []
        var rest = Substring(text)
        while let brace = rest.firstIndex(of: "{") {
            let inside = rest[rest.index(after: brace)...]
            let name = inside.prefix { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
            if !name.isEmpty, name.endIndex < inside.endIndex, inside[name.endIndex] == "}" {
                if rest.startIndex < brace { pieces.append(.text(rest[..<brace])) }
                pieces.append(.placeholder(String(name)))
                rest = inside[inside.index(after: name.endIndex)...]
            } else {
                pieces.append(.text(rest[...brace]))
                rest = inside
            }
        }
        if !rest.isEmpty { pieces.append(.text(rest)) }
        return pieces
    }
}
