import CzarGit
import CzarPlanning

/// Records where branches point: an entry for each worker's tip and for each base and target that moved since it was last recorded.
///
/// With a tip go its figures at that moment, so that the journal alone holds how the work grew.
struct TipObserver {
    private let coordinator: Coordinator

    init(_ coordinator: Coordinator) { self.coordinator = coordinator }

    private struct Move {
        let worker: WorkerDefinition
        let tip: ObjectID
        let base: ObjectID?
        /// Where the branch was when it was looked at last.
        let former: ObjectID?
        let question: BranchQuestion
    }

    /// - Complexity: O(workers), one reference look-up each; for moved tips also that of their figures, of which new commits alone are read.
    /// `workers`: nil for all of the plan.
    /// - Returns: what kept a worker's tip from being seen.
    func observe(_ workers: [WorkerDefinition]? = nil) throws -> [WorkerProblem] {
        let state = try coordinator.ledger.refresh()
        let repository = try coordinator.openRepository()
        var bases: Set<String> = []
        var moves: [Move] = []
        var problems: [WorkerProblem] = []
        for worker in workers ?? coordinator.plan.definitions {
            let record = state[worker.key]
            guard let creation = record.creation else { continue }
            bases.insert(creation.base)
            try WorkerProblem.collecting(&problems, for: worker.key) {
                guard let tip = try repository.branchTip(creation.branch.rawValue), !record.isAt(CommitID(rawValue: tip.hex)) else {
                    return
                }
                let base = try repository.baseTip(creation.base)
                let question = BranchQuestion(tip: tip, base: base, forkPoint: ObjectID(creation.forkPoint))
                moves.append(Move(worker: worker, tip: tip, base: base, former: ObjectID(record.tip), question: question))
            }
        }
        try record(moves, repository)
        for base in bases.sorted() { try observe(base, .baseMoved, repository) }
        if let target = coordinator.plan.project.omnibusBranch, !bases.contains(target) { try observe(target, .targetMoved, repository) }
        return problems
    }

    private func record(_ moves: [Move], _ repository: borrowing Repository) throws {
        guard !moves.isEmpty else { return }
        let tests = TestPatterns(added: coordinator.plan.testMarkers)
        let figures = try coordinator.history.figures(of: moves.map(\.question), tests: tests)
        // What a reset or a rebase took from the branch.
        let dropped = try coordinator.history.figures(of: moves.map { BranchQuestion(tip: $0.tip, base: $0.former) }, content: false)
        for ((move, figures), dropped) in zip(zip(moves, figures), dropped) {
            let id = CommitID(rawValue: move.tip.hex)
            var fields = [Field.to: id.rawValue, Field.subject: try repository.commit(move.tip).subject]
            fields[Field.baseTip] = move.base?.hex
            fields.merge(figures.sample) { _, new in new }
            if let count = dropped.behind, count > 0 { fields[Field.dropped] = String(count) }
            try coordinator.ledger.change { [fields] now in
                let record = now[move.worker.key]
                guard !record.isAt(id) else { return [] }
                var fields = fields
                fields[Field.from] = record.tip?.rawValue
                return [coordinator.ledger.event(.tipMoved, worker: move.worker.key, phase: move.worker.phase, fields)]
            }
        }
    }

    private func observe(_ branch: String, _ type: EventType, _ repository: borrowing Repository) throws {
        guard let tip = try repository.baseTip(branch) else { return }
        let id = CommitID(rawValue: tip.hex)
        let ledger = coordinator.ledger
        guard try ledger.refresh().baseTips[branch] != id else { return }
        try ledger.change { now in
            guard now.baseTips[branch] != id else { return [] }
            var fields = [Field.branch: branch, Field.to: id.rawValue]
            fields[Field.from] = now.baseTips[branch]?.rawValue
            return [ledger.event(type, worker: nil, phase: coordinator.phase, fields)]
        }
    }
}

extension BranchFigures {
    /// What an entry about a moved tip holds of them; a figure that could not be found out is left out.
    fileprivate var sample: [String: String] {
        let numbers = [
            Field.ownCommits: ownCommits, Field.ahead: ahead, Field.behind: behind, Field.inserted: changes?.insertions,
            Field.deleted: changes?.deletions, Field.testsAdded: changes?.testsAdded,
        ]
        return numbers.compactMapValues { $0.map(String.init) }
    }
}
