import CzarGit
import CzarPlanning

/// Appends the inverse of one action, after it has undone what the action did.
package struct Undoer: Sendable {
    private let coordinator: Coordinator
    private let step: @Sendable (TidyStep) -> Void

    package init(_ coordinator: Coordinator, step: @escaping @Sendable (TidyStep) -> Void = { _ in }) {
        (self.coordinator, self.step) = (coordinator, step)
    }

    /// What was undone.
    package struct Undone: Hashable, Sendable {
        package let sequence: Int64
        /// Nil where a whole phase was opened again.
        package let worker: WorkerID?
        package let what: EventType
        package let sentence: String
        /// How many creations or removals came right before it that the next undoings take back.
        package let more: Int
    }

    private var ledger: Ledger { coordinator.ledger }

    /// `sequence`: the entry; nil for the last action of an operator. `finished`: what ``InterruptedTidying`` has just finished; where that is
    /// the undoing which is asked for once more, it is the answer, and nothing else is taken back.
    /// Throws ``UndoError`` with the reason when later entries depend on it or when it has no inverse; ``RemovalError`` when something
    ///   would be lost. Nothing has changed then.
    /// - Complexity: O(entries of the journal) beside what is undone.
    package func undo(_ sequence: Int64? = nil, finished: [InterruptedTidying.Outcome] = []) throws -> Undone {
        let lock = try coordinator.project.tidyLock()
        let result = Result { try repeated(sequence, finished) ?? undoLocked(sequence) }
        lock.hold()
        return try result.get()
    }

    private func repeated(_ sequence: Int64?, _ finished: [InterruptedTidying.Outcome]) throws -> Undone? {
        guard let outcome = finished.last(where: { $0.undone != nil && (sequence == nil || $0.undone == sequence) }),
            let done = outcome.undone
        else { return nil }
        let entries = try ledger.journal.entries()
        // One worktree of a phase that is being opened again: the others are to follow.
        if sequence == nil, let closed = UndoHistory(entries).openCloseout(of: done) { return try undoLocked(closed) }
        guard let entry = entries.first(where: { $0.sequence == done }) else { return nil }
        return Undone(sequence: done, worker: entry.event.key?.id, what: entry.event.type, sentence: outcome.sentence, more: 0)
    }

    private func undoLocked(_ sequence: Int64?) throws -> Undone {
        let history = UndoHistory(try ledger.journal.entries())
        let action = try history.action(sequence)
        if action.first.event.type == .phaseClosed {
            let sentence = try CloseoutUndo(ledger, history).undo(action.first) { try undoRemoval($0, $1) }
            return Undone(sequence: action.sequence, worker: nil, what: .phaseClosed, sentence: sentence, more: 0)
        }
        guard let key = action.first.event.key else { throw UndoError.notUndoable(sequence: action.sequence, what: "about no worker") }
        let sentence: String
        switch action.first.event.type {
        case .worktreeRemoved, .branchDeleted: sentence = try undoRemoval(key, action)
        case .rebound: sentence = try RebindUndo(coordinator, history).undo(key, action)
        case .branchCreated, .branchAdopted, .worktreeCreated: sentence = try undoCreation(key, action)
        case .workerAdded: sentence = try AdditionUndo(coordinator).undo(key, action.first)
        case .workerWithdrawn:
            sentence = try WithdrawalUndo(coordinator, history).undo(key, action.first) {
                try undoRemoval(key, $0, for: action.sequence)
            }
        case .committed: sentence = try undoCommit(key, action)
        case .approved: sentence = try undoApproval(key, action)
        default: sentence = try StateUndo(coordinator, history).undo(key, action)
        }
        // Without a number the newest goes first, so the next undo takes the one before.
        let more = sequence == nil ? history.more(before: action) : 0
        return Undone(sequence: action.sequence, worker: key.id, what: action.first.event.type, sentence: sentence, more: more)
    }

    /// `withdrawal`: the entry of the withdrawal that is undone with it.
    private func undoRemoval(_ key: WorkerKey, _ action: UndoHistory.Action, for withdrawal: Int64? = nil) throws -> String {
        var fields = action.fields
        fields[Field.withdraws] = nil
        fields[Field.withdrawal] = withdrawal.map(String.init)
        let isDeleted = action.holds(.branchDeleted)
        fields[Field.what] = (isDeleted ? EventType.branchDeleted : .worktreeRemoved).rawValue
        fields[Field.sequence] = String(action.sequence)
        if isDeleted { fields.merge(action.fields(.branchDeleted).filter { $0.key == Field.branch }) { _, new in new } }
        let unfiltered: [String: Int]
        (fields, unfiltered) = try RemovalUndo(coordinator, step: step).undo(key, fields)
        let notes = unfiltered.filterSentences.map { "; " + $0 }.joined()
        let ignored = fields[Field.ignored].map { "; ignored files are not back: \($0)" } ?? ""
        return "'\(key.id)' is back" + (fields[Field.path].map { " in \($0)" } ?? "") + (try operation(fields)) + ignored + notes
    }

    /// What became of an operation that was in progress in a removed worktree.
    private func operation(_ fields: [String: String]) throws -> String {
        guard let name = fields[Field.operation] else { return "" }
        let entry = try coordinator.project.location.worktrees().first { $0.path == fields[Field.path] }
        if let entry, OperationInProgress.inProgress(gitDirectory: entry.gitDirectory)?.description == name {
            return "; the \(name) that was in progress can go on"
        }
        let repository = try coordinator.openCommon()
        let recovery = try fields[Field.recovery].flatMap { try repository.recovery($0) }
        let kept = try recovery.flatMap { try repository.keptOperation(in: $0) }
        return "; the \(name) that was in progress is not resumed" + (kept.map { ", 'git ls-tree -r \($0)' names its files" } ?? "")
    }

    private func undoCreation(_ key: WorkerKey, _ action: UndoHistory.Action) throws -> String {
        let record = try ledger.refresh()[key]
        let start = action.entries[0].event.time
        if let end = record.attempts.lastEnd, end.time >= start {
            throw UndoError.depends(sequence: action.sequence, why: "attempt \(end.number) ran there")
        }
        if [.starting, .active, .complete].contains(record.state) {
            // Stopping is an action of its own, which an undo would take back first.
            let name = "\(key.id)" + coordinator.phaseOption(of: key)
            let removal = "czar remove \(name)" + (action.holds(.branchCreated) ? " --branch" : "")
            let first = record.state == .complete ? nil : "czar stop \(name) && \(removal)"
            throw UndoError.depends(sequence: action.sequence, why: "'\(key.id)' is \(record.state) there", first: first)
        }
        guard record.creation?.worktree != nil else {
            throw UndoError.depends(sequence: action.sequence, why: "the worktree was removed since")
        }
        var options = RemovalOptions(branch: action.holds(.branchCreated))
        options.undoes = action.sequence
        let removed = try WorkspaceRemover(coordinator, options: options, step: step).remove(key)
        return "'\(key.id)' is as before its creation" + (removed.branchDeleted ? ": worktree and branch are gone" : "; its branch stays")
            + (removed.recovery.map { "; kept in \($0)" } ?? "")
    }

    /// The branch goes back by compare-and-swap; index and files stay, so the work is staged again.
    private func undoCommit(_ key: WorkerKey, _ action: UndoHistory.Action) throws -> String {
        let sequence = action.sequence
        let record = try ledger.refresh()[key]
        // A copied journal names the original's worktree, and the branch that is found there is the original's.
        try OthersWorktree.refuse(record, coordinator.project)
        guard let commit = action.fields[Field.commit].flatMap({ ObjectID(hex: $0) }), let creation = record.creation else {
            throw UndoError.depends(sequence: sequence, why: "the worker has no branch any more")
        }
        let branch = creation.branch.rawValue
        let repository =
            try creation.worktree.flatMap { FileKind(at: $0) == .folder ? try Repository(opening: $0) : nil }
            ?? coordinator.openCommon()
        guard let parent = try repository.commit(commit).parents.first else {
            throw UndoError.notUndoable(sequence: sequence, what: "a commit without a parent")
        }
        let tip = try repository.branchTip(branch)
        // Already there: an earlier undo was cut off before it could say so.
        if tip != parent {
            guard tip == commit else {
                throw UndoError.depends(sequence: sequence, why: "the branch '\(branch)' has moved on from \(commit.short)")
            }
            try requireNobodyHas(commit, branch, record, sequence, repository)
            try requireStaging(of: branch, in: creation.worktree, key, sequence)
            try repository.updateReference("refs/heads/" + branch, from: commit, to: parent, message: "czar undo: moving to \(parent.hex)")
        }
        try ledger.change { _ in
            let moved = [Field.from: commit.hex, Field.to: parent.hex, Field.subject: "undo of a commit"]
            let undone = [
                Field.sequence: String(sequence), Field.what: EventType.committed.rawValue, Field.tip: parent.hex, Field.commit: commit.hex,
                Field.with: "1",
            ]
            return [
                ledger.event(.tipMoved, worker: key, phase: key.phase, moved), ledger.event(.undone, worker: key, phase: key.phase, undone),
            ]
        }
        return "the branch '\(branch)' is at \(parent.short) again; what \(commit.short) changed is staged"
    }

    /// What the commit changed is kept by the index of the worktree that has the branch checked out, and by nothing else.
    private func requireStaging(of branch: String, in worktree: String?, _ key: WorkerKey, _ sequence: Int64) throws {
        let entry = try worktree.flatMap { path in try coordinator.project.location.worktrees().first { $0.path == path } }
        if let entry, entry.problem == nil, entry.branch == branch { return }
        let name = "\(key.id)" + coordinator.phaseOption(of: key)
        guard let worktree, let entry, entry.problem == nil else {
            let moved = try MovedWorktree.place(of: ledger.refresh()[key], coordinator.project)
            let why =
                moved.map { "the worktree of '\(key.id)' was moved to '\($0)'" }
                ?? "there is no worktree of '\(key.id)' in which its changes could be staged"
            throw UndoError.depends(sequence: sequence, why: why, first: moved == nil ? "czar create \(name)" : "czar doctor --repair")
        }
        let found = entry.branch.map { "'\($0)'" } ?? "no branch"
        throw UndoError.depends(
            sequence: sequence, why: "the worktree '\(worktree)' has \(found) checked out, and not '\(branch)'",
            first: "\(BranchMend.git(in: worktree)) switch \(ShellText.word(branch))")
    }

    private func requireNobodyHas(
        _ commit: ObjectID, _ branch: String, _ record: WorkerRecord, _ sequence: Int64, _ repository: borrowing Repository
    ) throws {
        if record.completedTip?.rawValue == commit.hex, record.state == .complete {
            throw UndoError.depends(
                sequence: sequence,
                why:
                    "the worker was declared complete with it; czar reopen \(record.key.id)\(coordinator.phaseOption(of: record.key)) first"
            )
        }
        if record.attempts.running != nil {
            throw UndoError.depends(
                sequence: sequence, why: "its command runs; czar stop \(record.key.id)\(coordinator.phaseOption(of: record.key)) first")
        }
        let references = try repository.references(matching: "refs/*").filter { $0.name != "refs/heads/" + branch }
        let tips = try references.map { ($0.name, try repository.peeledCommit($0.target)) }.compactMap { name, tip in tip.map { (name, $0) }
        }
        let graph = try CommitGraph(of: repository, tips: [commit] + tips.map(\.1))
        if let found = try graph.tips(tips.map(\.1), containing: commit).first {
            let name = tips[found].0
            let why = name.hasPrefix("refs/remotes/") ? "it left the machine: '\(name)' contains it" : "'\(name)' contains it"
            throw UndoError.depends(sequence: sequence, why: why)
        }
    }

    private func undoApproval(_ key: WorkerKey, _ action: UndoHistory.Action) throws -> String {
        try ledger.change { state in
            guard state[key].approved else { throw UndoError.depends(sequence: action.sequence, why: "the worker was started with it") }
            let fields = [Field.sequence: String(action.sequence), Field.what: EventType.approved.rawValue, Field.with: "0"]
            return [ledger.event(.undone, worker: key, phase: key.phase, fields)]
        }
        return "'\(key.id)' waits for approval again"
    }
}
