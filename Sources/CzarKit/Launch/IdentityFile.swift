import CzarGit
import CzarPlanning

/// The text of WORKER_IDENTITY.md: what a worker has to know about itself, in at most 40 lines however many workers there are.
package enum IdentityFile {
    private static let mostColleagues = 8
    /// Characters of a line of data.
    private static let longestLine = 300

    /// A pure function of its arguments. What comes from the plan is brought to one line each, without control characters.
    ///
    /// `workers` are the plan's in its order, this one may be among them: they tell what the others do and touch.
    package static func text(_ context: WorkerContext, workers: [WorkerDefinition]) -> String {
        let worker = context.worker
        let sections = [
            ["\(heading)\(worker.id)", "", who(context)],
            place(context, workers),
            ["", "## The others"] + colleagues(of: worker, in: workers),
            commands,
            proof(worker),
        ]
        return sections.joined().joined(separator: "\n") + "\n"
    }

    /// What every one of them begins with, up to the worker's name.
    static let heading = "# Worker Identity: "

    private static func who(_ context: WorkerContext) -> String {
        let worker = context.worker
        var text = "You are worker `\(worker.id)` of phase \(oneLine(worker.phase.rawValue)) of \(oneLine(context.project.name))"
        if let role = worker.role { text += ", role \(oneLine(role))" }
        if let description = worker.description { text += ": \(oneLine(description))" }
        return oneLine(text + (text.hasSuffix(".") ? "" : "."))
    }

    private static func place(_ context: WorkerContext, _ workers: [WorkerDefinition]) -> [String] {
        let worker = context.worker
        var lines = [
            "", "- Branch: `\(context.branch)`, \(start(context))", "- Folder: `\(context.worktree)`",
            "- Brief: \(brief(context))",
            "- Builds on: \(worker.dependencies.isEmpty ? "nothing but the base" : list(worker.dependencies.map(\.rawValue)))",
        ]
        let sources = worker.merges.isEmpty ? worker.dependencies : worker.merges
        let branches = sources.compactMap { id in workers.first { $0.id == id }?.branch.rawValue }
        if !worker.merges.isEmpty { lines.append("- Your branch must contain the work of: \(list(worker.merges.map(\.rawValue)))") }
        if !branches.isEmpty {
            lines.append("- It began at the base, without their work: `git merge BRANCH` brings it in, from \(list(branches))")
        }
        if !worker.paths.isEmpty { lines.append("- You may change only: \(list(worker.paths))") }
        if worker.isSparse { lines.append("- Your folder holds only a part of the files; 'git sparse-checkout add FOLDER' brings more.") }
        return lines
    }

    private static func brief(_ context: WorkerContext) -> String {
        if context.hasBrief { return "`\(context.brief)`" }
        return context.worker.brief == nil ? "none yet; it would be `\(context.brief)`" : "`czar brief` shows it"
    }

    /// Where the branch began, which a person may have chosen, and what its work is compared with.
    private static func start(_ context: WorkerContext) -> String {
        let base = "`\(oneLine(context.base))`"
        return context.forkPoint.map { "started at \($0.short); its base is \(base)" } ?? "which was there before Czar; its base is \(base)"
    }

    /// Those that matter most first: whom the worker builds on, who builds on it, then the rest in the plan's order.
    private static func colleagues(of worker: WorkerDefinition, in workers: [WorkerDefinition]) -> [String] {
        let others = workers.filter { $0.id != worker.id }
        if others.isEmpty { return ["- You work alone."] }
        func nearness(_ other: WorkerDefinition) -> Int {
            if worker.dependencies.contains(other.id) || worker.merges.contains(other.id) { return 0 }
            return other.dependencies.contains(worker.id) || other.merges.contains(worker.id) ? 1 : 2
        }
        let sorted = (0...2).flatMap { rank in others.filter { nearness($0) == rank } }
        var lines = sorted.prefix(mostColleagues).map { line(about: $0, seenFrom: worker) }
        let rest = sorted.dropFirst(mostColleagues)
        if !rest.isEmpty { lines.append(oneLine("- and \(rest.count) more: \(list(rest.map(\.id.rawValue)))")) }
        return lines
    }

    private static func line(about other: WorkerDefinition, seenFrom worker: WorkerDefinition) -> String {
        var text = "- `\(other.id)`"
        if worker.dependencies.contains(other.id) { text += " (you build on it)" }
        if other.dependencies.contains(worker.id) { text += " (builds on you)" }
        if let description = other.description ?? other.role { text += ": \(oneLine(description))" }
        if !other.paths.isEmpty { text += "; touches \(list(other.paths))" }
        return oneLine(text)
    }

    private static let commands = [
        "", "## Commands for you (run them in your folder; if `czar` is not found there, `\(WorkerFiles.program)` is the same)",
        "- `czar task list`, `czar task start N`, `czar task done N`: the checklist of your brief",
        "- `czar event CHECKPOINT name=WHAT tokens=N`: say what is reached",
        "- `czar block REASON`: you cannot go on; `czar unblock` when you can",
        "- `czar commit -m MESSAGE`: commit all your changes. Where a sandbox forbids it, leave them: Czar commits when you end",
        "- `czar complete`: declare that you are done; it tells what is still missing",
        "- `czar whoami`, `czar brief`, `czar status`, `czar diff`: who you are, what to do, how it stands, what you changed",
    ]

    private static func proof(_ worker: WorkerDefinition) -> [String] {
        let commits = worker.allowEmpty ? "" : "at least one commit of your own, "
        let merges = worker.merges.isEmpty ? "" : "the work that your branch must contain, "
        return [
            "", "## Done means proven",
            "Declaring is not enough. Czar checks: \(commits)\(merges)nothing uncommitted, no merge or rebase half done, still this branch.",
            "", "## Never",
            "Never push. Never switch branches or make others. Never change anything outside this folder.",
        ]
    }

    private static func list(_ items: [String]) -> String { oneLine(items.map { "`\($0)`" }.joined(separator: ", ")) }

    private static func oneLine(_ text: String) -> String {
        let scalars = text.unicodeScalars.map { scalar in
            scalar.isUnsafeToShow ? " " : scalar
        }
        let line = String(String.UnicodeScalarView(scalars))
        return line.count > longestLine ? line.prefix(longestLine - 1) + "…" : line
    }
}
