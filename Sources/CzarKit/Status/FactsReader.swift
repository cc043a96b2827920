import CzarGit
import CzarPlanning

/// Looks up what the scheduler wants to know beside the journal.
struct FactsReader {
    let project: ProjectLayout
    let plan: Plan
    let base: String
    let history: HistoryReader

    /// - Complexity: O(workers); with the gate `integrated` also that of ``HistoryReader/figures(of:content:)`` for complete workers.
    func scheduleFacts(_ state: ProjectState, now: Timestamp) throws -> ScheduleFacts {
        var facts = ScheduleFacts(now: now)
        for worker in plan.definitions {
            let record = state[worker.key]
            if record.isOrphaned { facts.orphaned.insert(worker.id) }
            if let session = try PersonSession.of(worker.key, project) { facts.sessions[worker.id] = session.process.pid }
            if let drift = Drift.of(worker, record, project) { facts.drifted[worker.id] = drift }
            facts.moved[worker.id] = try MovedWorktree.place(of: record, project)
            if record.attempts.running != nil { facts.activity[worker.id] = try activity(of: record, now: now) }
        }
        if plan.orchestration.dependencyGate == .integrated {
            let landings = try landings(state)
            facts.integrated = Set(landings.filter { $0.value.how.isIntegrated }.keys)
            facts.reverted = Set(landings.filter { $0.value.how == .reverted }.keys)
        }
        return facts
    }

    /// The newest output; the files of the worktree are looked at only where the worker would count as stuck without them.
    func activity(of record: WorkerRecord, now: Timestamp) throws -> Timestamp? {
        // A log that holds nothing was made with the start: nobody has printed anything.
        let log = record.attempts.log.map { project.logsFolder + "/" + $0 }
        let output = log.flatMap { fileSize(of: $0) == 0 ? nil : modificationTime(of: $0) }
        guard let sign = record.lastSign(activity: output), sign.advanced(by: plan.orchestration.stuckAfter) <= now,
            let worktree = record.creation?.worktree, FileKind(at: worktree) == .folder
        else { return output }
        do {
            return [output, try WorktreeReader.newestChange(in: worktree)].compactMap { $0 }.max()
        } catch let error as any Explained where error.kind != .internal {
            // What is wrong with the worktree is said where it is read for its own sake.
            return output
        }
    }

    /// Complete workers whose change the target contains.
    func integrated(_ state: ProjectState) throws -> Set<WorkerID> {
        Set(try landings(state).filter { $0.value.how.isIntegrated }.keys)
    }

    /// How the target contains the change of each complete worker.
    func landings(_ state: ProjectState) throws -> [WorkerID: IntegrationReader.Answer] {
        let repository = try Repository(opening: project.location)
        let target = try repository.branchTip(plan.project.omnibusBranch ?? base)
        return try IntegrationReader(plan, history: history, target: target).integrations(state).mapValues { try $0.get() }
    }
}
