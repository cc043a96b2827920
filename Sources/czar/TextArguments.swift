import ArgumentParser
import CzarPlanning

/// Words that begin as options do and are text (`- [ ] a task`, `-the app crashes`): the parser takes them for options.
enum TextArguments {
    private static var words: [String] { Array(CommandLine.arguments.dropFirst()) }

    /// The first such word of this command line; nil where there is none, or where help was asked for beside it.
    static var taken: String? {
        let own = words.prefix { $0 != "--" }
        return own.contains("--help") || own.contains("-h") ? nil : own.first(where: isText)
    }

    /// This command line as the parser takes it: such a value tied to its option, all other text behind `--`; nil where there is none.
    static var hint: String? {
        let words = words
        let own = words.prefix { $0 != "--" }
        guard own.contains(where: isText) else { return nil }
        let (kept, apart) = split(own, OldVerbs.command(in: words))
        let behind = apart + words[own.endIndex...].dropFirst()
        return ShellText.line(["czar"] + kept + (behind.isEmpty ? [] : ["--"] + behind))
    }

    /// The words up to the first text, with the options of all; and that text with what follows it.
    private static func split(_ words: ArraySlice<String>, _ command: String?) -> (kept: [String], apart: [String]) {
        var (kept, apart): ([String], [String]) = ([], [])
        var rest = words
        while let word = rest.popFirst() {
            if word.hasPrefix("-"), word != "-", !isText(word) {
                kept.append(word)
                guard takesValue(word, command), let value = rest.popFirst() else { continue }
                if isText(value) { kept[kept.count - 1] += "=" + value } else { kept.append(value) }
            } else if isText(word) || !apart.isEmpty {
                apart.append(word)
            } else {
                kept.append(word)
            }
        }
        return (kept, apart)
    }

    /// No name of an option holds a blank.
    private static func isText(_ word: String) -> Bool {
        word.hasPrefix("-") && (word.prefix { $0 != "=" }.contains(where: \.isWhitespace) || word.contains(where: \.isNewline))
    }

    /// As the parser says when it stands alone.
    private static func takesValue(_ option: String, _ command: String?) -> Bool {
        do { _ = try CzarCommand.parseAsRoot((command.map { [$0] } ?? []) + [option]) } catch {
            return CzarCommand.message(for: error).hasPrefix("Missing value for '\(option) ")
        }
        return false
    }
}
