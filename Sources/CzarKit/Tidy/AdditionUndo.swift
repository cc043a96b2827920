import CzarGit
import CzarPlanning

/// The inverse of `czar add`: takes its files away while they are all that there is of the worker. Their texts stay in the journal.
struct AdditionUndo {
    private let coordinator: Coordinator

    init(_ coordinator: Coordinator) { self.coordinator = coordinator }

    /// A file that is gone was taken away by an undo that was cut off, or by a person.
    ///
    /// Throws ``UndoError`` when something was made of the worker, needs it, or when a file was changed since; nothing has changed then.
    func undo(_ key: WorkerKey, _ entry: JournalEntry) throws -> String {
        try takeAway(key, entry) { texts, moves in
            let fields = [
                Field.sequence: String(entry.sequence), Field.what: EventType.workerAdded.rawValue, Field.with: String(moves),
            ]
            return coordinator.ledger.event(.undone, worker: key, phase: key.phase, texts.merging(fields) { _, new in new })
        }
    }

    /// The same as an action of its own, after a removal that left nothing of the worker; `removal`: where there was one.
    func withdraw(_ key: WorkerKey, _ entry: JournalEntry, after removal: UndoHistory.Action?) throws -> String {
        try takeAway(key, entry) { texts, moves in
            var fields = texts.merging([Field.with: String(moves)]) { _, new in new }
            fields[Field.removal] = removal.map { String($0.sequence) }
            return coordinator.ledger.event(.workerWithdrawn, worker: key, phase: key.phase, fields)
        }
    }

    /// `record`: makes the entry of it from the texts of the files and the number of moves right before it.
    private func takeAway(
        _ key: WorkerKey, _ entry: JournalEntry, _ record: @Sendable ([String: String], Int) -> Event
    ) throws -> String {
        let written = AddedFile.all(of: key.id).compactMap { file in entry.event.fields[file.field].map { (file: file, digest: $0) } }
        return try coordinator.project.withLock("add") {
            // Whoever held the lock before may have done it: a second entry would hold no texts.
            if try coordinator.ledger.refresh()[key].isWithdrawn, try coordinator.project.addedFiles(of: key.id).isEmpty {
                return Self.sentence(key.id)
            }
            let texts = try texts(written, entry)
            let held = WithdrawnFiles(coordinator.project)
            try held.hold(written.compactMap { file, _ in texts[file.field].map { (name: file.name, text: $0) } }, of: key)
            do {
                // In the transaction: who begins to create the worker says so in the journal first.
                _ = try coordinator.ledger.change { state in
                    try requireUnused(state[key], entry)
                    let folder = try coordinator.project.openWorkersFolder()
                    for file in written { try folder.removeFile(file.file.name) }
                    let moves = toPending(state[key])
                    return moves + [record(texts, moves.count)]
                }
            } catch {
                // The entry may be there all the same.
                try held.settle(key, try coordinator.ledger.refresh())
                throw error
            }
            try held.settle(key, try coordinator.ledger.refresh())
            return Self.sentence(key.id) + ": \(written.map { "'workers/\($0.file.name)'" }.joined(separator: " and ")) "
                + (written.count == 1 ? "is gone" : "are gone")
        }
    }

    static func sentence(_ worker: WorkerID) -> String { "'\(worker)' is no longer in the plan" }

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
        // A removal with the branch takes the worker out of the plan as well.
        let removal = "czar remove \(worker) --branch"
        let first = record.attempts.running != nil ? "czar stop \(worker) && \(removal)" : record.creation == nil ? nil : removal
        if let why { throw UndoError.depends(sequence: entry.sequence, why: why, first: first) }
    }

    /// What the files hold, which must be what was written. One that is gone was taken away by an undo that was cut off, or by a person.
    private func texts(_ written: [(file: AddedFile, digest: String)], _ entry: JournalEntry) throws -> [String: String] {
        var texts: [String: String] = [:]
        for (file, digest) in written {
            guard let bytes = try coordinator.project.planFile("workers/" + file.name) else { continue }
            guard SHA1.hex(of: bytes) == digest else {
                throw UndoError.depends(sequence: entry.sequence, why: "'workers/\(file.name)' was changed since")
            }
            texts[file.field] = String(decoding: bytes, as: UTF8.self)
        }
        return texts
    }
}

/// A file that `czar add` writes for a worker, and the field of the journal that tells of it.
struct AddedFile {
    let field: String
    let name: String

    static func all(of worker: WorkerID) -> [AddedFile] {
        [AddedFile(field: Field.definition, name: "\(worker).yaml"), AddedFile(field: Field.brief, name: "\(worker).md")]
    }
}

extension ProjectLayout {
    /// Those of a worker's files that are there.
    func addedFiles(of worker: WorkerID) throws -> [AddedFile] {
        try AddedFile.all(of: worker).filter { try planFile("workers/" + $0.name) != nil }
    }
}
