import Foundation
import TestSupport
import Testing

/// `launcher: tmux` and `czar attach`, with tmux servers of the tests' own.
@Suite struct TmuxTests {
    /// A folder for sockets, whose servers end with it.
    final class Terminals: Sendable {
        let folder: TemporaryFolder
        let tmux: String

        init?() throws {
            guard let tmux = CzarProgram.tool("tmux") else {
                CzarProgram.skip("needs tmux")
                return nil
            }
            (folder, self.tmux) = (try TemporaryFolder("czar-tmux"), tmux)
        }

        deinit { for socket in ["default", "outer"] { _ = try? ask(["-L", socket, "kill-server"]) } }

        var environment: [String: String] { ["TMUX_TMPDIR": folder.path, "TERM": "xterm-256color", "SHELL": "/bin/sh"] }

        @discardableResult
        func ask(_ arguments: [String]) throws -> ProcessOutcome { try run([tmux] + arguments, in: "/", environment: environment) }

        /// Runs a command in a terminal of a person's.
        func person(
            _ command: String, in folder: String, width: Int = 120, height: Int = 30, environment extra: [String: String] = [:]
        ) throws {
            let outcome = try run(
                [tmux, "-L", "outer", "-f", "/dev/null", "new-session", "-d", "-x", "\(width)", "-y", "\(height)", command], in: folder,
                environment: environment.merging(extra) { _, new in new })
            guard outcome.status == 0 else { throw ProcessFailure(description: outcome.errors) }
        }

        var screen: String { (try? ask(["-L", "outer", "capture-pane", "-p"]).output) ?? "" }
    }

    private func project(_ script: String) throws -> CzarProject {
        try CzarProject("project: {base: main}\norchestration: {launcher: tmux}\nworkers:\n  - id: one\n    script: |\n      \(script)\n\n")
    }

    /// The socket and the pane of the running command.
    private func place(_ project: CzarProject) throws -> (socket: String, pane: String) {
        var found: [Substring] = []
        try waitUntil("the command has a terminal") {
            let started = try project.events().last { $0.type == "PROCESS_STARTED" }
            found = started?.fields["terminal"]?.split(separator: " ", maxSplits: 1) ?? []
            return found.count == 2
        }
        return (String(found[1]), String(found[0]))
    }

