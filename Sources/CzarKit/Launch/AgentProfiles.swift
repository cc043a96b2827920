import CzarPlanning

/// The agents that Czar knows, each with the source of its flags and the day it was consulted. No flag that switches an agent's own safety off stands
/// outside `full`. An agent without a sandbox gets no commands when it is to be `sandboxed`, except `czar` where it can say so.
extension AgentProfile {
    package static let builtIn: [String: AgentProfile] = Dictionary(
        uniqueKeysWithValues: [claude, codex, aider, mini, opencode, gemini, cursor, shell].map { ($0.name, $0) })

    // Run here: `make test-agents` drives the real program, resume, sandbox and refusals included. The sandbox needs bubblewrap and
    // socat on Linux; by default commands run unguarded where they are missing, so `failIfUnavailable` refuses to start instead
    // (code.claude.com/docs/en/sandboxing, 2026-11-22). Settings that are text get a temporary file, named by a hash of the text, which
    // each sandbox mounts, makes and removes: the same text for all, and workers lose commands to one another. So it names the folder.
    private static let claude = AgentProfile(
        name: "claude", prompt: .stdin,
        edits: claudeVariant(claudeEdits), sandboxed: claudeVariant(claudeEdits + ["--settings", claudeSandbox]),
        full: claudeVariant(["--dangerously-skip-permissions"]),
        takeOver: ["claude", "--resume", "{session}"],
        exclude: ["/.claude/settings.local.json"], output: AgentOutput.named("claude"), source: "run with 2.1.332, 2026-11-25")

    private static let claudeEdits = ["--permission-mode", "acceptEdits", "--allowedTools", "Bash(czar:*)", "Bash(.czar/czar:*)"]
    private static let claudeSandbox =
        #"{"env":{"CZAR_WORKTREE":"{worktree}"},"sandbox":{"enabled":true,"autoAllowBashIfSandboxed":true,"#
        + #""allowUnsandboxedCommands":false,"failIfUnavailable":true}}"#

    private static func claudeVariant(_ permissions: [String]) -> Variant {
        let command = ["claude", "-p", "--output-format", "stream-json", "--verbose"] + permissions
        return Variant(command: command, resume: command + ["--resume", "{session}"], environment: ["DISABLE_AUTOUPDATER": "1"])
    }

    // Run here: `make test-agents` drives the real program; `-` is the prompt from standard input. Its documentation
    // (developers.openai.com/codex/noninteractive, 2026-11-22) calls for danger-full-access only in isolated places. It never asks,
    // and it has no level between reading and a sandbox that may run commands. In a login shell, its default, the system's profile sets
    // `PATH` anew and `czar` is not found.
    private static let codex = AgentProfile(
        name: "codex", prompt: .stdin, edits: codexVariant("workspace-write"), sandboxed: codexVariant("workspace-write"),
        full: codexVariant("danger-full-access"), takeOver: ["codex", "resume", "{session}"], output: AgentOutput.named("codex"),
        source: "run with 0.147.0, 2026-11-25")

    private static func codexVariant(_ sandbox: String) -> Variant {
        let command = ["codex", "exec", "--json", "--sandbox", sandbox, "-c", "allow_login_shell=false"]
        return Variant(command: command + ["-"], resume: command + ["resume", "{session}", "-"])
    }

    // Run by hand here (Fixtures/agents/aider-*.txt): it edits, commits by itself and ends with 0, also when its model refuses. Flags from
    // aider/website/docs/config/options.md of Aider-AI/aider and aider.chat/docs/scripting.html, 2026-11-22. It has no sandbox. `--yes-always` says yes to files and edits, not to shell commands (Aider-AI/aider issue 3903), so it may
    // stand everywhere; but it would also fetch the addresses in a prompt, and open release notes in a browser. It has no
    // sessions with names: `--restore-chat-history` goes on with what lies in the folder.
    private static let aider = AgentProfile(
        name: "aider", prompt: .file,
        edits: Variant(command: aiderCommand + aiderLimits),
        sandboxed: Variant(command: aiderCommand + aiderLimits),
        full: Variant(command: aiderCommand), knowsSandbox: false,
        exclude: ["/.aider*"], output: AgentOutput.named("aider"), source: "run with 0.86.2, 2026-11-25")

    private static let aiderCommand = [
        "aider", "--message-file", "{prompt_file}", "--yes-always", "--no-gitignore", "--no-check-update", "--no-show-release-notes",
        "--no-pretty", "--no-stream",
    ]
    private static let aiderLimits = ["--no-suggest-shell-commands", "--no-detect-urls"]

