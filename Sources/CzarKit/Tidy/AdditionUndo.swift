import CzarGit
import CzarPlanning

/// The inverse of `czar add`: takes its files away while they are all that there is of the worker.
struct AdditionUndo {
    private let coordinator: Coordinator

    init(_ coordinator: Coordinator) { self.coordinator = coordinator }

    /// A file that is gone was taken away by an undo that was cut off, or by a person.
    ///
    /// `removal`: the last entry of the removal that this completes; undoing that one alone would bring a worktree of nobody back.
    /// Throws ``UndoError`` when something was made of the worker, needs it, or when a file was changed since; nothing has changed then.
    func undo(_ key: WorkerKey, _ entry: JournalEntry, completing removal: UndoHistory.Action? = nil) throws -> String {
        let names = [(Field.definition, "\(key.id).yaml"), (Field.brief, "\(key.id).md")]
        let written = names.compactMap { field, name in entry.event.fields[field].map { (name: name, digest: $0) } }
        try coordinator.project.withLock("add") {
            // In the transaction: who begins to create the worker says so in the journal first.
            _ = try coordinator.ledger.change { state in
                try requireUnused(state[key], entry)
                try requireUnchanged(written, entry)
                let folder = try coordinator.project.openWorkersFolder()
                for file in written { try folder.removeFile(file.name) }
                let moves = toPending(state[key])
                var with = moves.count
                // Only what stands right before is marked as a part of this.
                if let removal, removal.last == state.lastSequence { with += removal.entries.count }
                let fields = [
                    Field.sequence: String(entry.sequence), Field.what: EventType.workerAdded.rawValue, Field.with: String(with),
                ]
                return moves + [coordinator.ledger.event(.undone, worker: key, phase: key.phase, fields)]
            }
        }
        return "'\(key.id)' is no longer in the plan: \(written.map { "'workers/\($0.name)'" }.joined(separator: " and ")) "
            + (written.count == 1 ? "is gone" : "are gone")
    }

    /// A worker that is added again under its name begins as a new one does.
    private func toPending(_ record: WorkerRecord) -> [Event] {
        var from = record.state
        let path: [WorkerState] = from == .pending ? [] : from == .active ? [.paused, .pending] : [.pending]
        return path.map { next in
            defer { from = next }
            return coordinator.ledger.event(.stateChanged, worker: record.key, phase: record.key.phase).stateChanged(
                from: from, StateMove(to: next, reason: "its addition was undone"))
        }
    }

    private func requireUnused(_ record: WorkerRecord, _ entry: JournalEntry) throws {
        let worker = record.key.id
        let why: String?
        // A worker of that id may have been there before.
        let ended = record.attempts.lastEnd.map { $0.time >= entry.event.time } ?? false
        if record.attempts.running != nil || ended && record.creation != nil {
            why = "attempt \(record.attempts.count) was started since"
        } else if let creation = record.creation {
            why = creation.worktree == nil ? "its branch '\(creation.branch)' was made since" : "its worktree was made since"
        } else if record.plannedStart != nil || record.plannedTidying != nil || record.state == .starting
            || record.state == .active && record.formerCreation == nil
        {
            why = "its creation began since"
        } else if record.state == .complete {
            why = "it was completed since"
        } else if let former = record.formerCreation, former.time >= entry.event.time, record.tip != former.forkPoint {
            why = "its branch '\(former.branch)' had commits of its own"
        } else if let other = coordinator.plan.definitions.first(where: { ($0.dependencies + $0.merges).contains(worker) }) {
            why = "'\(other.id)' depends on '\(worker)'"
        } else {
            why = nil
        }
        let first =
            record.attempts.running != nil ? "czar stop \(worker)" : record.creation?.worktree == nil ? nil : "czar remove \(worker)"
        if let why { throw UndoError.depends(sequence: entry.sequence, why: why, first: first) }
    }

    private func requireUnchanged(_ written: [(name: String, digest: String)], _ entry: JournalEntry) throws {
        for file in written {
            guard let bytes = try coordinator.project.planFile("workers/" + file.name) else { continue }
            guard SHA1.hex(of: bytes) == file.digest else {
                throw UndoError.depends(sequence: entry.sequence, why: "'workers/\(file.name)' was changed since")
            }
        }
    }
}
