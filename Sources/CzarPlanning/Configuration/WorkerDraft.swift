/// A worker as a file describes it: fields are read, but nothing is known of other workers yet.
struct WorkerDraft {
    /// What the file calls it.
    var name: Located<String>
    /// `workers[2]`, `workers.api`, or empty for a worker's own file.
    var path: String
    var position: SourcePosition
    var displayName: String?
    var phase: PhaseID?
    var description: String?
    var role: String?
    var agent: Located<String>?
    var command: [String]?
    var script: String?
    /// Where what the worker runs is written.
    var workPlace: SourcePosition
    var dependencies: [Located<String>] = []
    var merges: [Located<String>] = []
    var branch: Located<String>?
    var branchIsInvalid = false
    var base: Located<String>?
    var worktree: Located<String>?
    var priority = 0
    var budget = Budget()
    var plannedDuration: Duration?
    var paths: [String] = []
    var copy: [String] = []
    var isSparse = false
    var allowEmpty = false
    var success: [String] = []
    var firstAction: String?
    var brief: String?
    var tasks: [String] = []
    var setup: Setup?
    var ports = 0

    func field(_ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

    /// Where to show what is wrong between this worker and another: at the words that say it, but at the worker itself where they stand
    /// before it, in what an alias brings here and perhaps to the other one as well.
    func place(of words: SourcePosition?) -> SourcePosition { words.map { $0.isBefore(position) ? position : $0 } ?? position }
}

// MARK: Where workers stand

extension WorkerDraft {
    /// The workers of a plan's main file, a list or an older plan's mapping from id to worker.
    static func readAll(_ root: Fields, mayBeEmpty: Bool) -> [WorkerDraft] {
        guard let node = root.node("workers") else {
            if !mayBeEmpty { root.problems.error(root.place(of: "workers"), "workers", "The plan has no workers.") }
            return []
        }
        var drafts: [WorkerDraft] = []
        let count: Int
        switch node.value {
        case .list(let elements):
            count = elements.count
            for (index, element) in elements.enumerated() {
                guard let fields = Fields(element, block: "workers", path: "workers[\(index)]", problems: root.problems) else { continue }
                if let draft = WorkerDraft(fields, name: nil) { drafts.append(draft) }
            }
        case .map(let entries):
            count = entries.count
            for entry in entries {
                guard let fields = Fields(entry.value, block: "workers", path: "workers.\(entry.key)", problems: root.problems) else {
                    continue
                }
                if let draft = WorkerDraft(fields, name: Located(value: entry.key, position: entry.position)) { drafts.append(draft) }
            }
        case .scalar:
            root.problems.error(node.position, "workers", "Workers are a list, or a mapping from id to worker, not a single value.")
            return []
        }
        if count == 0, !mayBeEmpty { root.problems.error(node.position, "workers", "The plan has no workers.") }
        return drafts
    }

    /// A worker with a file of its own, whose name is the id unless the file gives one.
    init?(file: PlanFile, node: ConfigurationNode, problems: ProblemCollector) {
        guard let fields = Fields(node, block: "workers", path: "", problems: problems) else { return nil }
        self.init(fields, name: fields.has("id") ? nil : Located(value: file.stem, position: node.position))
    }

