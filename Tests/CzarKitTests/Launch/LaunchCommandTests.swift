import CzarPlanning
import TestSupport
import Testing

@testable import CzarKit

@Suite struct LaunchCommandTests {
    private let czar = "/opt/czar/bin/czar"

    private func context(_ work: WorkerDefinition.Work, version: String? = "1.2.0", prompt: String = "do it") throws -> WorkerContext {
        let id = try #require(WorkerID(rawValue: "docs"))
        let branch = try #require(BranchName(rawValue: "cz2/feat/docs"))
        return WorkerContext(
            worker: WorkerDefinition(
                id: id, phase: PhaseID(rawValue: "2"), work: work, branch: branch, worktree: ".czarina/worktrees/docs"),
            project: Project(name: "Billing", slug: "billing", version: version), attempt: 3, repository: "/src/bill",
            branch: branch.rawValue, base: "main", worktree: "/src/bill/.czarina/worktrees/docs",
            brief: "/src/bill/.czarina/workers/docs.md", prompt: prompt)
    }

    private func resolve(
        _ work: WorkerDefinition.Work, agents: [String: AgentOverride] = [:], inherited: [String: String] = [:], prompt: String = "do it"
    ) throws -> ResolvedCommand {
        try WorkerCommand.resolve(try context(work, prompt: prompt), agents: agents, inherited: inherited, czarExecutable: czar)
    }

    @Test func whatWasRunOfABuiltInCommandIsNotSaidOfAnotherOne() throws {
        let own = try AgentProfile.named("claude", in: ["claude": AgentOverride(command: ["mine"])])
        #expect(own.source == nil)
        #expect(try AgentProfile.named("claude", in: [:]).source != nil)
    }

