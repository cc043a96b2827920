import CzarGit
import CzarPlanning

/// Looks up what the scheduler wants to know beside the journal.
struct FactsReader {
    let project: ProjectLayout
    let plan: Plan
    let base: String

    /// - Complexity: O(workers); with the gate `integrated` also the history between each complete worker and the target.
    func scheduleFacts(_ state: ProjectState, now: Timestamp) throws -> ScheduleFacts {
        var facts = ScheduleFacts(now: now)
        for worker in plan.definitions {
            let record = state[worker.key]
            if record.isOrphaned { facts.orphaned.insert(worker.id) }
            if let drift = Drift.of(worker, record, project) { facts.drifted[worker.id] = drift }
            if record.attempts.running != nil, let log = record.attempts.log {
                facts.activity[worker.id] = modificationTime(of: project.logsFolder + "/" + log)
            }
        }
        if plan.orchestration.dependencyGate == .integrated { facts.integrated = try integrated(state) }
        return facts
    }

    private func integrated(_ state: ProjectState) throws -> Set<WorkerID> {
        let repository = try Repository(opening: project.location)
        guard let target = try repository.branchTip(plan.project.omnibusBranch ?? base) else { return [] }
        var patches = PatchIndex()
        var result: Set<WorkerID> = []
        for worker in plan.definitions {
            let record = state[worker.key]
            guard record.state == .complete, let tip = record.completedTip.flatMap({ ObjectID(hex: $0.rawValue) }) else { continue }
            let fork = (record.creation ?? record.formerCreation)?.forkPoint.flatMap { ObjectID(hex: $0.rawValue) }
            let graph = try CommitGraph(of: repository, tips: [tip, target])
            let found = try graph.integration(of: tip, into: target, forkPoint: fork, in: repository, patches: &patches).state
            let isEmpty = worker.allowEmpty && fork == tip
            if isEmpty || found == .ancestor || found == .patch || found == .squash { result.insert(worker.id) }
        }
        return result
    }
}
