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
        .custom { words, _, _ in Completion.eventTypes + Completion.workers(Completion.folder(in: words)) }
    }
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

    /// Names of local branches; none where there is no repository.
    static func branches(_ folder: String) -> [String] {
        do { return try Repository(opening: RepositoryLocation.discover(from: folder)).branches().map(\.name) } catch { return [] }
    }

    /// The types that workers write.
    static let eventTypes = EventType.forWorkers.map(\.rawValue)
}