    @Test func eachCommandHasATerminalItsOutputIsKeptAndItsEndRecorded() throws {
        guard let terminals = try Terminals() else { return }
        let project = try project("test -t 0 && test -t 1 && echo \"shown on a terminal\"; read answer; echo \"$answer\" > answer")
        let daemon = try project.start("run", "--trust", "--quiet", environment: terminals.environment)
        let (socket, pane) = try place(project)
        #expect(try project.workers()["one"]?["launcher"].string == "tmux")
        let log = project.path + "/.czarina/logs/one.1.log"
        try waitUntil("the output is in the log") { try String(contentsOfFile: log, encoding: .utf8).contains("shown on a terminal") }
        let shown = try project.expect(0, "attach", "one", "--dry-run", environment: terminals.environment)
        #expect(shown.output.contains("attach-session -t") && shown.output.contains(socket))
        // From a window of the same server one detaches from everything: the way back is another.
        #expect(!shown.output.contains("goes back"), "\(shown.output)")
        let within = terminals.environment.merging(["TMUX": socket + ",1,0", "TMUX_PANE": "%0"]) { _, new in new }
        let inside = try project.expect(0, "attach", "one", "--dry-run", environment: within)
        #expect(
            inside.output.contains("switch-client -t") && inside.output.contains("status-right '#{prefix} L goes back'"), "\(inside.output)"
        )
        try terminals.ask(["-S", socket, "send-keys", "-t", pane, "hello", "Enter"])
        #expect(daemon.wait() == 0)
        #expect(try project.state("one") == "complete")
        #expect(try String(contentsOfFile: project.worktree("one") + "/answer", encoding: .utf8) == "hello\n")
        #expect(try project.events().filter { $0.type == "PROCESS_ENDED" }.map { $0.fields["exit"] } == ["0"])
        #expect(try String(contentsOfFile: log, encoding: .utf8).contains("[czar: attempt 1 of one ended with 0]"))
    }

    @Test func aPersonEntersAndLeavesAndTheCommandGoesOn() throws {
        guard let terminals = try Terminals() else { return }
        let project = try project("echo \"inside the window\"; until [ -e \"$OUTSIDE/go\" ]; do sleep 0.1; done; echo 1 > f")
        let environment = terminals.environment.merging(["OUTSIDE": project.outside]) { _, new in new }
        let daemon = try project.start("run", "--trust", "--quiet", environment: environment)
        let (socket, _) = try place(project)
        try terminals.person("'\(CzarProgram.path)' attach one", in: project.path)
        try waitUntil("the person sees the command") { terminals.screen.contains("inside the window") }
        try terminals.ask(["-S", socket, "detach-client", "-a"])
        try terminals.ask(["-L", "outer", "send-keys", "C-b", "d"])
        try terminals.ask(["-L", "outer", "kill-server"])
        #expect(try project.state("one") == "active")
        try writeFile(project.outside + "/go", "")
        #expect(daemon.wait() == 0)
    }

    /// What a person types must not go to a worker that it was not meant for.
    @Test func theEndOfACommandDoesNotLeadToAnotherWorkersWindow() throws {
        guard let terminals = try Terminals() else { return }
        let script = "script: 'echo window of $CZAR_WORKER; until [ -e \"$OUTSIDE/$CZAR_WORKER\" ]; do sleep 0.1; done; echo 1 > f'"
        let project = try CzarProject(
            "project: {base: main}\norchestration: {launcher: tmux}\nworkers:\n  - {id: one, \(script)}\n  - {id: two, \(script)}\n")
        let environment = terminals.environment.merging(["OUTSIDE": project.outside]) { _, new in new }
        let daemon = try project.start("run", "--trust", "--quiet", environment: environment)
        for worker in ["one", "two"] {
            try waitUntil("\(worker) has a terminal") {
                try project.events().contains { $0.type == "PROCESS_STARTED" && $0.worker == worker && $0.fields["terminal"] != nil }
            }
        }
        try terminals.person("'\(CzarProgram.path)' attach one; echo back again; sleep 1000", in: project.path)
        try waitUntil("the person sees the command") { terminals.screen.contains("window of one") }
        try writeFile(project.outside + "/one", "")
        try waitUntil("the person is back") { terminals.screen.contains("back again") }
        #expect(!terminals.screen.contains("window of two"))
        #expect(try project.state("two") == "active")
        try writeFile(project.outside + "/two", "")
        #expect(daemon.wait() == 0)
    }

    @Test func aWindowThatIsClosedEndsItsCommandAndThatIsRecorded() throws {
        guard let terminals = try Terminals() else { return }
        let project = try project("sleep 1000")
        let daemon = try project.start("run", "--trust", "--quiet", environment: terminals.environment)
        let (socket, pane) = try place(project)
        try terminals.ask(["-S", socket, "kill-pane", "-t", pane])
        #expect(daemon.wait() == 1)
        #expect(try project.workers()["one"]?["state"].string == "failed")
        #expect(try project.events().filter { $0.type == "PROCESS_ENDED" }.count == 1)
    }

    @Test func aHeadlessAgentIsTakenOverAndGoesOnWithItsSession() throws {
        guard let terminals = try Terminals() else { return }
        let agent = try StandIn([
            "claude": """
            case "$*" in
            *-p*--resume*) echo 1 > f;;
            *-p*) cat \(StandIn.recorded("claude-first.jsonl")); sleep 1000;;
            esac
            """
        ])
        let project = try CzarProject("project: {base: main}\nworkers: [{id: one, agent: claude}]\n")
        let environment = terminals.environment.merging(agent.environment) { _, new in new }
        try project.expect(0, "start", "one", environment: environment)
        try waitUntil("the agent works") { agent.calls("claude").count == 1 }
        let refused = try project.expect(77, "attach", "one", environment: environment)
        #expect(refused.errors.contains("--take-over"))
        let log = project.path + "/.czarina/logs/one.1.log"
        try waitUntil("it has printed") { try String(contentsOfFile: log, encoding: .utf8).contains("\"result\"") }
        let session = "00000000-0000-4000-8000-000000000001"
        // Nothing of it is recorded while its command runs: its output tells.
        let shown = try project.expect(0, "attach", "one", "--take-over", "--dry-run", environment: environment)
        #expect(shown.output == "claude --resume \(session)\n")
        try terminals.person("'\(CzarProgram.path)' attach one --take-over", in: project.path, environment: environment)
        try waitUntil("the person has the session") { agent.calls("claude").contains("--resume \(session)") }
        #expect(try project.state("one") == "paused")
        try isHeldByAPerson(project, environment)
        try terminals.ask(["-L", "outer", "kill-server"])
        try waitUntil("the session has ended") { try project.workers()["one"]?["taken_over_by"].int == nil }
        try project.expect(0, "start", "one", environment: environment)
        try project.wait(for: "one", toBe: "complete")
        #expect(agent.calls("claude").last?.hasSuffix("--resume \(session)") == true)
    }

    private func isHeldByAPerson(_ project: CzarProject, _ environment: [String: String]) throws {
        let holder = try #require(try project.workers()["one"]?["taken_over_by"].int)
        #expect(kill(pid_t(holder), 0) == 0)
        for command in ["start", "resume"] {
            let refused = try project.expect(77, command, "one", environment: environment)
            #expect(refused.errors.contains("a person has taken worker 'one' over: the session of process \(holder)"), "\(refused.errors)")
        }
        #expect(try project.expect(0, "status").output.contains("a person has taken it over (process \(holder))"))
        // A failure's retry and a run wait for the person, too.
        try project.expect(0, "fail", "one", "--reason", "x", environment: environment)
        try project.expect(0, "retry", "one", environment: environment)
        let run = try project.expect(1, "run", environment: environment)
        #expect(run.output.contains("a person, who has taken it over (process \(holder))"), "\(run.output)")
    }

    @Test func withoutTmuxItSaysWhatToDo() throws {
        let project = try project("true")
        let folder = try TemporaryFolder("czar-no-tmux")
        let outcome = try project.expect(1, "run", "--trust", environment: ["PATH": folder.path])
        #expect(outcome.output.contains("no program is named 'tmux'"), "\(outcome.output)\(outcome.errors)")
        #expect(try project.state("one") == "failed")
    }

    /// Its supervisor was started in the worktree, and tells all the same whose it is.
    @Test func aCopyLeavesTheCommandToItsOriginal() throws {
        guard let terminals = try Terminals() else { return }
        let project = try project("sleep 600")
        try project.expect(0, "start", "one", "--trust", environment: terminals.environment)
        _ = try place(project)
        let (copy, renamed) = (project.path + "-copy", project.path + "-renamed")
        try prepare("sh", "-ec", "cp -a \"$1\" \"$2\"; mv \"$1\" \"$3\"", "copy", project.path, copy, renamed)
        func czar(_ arguments: String..., in folder: String) throws -> ProcessOutcome {
            try run([CzarProgram.path] + arguments, in: folder, environment: terminals.environment)
        }
        #expect(try czar("doctor", "--adopt", "--repair", in: copy).output.contains("-C \(renamed)"))
        #expect(try czar("doctor", "--adopt", "--repair", in: renamed).status == 0)
        #expect(try czar("doctor", "--adopt", "--repair", in: copy).output.contains("what runs of one is left to '\(renamed)/.git'"))
        _ = try czar("stop", "one", in: copy)
        let status = try CzarAnswer(czar("status", "--json", in: renamed).output)
        #expect(status["workers"][0]["state"].string == "active", "\(status)")
        #expect(try czar("stop", "one", in: renamed).status == 0)
    }
}
