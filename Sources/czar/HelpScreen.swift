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

    private static let purposes = [
        "Start": "say who works on what, and let them work", "Watch": "what they do, say and change", "Steer": "by hand",
        "Get in": "into a worker's folder",
        "For workers": "inside a worktree none of these needs an id",
        "Land": "check what is done and merge it", "Tidy": "nothing that could be lost is removed",
        "Machine": "this machine and its shells",
    ]

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
        for group in CzarCommand.configuration.groupedSubcommands {
            lines += ["", "\(group.name): \(purposes[group.name] ?? "")"]
            lines += wrapped(group.subcommands.compactMap { $0.configuration.commandName })
        }
        lines += [
            "", "Every command takes -C DIR, --json, --quiet, --color WHEN, --ascii and --yes.",
            "'czar COMMAND --help' tells how, 'czar help --all' what each one does.",
        ]
        return lines.joined(separator: "\n")
    }

    private static func wrapped(_ words: [String]) -> [String] {
        var lines: [String] = []
        for word in words {
            if let last = lines.last, last.count + 2 + word.count <= width {
                lines[lines.count - 1] += "  " + word
            } else {
                lines.append("  " + word)
            }
        }
        return lines
    }
}
