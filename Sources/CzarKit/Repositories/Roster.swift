import CzarGit
import CzarPlanning

/// Whom a command about workers can mean.
///
/// A worker is its phase and its id. What is said of many (globs, `--all`, states) is said of the plan's; a name that the plan does not have,
/// and the worktree around the folder, also mean a worker of another phase that still has something here.
package struct Roster: Sendable {
    /// The plan, with the workers of its phase that have left it and still have something here.
    package let plan: Plan
    /// The plan as it is now, whichever phase was asked about.
    private let current: Plan
    /// Workers of other phases, from the newest phase to the oldest, of which a branch is here or a command runs.
    private let others: [WorkerKey]
    private let define: @Sendable ([WorkerKey]) throws -> [WorkerDefinition]

    /// `define` finds those that are needed, as they were accepted last: seldom any is.
    init(
        plan: Plan, current: Plan, _ state: ProjectState, define: @escaping @Sendable ([WorkerKey]) throws -> [WorkerDefinition]
    ) {
        var own = plan
        // One that runs was taken in with those that left: it is of another phase all the same.
        for worker in plan.definitions where current.lacks(worker.key) { own.remove(worker.id) }
        (self.plan, self.current, self.define) = (own, current, define)
        others = state.workers.values.filter { record in
            current.lacks(record.key) && !record.isWithdrawn
                && (record.creation != nil || record.attempts.running != nil)
        }.map(\.key).sorted { (state.plans[$0.phase]?.sequence ?? 0, $1) > (state.plans[$1.phase]?.sequence ?? 0, $0) }
    }

    /// Of one phase alone.
    init(of phase: PhaseID, plan: Plan, current: Plan) {
        (self.plan, self.current, others, define) = (plan.restricted(to: phase), current, [], { _ in [] })
    }

    /// The worker of that id or name: the plan's own where there are several.
    /// - Throws: ``ProjectError/severalWorkers(name:phases:)`` where several other phases have one.
    package func named(_ name: String) throws -> WorkerDefinition? {
        if let own = plan.definitions.first(where: { $0.id.rawValue == name || $0.displayName == name }) { return own }
        let found = others.filter { $0.id.rawValue == name }
        guard found.count < 2 else { throw ProjectError.severalWorkers(name: name, phases: found.map(\.phase)) }
        return try define(found).first
    }

    /// The worker with that identity.
    package func worker(_ key: WorkerKey) throws -> WorkerDefinition? {
        if let own = plan[key.id], own.key == key { return own }
        return try define(others.filter { $0 == key }).first
    }

    /// The worker whose worktree is recorded at that path.
    package func worker(at worktree: String, _ state: ProjectState) throws -> WorkerDefinition? {
        if let own = plan.definitions.first(where: { state[$0.key].creation?.worktree == worktree }) { return own }
        return try define(others.filter { state[$0].creation?.worktree == worktree }).first
    }

    /// The worker whose worktree was moved to that place, without Czar; nil where none is known to be.
    package func worker(movedTo place: String, _ state: ProjectState, _ project: ProjectLayout) throws -> WorkerDefinition? {
        let moved = try (plan.definitions.map(\.key) + others).first { try MovedWorktree.place(of: state[$0], project) == place }
        return try moved.flatMap { try worker($0) }
    }

    /// Why it is not started.
    package func noStart(of worker: WorkerDefinition) -> ProjectError {
        .notOfThePhase(worker: worker.key, phase: current.phase)
    }

    /// Whether nothing starts it, because it is of a phase that the plan is not in.
    package func isElsewhere(_ worker: WorkerDefinition) -> Bool { current.lacks(worker.key) }
}
