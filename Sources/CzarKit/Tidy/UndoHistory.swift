import CzarPlanning

/// The journal as a list of actions that can be undone: which entries belong together, and which were undone already.
struct UndoHistory {
    private let entries: [JournalEntry]
    /// The sequence numbers that UNDONE entries name, with that entry's own.
    private let undone: [Int64: Int64]
    /// Entries that an undo or a withdrawal wrote on its way.
    private let inverses: Set<Int64>

    /// - Complexity: O(entries).
    init(_ entries: [JournalEntry]) {
        self.entries = entries
        var undone: [Int64: Int64] = [:]
        var inverses: Set<Int64> = []
        for entry in entries where [.undone, .workerWithdrawn].contains(entry.event.type) {
            if let sequence = entry.event.fields[Field.sequence].flatMap({ Int64($0) }) { undone[sequence] = entry.sequence }
            let count = entry.event.fields[Field.with].flatMap { Int64($0) } ?? 0
            inverses.formUnion(entry.sequence - count..<entry.sequence)
        }
        for closed in entries where closed.event.type == .phaseClosed {
            guard let by = undone[closed.sequence], let from = closed.event.fields[Field.from].flatMap({ Int64($0) }) else { continue }
            // Closings of the same phase before it, of which it took back what they removed.
            for earlier in entries
            where earlier.event.type == .phaseClosed && earlier.event.phase == closed.event.phase
                && (from..<closed.sequence).contains(earlier.sequence)
            {
                undone[earlier.sequence] = undone[earlier.sequence] ?? by
            }
        }
        (self.undone, self.inverses) = (undone, inverses)
    }

    /// Entries of one action, oldest first.
    struct Action {
        let entries: [JournalEntry]

        var first: JournalEntry { entries[0] }
        var sequence: Int64 { first.sequence }
        var last: Int64 { entries[entries.count - 1].sequence }
        func holds(_ type: EventType) -> Bool { entries.contains { $0.event.type == type } }
        func fields(_ type: EventType) -> [String: String] { entries.first { $0.event.type == type }?.event.fields ?? [:] }
        /// The fields of all; of equal names the older entry's.
        var fields: [String: String] { entries.reduce(into: [:]) { $0.merge($1.event.fields) { old, _ in old } } }
    }

    private static let undoable: Set<EventType> = [
        .branchCreated, .branchAdopted, .worktreeCreated, .worktreeRemoved, .branchDeleted, .rebound, .committed, .approved,
        .stateChanged, .phaseClosed, .workerAdded, .workerWithdrawn,
    ]
    /// Types that are written in one transaction for one worker.
    private static let groups: [Set<EventType>] = [
        [.branchCreated, .branchAdopted, .rebound, .worktreeCreated], [.worktreeRemoved, .branchDeleted],
    ]

    /// The action that an entry belongs to, or the last one of an operator.
    func action(_ sequence: Int64?) throws(UndoError) -> Action {
        guard let sequence else {
            let found = entries.last { isCandidate($0) }
            guard let found else { throw .nothing }
            return action(of: found)
        }
        guard let entry = entries.first(where: { $0.sequence == sequence }) else { throw .noSuchEntry(sequence: sequence) }
        guard Self.undoable.contains(entry.event.type), isAboutSomething(entry) else {
            throw .notUndoable(sequence: sequence, what: "\(entry.event.type), which has no inverse")
        }
        if inverses.contains(sequence) { throw .notUndoable(sequence: sequence, what: "part of an undo; run the command again instead") }
        if isFinding(entry) { throw .notUndoable(sequence: sequence, what: "where doctor has found a worktree that was moved") }
        let action = action(of: entry)
        if let by = action.entries.compactMap({ undone[$0.sequence] }).first { throw .undoneAlready(sequence: sequence, by: by) }
        return action
    }

