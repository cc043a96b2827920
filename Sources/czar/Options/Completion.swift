import ArgumentParser
import CzarKit
import CzarPlanning

extension CompletionKind {
    /// The workers of the plan around the folder.
    static var workers: CompletionKind { .custom { _, _, _ in Completion.workers() } }

    /// What `--agent` takes.
    static var agents: CompletionKind { .list(AgentNames.builtIn + ["person"]) }

    static var states: CompletionKind { .list(WorkerState.allCases.map(\.rawValue)) }

    /// What `czar event` takes first: a type, or a worker in front of it.
    static var eventWords: CompletionKind { .custom { _, _, _ in Completion.eventTypes + Completion.workers() } }
}

/// What a shell may put in the place of the word under the cursor.
enum Completion {
    /// Ids, in the plan's order; none where there is no readable plan, since a completion has nobody to complain to.
    static func workers() -> [String] {
        do { return try PlanSource(try ProjectLayout(around: ".")).read().plan.ids.map(\.rawValue) } catch { return [] }
    }

    /// The types that workers write.
    static let eventTypes = EventType.forWorkers.map(\.rawValue)
}
