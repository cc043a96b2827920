import Foundation
import TestSupport
import Testing

/// Workers of agents, with programs that behave and print as the real ones do.
@Suite struct AgentRunTests {
    private let session = "00000000-0000-4000-8000-000000000001"

    private func project(_ agent: String, _ rest: String = "", workers: [String] = ["one"]) throws -> CzarProject {
        try CzarProject(
            "project: {base: main}\norchestration: {default_agent: \(agent), retry: {limit: 1, backoff: 1s}}\n\(rest)\nworkers:\n"
                + workers.map { "  - {id: \($0)}\n" }.joined())
    }

    @Test func anAgentsTokensAndCostAreMeasuredAndWinOverWhatItReports() throws {
        let agent = try StandIn(["claude": "echo x > x; czar event CHECKPOINT tokens=9; cat \(StandIn.recorded("claude-first.jsonl"))"])
        let project = try project("claude")
        try project.expect(0, "run", "--quiet", environment: agent.environment)
        let worker = try #require(try project.workers()["one"])
        #expect(worker["state"].string == "complete")
        #expect(worker["tokens"]["used"].int == 2560 && worker["tokens"]["source"].string == "measured")
        #expect(worker["cost_usd"].double == 0.013 && worker["session"].string == session)
        #expect(agent.prompt("claude").contains("WORKER_IDENTITY.md"))
        // The cost is in what metrics and reports say.
        #expect(try project.answer("metrics")["totals"]["cost_usd"].double == 0.013)
        #expect(try project.answer("report", "closeout")["totals"]["cost_usd"].double == 0.013)
        #expect(try project.expect(0, "report", "weekly").output.contains("$0.01, as the agents say"))
    }

    @Test func aRetryGoesOnWithTheSessionAndCountsOnlyItsOwnPart() throws {
        let agent = try StandIn([
            "codex": """
            case "$*" in
            *resume*) echo x > x; cat \(StandIn.recorded("codex-resumed.jsonl"));;
            *) cat \(StandIn.recorded("codex-sandbox.jsonl")); exit 3;;
            esac
            """
        ])
        let project = try project("codex")
        try project.expect(0, "run", "--quiet", environment: agent.environment)
        #expect(agent.calls("codex").map { $0.contains("resume \(session) -") } == [false, true])
        let usage = try project.events().filter { $0.type == "USAGE" }.map { $0.fields["tokens_total"] }
        #expect(usage == ["2560", "2560"])
        #expect(try project.workers()["one"]?["tokens"]["used"].int == 5120)
        #expect(agent.prompt("codex").contains("You have tried this before"))
    }

    @Test func aSessionThatIsGoneIsForgotten() throws {
        let agent = try StandIn([
            "claude": """
            case $(wc -l < "$STAND_IN/claude.calls") in
            1) cat \(StandIn.recorded("claude-first.jsonl")); exit 1;;
            2) cat \(StandIn.recorded("claude-lost-session.jsonl")); exit 1;;
            *) echo x > x;;
            esac
            """
        ])
        let project = try project("claude")
        try project.replacePlan(
            "project: {base: main}\norchestration: {default_agent: claude, retry: {limit: 2, backoff: 1s}}\nworkers: [{id: one}]\n")
        try project.expect(0, "run", "--quiet", environment: agent.environment)
        #expect(agent.calls("claude").map { $0.contains("--resume") } == [false, true, false])
    }