    /// Returns nil, and says so, when the worker has no usable name.
    private init?(_ fields: Fields, name given: Located<String>?) {
        let id = fields.name("id")
        let title = fields.name("name")
        let displayName = fields.name("display_name")
        if let given, let id, given.value != id.value {
            fields.problems.error(
                id.position, fields.field("id"),
                "The worker is called '\(id.value.shortened)' here and '\(given.value.shortened)' by its key.")
        }
        // A worker without a usable name is still read, so that its other faults are found in the same run.
        let name = given ?? id ?? (fields.has("id") ? nil : title)
        self.name = name ?? Located(value: "", position: fields.position)
        if given == nil, self.name.position.isBefore(fields.position) { self.name.position = fields.position }
        (path, position, workPlace) = (fields.path, fields.position, fields.position)
        self.displayName = displayName?.value ?? (title?.value == name?.value ? nil : title?.value)
        readWork(fields)
        readPlace(fields)
        readPlanning(fields)
        readRest(fields)
        fields.finish()
        guard let name, !name.value.isEmpty else {
            if !fields.has("id") { fields.problems.error(fields.position, fields.field("id"), "The worker has no id.") }
            return nil
        }
    }
}

// MARK: Keys

extension WorkerDraft {
    private mutating func readWork(_ fields: Fields) {
        agent = fields.name("agent")
        command = fields.command("command", hasScript: true)
        script = fields.text("script")
        if let script, script.allSatisfy(\.isWhitespace) {
            fields.problems.error(fields.place(of: "script"), fields.field("script"), "The script is empty.")
        }
        for key in ["agent", "script", "command"] where fields.has(key) { workPlace = fields.place(of: key) }
        if fields.has("command"), fields.has("script") {
            fields.problems.error(fields.place(of: "script"), fields.field("script"), "A worker has a command or a script, not both.")
        } else if let agent, fields.has("command") || (fields.has("script") && agent.value != "shell") {
            fields.problems.warn(
                agent.position, fields.field("agent"),
                "The agent '\(agent.value.shortened)' is not started: the worker's own \(fields.has("command") ? "command" : "script") runs."
            )
        }
    }

    private mutating func readPlace(_ fields: Fields) {
        if let name = fields.name("branch") {
            branch = name
            if let problem = BranchName.problem(in: name.value) {
                branchIsInvalid = true
                fields.problems.error(name.position, fields.field("branch"), "The branch name '\(name.value.shortened)' \(problem).")
            }
        } else {
            branchIsInvalid = fields.has("branch")
        }
        base = fields.base("base")
        phase = fields.phase("phase")
        worktree = fields.name("worktree")
        if let worktree, let problem = WorktreePath.problem(in: worktree.value) {
            fields.problems.error(worktree.position, fields.field("worktree"), "The worktree '\(worktree.value.shortened)' \(problem).")
        }
    }

    private mutating func readPlanning(_ fields: Fields) {
        dependencies = fields.list("dependencies", example: "[foundation]") ?? []
        merges = fields.list("merges", example: "[foundation]") ?? []
        if let block = fields.block("budget", named: "workers.budget") {
            budget = block.budget()
            block.finish()
        }
        if let tokens = fields.tokens("token_budget") {
            if let other = budget.tokens, other != tokens {
                fields.problems.error(
                    fields.place(of: "token_budget"), fields.field("token_budget"),
                    "The worker may use \(tokens) tokens here and \(other) in its budget.")
            }
            budget.tokens = tokens
        }
        if let text = fields.located("planned_duration") {
            plannedDuration = PlannedDuration.parse(text.value)
            if plannedDuration == nil {
                fields.problems.warn(
                    text.position, fields.field("planned_duration"),
                    "'\(text.value.shortened)' is no duration and is ignored; write 90s, 30m, 1h30m, 5d or 2w.")
            }
        }
        readPriority(fields)
    }

    private mutating func readSetup(_ fields: Fields) {
        guard let block = fields.block("setup", named: "workers.setup") else { return }
        let run = block.command("run", placeholders: Placeholders.inSetup)
        if !block.has("run") {
            block.problems.error(block.position, block.field("run"), "A set-up needs the command to run, such as [npm, ci].")
        }
        let timeout = block.duration("timeout")
        if let run { setup = Setup(run: run) }
        if let timeout { setup?.timeout = timeout }
        block.finish()
    }

    private mutating func readPriority(_ fields: Fields) {
        let words = ["critical": 20, "high": 10, "medium": 0, "normal": 0, "low": -10]
        if let word = words[fields.text("priority")?.lowercased() ?? ""] {
            priority = word
        } else if let number = fields.integer("priority", in: -1_000_000...1_000_000) {
            priority = number
        }
    }

