import ArgumentParser
import CzarGit
import CzarKit
import CzarPlanning

extension CompletionKind {
    /// The workers of the plan around the folder.
    static var workers: CompletionKind { .custom { words, _, _ in Completion.workers(Completion.folder(in: words)) } }

    /// What a worker may start from.
    static var branches: CompletionKind { .custom { words, _, _ in Completion.branches(Completion.folder(in: words)) } }

    /// What `czar schema` takes, in the short form.
    static var schemas: CompletionKind { .list(AnswerSchema.all.map(\.shortName)) }

    /// What `--agent` takes.
    static var agents: CompletionKind { .list(AgentNames.builtIn + ["person"]) }

    static var states: CompletionKind { .list(WorkerState.allCases.map(\.rawValue)) }

    /// What `czar event` takes first: a type, or a worker in front of it.
    static var eventWords: CompletionKind {
        .custom { words, index, _ in
            let said = Completion.positional(words.prefix(index), after: "event")
            let workers = Completion.workers(Completion.folder(in: words))
            switch said.count {
            case 0: return Completion.eventTypes + workers
            case 1 where workers.contains(said[0]): return Completion.eventTypes
            default: return ["name=", "reason=", "task=", "tokens="]
            }
        }
    }

    /// What `--format` takes: two forms everywhere, and those of the command.
    static var formats: CompletionKind {
        .custom { words, _, _ in
            let more = [
                "graph": ["mermaid", "dot", "svg"], "report": ["markdown", "html"],
                "metrics": ["markdown", "csv", "prometheus", "openmetrics"],
            ]
            return ["text", "json"] + (words.lazy.compactMap { more[$0] }.first ?? [])
        }
    }

    /// The numbers of the tasks of the worker that the line, or the folder, is about.
    static var tasks: CompletionKind { .custom { words, _, _ in Completion.tasks(words) } }

    /// The attempts of the worker that the line names.
    static var attempts: CompletionKind { .custom { words, _, _ in Completion.attempts(words) } }

    /// The newest entries that a person or a worker wrote.
    static var entries: CompletionKind { .custom { words, _, _ in Completion.entries(Completion.folder(in: words)) } }
}

/// What a shell may put in the place of the word under the cursor.
enum Completion {
    /// The folder that `-C` names among the words of the line, as the shell would have expanded it.
    static func folder(in words: [String]) -> String {
        guard let option = words.lastIndex(of: "-C"), option + 1 < words.count else { return "." }
        let folder = words[option + 1]
        guard folder == "~" || folder.hasPrefix("~/"), let home = processEnvironment()["HOME"] else { return folder }
        return home + folder.dropFirst()
    }

    /// Ids, in the plan's order; none where there is no readable plan, since a completion has nobody to complain to.
    static func workers(_ folder: String) -> [String] {
        do { return try PlanSource(try ProjectLayout(around: folder)).read().plan.ids.map(\.rawValue) } catch { return [] }
    }

    /// The words behind the command that are no options.
    static func positional(_ words: some Sequence<String>, after command: String) -> [String] {
        guard let start = Array(words).firstIndex(of: command) else { return [] }
        return OldVerbs.withoutCommonOptions(Array(Array(words)[(start + 1)...])).filter { !$0.hasPrefix("-") }
    }

    static func tasks(_ words: [String]) -> [String] {
        let folder = folder(in: words)
        let named = words.lastIndex(of: "--worker").map { $0 + 1 }.flatMap { words.indices.contains($0) ? words[$0] : nil }
        do {
            let reader = try StatusReader(around: folder)
            let found = try ActingWorker.find(named, in: reader.roster(), reader.state, at: folder)
            let count = try Briefs(try ProjectLayout(around: folder)).tasks(of: found).count
            return (0..<count).map { String($0 + 1) }
        } catch {
            return []
        }
    }

    static func attempts(_ words: [String]) -> [String] {
        do {
            let reader = try StatusReader(around: folder(in: words))
            let named = try reader.everyWorker().definitions.first { words.contains($0.id.rawValue) }
            return named.map { worker in (0..<reader.state[worker.key].attempts.count).map { String($0 + 1) } } ?? []
        } catch {
            return []
        }
    }

    static func entries(_ folder: String) -> [String] {
        do {
            let place = try JournalPlace(commonDirectory: ProjectLayout(around: folder).location.commonDirectory, planFolder: nil)
            let entries = try Journal.open(place, mode: .readOnly)?.entries() ?? []
            return entries.filter { $0.event.actor == "cli" }.suffix(10).reversed().map { String($0.sequence) }
        } catch {
            return []
        }
    }

    /// Names of local branches; none where there is no repository.
    static func branches(_ folder: String) -> [String] {
        do { return try Repository(opening: RepositoryLocation.discover(from: folder)).branches().map(\.name) } catch { return [] }
    }

    /// The types that workers write.
    static let eventTypes = EventType.forWorkers.map(\.rawValue)
}
