import CzarGit
import CzarPlanning

/// Takes a worker that `czar add` defined out of the plan, once its branch is gone and nothing of its own was ever on it.
package struct Withdrawal {
    private let coordinator: Coordinator

    package init(_ coordinator: Coordinator) { self.coordinator = coordinator }

    /// Whether the worker is to leave the plan once its branch has gone, as far as that can be told before. Whoever finishes a removal that
    /// was cut off goes by it.
    func mayFollow(_ key: WorkerKey, _ survey: WorkspaceRemover.Survey) throws -> Bool {
        guard coordinator.plan[key.id]?.key == key, try coordinator.project.planFile("workers/\(key.id).yaml") != nil,
            survey.creation.forkPoint?.rawValue == survey.tip?.hex, try coordinator.ledger.refresh()[key].state != .complete
        else { return false }
        return UndoHistory(try coordinator.ledger.journal.entries()).standingAddition(of: key) != nil
    }

    /// What was done, in a sentence; nil where the worker stays: the plan's main file has it, somebody has changed its files or depends on it, or
    /// it did something.
    /// - Complexity: O(entries of the journal).
    package func withdraw(_ key: WorkerKey) throws -> String? {
        guard coordinator.plan[key.id]?.key == key else { return nil }
        let history = UndoHistory(try coordinator.ledger.journal.entries())
        guard let added = history.standingAddition(of: key) else { return nil }
        do {
            return try AdditionUndo(coordinator).withdraw(key, added, after: history.removal(of: key, in: added.sequence..<Int64.max))
        } catch let error as UndoError {
            guard case .depends = error else { throw error }
            return nil
        }
    }
}

extension UndoHistory {
    /// The worker's addition, unless it was undone or withdrawn.
    func standingAddition(of key: WorkerKey) -> JournalEntry? {
        guard let added = newestStanding(.workerAdded, of: key) else { return nil }
        if let withdrawn = newestStanding(.workerWithdrawn, of: key), withdrawn.sequence > added.sequence { return nil }
        return added
    }

    /// The worker's newest removal.
    func removal(of key: WorkerKey, in range: Range<Int64>) -> Action? {
        removals(in: range, phase: key.phase).last { $0.first.event.key == key }
    }

    /// The removal that a withdrawal came with.
    fileprivate func removal(before withdrawal: JournalEntry) -> Action? {
        guard let key = withdrawal.event.key, let first = withdrawal.event.fields[Field.removal].flatMap({ Int64($0) }) else { return nil }
        return removal(of: key, in: first..<withdrawal.sequence)
    }
}

/// The inverse of a withdrawal and of the removal that it came with: the worktree, then the state, then the worker's files, so that nobody starts a
/// worker of which half is there.
struct WithdrawalUndo {
    private let coordinator: Coordinator
    private let history: UndoHistory

    init(_ coordinator: Coordinator, _ history: UndoHistory) { (self.coordinator, self.history) = (coordinator, history) }

    /// `undoRemoval` brings worktree and branch back.
    ///
    /// Throws ``UndoError`` when the plan cannot have the worker again, or somebody's own files are in the places of its own; nothing has changed
    /// then.
    func undo(
        _ key: WorkerKey, _ entry: JournalEntry, undoRemoval: (UndoHistory.Action) throws -> String
    ) throws -> String {
        let texts = AddedFile.all(of: key.id).compactMap { file in entry.event.fields[file.field].map { (name: file.name, text: $0) } }
        return try coordinator.project.withLock("add") {
            try check(texts, entry)
            let back = try history.removal(before: entry).map { try undoRemoval($0) + "; " } ?? ""
            let held = WithdrawnFiles(coordinator.project)
            try held.hold(texts, of: key)
            try record(key, entry)
            let state = try coordinator.ledger.refresh()
            try held.settle(key, state)
            // Now that its brief is there again.
            try WorkspaceFiles(project: coordinator.project, plan: PlanSource(coordinator.project).readOrAccepted().reading.plan)
                .refreshIdentities(state)
            return back + "'\(key.id)' is in the plan again: \(texts.map { "'workers/\($0.name)'" }.joined(separator: " and ")) "
                + (texts.count == 1 ? "is back" : "are back")
        }
    }

    private func check(_ texts: [(name: String, text: String)], _ entry: JournalEntry) throws {
        let folder = try coordinator.project.openWorkersFolder()
        for (name, text) in texts {
            if let found = try folder.read(name) {
                guard found == Array(text.utf8) else {
                    throw UndoError.depends(sequence: entry.sequence, why: "there is another 'workers/\(name)' now")
                }
            } else if name.hasSuffix(".yaml") {
                let place = coordinator.project.location.isBare ? "czarina" : ".czarina"
                let file = PlanFile(name: "\(place)/workers/\(name)", bytes: Array(text.utf8))
                let problem = try PlanSource(coordinator.project).reading(adding: file).problems.first { $0.severity == .error }
                if let problem { throw UndoError.depends(sequence: entry.sequence, why: "the plan cannot have it: \(problem.message)") }
            }
        }
    }

    /// The state is what it was before the worker went.
    private func record(_ key: WorkerKey, _ entry: JournalEntry) throws {
        let count = entry.event.fields[Field.with].flatMap { Int64($0) } ?? 0
        let before = history.record(of: key, before: entry.sequence - count)
        _ = try coordinator.ledger.change { state in
            var from = state[key].state
            let event = coordinator.ledger.event(.stateChanged, worker: key, phase: key.phase)
            let moves = from == .pending ? Self.moves(back: before) : []
            let changes = moves.map { move in
                defer { from = move.to }
                return event.stateChanged(from: from, move, person: before.person)
            }
            let fields = [
                Field.sequence: String(entry.sequence), Field.what: EventType.workerWithdrawn.rawValue, Field.with: String(changes.count),
            ]
            return changes + [coordinator.ledger.event(.undone, worker: key, phase: key.phase, fields)]
        }
    }

    private static func moves(back record: WorkerRecord) -> [StateMove] {
        let last = StateMove(to: record.state, causes: record.causes, reason: record.reason)
        return switch record.state {
        case .pending, .starting, .complete: []
        case .ready, .blocked, .paused, .failed: [last]
        case .active: [StateMove(to: .ready), StateMove(to: .starting), last]
        }
    }
}
