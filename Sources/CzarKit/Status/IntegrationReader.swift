import CzarGit
import CzarPlanning

/// Whether the target contains each worker's recorded change (SPEC section 1): the one answer that the gate `integrated`, status and
/// reports give.
///
/// A complete worker's recorded change ends at the tip that was proven, whatever became of its branch since; every other worker's at the
/// tip that the caller has asked about.
struct IntegrationReader {
    private let plan: Plan
    private let history: HistoryReader
    private let target: ObjectID?

    /// `target`: where the target is; nil for one that does not exist, which contains nothing.
    init(_ plan: Plan, history: HistoryReader, target: ObjectID?) { (self.plan, self.history, self.target) = (plan, history, target) }

    /// What was asked about a worker's branch, with the target, and what came of it.
    struct Known {
        let question: BranchQuestion
        let found: BranchFigures
    }

    /// How the target contains a worker's change.
    struct Answer {
        let how: GitFigures.Integration
        /// The target's commit that took it out.
        let revert: CommitID?

        init(_ found: Integration) {
            how = GitFigures.Integration(found.state)
            revert = found.state == .reverted ? found.evidence.map { CommitID(rawValue: $0.hex) } : nil
        }
    }

    /// The workers that are complete, or in `known`, whose answers are used where they are about the recorded change. A failure names what
    /// cannot be read.
    /// - Complexity: that of ``HistoryReader/figures(of:content:tests:)`` without contents, for what is not known.
    func integrations(
        _ state: ProjectState, known: [WorkerID: Known] = [:]
    ) throws -> [WorkerID: Result<Answer, FiguresError>] {
        guard let target else { return [:] }
        var result: [WorkerID: Result<Answer, FiguresError>] = [:]
        var asked: [(worker: WorkerDefinition, question: BranchQuestion)] = []
        for worker in plan.definitions {
            let record = state[worker.key]
            let completed = record.state == .complete ? ObjectID(record.completedTip) : nil
            if let known = known[worker.id], completed == nil || completed == known.question.tip {
                result[worker.id] = Self.answer(worker, known.found)
            } else if let completed {
                let fork = ObjectID((record.creation ?? record.formerCreation)?.forkPoint)
                asked.append((worker, BranchQuestion(tip: completed, base: target, forkPoint: fork, target: target)))
            }
        }
        for (asked, found) in zip(asked, try history.figures(of: asked.map(\.question), content: false)) {
            result[asked.worker.id] = Self.answer(asked.worker, found)
        }
        for (id, answer) in try contained(result, state, in: target) { result[id] = .success(answer) }
        return result
    }

    /// Of the complete workers that are not integrated by any commit that is known to be their own, those whose proven tip the target
    /// contains. One that may be empty had nothing more to bring; of an adopted branch that the target was moved forward to nothing tells its
    /// own commits any more, but there were some when it was proven: what the base lacked then. By these it is told whether they were taken
    /// out again.
    private func contained(
        _ found: [WorkerID: Result<Answer, FiguresError>], _ state: ProjectState, in target: ObjectID
    ) throws -> [(WorkerID, Answer)] {
        let asked = plan.definitions.compactMap { worker -> (WorkerID, BranchQuestion)? in
            let record = state[worker.key]
            guard record.state == .complete, case .success(let answer)? = found[worker.id], answer.how == .no,
                let tip = ObjectID(record.completedTip)
            else { return nil }
            return (worker.id, BranchQuestion(tip: tip, base: target, forkPoint: ObjectID(record.completedBase), target: target))
        }
        guard !asked.isEmpty else { return [] }
        let answers = try history.figures(of: asked.map(\.1), content: false)
        return zip(asked, answers).filter { $1.ahead == 0 }.map { asked, found in
            let reverted = found.integration.flatMap { $0.state == .reverted ? $0 : nil }
            return (asked.0, Answer(reverted ?? Integration(state: .ancestor)))
        }
    }

    private static func answer(_ worker: WorkerDefinition, _ found: BranchFigures) -> Result<Answer, FiguresError> {
        guard let integration = found.integration else {
            return .failure(FiguresError(branch: worker.id.rawValue, reason: found.problem ?? "its history is unknown"))
        }
        return .success(Answer(integration))
    }
}

extension GitFigures.Integration {
    init(_ state: CzarGit.Integration.State) {
        self =
            switch state {
            case .no: .no
            case .ancestor: .ancestor
            case .patch: .patch
            case .squash: .squash
            case .reverted: .reverted
            }
    }
}
