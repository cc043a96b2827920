import CzarGit
import CzarPlanning

/// Proves that branches contain what their `merges` name: by ancestry, by patch-id or by tree effect.
struct MergeReader {
    private let plan: Plan
    private let history: HistoryReader
    private let tips: [String: ObjectID]

    /// `tips`: branches as they are; a branch that is not among them is taken where the journal saw it last.
    init(_ plan: Plan, history: HistoryReader, tips: [String: ObjectID]) { (self.plan, self.history, self.tips) = (plan, history, tips) }

    /// In the plan's order.
    /// - Complexity: one question a required merge.
    func proofs(_ state: ProjectState) throws -> [MergeProof] {
        var proofs: [MergeProof?] = []
        var asked: [(place: Int, worker: WorkerID, source: WorkerID, question: BranchQuestion)] = []
        for worker in plan.definitions {
            for id in worker.merges {
                guard let source = plan[id] else { continue }
                guard let ours = tip(worker, state) else {
                    proofs.append(MergeProof(worker: worker.id, source: id, verdict: .unknown("'\(worker.id)' has no branch")))
                    continue
                }
                let record = state[source.key]
                guard let theirs = ObjectID(record.completedTip) ?? tip(source, state) else {
                    proofs.append(MergeProof(worker: worker.id, source: id, verdict: .unknown("'\(id)' has no branch")))
                    continue
                }
                let fork = ObjectID((record.creation ?? record.formerCreation)?.forkPoint)
                asked.append((proofs.count, worker.id, id, BranchQuestion(tip: theirs, base: ours, forkPoint: fork, target: ours)))
                proofs.append(nil)
            }
        }
        for (asked, found) in zip(asked, try history.figures(of: asked.map(\.question), content: false)) {
            proofs[asked.place] = MergeProof(worker: asked.worker, source: asked.source, verdict: Self.verdict(found))
        }
        return proofs.compactMap { $0 }
    }

    private func tip(_ worker: WorkerDefinition, _ state: ProjectState) -> ObjectID? {
        let record = state[worker.key]
        return tips[(record.creation?.branch ?? worker.branch).rawValue] ?? ObjectID(record.completedTip ?? record.tip)
    }

    private static func verdict(_ found: BranchFigures) -> MergeProof.Verdict {
        // A tip that the branch reaches is there, also where it has no commits of its own.
        if found.ahead == 0 { return .contained(.ancestor) }
        guard let integration = found.integration else { return .unknown(found.problem ?? "its history is unknown") }
        let state = GitFigures.Integration(rawValue: integration.state.rawValue) ?? .no
        return state.isIntegrated ? .contained(state) : .missing
    }
}
