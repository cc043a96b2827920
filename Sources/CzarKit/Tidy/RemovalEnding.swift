import CzarGit
import CzarPlanning

/// The end of a removal whose worktree is gone: the branch, and the record. Repeatable.
struct RemovalEnding {
    private let coordinator: Coordinator
    private let step: (TidyStep) -> Void

    init(_ coordinator: Coordinator, step: @escaping (TidyStep) -> Void = { _ in }) { (self.coordinator, self.step) = (coordinator, step) }

    private var ledger: Ledger { coordinator.ledger }

    /// What became of the branch.
    enum Branch: Hashable {
        case untouched, deleted
        case stays(why: String)

        var why: String? { if case .stays(let why) = self { why } else { nil } }
    }

    /// `planned`: the fields of REMOVAL_PLANNED.
    /// `isLate`: whether time has passed since the proof, so that it has to be looked at again.
    @discardableResult
    func finish(_ key: WorkerKey, _ planned: [String: String], isLate: Bool = false) throws -> Branch {
        let branch = try deleteBranch(planned, isLate: isLate)
        if let path = planned[Field.path], try !ledger.refresh()[key].ports.isEmpty, try !coordinator.project.isOthers(path) {
            try PortLeases(environment: processEnvironment()).release(path)
        }
        step(.branchDeleted)
        try EventsLog.forget(key, in: ledger.journal)
        try ledger.change { state in
            guard let creation = state[key].creation, state[key].plannedTidying != nil else { return [] }
            return entries(key, creation, planned, isDeleted: branch == .deleted)
        }
        return branch
    }

    /// Deletes the branch that is to go if it is where the proof found it; somebody who moved it since keeps it.
    private func deleteBranch(_ planned: [String: String], isLate: Bool) throws -> Branch {
        guard let branch = planned[Field.branch], let tip = planned[Field.tip].flatMap({ ObjectID(hex: $0) }) else { return .untouched }
        let repository = try coordinator.openCommon()
        guard let found = try repository.branchTip(branch) else { return .deleted }
        guard found == tip else { return .stays(why: "it moved to \(found.short) meanwhile") }
        if let user = try coordinator.project.location.places(using: branch).first {
            return .stays(why: "it is checked out in '\(user)'")
        }
        if isLate, planned[Field.recovery] == nil {
            var history = try KeptHistory(of: repository, excluding: ["refs/heads/" + branch])
            guard try history.reaches(tip, in: repository) else { return .stays(why: "nothing else reaches it any more") }
        }
        try repository.deleteReference("refs/heads/" + branch, expecting: tip)
        return .deleted
    }

    private func entries(
        _ key: WorkerKey, _ creation: WorkerRecord.Creation, _ planned: [String: String], isDeleted: Bool
    ) -> [Event] {
        var events: [Event] = []
        let undoes = planned[Field.sequence]
        if planned[Field.path] != nil {
            var fields = planned.filter {
                [
                    Field.path, Field.name, Field.tip, Field.head, Field.headBranch, Field.unborn, Field.recovery, Field.sparse,
                    Field.operation, Field.ignored, Field.moved,
                ].contains($0.key)
            }
            fields[Field.branch] = creation.branch.rawValue
            events.append(ledger.event(.worktreeRemoved, worker: key, phase: key.phase, fields))
        }
        if isDeleted {
            let proof = [Field.withdraws, Field.tip, Field.recovery, Field.how, Field.target, Field.baseTip, Field.commit]
            var fields = planned.filter { proof.contains($0.key) }
            (fields[Field.branch], fields[Field.base]) = (creation.branch.rawValue, creation.base)
            fields[Field.forkPoint] = creation.forkPoint?.rawValue
            events.append(ledger.event(.branchDeleted, worker: key, phase: key.phase, fields))
        }
        if let undoes {
            let what = [Field.sequence: undoes, Field.what: EventType.worktreeCreated.rawValue, Field.with: String(events.count)]
            events.append(ledger.event(.undone, worker: key, phase: key.phase, what))
        } else if events.isEmpty {
            events.append(ledger.event(.removalAbandoned, worker: key, phase: key.phase, [Field.reason: "the branch moved"]))
        }
        return events
    }
}
