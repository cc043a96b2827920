import ArgumentParser
import CzarPlanning

/// `czar --help`: the commands by group on one screen. What each one does is for `czar help --all`, how for `czar COMMAND --help`.
enum HelpScreen {
    /// The screen that the arguments ask for; nil when it is another command's help, or none.
    static func asked(_ arguments: [String]) -> String? {
        switch arguments {
        case ["--help"], ["-h"], ["help"]: text
        case ["help", "--all"], ["--help", "--all"]: CzarCommand.helpMessage(columns: Style.columns())
        default: nil
        }
    }

    private static let width = 80

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
        guard let options = help.firstRange(of: "\nOPTIONS:\n") else { return help }
        var kept: [Substring] = []
        var isCommon = false
        for line in help[options.upperBound...].split(separator: "\n", omittingEmptySubsequences: false) {
            // An option begins after two spaces, its explanation goes on further right.
            if line.hasPrefix("  "), !line.hasPrefix("   ") { isCommon = commonOptions.contains { line.dropFirst(2).hasPrefix($0) } }
            if line.isEmpty || !line.hasPrefix(" ") { isCommon = false }
            if !isCommon { kept.append(line) }
        }
        while kept.last?.isEmpty == true { kept.removeLast() }
        let common = "Every command takes -C DIR, --format FORMAT, --json, --quiet, --color WHEN, --ascii,\n--yes and --help."
        guard kept.isEmpty else { return help[..<options.upperBound] + kept.joined(separator: "\n") + "\n\n" + common }
        return help[..<options.lowerBound] + "\n" + common
    }
}
