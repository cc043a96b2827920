import CzarGit
import CzarPlanning

/// Records where branches point: an entry for each worker's tip and each base that moved since it was last recorded.
struct TipObserver {
    private let coordinator: Coordinator

    init(_ coordinator: Coordinator) { self.coordinator = coordinator }

    /// - Complexity: O(workers), one reference look-up each.
    func observe() throws {
        let ledger = coordinator.ledger
        let repository = try coordinator.openRepository()
        let state = try ledger.refresh()
        var bases: Set<String> = []
        for worker in coordinator.plan.definitions {
            guard let creation = state[worker.key].creation else { continue }
            bases.insert(creation.base)
            guard let tip = try repository.branchTip(creation.branch.rawValue) else { continue }
            let id = CommitID(rawValue: tip.hex)
            guard state[worker.key].tip != id else { continue }
            let subject = try repository.commit(tip).subject
            try ledger.change { now in
                guard now[worker.key].tip != id else { return [] }
                var fields = [Field.to: id.rawValue, Field.subject: subject]
                fields[Field.from] = now[worker.key].tip?.rawValue
                return [ledger.event(.tipMoved, worker: worker.key, phase: worker.phase, fields)]
            }
        }
        for base in bases.sorted() { try observeBase(base, repository) }
    }

    private func observeBase(_ base: String, _ repository: borrowing Repository) throws {
        guard let tip = try repository.branchTip(base) else { return }
        let id = CommitID(rawValue: tip.hex)
        let ledger = coordinator.ledger
        guard try ledger.refresh().baseTips[base] != id else { return }
        try ledger.change { now in
            guard now.baseTips[base] != id else { return [] }
            var fields = [Field.branch: base, Field.to: id.rawValue]
            fields[Field.from] = now.baseTips[base]?.rawValue
            return [ledger.event(.baseMoved, worker: nil, phase: coordinator.phase, fields)]
        }
    }
}
