import Foundation
import TestSupport
import Testing

/// Names and help: what a person meets before any work is done.
@Suite struct CommandLineTests {
    private static let plan =
        "project: {name: line, base: main}\nworkers:\n  - {id: foundation}\n  - {id: feature, dependencies: [foundation]}\n"

    private func czar(_ words: String, in folder: String) throws -> ProcessOutcome {
        try run([CzarProgram.path] + words.split(separator: " ").map(String.init), in: folder)
    }

    @Test func czarinasVerbsAnswerWithTheNewCommand() throws {
        let repository = try GitRepository()
        for (old, new) in [
            ("launch", "czar run"), ("launch my-project", "czar run"), ("daemon start", "czar run"), ("daemon stop", "czar run --stop"),
            ("daemon logs", "czar events --follow"), ("daemon status", "czar status"), ("phase close", "czar "), ("list", "czar status"),
            ("analyze plan.md", "czar validate"), ("patterns update", "czar --help"), ("hopper", "czar --help"),
        ] {
            let outcome = try czar(old, in: repository.path)
            #expect(outcome.status == 64 && outcome.errors.contains("Czarina's command"), "\(old): \(outcome.errors)")
            #expect(outcome.errors.contains("\ntry: \(new)"), "\(old): \(outcome.errors)")
        }
        #expect(try czar("version", in: repository.path).output == czar("--version", in: repository.path).output)
    }

