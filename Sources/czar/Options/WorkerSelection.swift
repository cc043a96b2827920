import ArgumentParser
import CzarGit
import CzarKit
import CzarPlanning
import Glibc

/// `WORKER…`: ids, globs, `--all`, `--state S`.
struct WorkerSelection: ParsableArguments {
    @Argument(help: ArgumentHelp("Worker ids or globs.", valueName: "worker"), completion: .workers)
    var names: [String] = []

    @Flag(help: "All workers of the plan.")
    var all = false

    @Option(help: ArgumentHelp("Workers in this state.", valueName: "state"), completion: .states)
    var state: String?

    /// Whether anything was selected at all.
    var isEmpty: Bool { names.isEmpty && !all && state == nil }

    /// Whether all were meant, and none by name or state.
    var isAllAlone: Bool { all && names.isEmpty && state == nil }

    /// The selected workers in the order of the plan.
    ///
    /// - Throws: ``ProjectError/noSuchWorker(name:suggestion:known:)`` for a name that fits none; ``ProjectError/notYourWorker(acting:on:)``
    ///   when a worker acts on another.
    func workers(of plan: Plan, _ projectState: ProjectState, isActing: Bool = true) throws -> [WorkerDefinition] {
        let choice = try choice(of: plan, projectState, isActing: isActing)
        if let first = choice.unknown.first { throw first.error }
        return choice.workers
    }

    /// The selected workers in the order of the plan, and the names that fit none: one wrong name keeps nobody from the others.
    ///
    /// - Throws: ``ProjectError/notYourWorker(acting:on:)`` when a worker acts on another.
    func choice(of plan: Plan, _ projectState: ProjectState, isActing: Bool = true) throws -> WorkerChoice {
        var chosen: Set<WorkerID> = all ? Set(plan.ids) : []
        var unknown: [WorkerChoice.Unknown] = []
        for name in names where !unknown.contains(where: { $0.name == name }) {
            let found = plan.definitions.filter { fnmatch(name, $0.id.rawValue, 0) == 0 || $0.displayName == name }
            if found.isEmpty { unknown.append(WorkerChoice.Unknown(name: name, error: plan.noSuchWorker(name))) }
            chosen.formUnion(found.map(\.id))
        }
        if let state {
            guard let wanted = WorkerState(rawValue: state) else {
                let known = WorkerState.allCases.map(\.rawValue)
                throw Failure(
                    message: "there is no state '\(state)': they are \(known.joined(separator: ", "))",
                    hint: OldVerbs.command(with: state, as: NearName.suggestion(for: state, among: known) ?? known[0]), code: 64)
            }
            chosen.formUnion(plan.definitions.filter { projectState[$0.key].state == wanted }.map(\.id))
        }
        let workers = plan.definitions.filter { chosen.contains($0.id) }
        if isActing { try workers.forEach { try ActingWorker.check($0.id) } }
        return WorkerChoice(workers: workers, unknown: unknown)
    }
}

/// Whom a command is about: each worker once, however often it was named, and the names that fit none.
struct WorkerChoice {
    struct Unknown {
        let name: String
        let error: ProjectError
    }

    var workers: [WorkerDefinition]
    var unknown: [Unknown] = []

    var isEmpty: Bool { workers.isEmpty && unknown.isEmpty }

    /// A wrong name that stands alone leaves nothing to try, and is no answer about several workers.
    func refuseIfOnlyUnknown() throws {
        if workers.isEmpty, unknown.count == 1 { throw unknown[0].error }
    }
}

/// The worker that a command inside a worktree is about, and the guard against acting on another.
enum ActingWorker {
    /// `CZAR_WORKER` of a worker's own environment.
    static var current: String? { processEnvironment()["CZAR_WORKER"].flatMap { $0.isEmpty ? nil : $0 } }

    /// Whose entries a command writes: an operator's are what `czar undo` takes back.
    static var actor: String { current == nil ? "cli" : "worker" }

    /// A guard against mistakes, no wall: the proof is what is trusted.
    static func check(_ target: WorkerID) throws {
        if let acting = current, acting != target.rawValue, let acting = WorkerID(rawValue: acting) {
            throw ProjectError.notYourWorker(acting: acting.rawValue, on: target.rawValue)
        }
    }

    /// Refuses what a worker does not do, whichever worker it is about: end the team's run, change what the plan may run, take its own place
    /// away. `what`: `use 'czar run'`.
    static func leaveToOperators(_ what: String) throws {
        if let acting = current { throw ProjectError.operatorsOnly(acting: acting, what: what) }
    }

    /// The worker that was named, else `CZAR_WORKER`, else the one whose worktree is around the folder.
    static func find(_ name: String?, in plan: Plan, _ state: ProjectState, at path: String) throws -> WorkerDefinition {
        let known = plan.ids.map(\.rawValue)
        if let name = name ?? current {
            guard let worker = plan.definitions.first(where: { $0.id.rawValue == name || $0.displayName == name }) else {
                throw plan.noSuchWorker(name)
            }
            try check(worker.id)
            return worker
        }
        let location = try RepositoryLocation.discover(from: path)
        let here = plan.definitions.first { state[$0.key].creation?.worktree == location.currentWorktree && location.isLinked }
        guard let here else { throw ProjectError.workerNeeded(known: known) }
        return here
    }
}
