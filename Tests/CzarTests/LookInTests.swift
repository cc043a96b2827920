import Foundation
import TestSupport
import Testing

/// Looking at what a worker says and changes, and getting into its folder.
@Suite struct LookInTests {
    static let plan = """
        project: {name: look, base: main}
        workers:
          - {id: api, script: 'echo working; echo 1 > one; czar commit -m "first part"; echo "two words" > "two words"; czar commit -m "second part"'}
          - {id: ui, script: 'echo 2 > f'}
          - {id: ann}

        """

    private static func finished() throws -> CzarProject {
        let project = try CzarProject(plan)
        try project.expect(0, "run", "--trust", "--quiet", "api", "ui")
        return project
    }

    @Test func diffLogAndShowReadAsGits() throws {
        let project = try Self.finished()
        let branch = "cz1/feat/api"
        #expect(try project.expect(0, "diff", "api").output == (try run(["git", "diff", "main...\(branch)"], in: project.path).output))
        #expect(
            try project.expect(0, "diff", "api", "--stat").output
                == (try run(["git", "diff", "--stat", "main...\(branch)"], in: project.path).output))
        #expect(try project.expect(0, "show", "api").output == (try run(["git", "show", branch], in: project.path).output))
        #expect(try project.expect(0, "show", "main").output == (try run(["git", "show", "main"], in: project.path).output))
        #expect(try project.expect(0, "show", "api", "--stat").output.contains("1 file changed"))
        let log = try project.expect(0, "log", "api").output.split(separator: "\n")
        #expect(log.count == 2 && log[0].hasSuffix("second part") && log[1].hasSuffix("first part"))
        let tips = try git("rev-list", "main..\(branch)", in: project.path).split(separator: "\n").map(String.init)
        #expect(try project.answer("log", "api")["commits"].array.map { $0["oid"].string } == tips)
        #expect(try project.answer("diff", "api")["files"].array.map { $0["path"].string } == ["one", "two words"])
        #expect(try project.answer("show", "api")["commit"]["subject"].string == "second part")
        // Inside the worktree no id is needed.
        #expect(try project.czar("log", "-n", "1", at: project.worktree("api")).output.split(separator: "\n").count == 1)
        // What landed on the base in between is none of the worker's.
        try project.repository.write("elsewhere", "x\n")
        try project.repository.commitAll()
        #expect(try project.answer("diff", "api")["files"].array.count == 2)
    }

    @Test func aSetupsOutputAndAWorkersPortsAreAtHand() throws {
        let project = try CzarProject(
            """
            project: {name: look, base: main}
            workers:
              - {id: api, script: 'true', ports: 1, success: [it works], setup: {run: [sh, -c, 'echo no luck; exit 3']}}

            """)
        _ = try project.czar("run", "--trust", "--quiet")
        for words in [["logs", "api"], ["logs", "api", "--setup"]] {
            #expect(try run([CzarProgram.path] + words, in: project.path).output.contains("no luck"), "\(words)")
        }
        let port = try project.expect(0, "exec", "api", "--", "sh", "-c", "echo $CZAR_PORT_0").output
        #expect(Int(port.trimmingCharacters(in: .newlines)) ?? 0 > 1023, "\(port)")
        #expect(try project.expect(0, "brief", "api").output.contains("- it works"))
        let preview = try project.expect(0, "start", "api", "--dry-run").output
        #expect(preview.split(separator: "\n").filter { $0.hasPrefix("  argv  ") } == ["  argv  /bin/sh -c true"], "\(preview)")
        #expect(preview.contains("\n  setup sh -c 'echo no luck; exit 3'   (first, at most ") && preview.contains("\n  stdin nothing\n"))
        #expect(preview.contains("\n  env   CZAR_PORT_0=\(port)"), "\(preview)")
    }

    @Test func aDryStartShowsAllThatAStartWouldDoAndIsRefusedLikeOne() throws {
        let project = try CzarProject(
            """
            project: {base: main}
            agents: {mine: {command: [true, --go], env: {MINE: "1"}}, lost: {command: [no-such-agent]}}
            workers:
              - {id: api, agent: mine, ports: 2}
              - {id: lost, agent: lost}
              - {id: taken, agent: mine}
              - {id: far, agent: mine}
              - {id: full, agent: mine}
              - {id: done, allow_empty: true, script: 'true'}
              - {id: ann}
              - {id: late, script: 'true', dependencies: [ann]}

            """)
        try project.expect(0, "trust", "--yes")
        try project.expect(0, "start", "done")
        try project.wait(for: "done", toBe: "complete")
        let api = try project.expect(0, "start", "api", "--dry-run").output
        for line in [
            "  argv  true --go", "  stdin .czar/prompt.md: # ", "  ports 2 more are leased at the start, from CZAR_PORT_0 on",
            "  env   MINE=1",
        ] {
            #expect(api.contains("\n" + line), "\(api)")
        }
        let results = try CzarAnswer(try project.czar("start", "api", "--dry-run", "--json").output)["results"][0]
        #expect(results["argv"].strings == ["true", "--go"] && results["stdin"].string == ".czar/prompt.md")
        #expect(results["env"]["MINE"].string == "1" && results["env"]["CZAR_WORKER"].string == "api" && results["ports"].int == 2)
        #expect(try project.expect(0, "start", "ann", "--dry-run").output.contains("none: a person works there"))
        let start = try git("rev-parse", "main", in: project.path).prefix(10)
        #expect(results["env"]["CZAR_PROMPT"].string?.contains("started at \(start)") == true)
        try git("branch", "cz1/feat/taken", in: project.path)
        try git("worktree", "add", project.outside + "/elsewhere", "cz1/feat/taken", in: project.path)
        try git("update-ref", "refs/remotes/origin/cz1/feat/far", "main", in: project.path)
        try project.repository.write(".czarina/worktrees/full/file", "mine\n")
        for worker in ["lost", "taken", "far", "full"] {
            let dry = try project.czar("start", worker, "--dry-run")
            let real = try project.czar("start", worker)
            #expect(dry.status != 0 && dry.status == real.status, "\(worker): \(dry) \(real)")
            #expect(real.errors.contains(dry.errors.split(separator: "\n").first ?? "nothing"), "\(worker): \(dry) \(real)")
        }
        for (worker, why) in [("done", "it is complete"), ("late", "it waits for 'ann'")] {
            let refused = try project.expect(77, "start", worker, "--dry-run")
            #expect(refused.output.contains("  argv  /bin/sh -c true") && refused.errors.contains(why), "\(refused)")
            #expect(try project.expect(77, "start", worker).errors.contains(why))
        }
    }

    /// What a start would meet outside of the worker's own branch and folder.
    @Test(arguments: [
        (73, "git branch cz1", "'cz1' cannot both exist"), (73, "git branch cz1/feat/one/more", "'cz1/feat/one/more' cannot both exist"),
        (77, "ln -s /tmp .czarina/worktrees", "'.czarina/worktrees' is a symbolic link"),
        (73, "touch .czarina/worktrees", "something is in the way at '.czarina/worktrees'"),
        (66, "sed -i s,/bin/true,/no/such, .czarina/config.yaml", "there is no program '/no/such'"),
    ])
    func aDryStartMeetsWhatTheStartWouldMeet(_ code: Int, _ obstacle: String, _ says: String) throws {
        let project = try CzarProject("project: {name: dry, base: main}\nworkers:\n  - {id: one, command: [/bin/true]}\n")
        try prepare("bash", "-c", "cd '\(project.path)' && \(obstacle)")
        try project.expect(0, "trust")
        let dry = try project.expect(Int32(code), "start", "one", "--dry-run")
        let real = try project.expect(Int32(code), "start", "one")
        let sentence = says.replacing("'.czarina", with: "'\(project.path)/.czarina")
        for outcome in [dry, real] { #expect(outcome.errors.contains(sentence), "\(outcome.errors)") }
        #expect(dry.errors.split(separator: "\n").last == real.errors.split(separator: "\n").last)
    }

    @Test func aDryStartSaysWhatIsNotTrusted() throws {
        let project = try CzarProject("project: {name: dry, base: main}\nworkers:\n  - {id: one, script: 'true'}\n")
        let dry = try project.expect(0, "start", "one", "--dry-run")
        #expect(dry.errors.contains("never trusted on this machine") && dry.errors.contains("\ntry: czar trust"), "\(dry.errors)")
        #expect(try project.expect(0, "start", "one", "--dry-run", "--trust").errors == "")
        #expect(try project.expect(0, "start", "one", "--dry-run", "--json").errors == "")
        try project.expect(77, "start", "one")
        try project.expect(0, "trust")
        #expect(try project.expect(0, "start", "one", "--dry-run").errors == "")
    }

    @Test func whatIsNotThereIsSaidWithTheNextCommand() throws {
        let project = try Self.finished()
        for (code, arguments, says) in [
            (66, ["diff", "ann"], "try: czar create ann"), (66, ["log", "nobody"], "nobody"),
            (66, ["show", "nothing-here"], "neither a worker nor a commit"),
            (66, ["show", "ap"], "czar show api"), (66, ["shell", "ann"], "czar create ann"),
            (66, ["exec", "ann", "--", "true"], "czar create ann"),
            (64, ["exec", "api"], "behind '--'"), (127, ["exec", "api", "--", "no-such-program"], "no-such-program"),
            (64, ["cd", "api"], "shell-init"),
        ] {
            let outcome = try run([CzarProgram.path] + arguments, in: project.path)
            #expect(outcome.status == Int32(code) && outcome.errors.contains(says), "\(arguments): \(outcome.status) \(outcome.errors)")
        }
        try project.expect(0, "create", "ann")
        let empty = try project.expect(0, "diff", "ann")
        #expect(empty.output.isEmpty && empty.errors.contains("has committed no change yet"))
        try "x\n".write(toFile: project.worktree("ann") + "/x", atomically: true, encoding: .utf8)
        let tree = project.worktree("ann")
        let untracked = try project.czar("diff", "ann").errors
        let listing = "try: git -C \(tree) status --untracked-files=all"
        #expect(untracked.contains("1 change in its worktree not committed: x\n" + listing), "\(untracked)")
        try git("add", "x", in: tree)
        for name in ["y", "z", "é"] { try "x\n".write(toFile: tree + "/\(name)", atomically: true, encoding: .utf8) }
        let mixed = try project.czar("diff", "ann").errors
        #expect(mixed.contains("4 changes in its worktree not committed: x, y, z and 1 more\ntry: git -C \(tree) diff HEAD"), "\(mixed)")
        try git("rm", "-qf", "x", in: tree)
        for name in ["y", "z"] { try FileManager.default.removeItem(atPath: tree + "/\(name)") }
        #expect(try project.answer("diff", "ann")["uncommitted"].int == 1)
    }

    @Test func commandsRunInWorktreesAndTellTheirExitCode() throws {
        let project = try Self.finished()
        #expect(try project.expect(0, "path", "api").output == project.worktree("api") + "\n")
        #expect(try project.expect(0, "path", "--root", at: project.worktree("api")).output == project.path + "\n")
        let one = try project.expect(3, "exec", "api", "--", "sh", "-c", "pwd; echo bad >&2; exit 3")
        #expect(one.output == project.worktree("api") + "\n" && one.errors == "bad\n")
        let both = try project.expect(5, "exec", "api", "ui", "--", "sh", "-c", "basename \"$PWD\"; [ -e one ] || exit 5")
        #expect(both.output == "api | api\nui  | ui\n", "\(both.output)")
        let json = try run([CzarProgram.path, "exec", "--json", "api", "ui", "--", "cat", "f"], in: project.path)
        #expect(json.status == 1)
        let results = try CzarAnswer(json.output)["results"].array
        #expect(results.map { $0["exit"].int } == [1, 0] && results[1]["output"].string == "2\n")
        #expect(try project.expect(143, "exec", "api", "--", "sh", "-c", "kill $$").output.isEmpty)
        let shell = try run(
            [CzarProgram.path, "shell", "ui"], in: project.path, environment: ["SHELL": "/bin/sh"], input: "pwd; echo $CZAR_SHELL; exit 4\n"
        )
        #expect(shell.status == 4 && shell.output == project.worktree("ui") + "\nui\n", "\(shell.output)\(shell.errors)")
    }

    @Test(arguments: [["api"], ["api", "ui"]]) func whatEndsExecEndsItsCommand(_ workers: [String]) throws {
        let project = try Self.finished()
        let ready = project.outside + "/ready"
        let script = "trap 'echo told; exit 7' TERM; touch '\(ready)'; while :; do sleep 0.05; done"
        let running = try CzarProcess([CzarProgram.path, "exec"] + workers + ["--", "sh", "-c", script], in: project.path)
        try waitUntil("it runs") { exists(ready) }
        running.signal(SIGTERM)
        let code = running.wait()
        #expect(running.output.hasSuffix("told\n"), "\(running.output)")
        // The next one is not begun.
        #expect(code == (workers.count == 1 ? 7 : 130), "\(running.errors)")
        #expect(running.errors.contains("was not run for 'ui'") == (workers.count == 2), "\(running.errors)")
    }

    /// A terminal tells both, and so does nohup.
    @Test func execWaitsForWhatItsCommandMakesOfAnInterrupt() throws {
        let project = try Self.finished()
        let ready = project.outside + "/ready"
        let script = "trap '' INT; touch '\(ready)'; while [ -e '\(ready)' ]; do sleep 0.05; done; echo done"
        let running = try CzarProcess([CzarProgram.path, "exec", "api", "--", "sh", "-c", script], in: project.path)
        try waitUntil("it runs") { exists(ready) }
        running.signal(SIGINT)
        let ignoring = try CzarProcess(
            ["sh", "-c", "trap '' HUP; exec '\(CzarProgram.path)' exec ui -- sh -c \"touch '\(ready)2'; sleep 0.5; echo done\""],
            in: project.path)
        try waitUntil("the other runs") { exists(ready + "2") }
        ignoring.signal(SIGHUP)
        #expect(ignoring.wait() == 0 && ignoring.output == "done\n", "\(ignoring.output)\(ignoring.errors)")
        #expect(running.isRunning)
        try FileManager.default.removeItem(atPath: ready)
        #expect(running.wait() == 0 && running.output == "done\n", "\(running.output)\(running.errors)")
    }

    @Test func aLogWithoutAByteIsExplained() throws {
        let project = try CzarProject(
            "project: {base: main}\norchestration: {retry: {limit: 0}}\nworkers:\n  - {id: gone, script: 'kill -SEGV $$'}\n"
                + "  - {id: mute, script: 'sleep 600'}\n")
        _ = try project.czar("run", "--trust", "--quiet", "gone")
        let gone = try project.expect(0, "logs", "gone")
        #expect(gone.output.isEmpty && gone.errors == "czar: gone printed nothing; its command was ended by signal 11\n", "\(gone)")
        #expect(try project.expect(0, "logs", "gone", "--json").errors.isEmpty)
        try project.expect(0, "start", "mute")
        try project.wait(for: "mute", toBe: "active")
        let mute = try project.expect(0, "logs", "mute").errors
        #expect(mute.hasPrefix("czar: mute printed nothing; its command runs since ") && !mute.contains("Z"), "\(mute)")
        try project.expect(0, "stop", "mute")
    }

    @Test(arguments: ["bash", "zsh", "fish"]) func aShellLearnsToChangeIntoAWorktree(_ shell: String) throws {
        guard let program = CzarProgram.tool(shell) else { return CzarProgram.skip("there is no \(shell)") }
        let project = try Self.finished()
        let load = shell == "fish" ? "\(CzarProgram.path) shell-init fish | source" : "eval \"$(\(CzarProgram.path) shell-init \(shell))\""
        let bin = (CzarProgram.path as NSString).deletingLastPathComponent
        let path = bin + ":" + (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin")
        let script = "\(load); czar cd api; pwd; czar cd nobody; pwd; czar path ui"
        let outcome = try run([program, "-c", script], in: project.path, environment: ["PATH": path, "HOME": project.outside])
        #expect(
            outcome.output == "\(project.worktree("api"))\n\(project.worktree("api"))\n\(project.worktree("ui"))\n",
            "\(outcome.output)\(outcome.errors)")
        #expect(outcome.errors.contains("nobody"))
        let more =
            "\(load); czar cd api; czar cd; pwd; czar cd - > /dev/null; pwd; cd /; czar -C '\(project.path)' cd ui; pwd; czar cd --help"
        let moved = try run([program, "-c", more], in: project.path, environment: ["PATH": path, "HOME": project.outside])
        #expect(
            moved.output.hasPrefix("\(project.path)\n\(project.worktree("api"))\n\(project.worktree("ui"))\nczar cd [-C DIR] [WORKER]\n"),
            "\(moved.output)\(moved.errors)")
        #expect(moved.errors.isEmpty, "\(moved.errors)")
    }

    @Test func aLogIsFollowedUntilItsAttemptEnds() throws {
        let project = try CzarProject(
            "project: {name: follow, base: main}\nworkers:\n  - {id: api, script: 'echo begin; while [ ! -e \"$OUT/go\" ]; do sleep 0.1; done; echo end; echo 1 > f'}\n"
        )
        try project.expect(0, "start", "api", "--trust", environment: ["OUT": project.outside])
        let following = try project.start("logs", "api", "-f")
        try waitUntil("the first line is shown") { following.output == "begin\n" }
        #expect(following.isRunning)
        try writeFile(project.outside + "/go", "")
        #expect(following.wait() == 0)
        #expect(following.output == "begin\nend\n")
        #expect(following.errors == "czar: api is complete\n")
        #expect(try project.expect(0, "logs", "api", "-n", "1").output == "end\n")
        #expect(try project.expect(0, "logs", "api", "-f").output == "begin\nend\n")
        #expect(try project.answer("logs", "api", "-n", "1")["text"].string == "end\n")
    }

    @Test func agentsStreamsAreReadableAndTheRawOnesAreKept() throws {
        let lines = [
            #"{"type":"system","subtype":"init","session_id":"s-1","model":"m"}"#,
            #"{"type":"assistant","message":{"content":[{"type":"text","text":"I begin.\nNow."},{"type":"tool_use","name":"Bash","input":{"command":"ls"}}]}}"#,
            #"{"type":"user","message":{"content":[{"type":"tool_result","content":"a\nb"}]}}"#,
            "plain \u{1B}[31mred\u{1B}[0m \u{1B}]0;title\u{7}",
            #"{"type":"result","subtype":"success","is_error":false,"duration_ms":1049,"num_turns":2,"total_cost_usd":0.012799999999999999,"usage":{"input_tokens":5,"output_tokens":7}}"#,
            #"{"type":"item.started","item":{"type":"command_execution","command":"make"}}"#,
            #"{"type":"item.completed","item":{"type":"command_execution","aggregated_output":"no rule\n","exit_code":2}}"#,
            #"{"other":"object"}"#,
        ]
        let project = try CzarProject("project: {name: s, base: main}\nworkers: [{id: api, command: [cat, \"$LOG\"]}]\n")
        let log = project.outside + "/log"
        try writeFile(log, lines.joined(separator: "\n") + "\n")
        try project.replacePlan("project: {name: s, base: main}\nworkers: [{id: api, command: [cat, '\(log)']}]\n")
        try project.expect(1, "run", "--trust", "--quiet")
        let raw = try project.expect(0, "logs", "api", "--raw").output
        #expect(raw == lines.joined(separator: "\n") + "\n")
        let shown = try project.expect(0, "logs", "api").output
        #expect(
            shown == """
                - session begins: m, s-1
                I begin.
                Now.
                $ Bash: ls
                  a
                  b
                plain red \\u{1b}]0;title\\u{7}
                - session ends: success, 2 turns, 1.0 s, 5 tokens in, 7 out, $0.013
                $ make
                  no rule
                ! exit 2
                {"other":"object"}

                """, "\(shown)")
        #expect(try project.expect(0, "logs", "api", "--color", "always").output.contains("\u{1B}[31mred\u{1B}[0m"))
    }

    @Test func thePagerIsThePersonsAndNeverGit() throws {
        guard let script = CzarProgram.tool("script") else { return CzarProgram.skip("there is no script(1)") }
        let project = try Self.finished()
        func shown(_ environment: [String: String]) throws -> String {
            try run([script, "-qec", "\(CzarProgram.path) diff api", "/dev/null"], in: project.path, environment: environment).output
        }
        #expect(try shown(["PAGER": "sed s/^/paged:/", "GIT_PAGER": "false", "TERM": "dumb"]).contains("paged:diff --git"))
        #expect(try shown(["PAGER": "git column", "TERM": "dumb"]).contains("diff --git"))
        #expect(try shown(["PAGER": "head -n 1", "TERM": "dumb"]).split(whereSeparator: \.isNewline).count == 1)
        let without = try shown(["PAGER": "no-such-pager -x", "TERM": "dumb"])
        #expect(without.contains("the pager 'no-such-pager' is not here") && without.contains("diff --git"), "\(without)")
        let lost = try run(
            [script, "-qec", "\(CzarProgram.path) diff api", "/dev/null"], in: project.path,
            environment: ["PAGER": "exec no-such-pager 2>&1", "TERM": "dumb"])
        #expect(lost.status == 69 && lost.output.contains("CZAR_PAGER=cat czar diff api"), "\(lost)")
        let coloured = try shown(["PAGER": "cat", "TERM": "xterm"])
        #expect(coloured.contains("\u{1B}[32m+1\u{1B}[0m"))
        // A reader that goes away is no error.
        let closed = try run(["bash", "-c", "set -o pipefail; \(CzarProgram.path) diff api | head -n 1"], in: project.path)
        #expect(closed.status == 0 && closed.errors.isEmpty)
    }
}