    private mutating func readRest(_ fields: Fields) {
        description = fields.text("description")
        role = fields.name("role")?.value
        isSparse = fields.bool("sparse") ?? false
        paths = fields.paths("paths", areSparse: isSparse)
        if fields.has("paths") { sayWhatPathsDo(fields) }
        if isSparse, paths.isEmpty {
            fields.problems.error(
                fields.place(of: "sparse"), fields.field("sparse"), "A sparse worktree needs 'paths': they say which folders it holds.")
        }
        copy = fields.copyPatterns("copy")
        allowEmpty = fields.bool("allow_empty") ?? false
        success = fields.strings("success") + fields.strings("completion_criteria")
        firstAction = fields.text("first_action")
        brief = fields.text("brief")
        tasks = fields.strings("tasks")
        fields.ignore("rules", "memory", "versions", "files")
        readSetup(fields)
        ports = fields.integer("ports", in: 0...64) ?? 0
    }
}

extension WorkerDraft {
    /// That a worker keeps to its paths is a check, and there are no checks yet.
    private func sayWhatPathsDo(_ fields: Fields) {
        let does = isSparse ? "Paths decide what the sparse worktree holds" : "Paths tell the other workers what this one touches"
        fields.problems.warnOnce(
            "workers.paths", fields.place(of: "paths"), fields.field("paths"), "\(does); that only they are changed is not checked yet.")
    }
}

/// Planned lengths are free text in Czarina's plans: `3 days`, `~2h`, `2-3 days` (the longer one counts).
enum PlannedDuration {
    static func parse(_ text: String) -> Duration? {
        let clean = Substring(text).drop { "~≈ ".contains($0) }
        if let duration = DurationText.parse(String(clean)) { return duration }
        guard let dash = clean.firstIndex(where: { $0 == "-" || $0 == "–" }) else { return nil }
        guard clean[..<dash].allSatisfy({ $0.isNumber || $0 == "." || $0 == " " }) else { return nil }
        return DurationText.parse(String(clean[clean.index(after: dash)...]))
    }
}

/// The rules for a worktree's path that a plan may choose: inside the repository, beside everything that Git and Czar own.
enum WorktreePath {
    /// Why a plan may not use the path, as the end of a sentence; nil when it may.
    static func problem(in path: String) -> String? {
        let usual = ".czarina/worktrees/"
        if path.hasPrefix(usual), PlainPath.isPlain(path.dropFirst(usual.count)) { return nil }
        if path.isEmpty { return "is empty" }
        if path.hasPrefix("/") { return "is absolute; a plan's worktrees lie inside the repository" }
        if path.hasPrefix("~") { return "starts with '~'; a plan's worktrees lie inside the repository" }
        if path.utf8.count > 1000 { return "is longer than 1000 bytes" }
        if path.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7F }) { return "holds control characters" }
        let components = path.lowercased().split(separator: "/", omittingEmptySubsequences: false)
        if components.contains("..") { return "leaves its folder with '..'; a plan's worktrees lie inside the repository" }
        if components.contains("") || components.contains(".") { return "has an empty part or a part '.'" }
        if components.contains(where: isGitFolder) { return "points inside '.git'" }
        if components[0] == ".czarina", !(components.count > 2 && components[1] == "worktrees") {
            return "would lie among Czar's own files; below .czarina only .czarina/worktrees/ is for worktrees"
        }
        if let long = components.first(where: { $0.utf8.count > 255 }) { return "has a part of \(long.utf8.count) bytes; 255 are possible" }
        return nil
    }

    /// `.git` and the names that case- or dot-blind file systems take for it.
    private static func isGitFolder(_ component: Substring) -> Bool {
        var name = component
        while let last = name.last, last == "." || last == " " { name.removeLast() }
        return name == ".git" || name == "git~1"
    }
}
