import ArgumentParser
import CzarGit
import CzarKit
import CzarPlanning
import Glibc

struct CompleteCommand: CommonCommand {
    static let configuration = CommandConfiguration(
        commandName: "complete", abstract: "Declares a worker complete; says what is missing from the proof.")
    @Argument(help: ArgumentHelp("The worker, if it is not the one around the folder.", valueName: "worker"), completion: .workers)
    var name: String?
    @Option(help: "The same as WORKER.", completion: .workers) var worker: String?
    @Option(help: "The attempt's tokens in total.") var tokens: Int64?
    @OptionGroup var choice: PhaseChoice
    @OptionGroup var common: CommonOptions

    func run() throws {
        let fields = tokens.map { [Field.tokens: String($0)] } ?? [:]
        do {
            try declare(fields)
        } catch JournalError.denied {
            // A sandboxed agent cannot write the journal: its declaration goes to the outbox and is judged when its command ends.
            let report = try WorkerReport(
                around: common.path, worker: name ?? worker, acting: ActingWorker.current, phase: choice.id)
            let receipt = try report.write(.workerComplete, fields)
            try common.answer(receipt.json, text: receipt.text)
        }
    }

    private func declare(_ fields: [String: String]) throws {
        let coordinator = try common.coordinatorOfAnyPlan()
        let state = try coordinator.ledger.refresh()
        let roster = try coordinator.roster(of: choice.id)
        let found = try ActingWorker.find(name ?? worker, in: roster, state, at: common.path)
        try common.takeIn(of: found.key, coordinator)
        let declared: Operations.Declared
        do { declared = try Operations(coordinator).complete(found, fields: fields) } catch let error as OperationError {
            throw Failure(error).about(found, in: roster)
        }
        try common.keepHolds(coordinator)
        try common.answer(json(found, declared), text: text(found, declared))
        if case .complete = declared { try noteStart(after: found, coordinator) }
    }

    /// A run does not wait for people, so whoever waited for this one may need another run.
    private func noteStart(after worker: WorkerDefinition, _ coordinator: Coordinator) throws {
        let plan = coordinator.plan
        guard ActingWorker.current == nil, plan[worker.id]?.key == worker.key, plan.orchestration.dependencyGate == .complete,
            try DaemonLock.holder(coordinator.project) == nil
        else { return }
        let state = try coordinator.ledger.refresh()
        let next = plan.definitions.filter { other in
            other.dependencies.contains(worker.id) && [.pending, .ready].contains(state[other.key].state)
                && other.dependencies.allSatisfy { id in plan[id].map { state[$0.key].state == .complete } ?? true }
        }
        guard !next.isEmpty else { return }
        let names = next.map { "'\($0.id)'" }.joined(separator: ", ")
        common.note("czar: note: \(names) can start, and no 'czar run' is active\ntry: czar run")
    }

    private func text(_ worker: WorkerDefinition, _ declared: Operations.Declared) -> String {
        switch declared {
        case .complete(let tip): return "\(worker.id) is complete at \(tip.short)"
        case .kept(let missing, let next, let isCommittedThen):
            var rest = missing.isEmpty ? "nothing is missing so far" : "still missing: " + missing.joined(separator: "; ")
            if isCommittedThen { rest += "; what is uncommitted is committed then" }
            return "\(worker.id) is declared complete; judged when its command has ended; \(rest)" + (next.map { "\ntry: \($0)" } ?? "")
        }
    }

    private func json(_ worker: WorkerDefinition, _ declared: Operations.Declared) -> JSONValue {
        var object = JSONObject()
        object.set("schema", "czar.completed/1")
        object.set("generated_at", currentTime().description)
        object.set("worker", worker.id.rawValue)
        switch declared {
        case .complete(let tip):
            object.set("state", "complete")
            object.set("tip", tip.rawValue)
        case .kept(let missing, let next, _):
            object.set("next", next)
            object.set("state", "declared")
            object.set("missing", .strings(missing))
        }
        return object.value
    }
}

struct CommitCommand: CommonCommand {
    static let configuration = CommandConfiguration(
        commandName: "commit", abstract: "Commits all changes of a worker's worktree, without its tool files.",
        discussion: """
            Where a sandbox forbids it as it forbids 'git commit', leave your changes: with 'auto_commit: on_exit', the default, Czar commits them \
            when your command ends.
            """)
    @Option(name: .shortAndLong, help: "The commit's message.") var message: String
    @Option(help: "The worker, if it is not the one around the folder.", completion: .workers) var worker: String?
    @OptionGroup var choice: PhaseChoice
    @OptionGroup var common: CommonOptions

