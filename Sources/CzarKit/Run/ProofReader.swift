import CzarGit
import CzarPlanning

/// Looks up in Git what a worker's proof of completion needs.
package struct ProofReader {
    private let coordinator: Coordinator

    package init(_ coordinator: Coordinator) { self.coordinator = coordinator }

    /// - Complexity: O(files of the worktree) plus the history between the branch and its base.
    package func facts(_ worker: WorkerDefinition, _ record: WorkerRecord, state: ProjectState) throws -> ProofFacts {
        guard let creation = record.creation else { return ProofFacts(tip: nil) }
        let repository = try coordinator.openRepository()
        guard let tip = try repository.branchTip(creation.branch.rawValue) else { return ProofFacts(tip: nil) }
        let figures = try FiguresReader(project: coordinator.project, plan: coordinator.plan, base: coordinator.base)
            .history(of: worker, record, tip: tip, repository)
        return ProofFacts(
            tip: CommitID(rawValue: tip.hex), ownCommits: figures.own.count, worktree: try worktree(creation),
            missingMerges: try missingMerges(worker, tip: tip, state: state, repository))
    }

    private func worktree(_ creation: WorkerRecord.Creation) throws -> ProofFacts.Worktree? {
        guard let path = creation.worktree, FileKind(at: path) == .folder else { return nil }
        let tree = try Repository(opening: path)
        let status = try tree.status()
        let branch: String? = try tree.head().branchName
        return ProofFacts.Worktree(
            branch: branch, dirty: status.entries.prefix(3).map { $0.path.description }, dirtyCount: status.entries.count,
            operation: status.operation.map { "\($0)" })
    }

    /// The workers of `merges` whose recorded change the branch lacks: by ancestry, by patch-id or by tree effect.
    private func missingMerges(
        _ worker: WorkerDefinition, tip: ObjectID, state: ProjectState, _ repository: borrowing Repository
    ) throws -> [WorkerID] {
        var missing: [WorkerID] = []
        var patches = PatchIndex()
        for id in worker.merges {
            guard let other = coordinator.plan[id] else { continue }
            let record = state[other.key]
            let recorded = (record.completedTip ?? record.tip).flatMap { ObjectID(hex: $0.rawValue) }
            let branch = record.creation?.branch ?? other.branch
            guard let source = try recorded ?? repository.branchTip(branch.rawValue) else {
                missing.append(id)
                continue
            }
            let graph = try CommitGraph(of: repository, tips: [tip, source])
            let fork = (record.creation ?? record.formerCreation)?.forkPoint.flatMap { ObjectID(hex: $0.rawValue) }
            if try graph.isAncestor(source, of: tip) { continue }
            let integration = try graph.integration(of: source, into: tip, forkPoint: fork, in: repository, patches: &patches)
            if integration.state == .no || integration.state == .reverted { missing.append(id) }
        }
        return missing
    }
}