    @Test func everyPlaceholderThatAWorkerHasIsFilled() throws {
        let command = try resolve(
            .command(["x", "{id}|{phase}|{slug}|{version}|{repo}|{branch}|{base}", "{worktree}", "{brief}", "{prompt}", "{prompt_file}"]))
        #expect(
            command.arguments == [
                "x", "docs|2|billing|1.2.0|bill|cz2/feat/docs|main", "/src/bill/.czarina/worktrees/docs",
                "/src/bill/.czarina/workers/docs.md", "do it", "/src/bill/.czarina/worktrees/docs/.czar/prompt.md",
            ])
        #expect(command.folder == "/src/bill/.czarina/worktrees/docs")
        #expect(command.input == .nothing)
    }

    @Test func aValueInAJSONObjectIsEscapedAndNowhereElse() throws {
        let command = try resolve(.command(["x", #"{"do":"{prompt}"}"#, "{prompt}"]), prompt: "say \"no\"\n")
        #expect(command.arguments == ["x", #"{"do":"say \"no\"\n"}"#, "say \"no\"\n"])
    }

    /// Claude Code names a temporary file by the text of its settings, and its sandboxes take that away from one another.
    @Test func noTwoWorktreesHaveTheSameTextOfSettings() throws {
        let arguments = try resolve(.agent("claude")).arguments
        let settings = try #require(arguments.firstIndex(of: "--settings").map { arguments[$0 + 1] })
        #expect(settings.contains(#""CZAR_WORKTREE":"/src/bill/.czarina/worktrees/docs""#), "\(settings)")
    }

    @Test func thereAreFifteenPlaceholdersAndNoMore() {
        #expect(
            CommandPlaceholder.allCases.map(\.rawValue) == [
                "id", "phase", "slug", "version", "repo", "branch", "base", "worktree", "brief", "prompt", "prompt_file", "script",
                "session",
                "title", "text",
            ])
    }

    @Test(arguments: [
        ("{nope} {ID} {i d} {}", "{nope} {ID} {i d} {}"), ("{", "{"), ("{id", "{id"), ("{{id}}", "{docs}"), ("{id}{id}", "docsdocs"),
        (#"{"a":{"id":"{id}"}}"#, #"{"a":{"id":"docs"}}"#), ("", ""), ("é{id}ü", "édocsü"),
    ])
    func onlyPlaceholdersAreReplaced(text: String, expected: String) throws {
        #expect(try resolve(.command(["x", text])).arguments[1] == expected)
    }

    @Test func aValueThatLooksLikeAPlaceholderStaysAsItIs() throws {
        #expect(try resolve(.command(["x", "{prompt}"]), prompt: "{id} $(id)").arguments[1] == "{id} $(id)")
    }

    @Test func aPlaceholderWithoutAValueIsRefused() throws {
        for name in ["title", "text", "session", "script"] {
            #expect(throws: LaunchError.badCommand(worker: try context(.person).worker.id, reason: "{\(name)} has no value here")) {
                try self.resolve(.command(["x", "{\(name)}"]))
            }
        }
    }

    @Test func aScriptGoesToTheShellWhole() throws {
        let command = try resolve(.script("echo \"$CZAR_WORKER\" {id}"))
        #expect(command.arguments == ["/bin/sh", "-c", "echo \"$CZAR_WORKER\" {id}"])
        #expect(command.input == .nothing)
    }

    @Test(arguments: ["-c", "-lc"])
    func nothingButAScriptMayFollowAShellsFlag(flag: String) throws {
        #expect(throws: LaunchError.self) { try self.resolve(.command(["sh", flag, "echo {branch}"])) }
        #expect(try resolve(.command(["sh", flag, "echo $CZAR_BRANCH"])).arguments[2] == "echo $CZAR_BRANCH")
    }

    @Test func commandsThatCannotRunAreRefused() throws {
        for work in [
            WorkerDefinition.Work.command([]), .command([""]), .command(["x", "a\0b"]), .person, .agent("nobody"), .agent("shell"),
        ] {
            #expect(throws: LaunchError.self) { try self.resolve(work) }
        }
        #expect(throws: LaunchError.self) { try self.resolve(.command(["x", "{prompt}"]), prompt: String(repeating: "a", count: 140_000)) }
    }

    @Test func gitAndOtherAgentsDoNotReachTheWorkerAndKeysDo() throws {
        let removed = [
            "GIT_DIR", "GIT_INDEX_FILE", "GIT_AUTHOR_NAME", "CLAUDECODE", "CLAUDE_CODE_ENTRYPOINT", "CLAUDE_CODE_SSE_PORT",
            "CLAUDE_CODE_SESSION_ID", "CODEX_SANDBOX", "CODEX_THREAD_ID", "CODEX_SANDBOX_NETWORK_DISABLED", "AIDER_YES_ALWAYS",
            "CURSOR_AGENT",
            "CURSOR_TRACE_ID", "GEMINI_CLI", "OPENCODE", "OPENCODE_PID", "CZAR_WORKER_OF_ANOTHER", "CZARINA_DIR", "OLDPWD", "1BAD",
        ]
        let kept = [
            "HOME", "LANG", "ANTHROPIC_API_KEY", "ANTHROPIC_BASE_URL", "OPENAI_API_KEY", "OPENAI_BASE_URL", "GEMINI_API_KEY", "CODEX_HOME",
            "CODEX_API_KEY", "CLAUDE_CODE_OAUTH_TOKEN", "CLAUDE_CODE_USE_BEDROCK", "CLAUDE_CONFIG_DIR", "CURSOR_API_KEY",
            "AIDER_OPENAI_API_KEY", "AIDER_MODEL", "OPENCODE_CONFIG", "GITHUB_TOKEN", "SSH_AUTH_SOCK", "AWS_PROFILE", "HTTPS_PROXY",
        ]
        let inherited = Dictionary(uniqueKeysWithValues: (removed + kept).map { ($0, "v") })
        let environment = try resolve(.command(["x"]), inherited: inherited).environment
        #expect(removed.filter { environment[$0] != nil } == [])
        #expect(kept.filter { environment[$0] != "v" } == [])
    }

    @Test func czarsOwnValuesAreInTheEnvironmentAndWin() throws {
        let agents = ["mine": AgentOverride(command: ["my-agent"], environment: ["CZAR_WORKER": "other", "MY": "1"])]
        let environment = try resolve(.agent("mine"), agents: agents, inherited: ["PATH": "/usr/bin", "CZAR_BASE": "old"]).environment
        let worktree = "/src/bill/.czarina/worktrees/docs"
        let expected = [
            "MY": "1", "CZAR_WORKER": "docs", "CZAR_PHASE": "2", "CZAR_REPOSITORY": "/src/bill", "CZAR_BASE": "main",
            "CZAR_BRANCH": "cz2/feat/docs", "CZAR_ATTEMPT": "3", "CZAR_WORKTREE": worktree, "CZAR_OUTBOX": worktree + "/.czar/outbox",
            "CZAR_PROMPT_FILE": worktree + "/.czar/prompt.md", "CZAR_BRIEF": "/src/bill/.czarina/workers/docs.md",
            "CZAR_IDENTITY": worktree + "/WORKER_IDENTITY.md", "CZAR_VERSION": "1.2.0", "CZARINA_WORKER_ID": "docs",
            "CZARINA_WORKER_LOG": worktree + "/.czar/worker.log", "CZARINA_EVENTS_LOG": worktree + "/.czar/events.log", "PWD": worktree,
            "PATH": "/usr/bin:/opt/czar/bin",
        ]
        for (name, value) in expected { #expect(environment[name] == value, "\(name)") }
        #expect(environment["CZAR_PROMPT"]?.isEmpty == false)
        #expect(try resolve(.script("make docs")).environment["CZAR_SCRIPT"] == "make docs")
    }

    @Test func czarsFolderIsAppendedToThePathOnceAndOnlyIfMissing() throws {
        #expect(try resolve(.command(["x"]), inherited: ["PATH": "/opt/czar/bin:/bin"]).environment["PATH"] == "/opt/czar/bin:/bin")
        #expect(try resolve(.command(["x"])).environment["PATH"] == "/usr/local/bin:/usr/bin:/bin:/opt/czar/bin")
    }

    @Test func everyBuiltInAgentResolvesAtEveryLevel() throws {
        #expect(AgentProfile.builtIn.keys.sorted() == ["aider", "claude", "codex", "cursor", "gemini", "mini", "opencode", "shell"])
        for name in AgentProfile.builtIn.keys where name != "shell" {
            for autonomy in AgentOverride.Autonomy.allCases {
                let command = try resolve(.agent(name), agents: [name: AgentOverride(autonomy: autonomy)])
                let namesPrompt = command.arguments.contains { $0.contains(".czar/prompt.md") }
                #expect((command.input == .file(".czar/prompt.md")) != namesPrompt, "\(name) gets its prompt once")
                #expect(!command.arguments.contains("do it"), "\(name) gets no prompt as an argument")
            }
        }
    }

    @Test func onlyFullAutonomySwitchesSafetyOff() throws {
        let switches = [
            "--dangerously-skip-permissions", "bypassPermissions", "danger-full-access", "yolo", "--yolo", "--auto", "--force", "--trust",
            "--skip-trust", "disabled",
        ]
        for profile in AgentProfile.builtIn.values {
            for variant in [profile.edits, profile.sandboxed] {
                #expect(variant.command.filter { switches.contains($0) } == [], "\(profile.name)")
            }
            #expect(profile.autonomy == .sandboxed)
        }
    }

    @Test func aPlanOverridesAProfileKeyByKey() throws {
        let plan = [
            "claude": AgentOverride(maxActive: 2, environment: ["ANTHROPIC_MODEL": "small"]),
            "codex": AgentOverride(command: ["codex-wrapper", "{prompt_file}"], exclude: ["/x"]),
        ]
        let claude = try AgentProfile.named("claude-code", in: ["claude-code": try #require(plan["claude"])])
        #expect(claude.maxActive == 2 && claude.variant.environment["ANTHROPIC_MODEL"] == "small")
        #expect(claude.variant.command == AgentProfile.builtIn["claude"]?.variant.command)
        let codex = try AgentProfile.named("codex", in: plan)
        #expect(codex.variant.command == ["codex-wrapper", "{prompt_file}"] && codex.prompt == .file && codex.exclude == ["/x"])
    }

    @Test func anAgentOfThePlansOwnGetsThePromptOnStandardInputUnlessItNamesIt() throws {
        let agents = ["a": AgentOverride(command: ["a"]), "b": AgentOverride(command: ["b", "--file={prompt_file}"])]
        #expect(try resolve(.agent("a"), agents: agents).input == .file(".czar/prompt.md"))
        #expect(try resolve(.agent("b"), agents: agents).input == .nothing)
    }
}
