import CzarGit
import CzarPlanning

/// Looks up in Git what a worker's proof of completion needs.
package struct ProofReader {
    private let coordinator: Coordinator

    package init(_ coordinator: Coordinator) { self.coordinator = coordinator }

    /// - Complexity: O(files of the worktree) plus the history between the branch and its base.
    package func facts(_ worker: WorkerDefinition, _ record: WorkerRecord, state: ProjectState) throws -> ProofFacts {
        var facts = try found(worker, record, state)
        let isAnothers = state.isAnothers(facts.worktree?.branch, than: worker.key)
        facts.worktree?.isAnothers = isAnothers
        return facts
    }

    private func found(_ worker: WorkerDefinition, _ record: WorkerRecord, _ state: ProjectState) throws -> ProofFacts {
        // What it is compared with and has to contain is what the plan of its own phase says.
        let own = try coordinator.about(worker.key)
        guard own === coordinator else {
            var facts = try ProofReader(own).facts(worker, record, state: state)
            facts.absence = record.creation?.worktree == nil ? .removed : .vanished
            return facts
        }
        guard let creation = record.creation else { return ProofFacts(tip: nil) }
        let repository = try coordinator.openRepository()
        guard let tip = try repository.branchTip(creation.branch.rawValue) else {
            var facts = ProofFacts(tip: nil, worktree: try headAlone(record))
            facts.lastTip = try LostBranch(record, coordinator)?.lastTip()
            return facts
        }
        let figures = try FiguresReader(
            project: coordinator.project, plan: coordinator.plan, base: coordinator.base, history: coordinator.history
        )
        .history(of: worker, record, tip: tip, repository)
        var facts = ProofFacts(
            tip: CommitID(rawValue: tip.hex), ownCommits: figures.ownCommits ?? 0, worktree: try worktree(record),
            missingMerges: try missingMerges(worker, tip: tip, state: state, repository),
            lostForkPoint: try lostForkPoint(worker, creation, tip: tip))
        facts.base = CommitID(rawValue: figures.base.hex)
        return facts
    }

    /// A rebase onto a base that has moved keeps the fork point; a branch that lost it was made anew, and nothing says what is its own.
    private func lostForkPoint(_ worker: WorkerDefinition, _ creation: WorkerRecord.Creation, tip: ObjectID) throws -> CommitID? {
        guard let fork = ObjectID(creation.forkPoint) else { return nil }
        let found = try coordinator.history.figures(of: [BranchQuestion(tip: fork, base: tip)], content: false)[0]
        guard let ahead = found.ahead else {
            throw FiguresError(branch: worker.id.rawValue, reason: found.problem ?? "its history is unknown")
        }
        return ahead == 0 ? nil : creation.forkPoint
    }

    /// Where the worktree is, for a branch that is gone: the rest proves nothing.
    private func headAlone(_ record: WorkerRecord) throws -> ProofFacts.Worktree? {
        guard let path = try ownPath(record) else { return nil }
        return ProofFacts.Worktree(branch: try MovedWorktree.open(path, of: record).head().branchName)
    }

    /// Nil where it is not there.
    /// - Throws: ``OperationError/othersWorktree(worker:path:way:)``: that of another repository proves nothing.
    private func ownPath(_ record: WorkerRecord) throws -> String? {
        let project = coordinator.project
        guard let path = try MovedWorktree.path(of: record, project), FileKind(at: path) == .folder else { return nil }
        if try project.isOthers(path) { throw try OthersWorktree.error(record, path, project) }
        return path
    }

    private func worktree(_ record: WorkerRecord) throws -> ProofFacts.Worktree? {
        guard let path = try ownPath(record) else { return nil }
        let tree = try MovedWorktree.open(path, of: record)
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
        for id in worker.merges {
            guard let other = coordinator.plan[id] else { continue }
            let record = state[other.key]
            let recorded = (record.completedTip ?? record.tip).flatMap { ObjectID(hex: $0.rawValue) }
            // What is still being worked on cannot be contained yet, however little there is of it.
            if record.creation != nil, record.state != .complete {
                missing.append(id)
                continue
            }
            let branch = record.creation?.branch ?? other.branch
            guard let source = try recorded ?? repository.branchTip(branch.rawValue) else {
                missing.append(id)
                continue
            }
            let asked = BranchQuestion(
                tip: source, base: tip, forkPoint: ObjectID((record.creation ?? record.formerCreation)?.forkPoint), target: tip)
            let found = try coordinator.history.figures(of: [asked], content: false)[0]
            guard let ahead = found.ahead, let integration = found.integration else {
                throw FiguresError(branch: id.rawValue, reason: found.problem ?? "its history is unknown")
            }
            // A tip that the branch reaches is there, also where it has no commits of its own.
            if ahead > 0, integration.state == .no || integration.state == .reverted { missing.append(id) }
        }
        return missing
    }
}

extension ProofFacts {
    /// What the entry of a completion holds: the tip that was proven, and the base's tip by which its own commits were told.
    func completion(at tip: CommitID) -> [String: String] {
        var fields = [Field.tip: tip.rawValue]
        fields[Field.baseTip] = base?.rawValue
        return fields
    }
}