    func run() throws {
        let project = try ProjectLayout(around: common.path)
        guard access(project.location.commonDirectory + "/objects", W_OK) == 0 else { throw try sandboxed(project) }
        let coordinator = try common.coordinatorOfAnyPlan()
        let state = try coordinator.ledger.refresh()
        let roster = try coordinator.roster(of: choice.id)
        let found = try ActingWorker.find(worker, in: roster, state, at: common.path)
        if let path = state[found.key].creation?.worktree, FileKind(at: path) == .folder, try !WorkerCommit.isAllowed(in: path) {
            throw try sandboxed(project)
        }
        // What the worker has said before it commits comes before the commit.
        try common.takeIn(of: found.key, coordinator)
        let commit: ObjectID
        do {
            commit = try WorkerCommit(coordinator).commit(found, try coordinator.ledger.refresh()[found.key], message: message)
        } catch let error as OperationError {
            throw Failure(error).about(found, in: roster)
        }
        var object = JSONObject()
        object.set("schema", "czar.committed/1")
        object.set("generated_at", currentTime().description)
        object.set("worker", found.id.rawValue)
        object.set("commit", commit.hex)
        try common.answer(object.value, text: "\(found.id): \(commit.short) \(DisplayText.safe(message))")
    }
}

extension CommitCommand {
    /// Why an agent whose sandbox keeps it out of the repository's own folder cannot commit, and what becomes of its work.
    private func sandboxed(_ project: ProjectLayout) throws -> Failure {
        let what = "nothing can be committed from inside this sandbox: it may not write the repository's own folder"
        let commits = try PlanSource(project).readOrAccepted().reading.plan.orchestration.autoCommit == .onExit
        guard commits else {
            return Failure(
                message: what + "\nWith 'auto_commit: on_exit' in the plan, Czar would commit when your command ends.",
                hint: "czar block 'nothing can be committed from inside this sandbox'", code: 77)
        }
        return Failure(
            message: what + "\nLeave your changes where they are: Czar commits them when your command ends.", hint: "czar complete",
            code: 77)
    }
}

struct TaskCommand: CommonCommand {
    static let configuration = CommandConfiguration(
        commandName: "task", abstract: "Lists the worker's tasks; 'start N' and 'done N' report on one.")
    @Argument(help: "list, start or done.", completion: .list(["list", "start", "done"])) var action = "list"
    @Argument(help: "The number of the task.", completion: .tasks) var number: Int?
    @Option(help: "The worker, if it is not the one around the folder.", completion: .workers) var worker: String?
    @OptionGroup var common: CommonOptions

    func run() throws {
        let reader = try StatusReader(around: common.path)
        let found = try ActingWorker.find(worker, in: reader.roster(), reader.state, at: common.path)
        let checklist = try Briefs(try ProjectLayout(around: common.path)).tasks(of: found).map { (text: $0.text, done: $0.done) }
        let recorded = reader.state[found.key]
        let said = recorded.tasks.merged(withChecklist: checklist)
        let tasks = try withQueued(recorded).merged(withChecklist: checklist)
        guard action != "list" else {
            // Those that are new stand behind those that were said before.
            return try list(
                found,
                tasks.enumerated().map { index, task in
                    Listed(text: task.text, done: task.done, isQueued: index >= said.count || task.done != said[index].done)
                })
        }
        guard action == "start" || action == "done" else {
            throw Failure(message: "'\(action)' is nothing to do with a task", hint: listing, code: 64)
        }
        guard let number, tasks.indices.contains(number - 1) else {
            throw Failure(message: "there is no task \(number.map(String.init) ?? "without a number")", hint: listing, code: 66)
        }
        let report = try WorkerReport(around: common.path, of: found.key, acting: ActingWorker.current)
        let receipt = try report.write(action == "start" ? .taskStart : .taskComplete, [Field.task: tasks[number - 1].text])
        try common.answer(receipt.json, text: receipt.text)
    }

    private struct Listed {
        let text: String
        let done: Bool
        /// Said from inside a sandbox, and not in the journal yet.
        let isQueued: Bool
    }

