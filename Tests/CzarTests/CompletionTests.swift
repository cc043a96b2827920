import Foundation
import TestSupport
import Testing

/// Completions in the shells themselves: what each offers for a line, asked in a real one.
@Suite struct CompletionTests {
    private static let lines = [
        "czar sta", "czar status ", "czar logs fo", "czar rm fo", "czar create-worktree fo", "czar pause foundation fe",
        "czar stop --state p", "czar event CHE",
        "czar event feature ",
        "czar status --at", "czar add x --agent co", "czar add x --after fea", "czar shell-init z",
        "czar cd fo", "czar -C other logs ", "czar -C other sta", "czar --json -C . pause foundation fe",
        "czar logs -C other ", "czar -C oth", "czar schema met",
        "czar task do", "czar task --worker feature done ", "czar graph --format s", "czar status --format ", "czar import oth",
        "czar help sho", "czar add x --after foundation fea", "czar add x --after foundation --agent co", "czar add x --base mai",
        "czar create --base mai", "czar exec foundation -- czar-onl",
    ]
    private static let types = "WORKER_START TASK_START CHECKPOINT TASK_COMPLETE BLOCKED UNBLOCKED ERROR WORKER_COMPLETE WORKER_FAILED"
    private static let offers = """
        czar sta=> start status
        czar status => foundation feature
        czar logs fo=> foundation
        czar rm fo=> foundation
        czar create-worktree fo=> foundation
        czar pause foundation fe=> feature
        czar stop --state p=> pending paused
        czar event CHE=> CHECKPOINT
        czar event feature => \(types)
        czar status --at=> --attention
        czar add x --agent co=> codex
        czar add x --after fea=> feature
        czar shell-init z=> zsh
        czar cd fo=> foundation
        czar -C other logs => elsewhere
        czar -C other sta=> start status
        czar --json -C . pause foundation fe=> feature
        czar logs -C other => elsewhere
        czar -C oth=> other
        czar schema met=> metrics
        czar task do=> done
        czar task --worker feature done => 1 2
        czar graph --format s=> svg
        czar status --format => text json
        czar import oth=> other
        czar help sho=> show
        czar add x --after foundation fea=> feature
        czar add x --after foundation --agent co=> codex
        czar add x --base mai=> main
        czar create --base mai=> main
        czar exec foundation -- czar-onl=> czar-only-here

        """

    private func project() throws -> CzarProject {
        let project = try CzarProject(
            "project: {name: completions, base: main}\nworkers:\n  - {id: foundation}\n  - {id: feature, dependencies: [foundation]}\n")
        try writeFile(project.path + "/.czarina/workers/feature.md", "- [ ] first\n- [ ] second\n")
        try git("init", "-q", "other", in: project.path)
        try writeFile(project.path + "/other/.czarina/config.yaml", "project: {name: other, base: main}\nworkers:\n  - {id: elsewhere}\n")
        let program = project.outside + "/programs/czar-only-here"
        try writeFile(program, "#!/bin/sh\n")
        #expect(chmod(program, 0o755) == 0)
        return project
    }

    /// zsh asks for files more than once, and fish puts the slash behind a folder itself.
    private static func once(_ offers: String) -> String {
        offers.split(separator: "\n").map { line in
            guard let arrow = line.firstRange(of: "=>") else { return line + "\n" }
            var words: [Substring] = []
            for word in line[arrow.upperBound...].split(separator: " ") {
                let word = word.last == "/" ? word.dropLast() : word
                if !words.contains(word) { words.append(word) }
            }
            return line[..<arrow.upperBound] + words.map { " " + $0 }.joined() + "\n"
        }.joined()
    }

    private var words: String { Self.lines.map { "'\($0)'" }.joined(separator: " ") }

    /// The environment in which `czar` is found; a shell finds no files of the user's.
    private func environment(_ project: CzarProject) -> [String: String] {
        let folder = CzarProgram.path.split(separator: "/").dropLast().joined(separator: "/")
        let paths = "/\(folder):\(project.outside)/programs:\(hermeticEnvironment["PATH"] ?? "")"
        return ["PATH": paths, "HOME": project.outside, "TERM": "dumb", "SHELL": "/bin/sh"]
    }

    /// What bash offers for each line.
    private func script(_ lines: String) -> String {
        """
        eval "$(czar completions bash)"
        complete_at() {
            COMP_LINE=$1; COMP_POINT=${#1}; read -ra COMP_WORDS <<<"$1"; [[ $1 != *' ' ]] || COMP_WORDS+=("")
            COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); COMPREPLY=()
            _czar czar "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD-1]}"
            echo "$1=> ${COMPREPLY[*]}"
        }
        for line in \(lines); do complete_at "$line"; done
        """
    }

