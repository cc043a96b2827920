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
    func workers(of roster: Roster, _ projectState: ProjectState) throws -> [WorkerDefinition] {
        let choice = try choice(of: roster, projectState, starting: true)
        if let first = choice.unknown.first { throw first.error }
        return choice.workers
    }

    /// The same among the workers of a plan alone.
    func workers(of plan: Plan, _ projectState: ProjectState, isActing: Bool) throws -> [WorkerDefinition] {
        let choice = try choice(of: plan, projectState, isActing: isActing)
        if let first = choice.unknown.first { throw first.error }
        return choice.workers
    }

    /// The selected workers in the order of the plan, then those of other phases that were named, and the names that fit none: one wrong name
    /// keeps nobody from the others.
    ///
    /// `starting`: for what begins their work, which is refused of a worker whose phase the plan is not in.
    /// - Throws: ``ProjectError/notYourWorker(acting:on:)`` when a worker acts on another.
    func choice(of roster: Roster, _ projectState: ProjectState, starting: Bool = false) throws -> WorkerChoice {
        // A worker's own name means itself, also where the plan has another of that name by now.
        let own = try ActingWorker.own(in: roster).flatMap { roster.isElsewhere($0) && names.contains($0.id.rawValue) ? $0 : nil }
        var others = self
        others.names.removeAll { $0 == own?.id.rawValue }
        var choice = try others.choice(of: roster.plan, projectState)
        choice.roster = roster
        if let own, starting {
            choice.unknown.append(WorkerChoice.Unknown(name: own.id.rawValue, error: roster.noStart(of: own)))
        } else if let own {
            choice.workers.append(own)
        }
        for unknown in choice.unknown {
            do {
                guard unknown.name != own?.id.rawValue, let found = try roster.named(unknown.name) else { continue }
                try ActingWorker.check(found.key)
                choice.unknown.removeAll { $0.name == unknown.name }
                if starting {
                    choice.unknown.append(WorkerChoice.Unknown(name: unknown.name, error: roster.noStart(of: found)))
                } else {
                    choice.workers.append(found)
                }
            } catch let error as ProjectError {
                if case .notYourWorker = error { throw error }
                choice.unknown.removeAll { $0.name == unknown.name }
                choice.unknown.append(WorkerChoice.Unknown(name: unknown.name, error: error))
            }
        }
        return choice
    }

    /// The same among the workers of a plan alone.
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
        if isActing { try workers.forEach { try ActingWorker.check($0.key) } }
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
    /// Whom the names were looked up among; nil where that was the plan alone.
    var roster: Roster?

    /// A failure as it is told of one of the workers.
    func failure(_ error: any Error, of worker: WorkerDefinition) -> Failure {
        roster.map { Failure(error).about(worker, in: $0) } ?? Failure(error)
    }

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

    /// `CZAR_PHASE` of a worker's own environment.
    private static var currentPhase: PhaseID? { processEnvironment()["CZAR_PHASE"].map { PhaseID(rawValue: $0) } }

    /// Whose entries a command writes: an operator's are what `czar undo` takes back.
    static var actor: String { current == nil ? "cli" : "worker" }

    /// A guard against mistakes, no wall: the proof is what is trusted.
    static func check(_ target: WorkerKey) throws {
        guard let acting = current, let id = WorkerID(rawValue: acting) else { return }
        guard target.id == id, target.phase == (currentPhase ?? target.phase) else {
            throw ProjectError.notYourWorker(acting: acting, on: target.id.rawValue)
        }
    }

    /// Refuses what a worker does not do, whichever worker it is about: end the team's run, change what the plan may run, take its own place
    /// away. `what`: `use 'czar run'`.
    static func leaveToOperators(_ what: String) throws {
        if let acting = current { throw ProjectError.operatorsOnly(acting: acting, what: what) }
    }

    /// The worker that was named, else `CZAR_WORKER`, else the one whose worktree is around the folder.
    /// `isActing`: false for what only looks, at whomever.
    static func find(
        _ name: String?, in roster: Roster, _ state: ProjectState, at path: String, isActing: Bool = true
    ) throws -> WorkerDefinition {
        if let name = name ?? current {
            if name == current, let own = try own(in: roster) { return own }
            guard let worker = try roster.named(name) else { throw roster.plan.noSuchWorker(name) }
            if isActing { try check(worker.key) }
            return worker
        }
        let location = try RepositoryLocation.discover(from: path)
        let known = roster.plan.ids.map(\.rawValue)
        guard location.isLinked, let worktree = location.currentWorktree else { throw ProjectError.workerNeeded(known: known) }
        if let here = try roster.worker(at: worktree, state) { return here }
        if let worker = try roster.worker(movedTo: worktree, state, ProjectLayout(around: path)) {
            throw WorkspaceError.moved(worker: worker.id, to: worktree)
        }
        throw ProjectError.workerNeeded(known: known)
    }

    /// The worker whose environment this is: of its own phase, whichever phase the plan is in by now.
    static func own(in roster: Roster) throws -> WorkerDefinition? {
        guard let id = current.flatMap({ WorkerID(rawValue: $0) }), let phase = currentPhase else { return nil }
        return try roster.worker(WorkerKey(phase: phase, id: id))
    }
}