    /// How many creations or removals come right before another one, with nothing else in between that could be undone: what one command
    /// did for several workers is recorded for each of them.
    func more(before action: Action) -> Int {
        guard let group = Self.groups.first(where: { $0.contains(action.first.event.type) }) else { return 0 }
        var (count, earliest) = (0, action.sequence)
        for entry in entries.reversed() where entry.sequence < earliest && isCandidate(entry) {
            let other = self.action(of: entry)
            guard group.contains(other.first.event.type) else { break }
            (count, earliest) = (count + 1, other.sequence)
        }
        return count
    }

    private func isCandidate(_ entry: JournalEntry) -> Bool {
        guard entry.event.actor == "cli", isAboutSomething(entry), Self.undoable.contains(entry.event.type) else { return false }
        return !inverses.contains(entry.sequence) && !isFinding(entry) && !isUndone(action(of: entry))
    }

    /// A worktree that was moved was found at its new place: nothing was made there.
    private func isFinding(_ entry: JournalEntry) -> Bool {
        entry.event.type == .worktreeCreated && entry.event.fields[Field.moved] != nil
    }

    /// The closing of a phase that removed what an entry removed, and was not undone.
    func openCloseout(of sequence: Int64) -> Int64? {
        let phase = entries.first { $0.sequence == sequence }?.event.phase
        return entries.last { entry in
            guard entry.event.type == .phaseClosed, entry.event.phase == phase, undone[entry.sequence] == nil,
                let from = entry.event.fields[Field.from].flatMap({ Int64($0) })
            else { return false }
            return (from..<entry.sequence).contains(sequence)
        }?.sequence
    }

    func isUndone(_ entry: JournalEntry) -> Bool { undone[entry.sequence] != nil }

    private func isUndone(_ action: Action) -> Bool { action.entries.contains { undone[$0.sequence] != nil } }

    /// A worker; closing a phase is about all of its workers.
    private func isAboutSomething(_ entry: JournalEntry) -> Bool { entry.event.key != nil || entry.event.type == .phaseClosed }

    /// The removals of a phase's workers among these entries that were not undone, oldest first.
    func removals(in range: Range<Int64>, phase: PhaseID) -> [Action] {
        var seen: Set<Int64> = []
        return entries.filter { entry in
            range.contains(entry.sequence) && entry.event.phase == phase && entry.event.key != nil
                && [.worktreeRemoved, .branchDeleted].contains(entry.event.type) && !inverses.contains(entry.sequence)
        }.compactMap { entry in
            let action = action(of: entry)
            return seen.insert(action.sequence).inserted && !isUndone(action) ? action : nil
        }
    }

    private func action(of entry: JournalEntry) -> Action {
        if entry.event.type == .stateChanged { return Action(entries: moves(with: entry)) }
        guard let group = Self.groups.first(where: { $0.contains(entry.event.type) }) else { return Action(entries: [entry]) }
        // One transaction gives consecutive numbers and one actor; at most two entries belong together.
        let near = entries.filter { other in
            abs(other.sequence - entry.sequence) <= 1 && other.event.key == entry.event.key && group.contains(other.event.type)
                && (other.sequence == entry.sequence || other.event.type != entry.event.type)
                && !inverses.contains(other.sequence)
        }
        return Action(entries: near)
    }

    /// The moves by which one command brought a worker from one state to another: those of one transaction, and where a person's worker was
    /// started, those that made it ready before its worktree was made.
    private func moves(with entry: JournalEntry) -> [JournalEntry] {
        guard let index = index(of: entry.sequence) else { return [entry] }
        let found = transaction(around: index)
        if let earlier = self.index(ofMoveOf: entry, before: found.lowerBound), isStartOfPerson(earlier, found.lowerBound) {
            return Array(entries[transaction(around: earlier)] + entries[found])
        }
        let later = entries[found.upperBound...].firstIndex { isMove($0, of: entry) }
        if let later, isStartOfPerson(found.upperBound - 1, later) {
            return Array(entries[found] + entries[transaction(around: later)])
        }
        return Array(entries[found])
    }