    @Test func theNumbersOfAttemptsAndEntriesAreOffered() throws {
        let project = try CzarProject("project: {base: main}\nworkers: [{id: bad, script: 'exit 3'}]\n")
        try project.expect(1, "run", "--trust", "--quiet")
        try project.expect(0, "retry", "bad")
        try project.expect(1, "run", "--quiet")
        try project.expect(0, "retry", "bad")
        let last = try #require(try project.events().last { $0.description == "bad failed→pending" })
        let asked = "'czar logs bad --attempt ' 'czar undo \(last.sequence)'"
        let outcome = try run(["bash", "-c", script(asked)], in: project.path, environment: environment(project))
        #expect(
            outcome.output == "czar logs bad --attempt => 1 2\nczar undo \(last.sequence)=> \(last.sequence)\n",
            "\(outcome.output)\(outcome.errors)")
    }

    @Test func bash() throws {
        let project = try project()
        // With '-o filenames' readline would put a slash behind a worker that is named as a folder is.
        let script = script(words) + "\ncomplete -p czar"
        let outcome = try run(["bash", "-c", script], in: project.path, environment: environment(project))
        #expect(outcome.output == Self.offers + "complete -F _czar czar\n", "\(outcome.output)\(outcome.errors)")
        // Where there is no plan there is nothing to complain about either.
        let nothing = try run(["bash", "-c", script], in: project.outside, environment: environment(project))
        #expect(nothing.errors.isEmpty && nothing.output.contains("czar status => \n"), "\(nothing.output)\(nothing.errors)")
        #expect(try project.czar("completions", "tcsh").status == 64)
    }

    /// zsh completes on a terminal only, so one of its own is typed into; a key lists what `compadd` was given.
    @Test func zsh() throws {
        guard let zsh = CzarProgram.tool("zsh") else { return CzarProgram.skip("there is no zsh") }
        let project = try project()
        try writeFile(project.outside + "/functions/_czar", try project.expect(0, "completions", "zsh").output)
        let script = """
            zmodload zsh/zpty
            export OUT=$PWD.offers
            zpty -b shell "zsh -f -i"
            zpty -w shell "fpath=($1 \\$fpath); autoload -Uz compinit; compinit -u -D
            compadd() {
                local -a hits; if (( \\${@[(I)-[OAD]]} )); then builtin compadd \\"\\$@\\"; return; fi
                builtin compadd -A hits \\"\\$@\\"; print -rn -- \\" \\$hits\\" >> \\$OUT; builtin compadd \\"\\$@\\"
            }
            offers() { print -rn -- \\"\\$BUFFER=>\\" >> \\$OUT; zle list-choices; print >> \\$OUT; BUFFER= }
            zle -N offers; bindkey '^T' offers; print ready >> \\$OUT"
            integer want=1
            reached() { for i in {1..600}; do [[ -e $OUT ]] && (( $(wc -l < $OUT) >= want )) && return; sleep 0.1; done }
            reached
            for line in "${@:2}"; do zpty -wn shell "$line"$'\\x14'; (( want++ )); reached; done
            zpty -d shell
            cat $OUT
            """
        let outcome = try run(
            [zsh, "-f", "-c", script, "zsh", project.outside + "/functions"] + Self.lines, in: project.path,
            environment: environment(project))
        #expect(Self.once(outcome.output) == "ready\n" + Self.offers, "\(outcome.output)\(outcome.errors)")
    }

    /// fish knows the token under the cursor on a terminal only.
    @Test func fish() throws {
        guard let fish = CzarProgram.tool("fish"), let script = CzarProgram.tool("script") else {
            return CzarProgram.skip("there is no fish, or no script(1)")
        }
        let project = try project()
        try writeFile(
            project.outside + "/ask.fish",
            """
            czar completions fish | source
            for line in \(words)
                echo $line"=>" (complete -C $line | string split -f 1 \\t)
            end > '\(project.outside)/offers'

            """)
        let outcome = try run(
            [script, "-qec", "'\(fish)' -i -N -C 'source \(project.outside)/ask.fish; exit'", "/dev/null"], in: project.path,
            environment: environment(project))
        let offers = try String(contentsOfFile: project.outside + "/offers", encoding: .utf8)
        #expect(Self.once(offers) == Self.offers, "\(offers)\(outcome.output)\(outcome.errors)")
    }
}
