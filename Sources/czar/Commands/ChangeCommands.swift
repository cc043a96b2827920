import ArgumentParser
import CzarGit
import CzarKit
import CzarPlanning

struct DiffCommand: CommonCommand {
    static let configuration = CommandConfiguration(
        commandName: "diff", abstract: "Shows what a worker changed: its commits against what it started from.",
        discussion: "The same text as 'git diff BASE...BRANCH'. What is not committed yet is not in it, and is said.")

    @Argument(help: ArgumentHelp("The worker, if it is not the one around the folder.", valueName: "worker"), completion: .workers)
    var worker: String?

    @Flag(help: "A line a file instead of the lines themselves.") var stat = false

    @OptionGroup var choice: PhaseChoice
    @OptionGroup var common: CommonOptions

    func run() throws {
        let format = try common.format()
        let reader = try ChangeReader(around: common.path)
        let roster = try reader.roster(of: choice.id)
        let found = try ActingWorker.find(worker, in: roster, reader.state, at: common.path)
        let change = try reader.change(of: found, files: true, in: roster)
        if format == "json" { return Console.answer(json(found, change).prettyText) }
        if change.files.files.isEmpty { common.note("czar: \(found.id) has committed no change yet") }
        if let sentence = uncommitted(change, in: reader.state[found.key].creation?.worktree ?? "") { common.note(sentence) }
        let style = common.style
        Pager.start(style)
        try ChangeText(reader: reader, style: style).write(change.files, stat: stat)
    }

    private static let shownPaths = 3

    /// What is not in the answer, some of its names, and what shows it; an agent in a sandbox commits nothing until it ends.
    private func uncommitted(_ change: ChangeReader.Change, in worktree: String) -> String? {
        let entries = change.uncommitted
        guard !entries.isEmpty else { return nil }
        let more = entries.count > Self.shownPaths ? " and \(entries.count - Self.shownPaths) more" : ""
        let names = entries.prefix(Self.shownPaths).map { DisplayText.safeLine($0.path.description) }.joined(separator: ", ") + more
        // `git diff` says nothing of untracked files.
        let git = entries.allSatisfy { $0.staged == "?" } ? "status --untracked-files=all" : "diff HEAD"
        return """
            czar: \(Figures.plural(entries.count, "change")) in its worktree not committed: \(names)
            try: git -C \(ShellText.word(worktree)) \(git)
            """
    }

    private func json(_ worker: WorkerDefinition, _ change: ChangeReader.Change) -> JSONValue {
        var object = JSONObject()
        object.set("schema", "czar.diff/1")
        object.set("generated_at", currentTime().description)
        object.set("worker", worker.id.rawValue)
        object.set("branch", change.branch.rawValue)
        object.set("base", change.base)
        object.set("uncommitted", change.uncommitted.count)
        object.set("files", .array(change.files.files.map(\.json)))
        return object.value
    }
}

struct LogCommand: CommonCommand {
    static let configuration = CommandConfiguration(commandName: "log", abstract: "Lists a worker's own commits, newest first.")

    @Argument(help: ArgumentHelp("The worker, if it is not the one around the folder.", valueName: "worker"), completion: .workers)
    var worker: String?

    @Option(name: .customShort("n"), help: ArgumentHelp("Only the newest.", valueName: "n")) var count: Int?

    @OptionGroup var choice: PhaseChoice
    @OptionGroup var common: CommonOptions

    func run() throws {
        let format = try common.format()
        let reader = try ChangeReader(around: common.path)
        let roster = try reader.roster(of: choice.id)
        let found = try ActingWorker.find(worker, in: roster, reader.state, at: common.path)
        let commits = Array(try reader.change(of: found, files: false, in: roster).commits.prefix(max(0, count ?? .max)))
        if format == "json" { return Console.answer(json(found, commits).prettyText) }
        if commits.isEmpty { return common.note("czar: \(found.id) has no commit of its own yet") }
        let style = common.style
        Pager.start(style)
        for commit in commits {
            let time = LocalTime.dayAndClock(Timestamp(milliseconds: commit.committer.seconds * 1000))
            Console.answer(
                "\(style.paint(try reader.abbreviated(commit.id), .yellow)) \(style.paint(time, .faint)) "
                    + "\(DisplayText.safe(commit.author.name))  \(DisplayText.safe(commit.subject))")
        }
    }

    private func json(_ worker: WorkerDefinition, _ commits: [Commit]) -> JSONValue {
        var object = JSONObject()
        object.set("schema", "czar.log/1")
        object.set("generated_at", currentTime().description)
        object.set("worker", worker.id.rawValue)
        object.set("commits", .array(commits.map(\.json)))
        return object.value
    }
}

struct ShowCommand: CommonCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Shows a commit: a worker's last own one, or any by its name.",
        discussion: "A merge is shown against its first parent.")

    @Argument(
        help: ArgumentHelp("A worker or a commit; without it the worker around the folder.", valueName: "worker-or-commit"),
        completion: .workers)
    var subject: String?

    @Flag(help: "A line a file instead of the lines themselves.") var stat = false

    @OptionGroup var common: CommonOptions

    func run() throws {
        let format = try common.format()
        let reader = try ChangeReader(around: common.path)
        let commit = try commit(reader)
        let files = try reader.changes(of: commit)
        if format == "json" { return Console.answer(json(commit, files).prettyText) }
        let style = common.style
        Pager.start(style)
        let text = ChangeText(reader: reader, style: style)
        Console.answer(try text.header(commit))
        if !files.files.isEmpty { Console.answer("") }
        try text.write(files, stat: stat)
    }

    private func commit(_ reader: ChangeReader) throws -> Commit {
        let roster = try reader.roster()
        if let subject, try roster.named(subject) == nil { return try reader.commit(subject) }
        let worker = try ActingWorker.find(subject, in: roster, reader.state, at: common.path)
        guard let last = try reader.change(of: worker, files: false, in: roster).commits.first else {
            throw ChangeError.noCommits(worker: worker.id)
        }
        return last
    }

    private func json(_ commit: Commit, _ changes: TreeChanges) -> JSONValue {
        var object = JSONObject()
        object.set("schema", "czar.commit/1")
        object.set("generated_at", currentTime().description)
        object.set("commit", commit.json)
        object.set("files", .array(changes.files.map(\.json)))
        return object.value
    }
}

extension ChangeReader {
    /// The same with failures whose hints mean this worker.
    fileprivate func change(of worker: WorkerDefinition, files: Bool, in roster: Roster) throws -> Change {
        do { return try change(of: worker, files: files) } catch let error as ChangeError {
            throw Failure(error).about(worker, in: roster)
        }
    }
}

extension FileChange {
    var json: JSONValue {
        var object = JSONObject()
        object.set("path", path.description)
        if status == .renamed { object.set("old_path", oldPath?.description) }
        object.set("status", String(status.rawValue))
        object.set("binary", isBinary)
        object.set("inserted", insertions)
        object.set("deleted", deletions)
        return object.value
    }
}

extension Commit {
    var json: JSONValue {
        var object = JSONObject()
        object.set("oid", id.hex)
        object.set("parents", .strings(parents.map(\.hex)))
        object.set("author", author.name)
        object.set("email", author.email)
        object.set("time", Timestamp(milliseconds: committer.seconds * 1000).description)
        object.set("subject", subject)
        object.set("message", message)
        return object.value
    }
}