    @Test(arguments: ["claude", "codex"])
    func aRateLimitHoldsTheAgentAndCostsNoRetry(name: String) throws {
        let agent = try StandIn([
            name: """
            if [ ! -e "$STAND_IN/asked" ]; then touch "$STAND_IN/asked"; cat \(StandIn.recorded("\(name)-refused.jsonl")); exit 1; fi
            echo "$CZAR_WORKER" > "$CZAR_WORKER"; git add . ; git commit -qm "$CZAR_WORKER"
            """
        ])
        let project = try project(name, "agents: {\(name): {rate_limit_wait: 2s, max_active: 1}}", workers: ["one", "two"])
        try project.replacePlan(
            "project: {base: main}\norchestration: {default_agent: \(name)}\nagents: {\(name): {rate_limit_wait: 2s, max_active: 1}}\n"
                + "workers: [{id: one}, {id: two}]\n")
        let run = try project.expect(0, "run", "--quiet", environment: agent.environment)
        // The journal holds moments as files do; a person is told by the clock on the wall.
        #expect(
            run.output.contains(#/rate-limited until \d\d:\d\d: /#) && !run.output.contains(#/T\d\d:\d\d:\d\d\.\d{3}Z/#), "\(run.output)")
        #expect(try project.states() == ["one": "complete", "two": "complete"])
        let limits = try project.events().filter { $0.type == "RATE_LIMITED" }
        #expect(limits.count == 1 && limits[0].fields["agent"] == name && limits[0].fields["until"] != nil)
        let changes = try project.events().map(\.description)
        #expect(changes.contains("one active→blocked") && !changes.contains { $0.contains("failed") })
        // Nobody of that agent was started before the limit had ended.
        let until = try #require(limits[0].fields["until"])
        let starts = try project.events().filter { $0.type == "PROCESS_STARTED" }.map(\.time)
        #expect(starts.count == 3 && starts.dropFirst().allSatisfy { $0 >= until })
    }

    @Test func anAgentThatMayWriteOnlyItsFolderIsCommittedForAndHeard() throws {
        guard getuid() == 0, let unshare = CzarProgram.tool("unshare") else { return CzarProgram.skip("needs root and unshare") }
        guard try run([unshare, "-m", "true"], in: "/").status == 0 else { return CzarProgram.skip("may not make a mount namespace") }
        let agent = try StandIn([
            "codex": """
            mkdir -p "$STAND_IN/door"
            \(unshare) -m sh -ec '
              mount --bind "$CZAR_WORKTREE" "$STAND_IN/door"
              mount --bind "$CZAR_REPOSITORY" "$CZAR_REPOSITORY"
              mount -o remount,ro,bind "$CZAR_REPOSITORY"
              mount --bind "$STAND_IN/door" "$CZAR_WORKTREE"
              cd "$CZAR_WORKTREE"
              echo work > work.txt
              git add work.txt 2>> "$STAND_IN/git" || true
              czar event CHECKPOINT name=written >> "$STAND_IN/said" 2>&1 || true
              czar commit -m work >> "$STAND_IN/said" 2>&1 || true
              czar whoami >> "$STAND_IN/said" 2>&1
              czar status >> "$STAND_IN/said" 2>&1
              czar task >> "$STAND_IN/said" 2>&1
              czar brief >> "$STAND_IN/said" 2>&1
              czar complete >> "$STAND_IN/said" 2>&1'
            cat \(StandIn.recorded("codex-sandbox.jsonl"))
            """
        ])
        let project = try project("codex")
        try project.expect(0, "run", "--quiet", environment: agent.environment)
        let said = try String(contentsOfFile: agent.folder.path + "/said", encoding: .utf8)
        #expect(try String(contentsOfFile: agent.folder.path + "/git", encoding: .utf8).contains("Read-only file system"))
        #expect(said.contains("one (phase 1), active, on cz1/feat/one"), "\(said)")
        #expect(said.split(separator: "\n").filter { $0.hasPrefix("queued") }.count == 2, "\(said)")
        #expect(said.contains("Czar commits them when your command ends"), "\(said)")
        #expect(try project.state("one") == "complete")
        #expect(try project.events().contains { $0.type == "CHECKPOINT" && $0.fields["name"] == "written" })
        #expect(try git("show", "--format=%s", "--name-only", "cz1/feat/one", in: project.path).contains("work.txt"))
        #expect(try project.complaints(clean: ["one"]) == [])
    }

    @Test func aRefusalNamesTheNextCommandWordForWord() throws {
        let project = try CzarProject("project: {base: main}\nworkers: [{id: one}]\n")
        try project.expect(0, "run", "--quiet", "--once")
        let tree = project.worktree("one")
        let empty = try run([CzarProgram.path, "complete"], in: tree)
        #expect(empty.status == 1 && empty.errors.hasSuffix("try: czar brief one\n"), "\(empty.errors)")
        try git("switch", "-q", "-c", "elsewhere", in: tree)
        let astray = try run([CzarProgram.path, "complete"], in: tree)
        #expect(astray.errors.contains("try: git switch cz1/feat/one && git merge elsewhere && czar complete one"), "\(astray.errors)")
        let check = try project.expect(69, "check", at: tree)
        #expect(check.errors.contains("try: czar complete"))
        let own = try project.expect(0, "status", at: tree, environment: ["CZAR_WORKER": "one", "CZAR_PHASE": "1"])
        #expect(own.output.contains("branch") && !own.output.contains("WORKER "))
    }

    @Test func theListOfAgentsSaysWhatIsFoundAndWhatWouldRun() throws {
        let agent = try StandIn(["claude": "echo '2.1.332 (Claude Code)'"])
        let project = try project("claude", "agents: {codex: {autonomy: full}, mine: {command: [nowhere, x]}}")
        let outcome = try project.expect(0, "agents", "--json", environment: agent.environment)
        let agents = try CzarAnswer(outcome.output)["agents"].array
        let byName = Dictionary(uniqueKeysWithValues: agents.map { ($0["name"].string ?? "", $0) })
        #expect(byName.keys.sorted() == ["aider", "claude", "codex", "cursor", "gemini", "mine", "mini", "opencode", "shell"])
        #expect(byName["claude"]?["found"].bool == true && byName["claude"]?["version"].string == "2.1.332 (Claude Code)")
        #expect(byName["claude"]?["command"].array.first?.string == agent.folder.path + "/claude")
        #expect(byName["mine"]?["found"].bool == false && byName["mine"]?["problem"].string?.contains("nowhere") == true)
        #expect(byName["codex"]?["command"].array.contains { $0.string == "danger-full-access" } == true)
        #expect(
            !agents.filter { $0["name"].string != "codex" }.contains {
                $0["command"].array.contains { $0.string?.contains("danger") == true }
            })
    }
}