    // Run here: `make test-agents` drives the real program; flags from its own `--help` and run/mini.py of 2.4.6. It runs commands without a
    // sandbox and asks before each; `--yolo` does not ask, so it stands in `full` only. Below that it needs somebody to answer: a window
    // (`launcher: tmux`), or it ends at its first question. By default its trajectory would lie in the user's folder, one for all.
    private static let mini = AgentProfile(
        name: "mini", prompt: .file, edits: Variant(command: miniCommand), sandboxed: Variant(command: miniCommand),
        full: Variant(command: miniCommand + ["--yolo"]), knowsSandbox: false, source: "run with 2.4.6, 2026-11-26")

    private static let miniCommand = [
        "mini", "--exit-immediately", "--output", ".czar/mini.traj.json", "--task",
        "Read the file {prompt_file} and do exactly what it says.",
    ]

    // opencode.ai/docs/cli and opencode.ai/v1/docs/permissions, 2026-11-25, not run here: the last rule that matches counts, `--auto`
    // approves all that is not denied. It has no sandbox: denied commands instead. OPENCODE_PERMISSION and `run` taking what is
    // piped into it as the message: not verified in its documentation (used so by several public projects).
    private static let opencode = AgentProfile(
        name: "opencode", prompt: .stdin, edits: opencodeVariant([], ["OPENCODE_PERMISSION": opencodeEdits]),
        sandboxed: opencodeVariant([], ["OPENCODE_PERMISSION": opencodeEdits]), full: opencodeVariant(["--auto"], [:]), knowsSandbox: false,
        takeOver: ["opencode", "--session", "{session}"], output: AgentOutput.named("opencode"),
        source: "documentation, 2026-11-25: opencode.ai/docs/cli")

    private static func opencodeVariant(_ permissions: [String], _ environment: [String: String]) -> Variant {
        let command = ["opencode", "run", "--format", "json"] + permissions
        return Variant(command: command, resume: command + ["--session", "{session}"], environment: environment)
    }

    private static let opencodeEdits =
        #"{"*":"allow","edit":"allow","bash":{"*":"deny","czar *":"allow"},"external_directory":"deny","webfetch":"deny"}"#

    // docs/cli/cli-reference.md, headless.md and trusted-folders.md of google-gemini/gemini-cli, 2026-11-25, not run here.
    // Without a terminal it reads the prompt from standard input. `--allowed-tools` is deprecated for policy files, which would
    // have to lie in the user's home. Where the user has switched folder trust on, it ends in a folder that is not trusted:
    // `--skip-trust` overrules that, so it stands in `full` only. The prefix in `run_shell_command(…)`: not verified.
    private static let gemini = AgentProfile(
        name: "gemini", prompt: .stdin,
        edits: geminiVariant(["--approval-mode", "auto_edit", "--allowed-tools", "run_shell_command(czar)"]),
        sandboxed: geminiVariant(["--sandbox", "--approval-mode", "auto_edit", "--allowed-tools", "run_shell_command"]),
        full: geminiVariant(["--approval-mode", "yolo", "--skip-trust"]), takeOver: ["gemini", "--resume", "{session}"],
        output: AgentOutput.named("gemini"), source: "documentation, 2026-11-25: geminicli.com/docs/cli/headless")

    private static func geminiVariant(_ permissions: [String]) -> Variant {
        let command = ["gemini", "--output-format", "stream-json"] + permissions
        return Variant(command: command, resume: command + ["--resume", "{session}"])
    }

    // cursor.com/docs/agent/security/run-modes and cursor.com/docs/cli/headless, 2026-11-25, not run here: "run everything", which
    // `--force` asks for, has no sandbox, so it stands in `full` only. Without it, print mode edits files in the workspace and
    // rejects what would need approval. `--trust` and `--sandbox`: secondary sources name them. The prompt is named, since an
    // argument is limited.
    private static let cursor = AgentProfile(
        name: "cursor", prompt: .file,
        edits: cursorVariant(["--sandbox", "enabled"]),
        sandboxed: cursorVariant(["--sandbox", "enabled"]),
        full: cursorVariant(["--force", "--trust", "--sandbox", "disabled"]), takeOver: ["cursor-agent", "--resume", "{session}"],
        output: AgentOutput.named("cursor"), source: "documentation, 2026-11-25: cursor.com/docs/cli/headless")

    private static func cursorVariant(_ permissions: [String]) -> Variant {
        let command = ["cursor-agent", "-p", "--output-format", "stream-json"] + permissions
        let prompt = "Read the file {prompt_file} and do exactly what it says."
        return Variant(command: command + [prompt], resume: command + ["--resume", "{session}", prompt])
    }

    // Not an agent: the worker's own script. Its autonomy is the user's.
    private static let shell = AgentProfile(
        name: "shell", prompt: .file, edits: Variant(command: shellCommand), sandboxed: Variant(command: shellCommand),
        full: Variant(command: shellCommand), knowsSandbox: false, source: "the worker's own script")

    private static let shellCommand = ["/bin/sh", "-c", "{script}"]
}
