import ArgumentParser
import CzarKit
import CzarPlanning

/// What stands in the place of a command: aliases, Czarina's own verbs, mistypings, and options that came first.
enum OldVerbs {
    /// Other names of commands.
    private static let aliases = ["create-worktree": "create", "version": "--version"]

    /// Other names of commands that take what those take, each with the command's own.
    static var otherNames: [(String, String)] {
        let commands = CzarCommand.configuration.groupedSubcommands.flatMap { $0.subcommands }.map { $0.configuration }
        var names = aliases.filter { !$0.value.hasPrefix("-") }
        for command in commands { for name in command.aliases { names[name] = command.commandName } }
        return names.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    /// What does here what Czarina's verb did there. Of several the first that this build has; a second word tells some apart.
    private static let replacements: [String: [String]] = [
        "launch": ["czar run"], "start-all": ["czar run"], "daemon": ["czar run"], "daemon start": ["czar run"],
        "daemon stop": ["czar run --stop"], "daemon status": ["czar status"], "daemon logs": ["czar events --follow"],
        "list": ["czar status"], "workers": ["czar status"], "dashboard": ["czar status --watch"], "watch": ["czar status --watch"],
        "analyze": ["czar validate"], "deps": ["czar graph"], "phase": ["czar status"], "phase set": ["czar closeout", "czar status"],
        "phase close": ["czar closeout", "czar prune"], "phase list": ["czar status"], "phase status": ["czar status"],
        "closeout": ["czar prune"], "cleanup": ["czar prune"], "clean": ["czar prune"], "kill": ["czar stop"], "tail": ["czar logs"],
        "cd": ["eval \"$(czar shell-init bash)\""],
        "worktree": ["czar create"], "spawn": ["czar add fix 'Fix the login page' --start"],
        "new": ["czar add fix 'Fix the login page' --start"],
    ]

    /// What Czarina has and Czar has not, with the reason.
    private static let withoutReplacement = [
        "patterns": "patterns are files of your own; name them in a brief", "hopper": "tasks to come are workers of the plan",
        "memory": "agents keep their own memory", "wiggum": "'retry' in the plan tries again",
    ]

    /// The arguments as the parser takes them.
    /// - Throws: ``Failure`` (64) that names the new command for a verb that only Czarina has, or the nearest one for a mistyping.
    static func checked(_ arguments: [String]) throws -> [String] {
        let arguments = commonOptionsLast(arguments)
        guard let verb = arguments.first, !verb.hasPrefix("-") else { return arguments }
        guard verb != "help" else {
            if let asked = arguments.dropFirst().first, !asked.hasPrefix("-") {
                try refuseUnknown(asked, "czar help ", arguments.dropFirst())
            }
            return arguments
        }
        if let name = aliases[verb] { return [name] + arguments.dropFirst() }
        if verb == "exec", let end = arguments.firstIndex(of: "--") {
            return arguments[..<end] + ["--command"] + arguments[(end + 1)...]
        }
        try refuseUnknown(verb, "czar ", arguments[...])
        return arguments
    }

    /// - Throws: ``Failure`` where there is no such command, with what there is in its place behind `prefix`.
    private static func refuseUnknown(_ verb: String, _ prefix: String, _ arguments: ArraySlice<String>) throws {
        let known = knownCommands
        guard !known.contains(verb) else { return }
        try refuseOldVerb(arguments, known)
        try refuseLater(verb, of: arguments.dropFirst().first)
        // A mistyping may be meant for a name that has another here.
        let others = prefix == "czar " ? replacements.keys.filter { !$0.contains(" ") } : []
        let near = NearName.suggestion(for: verb, among: known + others).map { name in
            guard prefix == "czar " else { return prefix + name }
            return known.contains(name) ? line(name, arguments) : replacement(name, arguments)
        }
        throw Failure(message: "there is no command '\(verb)'", hint: near ?? "czar --help", code: 64)
    }

    /// The command with what stood behind the wrong one.
    private static func line(_ command: String, _ arguments: ArraySlice<String>) -> String {
        ShellText.line(["czar", command] + arguments.dropFirst())
    }

    /// What does here what another verb does elsewhere, for the same workers where it takes some.
    private static func replacement(_ verb: String, _ arguments: ArraySlice<String>) -> String {
        let command = replacements[verb]?[0] ?? "czar --help"
        let words = command.split(separator: " ").map(String.init)
        return words.count == 2 && takesWorkers.contains(words[1]) ? line(words[1], arguments) : command
    }

    private static let takesWorkers: Set<String> = ["stop", "logs"]

    /// Commands of the specification that come with a later version: what to do until then.
    private static func refuseLater(_ verb: String, of worker: String?) throws {
        let (why, hint): (String, String)
        switch verb {
        case "check": (why, hint) = ("runs no checks\nUntil then your work is held against the proof of completion alone.", "czar complete")
        case "integrate", "merge", "land":
            let merge = branch(of: worker).map { "git merge --no-ff \(ShellText.word($0.rawValue))" }
            (why, hint) = ("lands nothing\nMerge a worker's branch with git: Czar sees where it landed.", merge ?? "czar status")
        case "conflicts":
            (why, hint) = ("predicts no conflicts\nGit says what a merge would do.", "git merge-tree --write-tree HEAD @{upstream}")
        case "fetch", "push": (why, hint) = ("talks to no remote\nGit does.", "git \(verb)")
        default: return
        }
        throw Failure(message: "this version of Czar " + why, hint: hint, code: 69)
    }

    /// Nil where no such worker is known.
    private static func branch(of name: String?) -> BranchName? {
        do {
            let reader = try StatusReader(around: ".")
            return try name.flatMap { try reader.roster().named($0) }.map { reader.state[$0.key].creation?.branch ?? $0.branch }
        } catch {
            return nil
        }
    }

    /// The words that say what is asked, without how.
    static func withoutCommonOptions(_ arguments: [String]) -> [String] {
        var words: [String] = []
        var rest = arguments[...]
        while let first = rest.popFirst() {
            if ["-C", "--format", "--color"].contains(first) {
                _ = rest.popFirst()
            } else if !["--json", "-q", "--quiet", "--ascii", "--yes"].contains(first), !first.hasPrefix("--format="),
                !first.hasPrefix("--color=")
            {
                words.append(first)
            }
        }
        return words
    }

    /// `czar -C DIR status` is `czar status -C DIR`.
    private static func commonOptionsLast(_ arguments: [String]) -> [String] {
        var options: [String] = []
        var rest = arguments[...]
        while let first = rest.first, first.hasPrefix("-") {
            if ["-C", "--format", "--color"].contains(first), rest.count > 1 {
                options += rest.prefix(2)
                rest = rest.dropFirst(2)
            } else if ["--json", "-q", "--quiet", "--ascii", "--yes"].contains(first) || first.hasPrefix("--format=")
                || first.hasPrefix("--color=")
            {
                options.append(first)
                rest = rest.dropFirst()
            } else {
                return arguments
            }
        }
        guard let verb = rest.first else { return ["status"] + options }
        return [verb] + options + rest.dropFirst()
    }

    /// Whether somebody wrote the word on this command line.
    static func isWord(_ word: String) -> Bool { CommandLine.arguments.dropFirst().contains { $0 == word || $0.hasSuffix("=" + word) } }

    /// This command line with one of its words replaced.
    static func command(with word: String, as replacement: String) -> String {
        let words = CommandLine.arguments.dropFirst().map { argument in
            argument == word ? replacement : argument.hasSuffix("=" + word) ? argument.dropLast(word.count) + replacement : argument
        }
        return ShellText.line(["czar"] + words)
    }

    /// What commands cannot do without, as it might be.
    private static let needed = [
        "fail": (option: "--reason", example: "the key is missing"), "commit": ("-m", "Parse numbers"), "block": ("", "the key is missing"),
        "event": ("", "CHECKPOINT"), "show": ("", "HEAD"), "schema": ("", "status"), "completions": ("", "bash"),
        "shell-init": ("", "bash"),
        "add": ("", "fix"),
    ]

    /// This command line with what it lacks, where the parser missed an argument; nil where it is something else that is wrong.
    static func completed(_ command: String?) -> String? {
        guard let command, let (option, example) = needed[command] else { return nil }
        let words = withoutCommonOptions(Array(CommandLine.arguments.dropFirst()))
        let isThere = option.isEmpty ? words.count > 1 : words.contains { $0 == option || $0 == "--message" || $0.hasPrefix(option + "=") }
        guard !isThere else { return nil }
        if command == "add" { return "czar add fix 'Fix the login page' --start" }
        return ShellText.line(["czar"] + words + (option.isEmpty ? [] : [option]) + [example])
    }

    /// This command line for one worker; nil where there is no command or no worker.
    static func command(for worker: String?, of known: [String]) -> String? {
        let words = commonOptionsLast(Array(CommandLine.arguments.dropFirst()))
        guard let worker, let verb = words.first, knownCommands.contains(verb) else { return nil }
        var rest = Array(words.dropFirst())
        // What stands behind these is no worker.
        guard ["commit", "block", "task", "unblock", "whoami"].contains(verb) else { return ShellText.line(["czar", verb, worker] + rest) }
        var meant = worker
        // Other commands begin with the worker, and so did who wrote this one.
        if verb == "block", let first = rest.first, known.contains(first) {
            meant = first
            rest = rest.count > 1 ? Array(rest.dropFirst()) : [needed[verb]?.1 ?? ""]
        }
        rest.insert(contentsOf: ["--worker", meant], at: rest.firstIndex(of: "--") ?? rest.endIndex)
        return ShellText.line(["czar", verb] + rest)
    }

    /// The command that the arguments name; nil for none.
    static func command(in arguments: some Sequence<String>) -> String? {
        let known = knownCommands
        return commonOptionsLast(Array(arguments)).first.flatMap { known.contains($0) ? $0 : nil }
    }

    private static var knownCommands: [String] {
        CzarCommand.configuration.groupedSubcommands.flatMap { $0.subcommands }.flatMap {
            [$0.configuration.commandName ?? ""] + $0.configuration.aliases
        }
    }

    private static func refuseOldVerb(_ arguments: ArraySlice<String>, _ known: [String]) throws {
        guard let verb = arguments.first else { return }
        let second = arguments.dropFirst().first
        if let why = withoutReplacement[verb] {
            throw Failure(message: "'czar \(verb)' is Czarina's command, and Czar has none like it: \(why)", hint: "czar --help", code: 64)
        }
        let both = second.map { "\(verb) \($0)" }
        guard let named = [both, verb].compactMap({ $0 }).first(where: { replacements[$0] != nil }), let found = replacements[named] else {
            return
        }
        let command =
            found.first { known.contains($0.split(separator: " ").dropFirst().first.map(String.init) ?? "") } ?? found[found.count - 1]
        if verb == "cd" {
            throw Failure(message: "'czar cd' needs your shell: a program cannot change its folder", hint: command, code: 64)
        }
        throw Failure(
            message: "'czar \(named)' is Czarina's command",
            hint: named == verb && named != both && command == replacements[verb]?[0] ? replacement(verb, arguments) : command, code: 64)
    }
}
