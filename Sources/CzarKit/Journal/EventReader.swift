import CzarGit
import CzarPlanning

/// Reads the journal for `czar events`, and goes on reading as it grows.
package struct EventReader: Sendable {
    private let project: ProjectLayout
    private let place: JournalPlace

    package init(around path: String) throws {
        project = try ProjectLayout(around: path)
        place = try JournalPlace(commonDirectory: project.location.commonDirectory, planFolder: nil)
    }

    /// - Throws: ``ProjectError/noSuchWorker(name:suggestion:known:)`` for a worker that neither the plan nor the journal knows.
    package func checkWorker(_ name: String) throws {
        // The journal remembers who is in no plan any more, also where there is none.
        let entries = try Journal.open(place, mode: .readOnly)?.entries() ?? []
        if entries.contains(where: { $0.event.worker?.rawValue == name }) { return }
        let plan = try PlanSource(project).readOrAccepted().reading.plan
        guard plan.definitions.contains(where: { $0.id.rawValue == name }) else { throw plan.noSuchWorker(name) }
    }

    /// When an entry was written.
    /// - Throws: ``ReportError/noSuchEntry(sequence:)``.
    package func time(of sequence: Int64) throws -> Timestamp {
        let found = try Journal.open(place, mode: .readOnly)?.entries(after: sequence - 1, limit: 1).first
        guard let found, found.sequence == sequence else { throw ReportError.noSuchEntry(sequence: sequence) }
        return found.event.time
    }

    /// Blocks until the journal grows, or the time is up; at most that long where there is no journal yet.
    package func waitForChange(atMost limit: Duration) throws {
        guard let journal = try Journal.open(place, mode: .readOnly) else { return try waitForJournal(atMost: limit) }
        _ = try JournalChanges(of: journal).wait(after: try journal.lastSequence(), timeout: limit)
    }

    private func waitForJournal(atMost limit: Duration) throws {
        let watcher = try Watcher(commonDirectory: project.location.commonDirectory)
        try watcher.watch(worktrees: [], planFolder: project.folder)
        try watcher.wait(limit, processes: [])
    }

    /// Gives the entries after `sequence` to `body`, in order; with `follow` it never returns by itself.
    package func read(after sequence: Int64, follow: Bool, _ body: ([JournalEntry]) -> Void) throws {
        var opened = try Journal.open(place, mode: .readOnly)
        while opened == nil, follow {
            try waitForJournal(atMost: .seconds(5))
            opened = try Journal.open(place, mode: .readOnly)
        }
        guard let journal = opened else { return }
        var last = sequence
        func take() throws {
            let entries = try journal.entries(after: last)
            last = entries.last?.sequence ?? last
            if !entries.isEmpty { body(entries) }
        }
        try take()
        guard follow else { return }
        let changes = try JournalChanges(of: journal)
        while true {
            _ = try changes.wait(after: last)
            try take()
        }
    }
}