    /// Consecutive moves of one worker at one moment.
    private func transaction(around index: Int) -> Range<Int> {
        var (first, end) = (index, index + 1)
        while first > 0, isOneStep(entries[first - 1], entries[first]) { first -= 1 }
        while end < entries.count, isOneStep(entries[end - 1], entries[end]) { end += 1 }
        return first..<end
    }

    private func isOneStep(_ one: JournalEntry, _ next: JournalEntry) -> Bool {
        next.sequence == one.sequence + 1 && isMove(one, of: next) && next.event.type == .stateChanged && one.event.time == next.event.time
            && one.event.actor == next.event.actor && one.event.fields[Field.to] == next.event.fields[Field.from]
            && inverses.contains(one.sequence) == inverses.contains(next.sequence)
    }

    /// Whether one move made a worker ready, and the next one is a person's start, by the same hand.
    private func isStartOfPerson(_ one: Int, _ next: Int) -> Bool {
        let (ready, start) = (entries[one], entries[next])
        return ready.event.fields[Field.to] == WorkerState.ready.rawValue && start.event.fields[Field.from] == WorkerState.ready.rawValue
            && start.event.fields[Field.to] == WorkerState.starting.rawValue && start.event.fields[Field.person] == "true"
            && ready.event.actor == start.event.actor && !inverses.contains(ready.sequence)
    }

    private func isMove(_ entry: JournalEntry, of other: JournalEntry) -> Bool {
        entry.event.type == .stateChanged && entry.event.key == other.event.key
    }

    private func index(ofMoveOf entry: JournalEntry, before end: Int) -> Int? { entries[..<end].lastIndex { isMove($0, of: entry) } }

    /// - Complexity: O(log entries).
    private func index(of sequence: Int64) -> Int? {
        var (low, high) = (0, entries.count)
        while low < high {
            let middle = (low + high) / 2
            if entries[middle].sequence < sequence { low = middle + 1 } else { high = middle }
        }
        return low < entries.count && entries[low].sequence == sequence ? low : nil
    }

    /// What was recorded of the worker before an entry.
    func record(of key: WorkerKey, before sequence: Int64) -> WorkerRecord {
        var record = WorkerRecord(key: key)
        for entry in entries where entry.sequence < sequence && entry.event.key == key { record.apply(entry) }
        return record
    }

    /// Whether since an action only the rules have moved the worker, and not farther than to `ready` or `blocked`: that followed from it.
    func isFollowedByRulesAlone(_ action: Action, of key: WorkerKey) -> Bool {
        let since = entries.filter { $0.sequence > action.last && isStanding($0, of: key) }
        let calm = [WorkerState.pending, .ready, .blocked].map(\.rawValue)
        return since.allSatisfy { ["daemon", "rules"].contains($0.event.actor) && calm.contains($0.event.fields[Field.to] ?? "") }
    }

    /// The worker's newest change of state; what was undone, and its undoing, cancel each other out.
    func newestStateChange(of key: WorkerKey) -> JournalEntry? { entries.last { isStanding($0, of: key) } }

    private func isStanding(_ entry: JournalEntry, of key: WorkerKey) -> Bool {
        entry.event.key == key && entry.event.type == .stateChanged && !inverses.contains(entry.sequence)
            && !isUndone(action(of: entry))
    }

    /// The worker's newest entry of the type that was not undone.
    func newestStanding(_ type: EventType, of key: WorkerKey) -> JournalEntry? {
        entries.last { $0.event.key == key && $0.event.type == type && !isUndone($0) }
    }

    /// The worker's newest entry of the type before an entry.
    func newest(_ type: EventType, of key: WorkerKey, before sequence: Int64, where matches: (Event) -> Bool) -> JournalEntry? {
        entries.last { $0.sequence < sequence && $0.event.key == key && $0.event.type == type && matches($0.event) }
    }
}
