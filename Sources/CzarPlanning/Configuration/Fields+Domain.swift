/// The plan's own kinds of value.
extension Fields {
    /// A phase: `1`, `"1"`, `default`. It becomes part of branch and folder names.
    func phase(_ key: String) -> PhaseID? {
        guard let phase = name(key) else { return nil }
        guard SafeName.isSafe(phase.value) else {
            problems.error(
                phase.position, field(key),
                "The phase '\(phase.value.shortened)' may hold only letters, digits, '.', '_' and '-', at most 64.")
            return nil
        }
        return PhaseID(rawValue: phase.value)
    }

    /// The name of what a branch starts from: a branch, or a revision that `czar add --base` was given.
    func base(_ key: String) -> Located<String>? {
        guard var base = name(key) else { return nil }
        // A full name of a branch is the same wherever it is read, whatever it is called.
        let isFull = base.value.hasPrefix("refs/heads/")
        if isFull { base.value = String(base.value.dropFirst("refs/heads/".count)) }
        if !(isFull && BranchName(rawValue: base.value) != nil), let problem = FloatingRevision.problem(in: base.value) {
            let next = "write a branch, or the id that 'git rev-parse \(ShellText.word(base.value))' prints"
            problems.error(base.position, field(key), "The base '\(base.value.shortened)' \(problem): \(next).")
            return nil
        }
        let isRevision = base.value.contains { "~^".contains($0) }
        guard let problem = BranchName.problem(in: base.value), !(isRevision && !base.value.hasPrefix("-") && !base.value.contains(" "))
        else {
            return base
        }
        problems.error(base.position, field(key), "The base '\(base.value.shortened)' \(problem).")
        return nil
    }

    func budget() -> Budget {
        var budget = Budget()
        let projected = tokens("tokens_projected")
        let maximum = tokens("tokens_max")
        budget.tokens = tokens("tokens") ?? maximum ?? projected
        budget.time = duration("time")
        if let limit = choice("on_limit", Budget.OnLimit.self) { budget.onLimit = limit }
        return budget
    }

    /// An argument vector with known placeholders. `hasScript`: whether shell text may stand beside it.
    func command(_ key: String, placeholders: Set<String> = Placeholders.inCommands, hasScript: Bool = false) -> [String]? {
        guard let node = node(key) else { return nil }
        if case .scalar = node.value {
            problems.error(
                node.position, field(key),
                "A command is a list of arguments, such as [make, test]" + (hasScript ? "; for shell text use 'script:'." : "."))
            return nil
        }
        guard let elements = list(key, example: "[make, test]") else { return nil }
        guard let program = elements.first, !program.value.isEmpty else {
            problems.error(node.position, field(key), "A command needs at least the program's name.")
            return nil
        }
        for (index, message) in Placeholders.problems(inCommand: elements.map(\.value), allowed: placeholders) {
            problems.error(elements[index].position, field(key), message)
        }
        return elements.map(\.value)
    }
}

/// Names that may become part of a folder's or a branch's name.
package enum SafeName {
    static func isSafe(_ text: String) -> Bool {
        guard let first = text.utf8.first, isWord(first), text.utf8.count <= 64 else { return false }
        return text.utf8.allSatisfy { isWord($0) || "._-".utf8.contains($0) } && !text.contains("..") && !text.hasSuffix(".")
            && !text.hasSuffix(".lock")
    }

    /// The text in lower case with everything unsafe as `-`; the fallback when nothing is left.
    package static func make(from text: String, fallback: String, keepingCase: Bool = false) -> String {
        if keepingCase, isSafe(text) { return text }
        var result: [UInt8] = []
        for byte in text.lowercased().utf8 {
            if isWord(byte) || (byte == UInt8(ascii: "_") && !result.isEmpty)
                || (byte == UInt8(ascii: ".") && result.last.map(isWord) ?? false)
            {
                result.append(byte)
            } else if let last = result.last, last != UInt8(ascii: "-") {
                result.append(UInt8(ascii: "-"))
            }
        }
        result = Array(result.prefix(60))
        while let last = result.last, !isWord(last) { result.removeLast() }
        var name = String(decoding: result, as: UTF8.self)
        if name.hasSuffix(".lock") { name = name.dropLast(5) + "-lock" }
        return isSafe(name) ? name : fallback
    }

    private static func isWord(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
        default: false
        }
    }
}

/// The agents that a plan may name without describing them.
package enum AgentNames {
    /// Agents with a built-in profile.
    package static let builtIn = ["aider", "claude", "claude-code", "codex", "cursor", "gemini", "mini", "opencode", "shell"]
    /// Agents whose output Czar can read, and the word for reading nothing.
    package static let outputs = ["aider", "claude", "codex", "cursor", "gemini", "none", "opencode"]
    /// Other names of built-in agents.
    private static let aliases = [
        "claude-code": "claude", "cursor-agent": "cursor", "gemini-cli": "gemini", "codex-cli": "codex", "mini-swe-agent": "mini",
    ]
    /// The one name of an agent that has several.
    package static func canonical(_ name: String) -> String { aliases[name] ?? name }
    /// Words for a person at the keyboard.
    static let people = ["human", "none", "person"]
    /// Agents of Czarina that live in an editor: it only told a person to open them, and so does Czar.
    static let editors = ["chatgpt", "chatgpt-codex", "claude-desktop", "copilot", "github-copilot", "kilocode", "windsurf"]

    /// Why a plan cannot name this agent; nil when it can.
    static func problem(_ name: String, plan agents: [String: AgentOverride]) -> String? {
        if agents[name] != nil || builtIn.contains(name) || people.contains(name) || editors.contains(name) { return nil }
        let known = Set(builtIn).union(agents.keys)
        return
            "No agent is called '\(name.shortened)': it is not built in and has no profile under 'agents'.\(NearName.question(for: name, among: known))"
    }
}
