/// The agents that Czar knows, each with where its flags come from. No flag that switches an agent's own safety off stands
/// outside `full`. An agent without a sandbox gets no commands when it is to be `sandboxed`, except `czar` where it can say so.
extension AgentProfile {
    /// Other names that plans use.
    package static let aliases = ["claude-code": "claude", "cursor-agent": "cursor", "gemini-cli": "gemini", "codex-cli": "codex"]

    package static let builtIn: [String: AgentProfile] = Dictionary(
        uniqueKeysWithValues: [claude, codex, aider, opencode, gemini, cursor, shell].map { ($0.name, $0) })

    // Run here (docs/AGENTS.md): 2.1.330, 2026-11. Sandbox settings: code.claude.com/docs/en/settings, 2026-11, not run here;
    // they need bubblewrap on Linux, and without it commands are refused, not run unguarded.
    private static let claude = AgentProfile(
        name: "claude", prompt: .standardInput,
        edits: claudeVariant(["--permission-mode", "acceptEdits", "--allowedTools", "Bash(czar:*)"]),
        sandboxed: claudeVariant([
            "--permission-mode", "acceptEdits", "--allowedTools", "Bash(czar:*)", "--settings",
            #"{"sandbox":{"enabled":true,"autoAllowBashIfSandboxed":true,"allowUnsandboxedCommands":false}}"#,
        ]),
        full: claudeVariant(["--dangerously-skip-permissions"]),
        exclude: ["/.claude/settings.local.json"])

    private static func claudeVariant(_ permissions: [String]) -> Variant {
        Variant(
            command: ["claude", "-p", "--output-format", "stream-json", "--verbose"] + permissions,
            environment: ["DISABLE_AUTOUPDATER": "1"])
    }

    // Run here (docs/AGENTS.md): 0.147.0, 2026-11. `-` reads the prompt from standard input: developers.openai.com/codex/
    // noninteractive, 2026-11. It has no level between reading and a sandbox that may run commands.
    private static let codex = AgentProfile(
        name: "codex", prompt: .standardInput,
        edits: Variant(command: ["codex", "exec", "--json", "--sandbox", "workspace-write", "-"]),
        sandboxed: Variant(command: ["codex", "exec", "--json", "--sandbox", "workspace-write", "-"]),
        full: Variant(command: ["codex", "exec", "--json", "--sandbox", "danger-full-access", "-"]))

    // aider.chat/docs/config/options.html and docs/scripting.html, 0.86, read 2026-11, not run here. It has no sandbox.
    private static let aider = AgentProfile(
        name: "aider", prompt: .file,
        edits: Variant(command: aiderCommand + ["--no-suggest-shell-commands"]),
        sandboxed: Variant(command: aiderCommand + ["--no-suggest-shell-commands"]),
        full: Variant(command: aiderCommand),
        exclude: ["/.aider*"])

    private static let aiderCommand = [
        "aider", "--message-file", "{prompt_file}", "--yes-always", "--no-gitignore", "--no-check-update", "--no-pretty", "--no-stream",
    ]

    // opencode.ai/v1/docs/permissions and docs/cli, 2026-11, not run here. It has no sandbox: denied commands instead.
    // `run` takes what is piped into it as the message (anomalyco/opencode issue 42064).
    private static let opencode = AgentProfile(
        name: "opencode", prompt: .standardInput,
        edits: Variant(command: ["opencode", "run"], environment: ["OPENCODE_PERMISSION": opencodeEdits]),
        sandboxed: Variant(command: ["opencode", "run"], environment: ["OPENCODE_PERMISSION": opencodeEdits]),
        full: Variant(command: ["opencode", "run", "--auto"]))

    private static let opencodeEdits =
        #"{"*":"allow","edit":"allow","bash":{"*":"deny","czar *":"allow"},"external_directory":"deny","webfetch":"deny"}"#

    // geminicli.com/docs/cli/headless and docs/reference (flags), 2026-11, not run here. Without a terminal it reads the
    // prompt from standard input. In a folder it does not trust it falls back to asking, which would end it.
    private static let gemini = AgentProfile(
        name: "gemini", prompt: .standardInput,
        edits: geminiVariant(["--approval-mode", "auto_edit", "--allowed-tools", "run_shell_command(czar)"]),
        sandboxed: geminiVariant(["--sandbox", "--approval-mode", "auto_edit", "--allowed-tools", "run_shell_command"]),
        full: geminiVariant(["--approval-mode", "yolo"]))

    private static func geminiVariant(_ permissions: [String]) -> Variant {
        Variant(
            command: ["gemini", "--output-format", "stream-json"] + permissions,
            environment: ["GEMINI_CLI_TRUST_WORKSPACE": "true"])
    }

    // cursor.com/docs/cli/headless and docs/cli/reference/parameters, 2026-11, not run here. Without `--force` print mode
    // only proposes changes, so it stands beside an enabled sandbox. The prompt is named, since an argument is limited.
    private static let cursor = AgentProfile(
        name: "cursor", prompt: .file,
        edits: cursorVariant(["--force", "--sandbox", "enabled"]),
        sandboxed: cursorVariant(["--force", "--sandbox", "enabled"]),
        full: cursorVariant(["--force", "--sandbox", "disabled"]))

    private static func cursorVariant(_ permissions: [String]) -> Variant {
        Variant(
            command: ["cursor-agent", "-p", "--output-format", "stream-json"] + permissions
                + ["Read the file {prompt_file} and do exactly what it says."])
    }

    // Not an agent: the worker's own script. Its autonomy is the user's.
    private static let shell = AgentProfile(
        name: "shell", prompt: .file, edits: Variant(command: shellCommand), sandboxed: Variant(command: shellCommand),
        full: Variant(command: shellCommand))

    private static let shellCommand = ["/bin/sh", "-c", "{script}"]
}
