import CzarGit
import CzarPlanning

/// Completes or rolls back what commands that died in the middle of a removal, an addition or an undo have left.
package struct InterruptedTidying {
    private let coordinator: Coordinator

    package init(_ coordinator: Coordinator) { self.coordinator = coordinator }

    /// `withdrawing`: also takes workers out of the plan whose removal said so and ended before that; not for who goes on with the plan that
    /// it has read.
    /// - Returns: a sentence for each thing that was mended; none where another command is at work.
    /// - Complexity: O(workers) where nothing was cut off.
    package func finish(withdrawing: Bool = false) throws -> [String] { try outcomes(withdrawing: withdrawing).map(\.sentence) }

    /// The same, each with what ``Undoer`` has to know of it.
    package func outcomes(withdrawing: Bool = false) throws -> [Outcome] {
        let recovered = try coordinator.project.location.recoverStaging()
        try recordCreations(completed: recovered.compactMap { if case .completed(_, let path) = $0 { path } else { nil } })
        return recovered.compactMap(\.sentence).map { Outcome(sentence: $0) } + (try finishPlanned(withdrawing: withdrawing))
    }

    /// Ends workers' creations whose worktrees are there, those that were completed just now and those that were not recorded: else nobody but
    /// git would know of them. What is in the way of that doctor says, and a creation that runs ends by itself.
    private func recordCreations(completed paths: [String]) throws {
        let (state, project) = (try coordinator.ledger.refresh(), coordinator.project)
        let begun = coordinator.plan.definitions.filter { worker in
            let record = state[worker.key]
            return record.plannedTidying == nil && (record.creation == nil || record.plannedStart != nil)
        }
        guard !paths.isEmpty || begun.contains(where: { state[$0.key].plannedStart != nil }) else { return }
        let entries = try project.location.worktrees().filter { $0.problem == nil && !$0.isBeingMade }
        for worker in begun {
            let own = entries.filter { $0.branch == worker.branch.rawValue }.map(\.path)
            let folders = [nil] + paths.map { splitPath($0).folder }
            guard let folder = folders.first(where: { own.contains(project.worktreePath(of: worker, under: $0)) }) else { continue }
            let creator = WorkspaceCreator(coordinator, options: WorkspaceOptions(folder: folder))
            do { _ = try creator.create(worker, waiting: .zero) } catch let error as any Explained where error.kind != .internal {
                continue
            }
        }
    }

    /// What became of something that was cut off.
    package struct Outcome: Hashable, Sendable {
        package let sentence: String
        var isMended = true
        /// The entry whose undoing is complete now.
        var undone: Int64?
    }

    /// The part of ``finish()`` that is about records, not about folders.
    func finishPlanned(withdrawing: Bool) throws -> [Outcome] {
        let commits = InterruptedCommit(coordinator: coordinator)
        let cutOff = try coordinator.ledger.refresh().workers.keys.sorted().compactMap { try commits.finish($0) }.map {
            Outcome(sentence: $0)
        }
        guard try hasPlanned() else { return cutOff }
        do {
            let lock = try coordinator.project.tidyLock(timeout: .zero)
            let outcomes = try finishLocked() + finishReturns() + (withdrawing ? finishWithdrawals() : [])
            lock.hold()
            return cutOff + outcomes
        } catch RemovalError.busy {
            return cutOff
        }
    }

    private func hasPlanned() throws -> Bool {
        try coordinator.ledger.refresh().workers.values.contains { $0.plannedTidying != nil || $0.plannedWithdrawal != nil }
    }

    private func finishLocked() throws -> [Outcome] {
        var outcomes: [Outcome] = []
        for record in try coordinator.ledger.refresh().workers.values.sorted(by: { $0.key.id < $1.key.id }) {
            guard let planned = record.plannedTidying else { continue }
            if planned.isUndo, planned.fields[Field.what] == EventType.rebound.rawValue {
                let history = UndoHistory(try coordinator.ledger.journal.entries())
                let sequence = planned.fields[Field.sequence].flatMap { Int64($0) } ?? 0
                outcomes.append(try RebindUndo(coordinator, history).resume(record.key, sequence))
            } else if planned.isUndo {
                outcomes.append(try RemovalUndo(coordinator).resume(record.key, planned.fields))
            } else {
                outcomes.append(try finishRemoval(record.key, planned.fields))
            }
        }
        return outcomes
    }

    /// Workers whose worktrees are back, and who are not in the plan yet.
    private func finishReturns() throws -> [Outcome] {
        var outcomes: [Outcome] = []
        for record in try coordinator.ledger.refresh().workers.values.sorted(by: { $0.key.id < $1.key.id }) {
            guard case .comeBack(let sequence)? = record.plannedWithdrawal else { continue }
            let entries = try coordinator.ledger.journal.entries()
            guard let entry = entries.first(where: { $0.sequence == sequence }) else { continue }
            let what = "the interrupted undo of entry \(sequence)"
            do {
                let done = try WithdrawalUndo(coordinator, UndoHistory(entries)).undo(record.key, entry) { _ in "" }
                outcomes.append(Outcome(sentence: "\(what) was completed: \(done)", undone: sequence))
            } catch let error as any Explained where error.kind == .busy {
                // Who holds a lock now does not hold it for ever.
                outcomes.append(Outcome(sentence: "\(what) is not finished yet: \(error)", isMended: false))
            } catch let error as any Explained where error.kind != .internal {
                // It would be tried again for ever: the worktree that is back stays, and a removal takes it away again.
                try coordinator.ledger.record(
                    .removalAbandoned, worker: record.key, phase: record.key.phase, [Field.reason: "\(error)"])
                let way = "'czar remove \(record.key.id)' takes its worktree away again"
                outcomes.append(Outcome(sentence: "\(what) cannot be finished: \(error); \(way)", isMended: false))
            }
        }
        return outcomes
    }

    /// Workers of whom nothing is left, and who are in the plan still. It was an operator who asked for that.
    private func finishWithdrawals() throws -> [Outcome] {
        let planned = try coordinator.ledger.refresh().workers.values.filter { $0.plannedWithdrawal == .leave }
        guard !planned.isEmpty else { return [] }
        let repository = try coordinator.openCommon()
        var keys: [WorkerKey] = []
        for record in planned.sorted(by: { $0.key < $1.key }) {
            // Somebody has made the branch again, to go on with the worker.
            guard let branch = record.formerCreation?.branch, try repository.branchTip(branch.rawValue) != nil else {
                keys.append(record.key)
                continue
            }
            let why = "there is a branch '\(branch)' again"
            try coordinator.ledger.record(.removalAbandoned, worker: record.key, phase: record.key.phase, [Field.reason: why])
        }
        let now = try Coordinator(around: coordinator.project.root, actor: "cli", evenWithBrokenPlan: true)
        let outcome = try WithdrawalBatch(now, actor: "cli").withdraw(keys)
        return outcome.withdrawn.sorted { $0.key < $1.key }.map {
            Outcome(sentence: "the interrupted withdrawal was completed: \($0.value)")
        }
            + outcome.refused.sorted { $0.key < $1.key }.map { Outcome(sentence: "\($0.value)") }
    }

    private func finishRemoval(_ key: WorkerKey, _ planned: [String: String]) throws -> Outcome {
        let entries = try coordinator.project.location.worktrees()
        if let name = planned[Field.name], entries.contains(where: { $0.name == name && $0.path == planned[Field.path] }) {
            try coordinator.ledger.record(
                .removalAbandoned, worker: key, phase: key.phase, [Field.reason: "it was interrupted before it began"])
            return Outcome(sentence: "the interrupted removal of '\(key.id)' had changed nothing")
        }
        try RemovalEnding(coordinator).finish(key, planned, isLate: true)
        return Outcome(
            sentence: "the interrupted removal of '\(key.id)' was completed", undone: planned[Field.sequence].flatMap { Int64($0) })
    }
}

extension RecoveredWorktree {
    var sentence: String? {
        switch self {
        case .completed(_, let path): "the interrupted creation of '\(path)' was completed"
        case .removed(let path): "the interrupted work on '\(path)' was rolled back or completed: it is gone"
        case .forgotten: nil
        case .putBack(let path, let found):
            "the interrupted removal of '\(path)' was rolled back; something else had taken its place: see '\(found)'"
        case .kept(let path, let found):
            "of the worktree '\(path)', whose removal was interrupted, what nobody had looked at is kept in '\(found)'"
        case .failed(let path, let reason): "the interrupted work on '\(path)' could not be finished: \(reason)"
        }
    }
}