    @Test func aNameThatIsNearlyRightIsSuggestedInTheWholeCommand() throws {
        let project = try CzarProject(Self.plan)
        for (words, code, hint) in [
            ("statsu", 64, "czar status"), ("stat", 64, "czar status"), ("help statsu", 64, "czar help status"),
            ("help launch", 64, "czar run"), ("stop", 64, "czar stop foundation"), ("whoami", 64, "czar whoami --worker foundation"),
            ("push", 69, "git push"), ("evnt", 64, "czar event"), ("pause fundation", 66, "czar pause foundation"),
            ("logs featur -n 3", 66, "czar logs feature -n 3"), ("stop --state actve", 64, "czar stop --state active"),
            ("status --format jsn", 64, "czar status --format json"), ("status --format=jsn", 64, "czar status --format=json"),
            ("event feature checkpoint", 64, "czar event feature CHECKPOINT"), ("complete", 64, "czar complete foundation"),
            ("create --jbos 2", 64, "czar create --help"), ("diff nothing-like-it", 66, "czar status"),
        ] {
            let outcome = try czar(words, in: project.path)
            #expect(
                outcome.status == Int32(code) && outcome.errors.contains("\ntry: \(hint)\n"),
                "\(words): \(outcome.status) \(outcome.errors)")
        }
        #expect(try czar("create --jbos 2", in: project.path).errors.contains("'--jobs'"))
        let near = try czar("event feature CHECKPONT name=x", in: project.path)
        #expect(near.status == 0 && near.errors.contains("did you mean CHECKPOINT?"), "\(near.errors)")
        #expect(try czar("event feature REVIEWED name=x", in: project.path).errors.isEmpty)
        // Options may come before the command.
        #expect(try czar("-C \(project.path) status foundation --json", in: "/").status == 0)
        #expect(try CzarAnswer(czar("--json -C \(project.path)", in: "/").output)["schema"].string == "czar.status/1")
    }

    @Test func agentsShowWhatTheyWouldRunAndWhetherTheyKnowASandbox() throws {
        let folder = try TemporaryFolder()
        let shown = try czar("agents", in: folder.path).output.components(separatedBy: "\n")
        for name in ["aider", "mini", "opencode", "shell"] {
            #expect(shown.contains { $0.contains(" \(name)  ") && $0.hasSuffix("  it knows no sandbox") }, "\(shown)")
        }
        #expect(shown.contains { $0.contains(" codex  ") && $0.hasSuffix("  sandboxed") }, "\(shown)")
        for start in ["aider --message-file", "cursor-agent -p", "gemini --output-format"] {
            #expect(shown.contains { $0.contains(start) }, "whether it is here or not: \(shown)")
        }
    }

    @Test func helpIsOneScreenAndNamesEveryCommand() throws {
        let folder = try TemporaryFolder()
        let help = try czar("--help", in: folder.path)
        let lines = help.output.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
        #expect(help.status == 0 && (12...24).contains(lines.count), "\(lines.count) lines")
        #expect(lines.allSatisfy { $0.count <= 80 }, "\(lines.filter { $0.count > 80 })")
        #expect(try czar("help", in: folder.path).output == help.output)
        #expect(try czar("--help --json", in: folder.path).output == help.output)
        let all = try czar("help --all", in: folder.path).output
        let commands = all.split(separator: "\n").filter { $0.hasPrefix("  ") && !$0.hasPrefix("   ") && !$0.hasPrefix("  -") }
            .map { $0.dropFirst(2).prefix { !" ,".contains($0) } }
        #expect(commands.count > 30 && commands.contains("integrate") == commands.contains("integrate"))
        let words = Set(help.output.split(whereSeparator: \.isWhitespace))
        for command in commands where command != "See" { #expect(words.contains(command), "\(command)") }
        for command in commands where command.first?.isLowercase == true {
            let own = try run([CzarProgram.path, "help", String(command)], in: folder.path, environment: ["COLUMNS": "80"])
            let screen = own.output.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
            #expect(screen.count <= 22 && screen.allSatisfy { $0.count <= 80 }, "\(own.output)")
            #expect(own.status == 0 && own.output.contains("USAGE: czar \(command)"), "\(command): \(own.errors)")
            // The options of all commands are one sentence, so that a command's own are on the first screen.
            #expect(own.output.contains("Every command takes -C DIR") && !own.output.contains("  --ascii "), "\(own.output)")
        }
    }

    @Test func whatIsMissingOnALineIsShownInItsPlace() throws {
        let project = try CzarProject("project: {base: main}\nworkers: [{id: api}, {id: ui}]\n")
        for (words, hint) in [
            ("fail api", "czar fail api --reason 'the key is missing'"), ("block", "czar block 'the key is missing'"),
            ("commit --worker api", "czar commit --worker api -m 'Parse numbers'"), ("completions", "czar completions bash"),
            ("start", "czar start api"), ("stop", "czar stop api"), ("rm", "czar rm api"), ("whoami", "czar whoami --worker api"),
            ("fail api --reason", "czar fail --help"),
        ] {
            let outcome = try czar(words, in: project.path)
            #expect(outcome.status == 64 && outcome.errors.contains("\ntry: \(hint)\n"), "\(words): \(outcome.errors)")
        }
    }

    @Test func whereThereIsNoRepositoryTheFirstMinuteIsShown() throws {
        let folder = try TemporaryFolder()
        let bare = try czar("", in: folder.path)
        #expect(bare.status == 0 && bare.output.contains("git init") && bare.output.contains("czar add fix"), "\(bare)")
        #expect(try czar("-C \(folder.path)", in: "/").output == bare.output)
        #expect(try czar("--json", in: folder.path).status == 66)
    }

    @Test func aPlanOfWhichNothingWasStartedShowsTheFirstStep() throws {
        let project = try CzarProject("project: {base: main}\nworkers: [{id: api, dependencies: [ui]}, {id: ui}]\n")
        #expect(try project.expect(0, "status").output.hasSuffix("\nnext: czar run, or czar start ui\n"))
        try project.expect(0, "start", "ui")
        #expect(try !project.expect(0, "status").output.contains("next:"))
    }

    @Test func beforeTheFirstCommitTheFirstStepIsOne() throws {
        for base in ["", "project: {base: main}\n"] {
            let repository = try GitRepository(commit: false)
            try repository.write(".czarina/config.yaml", base + "workers: [{id: api}]\n")
            let shown = try czar("status", in: repository.path)
            #expect(shown.output.hasSuffix("\nnext: git commit --allow-empty -m 'first commit'\n"), "\(shown)")
        }
    }

    @Test func aFormThatACommandDoesNotHaveIsRefusedBeforeItDoesAnything() throws {
        let project = try CzarProject("project: {base: main}\nworkers:\n  - {id: a, script: 'true'}\n")
        for arguments in [["create", "a"], ["run"], ["start", "a"], ["pause", "a"], ["status", "--short"]] {
            let outcome = try run([CzarProgram.path] + arguments + ["--format", "yaml"], in: project.path)
            #expect(outcome.status == 64 && outcome.errors.contains("there is no format 'yaml' here"), "\(arguments): \(outcome)")
        }
        #expect(!exists(project.worktree("a")))
        try project.expect(0, "graph", "--format", "dot")
        try project.expect(64, "create", "--format", "dot", "a")
    }
}
