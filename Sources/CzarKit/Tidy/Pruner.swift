import CzarGit
import CzarPlanning

/// Removes worktrees that nobody needs any more: those of complete workers whose change is proven to be on the target, and entries whose
/// folders are gone. What is not clean is never touched; branches stay.
package struct Pruner: Sendable {
    private let coordinator: Coordinator

    package init(_ coordinator: Coordinator) { self.coordinator = coordinator }

    /// One worker's worktree, and what became of it.
    package struct Finding: Hashable, Sendable {
        package let worker: WorkerID
        package let path: String
        /// Whether it goes, or would go in a dry run.
        package let isPruned: Bool
        package let why: String
        package let recovery: String?
    }

    /// `dryRun`: says what would be done and changes nothing.
    /// - Complexity: O(history once a worker + files of each worktree).
    package func prune(dryRun: Bool) throws -> [Finding] {
        let lock = try coordinator.project.tidyLock()
        let result = Result { try pruneLocked(dryRun) }
        lock.hold()
        return try result.get()
    }

    private func pruneLocked(_ dryRun: Bool) throws -> [Finding] {
        let state = try coordinator.ledger.refresh()
        var findings: [Finding] = []
        for record in state.workers.values.sorted(by: { $0.key < $1.key }) where record.key.phase == coordinator.phase {
            guard let path = record.creation?.worktree else { continue }
            findings.append(try judge(record, path, dryRun))
        }
        return findings
    }

    private func judge(_ record: WorkerRecord, _ path: String, _ dryRun: Bool) throws -> Finding {
        let worker = record.key.id
        func kept(_ why: String) -> Finding { Finding(worker: worker, path: path, isPruned: false, why: why, recovery: nil) }
        guard let why = try reason(record, path) else {
            return kept(record.state == .complete ? "complete, but not proven to be integrated" : "it is \(record.state)")
        }
        let remover = WorkspaceRemover(coordinator, options: RemovalOptions())
        do {
            let survey = try remover.survey(record.key)
            guard survey.hazards.isEmpty else { return kept(survey.hazards.map(\.description).joined(separator: "; ")) }
            let recovery = try dryRun ? nil : remover.remove(record.key).recovery
            return Finding(worker: worker, path: path, isPruned: true, why: why, recovery: recovery)
        } catch let error as any Explained where error.kind == .refused || error.kind == .missing {
            return kept("\(error)")
        }
    }

    /// Why a worktree may go; nil when it is needed.
    private func reason(_ record: WorkerRecord, _ path: String) throws -> String? {
        guard let creation = record.creation, let place = try found(record.key.id, creation) else { return nil }
        if !place.isThere { return "its folder is gone" }
        guard record.state == .complete, let tip = record.completedTip.flatMap({ ObjectID(hex: $0.rawValue) }) else { return nil }
        let repository = try coordinator.openCommon()
        let target = coordinator.plan.project.omnibusBranch ?? creation.base
        guard let targetTip = try repository.branchTip(target), try repository.branchTip(creation.branch.rawValue) == tip else {
            return nil
        }
        var patches = PatchIndex()
        let integration = try CommitGraph(of: repository, tips: [tip, targetTip]).integration(
            of: tip, into: targetTip, forkPoint: creation.forkPoint.flatMap { ObjectID(hex: $0.rawValue) }, in: repository,
            patches: &patches)
        switch integration.state {
        case .ancestor: return "complete and merged into '\(target)'"
        case .patch: return "complete and on '\(target)' by patch-id"
        case .squash: return "complete and on '\(target)' by tree effect"
        case .no, .reverted: return nil
        }
    }

    private func found(_ worker: WorkerID, _ creation: WorkerRecord.Creation) throws -> WorkerWorktree? {
        do { return try WorkerWorktree.find(worker, creation, coordinator.project) } catch is RemovalError { return nil }
    }
}