    /// With what waits in its outbox: whoever has said it is not to wonder where it is.
    private func withQueued(_ record: WorkerRecord) throws -> TaskLog {
        var tasks = record.tasks
        guard let worktree = record.creation?.worktree, FileKind(at: worktree) == .folder else { return tasks }
        do throws(JournalError) {
            for event in try Outbox.waiting(in: worktree, of: record.key) { tasks.take(event.type, fields: event.fields) }
        } catch {
            // Whoever takes it in says what is wrong there.
            return record.tasks
        }
        return tasks
    }

    private var listing: String { ShellText.line(["czar", "task", "list"] + (worker.map { ["--worker", $0] } ?? [])) }

    private func list(_ worker: WorkerDefinition, _ tasks: [Listed]) throws {
        var object = JSONObject()
        object.set("schema", "czar.tasks/1")
        object.set("generated_at", currentTime().description)
        object.set("worker", worker.id.rawValue)
        object.set(
            "tasks",
            .array(
                tasks.map { task in
                    var item = JSONObject()
                    item.set("text", task.text)
                    item.set("done", task.done)
                    if task.isQueued { item.set("queued", true) }
                    return item.value
                }))
        let lines = tasks.enumerated().map { index, task in
            "\(index + 1). [\(task.done ? "x" : " ")] \(DisplayText.safe(task.text))" + (task.isQueued ? " (queued)" : "")
        }
        try common.answer(object.value, text: lines.isEmpty ? "\(worker.id) has no tasks" : lines.joined(separator: "\n"))
    }
}

struct BriefCommand: CommonCommand {
    static let configuration = CommandConfiguration(commandName: "brief", abstract: "Prints the worker's brief.")
    @Argument(help: ArgumentHelp("The worker, if it is not the one around the folder.", valueName: "worker"), completion: .workers)
    var name: String?
    @Option(help: "The same as WORKER.", completion: .workers) var worker: String?
    @OptionGroup var choice: PhaseChoice
    @OptionGroup var common: CommonOptions

    func run() throws {
        let reader = try StatusReader(around: common.path)
        let found = try ActingWorker.find(name ?? worker, in: reader.roster(of: choice.id), reader.state, at: common.path)
        let text = try Briefs(try ProjectLayout(around: common.path)).text(of: found)
        var object = JSONObject()
        object.set("schema", "czar.brief/1")
        object.set("generated_at", currentTime().description)
        object.set("worker", found.id.rawValue)
        object.set("text", text)
        object.set("success", .strings(found.success))
        let questions = reader.state[found.key].questions
        object.set("questions", .array(questions.map(\.json)))
        var shown = text.isEmpty ? found.description ?? "\(found.id) has no brief" : text
        if !found.success.isEmpty { shown += "\n\nSuccess means:\n" + found.success.map { "- \($0)" }.joined(separator: "\n") }
        if !questions.isEmpty { shown += "\n\n" + Prompt.dialogue(questions) }
        try common.answer(object.value, text: shown)
    }
}

extension WorkerRecord.Question {
    fileprivate var json: JSONValue {
        var object = JSONObject()
        object.set("text", text)
        object.set("answer", answer)
        object.set("answered", isClosed)
        return object.value
    }
}

struct WhoamiCommand: CommonCommand {
    static let configuration = CommandConfiguration(
        commandName: "whoami", abstract: "Says which worker the folder belongs to, and what is expected.")
    @Option(help: "The worker, if it is not the one around the folder.", completion: .workers) var worker: String?
    @OptionGroup var common: CommonOptions

    func run() throws {
        let reader = try StatusReader(around: common.path)
        let found = try ActingWorker.find(worker, in: reader.roster(), reader.state, at: common.path)
        let record = reader.state[found.key]
        var object = JSONObject()
        object.set("schema", "czar.identity/1")
        object.set("generated_at", currentTime().description)
        object.set("worker", found.id.rawValue)
        object.set("phase", found.phase.rawValue)
        object.set("state", record.state.rawValue)
        object.set("branch", (record.creation?.branch ?? found.branch).rawValue)
        object.set("worktree", record.creation?.worktree)
        let text = "\(found.id) (phase \(found.phase)), \(record.state), on \(record.creation?.branch ?? found.branch)"
        try common.answer(object.value, text: text)
    }
}
