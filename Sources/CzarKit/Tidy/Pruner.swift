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
    /// - Complexity: O(history once + files of each worktree), several worktrees at a time.
    package func prune(dryRun: Bool) async throws -> [Finding] {
        let lock = try coordinator.project.tidyLock()
        let findings = try await pruneLocked(dryRun)
        lock.hold()
        return findings
    }

    private func pruneLocked(_ dryRun: Bool) async throws -> [Finding] {
        let candidates = try await onOwnThread("prune") { [self] in try self.candidates() }
        let batch = RemovalBatch(coordinator, options: RemovalOptions())
        let removable = candidates.filter { $0.whyRemovable != nil }.map(\.record.key)
        let outcomes: [Result<String?, any Error>] =
            try await dryRun
            ? batch.look(at: removable).map { $0.flatMap(Self.removable) }
            : batch.removeLocked(removable).map { $0.outcome.map(\.recovery) }
        var outcomeOf = Dictionary(zip(removable, outcomes)) { first, _ in first }
        return try candidates.map { candidate in
            try finding(candidate, outcomeOf.removeValue(forKey: candidate.record.key))
        }
    }

    private static func removable(_ hazards: [RemovalHazard]) -> Result<String?, any Error> {
        hazards.isEmpty ? .success(nil) : .failure(NotClean(hazards: hazards))
    }

    /// What a dry run says instead of a removal's refusal.
    private struct NotClean: Error { let hazards: [RemovalHazard] }

    private func finding(_ candidate: Candidate, _ outcome: Result<String?, any Error>?) throws -> Finding {
        let record = candidate.record
        func finding(_ why: String, isPruned: Bool = false, recovery: String? = nil) -> Finding {
            Finding(worker: record.key.id, path: candidate.path, isPruned: isPruned, why: why, recovery: recovery)
        }
        guard let why = candidate.whyRemovable, let outcome else {
            if let why = candidate.whyKept { return finding(why) }
            return finding(record.state == .complete ? "complete, but not proven to be integrated" : "it is \(record.state)")
        }
        switch outcome {
        case .success(let recovery): return finding(why, isPruned: true, recovery: recovery)
        case .failure(let error as NotClean): return finding(Self.text(error.hazards))
        case .failure(RemovalError.refused(_, let hazards, _)): return finding(Self.text(hazards))
        case .failure(let error as any Explained) where error.kind == .refused || error.kind == .missing: return finding("\(error)")
        case .failure(let error): throw error
        }
    }

    private static func text(_ hazards: [RemovalHazard]) -> String { hazards.map(\.description).joined(separator: "; ") }

    /// A worker with a worktree.
    private struct Candidate {
        let record: WorkerRecord
        let path: String
        /// Why it may go; nil when it is needed.
        var whyRemovable: String?
        /// What is wrong with its worktree.
        var whyKept: String?
    }

    private func candidates() throws -> [Candidate] {
        let state = try coordinator.ledger.refresh()
        let repository = try coordinator.openCommon()
        var candidates: [Candidate] = []
        var asked: [(index: Int, target: String)] = []
        for record in state.workers.values.sorted(by: { $0.key < $1.key }) where record.key.phase == coordinator.phase {
            guard let creation = record.creation, let path = creation.worktree else { continue }
            var candidate = Candidate(record: record, path: path)
            do {
                let place = try WorkerWorktree.find(record.key.id, creation, coordinator.project)
                if let place, !place.isThere {
                    candidate.whyKept = coordinator.project.absentFolder(around: place.path).map {
                        RemovalHazard.unmounted(folder: $0).description
                    }
                    if place.isOthers { candidate.whyKept = "another repository's worktree is at its place" }
                    if candidate.whyKept == nil { candidate.whyRemovable = "its folder is gone" }
                }
                if place?.isThere == true, try isWhereItWasProven(record, creation, repository) {
                    asked.append((candidates.count, coordinator.plan.project.omnibusBranch ?? creation.base))
                }
            } catch let error as RemovalError {
                candidate.whyKept = "\(error)"
            }
            candidates.append(candidate)
        }
        for (target, asked) in Dictionary(grouping: asked, by: \.target) {
            guard let tip = try repository.branchTip(target) else { continue }
            let found = try IntegrationReader(coordinator.everyWorker(), history: coordinator.history, target: tip).integrations(state)
            for index in asked.map(\.index) {
                guard case .success(let answer)? = found[candidates[index].record.key.id] else { continue }
                candidates[index].whyRemovable = Self.why(answer.how, target)
            }
        }
        return candidates
    }

    private func isWhereItWasProven(
        _ record: WorkerRecord, _ creation: WorkerRecord.Creation, _ repository: borrowing Repository
    ) throws -> Bool {
        guard record.state == .complete, let tip = ObjectID(record.completedTip) else { return false }
        return try repository.branchTip(creation.branch.rawValue) == tip
    }

    private static func why(_ how: GitFigures.Integration, _ target: String) -> String? {
        switch how {
        case .ancestor: "complete and merged into '\(target)'"
        case .patch: "complete and on '\(target)' by patch-id"
        case .squash: "complete and on '\(target)' by tree effect"
        case .no, .reverted: nil
        }
    }
}
