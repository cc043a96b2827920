import CzarPlanning

/// The environment of a worker's command: what the spawner has, without what would mislead the command, and Czar's own values.
package enum WorkerEnvironment {
    /// `extra` is what the agent's profile and the plan set: Czar's own values win over it. The folder of `czarExecutable`
    /// (absolute) goes to the end of `PATH`, so that workers can call `czar`.
    package static func make(
        inherited: [String: String], context: WorkerContext, extra: [String: String], czarExecutable: String
    ) -> [String: String] {
        var environment = inherited.filter { isInherited($0.key) }
        environment.merge(extra) { _, new in new }
        environment.merge(own(context)) { _, own in own }
        environment["PATH"] = path(environment["PATH"], czarExecutable: czarExecutable)
        environment["PWD"] = context.worktree
        return environment
    }

    /// Czar's own variables and those that Czarina's workers know.
    static func own(_ context: WorkerContext) -> [String: String] {
        let worktree = context.worktree
        var values: [String: String] = [
            "CZAR_WORKER": context.worker.id.rawValue,
            "CZAR_ID": context.worker.id.rawValue,
            "CZAR_PHASE": context.worker.phase.rawValue,
            "CZAR_SLUG": context.project.slug,
            "CZAR_REPO": context.placeholders[.repo] ?? "",
            "CZAR_REPOSITORY": context.repository,
            "CZAR_BRANCH": context.branch,
            "CZAR_BASE": context.base,
            "CZAR_WORKTREE": worktree,
            "CZAR_BRIEF": context.brief,
            "CZAR_IDENTITY": context.identity,
            "CZAR_PROMPT_FILE": context.promptFile,
            "CZAR_OUTBOX": worktree + "/" + WorkerFiles.outbox,
            "CZAR_ATTEMPT": String(context.attempt),
            "CZARINA_WORKER_ID": context.worker.id.rawValue,
            "CZARINA_WORKER_LOG": worktree + "/" + WorkerFiles.log,
            "CZARINA_EVENTS_LOG": worktree + "/" + WorkerFiles.events,
        ]
        values["CZAR_VERSION"] = context.project.version
        values["CZAR_SESSION"] = context.session
        values["CZAR_SCRIPT"] = context.placeholders[.script]
        values["CZAR_PROMPT"] = context.prompt
        // The kernel takes no longer one; such a prompt is read from its file.
        values = values.filter { $0.key.utf8.count + 1 + $0.value.utf8.count < ResolvedCommand.longestArgument }
        return values.merging(ports(context.ports)) { $1 }
    }

    /// The variables that name a worker's ports.
    package static func ports(_ ports: [Int]) -> [String: String] {
        Dictionary(uniqueKeysWithValues: ports.enumerated().map { ("CZAR_PORT_\($0)", String($1)) })
    }

    private static func path(_ inherited: String?, czarExecutable: String) -> String {
        let path = inherited.flatMap { $0.isEmpty ? nil : $0 } ?? "/usr/local/bin:/usr/bin:/bin"
        guard let slash = czarExecutable.lastIndex(of: "/") else { return path }
        let folder = String(czarExecutable[..<slash])
        // A folder with a colon cannot be in a PATH at all.
        if folder.isEmpty || folder.contains(":") || path.split(separator: ":").contains(Substring(folder)) { return path }
        return path + ":" + folder
    }

    // MARK: - What is left out

    /// Whether a variable of the spawner's environment is passed on.
    ///
    /// `GIT_*` would point a worker's git at another repository, index or identity. An agent that started Czar leaves marks
    /// by which the worker's agent would take itself for a part of it: those go, while keys, addresses, models and
    /// configuration stay, without which no agent could work.
    package static func isInherited(_ name: String) -> Bool {
        // The library that starts the command refuses a whole environment for one name like this; nobody needs them.
        if name.isEmpty || name.first?.isASCIIDigit == true { return false }
        if removedNames.contains(name) { return false }
        guard removedPrefixes.contains(where: name.hasPrefix) else { return true }
        if alwaysRemoved.contains(where: name.hasPrefix) { return false }
        return keptNames.contains(name) || keptSuffixes.contains(where: name.hasSuffix)
    }

    private static let alwaysRemoved = ["GIT_", "CZAR_", "CZARINA_"]

    private static let removedPrefixes =
        alwaysRemoved + ["CLAUDECODE", "CLAUDE_CODE_", "CODEX_", "AIDER_", "CURSOR_", "GEMINI_CLI", "OPENCODE"]

    private static let removedNames: Set<String> = [
        "OLDPWD", "AI_AGENT", "CLAUDE_PROJECT_DIR", "CLAUDE_ENV_FILE", "CLAUDE_PLUGIN_ROOT", "CLAUDE_PLUGIN_DATA",
    ]

    /// Credentials, addresses and configuration, by the way all these agents name them.
    private static let keptSuffixes = [
        "_API_KEY", "_OAUTH_TOKEN", "_AUTH_TOKEN", "_ACCESS_TOKEN", "_REFRESH_TOKEN", "_BASE_URL", "_API_BASE", "_ENDPOINT", "_MODEL",
        "_HOME",
        "_CONFIG", "_CONFIG_DIR", "_CONFIG_CONTENT", "_CLIENT_CERT", "_CLIENT_KEY", "_CLIENT_KEY_PASSPHRASE", "_CA_CERTIFICATE",
    ]

    /// Which provider to ask and how, and what the user switched off.
    private static let keptNames: Set<String> = [
        "CLAUDE_CODE_USE_BEDROCK", "CLAUDE_CODE_USE_VERTEX", "CLAUDE_CODE_USE_FOUNDRY", "CLAUDE_CODE_SKIP_BEDROCK_AUTH",
        "CLAUDE_CODE_SKIP_VERTEX_AUTH", "CLAUDE_CODE_SKIP_FOUNDRY_AUTH", "CLAUDE_CODE_API_KEY_HELPER_TTL_MS",
        "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC", "CLAUDE_CODE_MAX_OUTPUT_TOKENS", "AIDER_OPENAI_API_TYPE",
        "AIDER_OPENAI_API_VERSION", "AIDER_ENV_FILE",
    ]
}

extension Character {
    fileprivate var isASCIIDigit: Bool { ("0"..."9").contains(self) }
}
