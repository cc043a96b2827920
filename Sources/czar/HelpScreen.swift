import ArgumentParser
import CzarPlanning

/// `czar --help`: the commands by group on one screen. What each one does is for `czar help --all`, how for `czar COMMAND --help`.
enum HelpScreen {
    /// The screen that the arguments ask for; nil when it is another command's help, or none.
    static func asked(_ arguments: [String]) -> String? {
        switch OldVerbs.withoutCommonOptions(arguments) {
        case ["--help"], ["-h"], ["help"]: text
        case ["help", "--all"], ["--help", "--all"]:
            CzarCommand.helpMessage(columns: Style.columns()) + "\n\nOPTIONS OF EVERY COMMAND:\n"
                + commonOptionLines.joined(separator: "\n")
        default: nil
        }
    }

    private static let width = 80
    /// Lines of a terminal that nobody has made larger, beside the command that asked and the prompt after it.
    private static let height = 22

    private static var commonOptionLines: [Substring] {
        lines(StatusCommand.helpMessage(columns: Style.columns()).split(separator: "\n", omittingEmptySubsequences: false)) { $0 }
    }

    private static let examples = [
        ("czar add fix 'Fix the login page' --start", "one worker now, without any plan"),
        ("czar init", "a starter plan; then czar run"),
        ("czar status", "who does what, and what needs you"),
        ("czar logs fix -f", "what a worker says"),
        ("czar diff fix", "what it changed"),
    ]

    static var text: String {
        let wide = examples.map(\.0.count).max() ?? 0
        var lines = ["czar coordinates a team of parallel coding workers on one Git repository.", ""]
        lines += examples.map { "  " + $0 + String(repeating: " ", count: wide - $0.count + 2) + $1 }
        lines.append("")
        let groups = CzarCommand.configuration.groupedSubcommands
        let column = (groups.map(\.name.count).max() ?? 0) + 4
        for group in groups {
            let commands = wrapped(group.subcommands.compactMap { $0.configuration.commandName }, to: width - column)
            for (number, line) in commands.enumerated() {
                let name = number == 0 ? group.name : ""
                lines.append("  " + name + String(repeating: " ", count: column - 2 - name.count) + line)
            }
        }
        lines += [
            "", "For workers: inside a worktree none of these needs an id. Every command takes",
            "-C DIR, --json, --quiet, --color WHEN, --ascii and --yes.",
            "'czar COMMAND --help' tells how, 'czar help --all' what each one does.",
        ]
        return lines.joined(separator: "\n")
    }

    private static func wrapped(_ words: [String], to width: Int) -> [String] {
        var lines: [String] = []
        for word in words {
            if let last = lines.last, last.count + 2 + word.count <= width {
                lines[lines.count - 1] += "  " + word
            } else {
                lines.append(word)
            }
        }
        return lines
    }

    // MARK: A command's help

    private static let commonOptions = ["-C ", "--format ", "--json ", "-q, ", "--color ", "--ascii ", "--yes ", "--version ", "-h, "]

    /// A command's help with one line for the options that every command takes, so that its own are on the first screen.
    static func shortened(_ help: String) -> String {
        let all = help.split(separator: "\n", omittingEmptySubsequences: false)
        guard all.contains("OPTIONS:") else { return help }
        var kept = lines(all) { !$0 }
        while kept.last?.isEmpty == true { kept.removeLast() }
        if kept.last == "OPTIONS:" { kept.removeLast(2) }
        kept += ["", "Every command takes -C DIR, --format, --json, --quiet, --color, --ascii, --yes."]
        kept = kept.flatMap { $0.hasPrefix("USAGE: ") ? usage($0) : [$0] }
        // Sections can be told apart by their headings where there is no room for more.
        for heading in ["OPTIONS:", "ARGUMENTS:"] where kept.count > height {
            if let place = kept.firstIndex(of: heading[...]), place > 0, kept[place - 1].isEmpty { kept.remove(at: place - 1) }
        }
        if kept.count > height, let blank = kept.firstIndex(of: "") { kept.remove(at: blank) }
        return kept.joined(separator: "\n")
    }

    /// The lines that are about options of every command, or about everything else.
    private static func lines(_ help: [Substring], where isWanted: (_ isCommon: Bool) -> Bool) -> [Substring] {
        var isCommon = false
        var isOption = false
        return help.filter { line in
            if line == "OPTIONS:" { isOption = true }
            // An option begins after two spaces, its explanation goes on further right.
            if isOption, line.hasPrefix("  "), !line.hasPrefix("   ") {
                isCommon = commonOptions.contains { line.dropFirst(2).hasPrefix($0) }
            }
            if line.isEmpty || !line.hasPrefix(" ") { isCommon = false }
            return isWanted(isCommon)
        }
    }

    /// The parser does not break the line of usage.
    private static func usage(_ line: Substring) -> [Substring] {
        var parts: [Substring] = []
        for word in line.split(separator: " ") {
            // `[--option <value>]` and `[<worker> ...]` stay together.
            if let last = parts.last, last.contains("["), !last.hasSuffix("]") {
                parts[parts.count - 1] = last + " " + word
            } else {
                parts.append(word)
            }
        }
        var lines: [Substring] = []
        for part in parts {
            if let last = lines.last, last.count + 1 + part.count <= Style.columns() {
                lines[lines.count - 1] = last + " " + part
            } else {
                lines.append(lines.isEmpty ? part : "       " + part)
            }
        }
        return lines
    }
}
