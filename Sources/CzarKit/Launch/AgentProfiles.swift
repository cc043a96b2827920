/// The agents that Czar knows, each with the source of its flags and the day it was consulted. No flag that switches an agent's own safety off stands
/// outside `full`. An agent without a sandbox gets no commands when it is to be `sandboxed`, except `czar` where it can say so.
extension AgentProfile {
    package static let builtIn: [String: AgentProfile] = Dictionary(
        uniqueKeysWithValues: [claude, codex, aider, opencode, gemini, cursor, shell].map { ($0.name, $0) })

    // -p, --permission-mode, --allowedTools, --output-format, --verbose: run here with 2.1.330 (AGENTS.md, 2026-11).
    // Sandbox: code.claude.com/docs/en/sandboxing, 2026-11-22, not run here. It needs bubblewrap and socat on Linux; by default
    // commands run unguarded where they are missing, so `failIfUnavailable` refuses to start instead.
    private static let claude = AgentProfile(
        name: "claude", prompt: .standardInput,
        edits: claudeVariant(["--permission-mode", "acceptEdits", "--allowedTools", "Bash(czar:*)"]),
        sandboxed: claudeVariant([
            "--permission-mode", "acceptEdits", "--allowedTools", "Bash(czar:*)", "--settings",
            #"{"sandbox":{"enabled":true,"autoAllowBashIfSandboxed":true,"allowUnsandboxedCommands":false,"failIfUnavailable":true}}"#,
        ]),
        full: claudeVariant(["--dangerously-skip-permissions"]),
        exclude: ["/.claude/settings.local.json"])

    private static func claudeVariant(_ permissions: [String]) -> Variant {
        Variant(
            command: ["claude", "-p", "--output-format", "stream-json", "--verbose"] + permissions,
            environment: ["DISABLE_AUTOUPDATER": "1"])
    }

    // exec, --json, --sandbox: run here with 0.147.0 (AGENTS.md, 2026-11) and developers.openai.com/codex/noninteractive,
    // 2026-11-22, which calls for danger-full-access only in isolated places. `-` (the prompt from standard input): not
    // verified there, only in the documentation of the wrapper codex-wrapper. It never asks, and it has no level between
    // reading and a sandbox that may run commands.
    private static let codex = AgentProfile(
        name: "codex", prompt: .standardInput,
        edits: Variant(command: ["codex", "exec", "--json", "--sandbox", "workspace-write", "-"]),
        sandboxed: Variant(command: ["codex", "exec", "--json", "--sandbox", "workspace-write", "-"]),
        full: Variant(command: ["codex", "exec", "--json", "--sandbox", "danger-full-access", "-"]))

    // aider/website/docs/config/options.md of Aider-AI/aider and aider.chat/docs/scripting.html, 2026-11-22, not run here. It
    // has no sandbox. `--yes-always` says yes to files and edits, not to shell commands (Aider-AI/aider issue 3903), so it may
    // stand everywhere; but it would also fetch the addresses in a prompt, and open release notes in a browser.
    private static let aider = AgentProfile(
        name: "aider", prompt: .file,
        edits: Variant(command: aiderCommand + aiderLimits),
        sandboxed: Variant(command: aiderCommand + aiderLimits),
        full: Variant(command: aiderCommand),
        exclude: ["/.aider*"])

    private static let aiderCommand = [
        "aider", "--message-file", "{prompt_file}", "--yes-always", "--no-gitignore", "--no-check-update", "--no-show-release-notes",
        "--no-pretty", "--no-stream",
    ]
    private static let aiderLimits = ["--no-suggest-shell-commands", "--no-detect-urls"]

    // opencode.ai/v1/docs/permissions, 2026-11-22, not run here: the last rule that matches counts, `--auto` approves all that
    // is not denied. It has no sandbox: denied commands instead. OPENCODE_PERMISSION and `run` taking what is piped into it as
    // the message: not verified in its documentation (used so by several public projects).
    private static let opencode = AgentProfile(
        name: "opencode", prompt: .standardInput,
        edits: Variant(command: ["opencode", "run"], environment: ["OPENCODE_PERMISSION": opencodeEdits]),
        sandboxed: Variant(command: ["opencode", "run"], environment: ["OPENCODE_PERMISSION": opencodeEdits]),
        full: Variant(command: ["opencode", "run", "--auto"]))

    private static let opencodeEdits =
        #"{"*":"allow","edit":"allow","bash":{"*":"deny","czar *":"allow"},"external_directory":"deny","webfetch":"deny"}"#

    // docs/cli/cli-reference.md, headless.md and trusted-folders.md of google-gemini/gemini-cli, 2026-11-22, not run here.
    // Without a terminal it reads the prompt from standard input. `--allowed-tools` is deprecated for policy files, which would
    // have to lie in the user's home. Where the user has switched folder trust on, it ends in a folder that is not trusted:
    // `--skip-trust` overrules that, so it stands in `full` only. The prefix in `run_shell_command(…)`: not verified.
    private static let gemini = AgentProfile(
        name: "gemini", prompt: .standardInput,
        edits: geminiVariant(["--approval-mode", "auto_edit", "--allowed-tools", "run_shell_command(czar)"]),
        sandboxed: geminiVariant(["--sandbox", "--approval-mode", "auto_edit", "--allowed-tools", "run_shell_command"]),
        full: geminiVariant(["--approval-mode", "yolo", "--skip-trust"]))

    private static func geminiVariant(_ permissions: [String]) -> Variant {
        Variant(
            command: ["gemini", "--output-format", "stream-json"] + permissions)
    }

    // cursor.com/docs/agent/security/run-modes, 2026-11-22, not run here: "run everything", which `--force` asks for, has no
    // sandbox, so it stands in `full` only. The command line's own flags (-p, --output-format, --sandbox, --force, --trust):
    // not verified, its reference was not found; secondary sources name them. Print mode without `--force` may only propose
    // changes: the proof of the work then fails, and the plan has to say `full` or give a command. The prompt is named, since
    // an argument is limited.
    private static let cursor = AgentProfile(
        name: "cursor", prompt: .file,
        edits: cursorVariant(["--sandbox", "enabled"]),
        sandboxed: cursorVariant(["--sandbox", "enabled"]),
        full: cursorVariant(["--force", "--trust", "--sandbox", "disabled"]))

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
