import Foundation
import TestSupport
import Testing

/// Names, help and completions: what a person meets before any work is done.
@Suite struct CommandLineTests {
    private static let plan =
        "project: {name: line, base: main}\nworkers:\n  - {id: foundation}\n  - {id: feature, dependencies: [foundation]}\n"

    private func czar(_ words: String, in folder: String) throws -> ProcessOutcome {
        try run([CzarProgram.path] + words.split(separator: " ").map(String.init), in: folder)
    }

    @Test func czarinasVerbsAnswerWithTheNewCommand() throws {
        let repository = try GitRepository()
        for (old, new) in [
            ("launch", "czar run"), ("launch my-project", "czar run"), ("daemon start", "czar run"), ("daemon stop", "czar stop --all"),
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
            ("statsu", 64, "czar status"), ("evnt", 64, "czar event"), ("pause fundation", 66, "czar pause foundation"),
            ("logs featur -n 3", 66, "czar logs feature -n 3"), ("stop --state actve", 64, "czar stop --state active"),
            ("status --format jsn", 64, "czar status --format json"), ("status --format=jsn", 64, "czar status --format=json"),
            ("event feature checkpoint", 64, "czar event CHECKPOINT"), ("complete", 64, "czar complete foundation"),
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

    @Test func helpIsOneScreenAndNamesEveryCommand() throws {
        let folder = try TemporaryFolder()
        let help = try czar("--help", in: folder.path)
        let lines = help.output.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
        #expect(help.status == 0 && (24...50).contains(lines.count), "\(lines.count) lines")
        #expect(lines.allSatisfy { $0.count <= 80 }, "\(lines.filter { $0.count > 80 })")
        #expect(try czar("help", in: folder.path).output == help.output)
        let all = try czar("help --all", in: folder.path).output
        let commands = all.split(separator: "\n").filter { $0.hasPrefix("  ") && !$0.hasPrefix("   ") && !$0.hasPrefix("  -") }
            .map { $0.dropFirst(2).prefix { !" ,".contains($0) } }
        #expect(commands.count > 30 && commands.contains("integrate") == commands.contains("integrate"))
        let words = Set(help.output.split(whereSeparator: \.isWhitespace))
        for command in commands where command != "See" { #expect(words.contains(command), "\(command)") }
        for command in commands where command.first?.isLowercase == true {
            let own = try czar("help \(command)", in: folder.path)
            #expect(own.status == 0 && own.output.contains("USAGE: czar \(command)"), "\(command): \(own.errors)")
        }
    }

    @Test func completionsKnowWorkersStatesAndTypes() throws {
        let project = try CzarProject(Self.plan)
        let script = """
            PATH="${0%/*}:$PATH"
            eval "$("$0" completions bash)"
            complete_at() {
                COMP_LINE=$1; COMP_POINT=${#1}; read -ra COMP_WORDS <<<"$1"; [[ $1 != *' ' ]] || COMP_WORDS+=("")
                COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); COMPREPLY=()
                _czar czar "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD-1]}"
                echo "$1=> ${COMPREPLY[*]}"
            }
            for line in 'czar sta' 'czar status ' 'czar logs fo' 'czar pause foundation fe' 'czar stop --state p' 'czar event CHE' 'czar event feature ' \\
                'czar status --at' 'czar add x --agent co' 'czar add x --after fea' 'czar shell-init z'; do complete_at "$line"; done
            """
        let outcome = try run(["bash", "-c", script, CzarProgram.path], in: project.path)
        let types = "WORKER_START TASK_START CHECKPOINT TASK_COMPLETE BLOCKED UNBLOCKED ERROR WORKER_COMPLETE"
        #expect(
            outcome.output == """
                czar sta=> start status
                czar status => foundation feature
                czar logs fo=> foundation
                czar pause foundation fe=> feature
                czar stop --state p=> pending paused
                czar event CHE=> CHECKPOINT
                czar event feature => \(types) foundation feature
                czar status --at=> --attention
                czar add x --agent co=> codex
                czar add x --after fea=> feature
                czar shell-init z=> zsh

                """, "\(outcome.output)\(outcome.errors)")
        // Where there is no plan there is nothing to complain about either.
        let nothing = try run(["bash", "-c", script, CzarProgram.path], in: project.outside)
        #expect(nothing.errors.isEmpty && nothing.output.contains("czar status => \n"), "\(nothing.output)\(nothing.errors)")
        for shell in ["zsh", "fish"] {
            guard let program = CzarProgram.tool(shell) else {
                CzarProgram.skip("there is no \(shell)")
                continue
            }
            try writeFile(project.outside + "/_czar", try czar("completions \(shell)", in: project.path).output)
            let checked = try run([program, "-n", project.outside + "/_czar"], in: project.path)
            #expect(checked.status == 0 && checked.errors.isEmpty, "\(shell): \(checked.errors)")
        }
        #expect(try czar("completions tcsh", in: project.path).status == 64)
    }
}
