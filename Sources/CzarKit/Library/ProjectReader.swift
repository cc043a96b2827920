import CzarGit
import CzarPlanning
import Synchronization

/// A project as programs read it: its plan, how far each worker is, its journal.
///
/// It writes nothing, needs no `czar run`, and works where Czar was never used. The plan is that of the moment when the value was made;
/// ``status()`` and the events are read anew at each call. It may be used from any thread; a call blocks while it reads.
public struct ProjectReader: Sendable {
    /// The main worktree's root, absolute; the repository itself where that is bare.
    public let root: String
    /// The plan, validated.
    public let plan: Plan
    /// Its waves, edges and critical path.
    public let graph: PlanGraph
    /// What is worth saying about the plan, and keeps nobody from using it.
    public let warnings: [Problem]

    private let project: ProjectLayout

    /// Finds the repository at or above `path`, as `czar -C path` does, and reads the plan.
    /// - Throws: ``ReadingError``; for an invalid plan with all its problems.
    public init(around path: String = ".") throws(ReadingError) {
        let (project, reading) = try ReadingError.explaining {
            let project = try ProjectLayout(around: path)
            return (project, try PlanSource(project).read())
        }
        (self.project, root) = (project, project.root)
        (plan, graph, warnings) = (reading.plan, reading.graph, reading.warnings)
    }

    /// Where every worker of the plan stands now, in the order of the plan.
    /// - Complexity: that of `czar status`: what is known about unchanged commits is not computed again.
    public func status() throws(ReadingError) -> [WorkerStatus] {
        try ReadingError.explaining {
            let report = try StatusReader(around: root).report()
            return report.workers.map { WorkerStatus($0, attention: report.attention) }
        }
    }

    /// The journal's entries after a sequence number, oldest first; none where there is no journal.
    /// - Complexity: linear in the entries returned.
    public func events(after sequence: Int64 = 0) throws(ReadingError) -> [JournalEvent] {
        try ReadingError.explaining { try openJournal()?.entries(after: sequence).map(JournalEvent.init) ?? [] }
    }

    /// The journal's entries after a sequence number, and every later one as it is written.
    ///
    /// The sequence ends when its task is cancelled, and with a ``ReadingError`` when the journal cannot be read. Nothing is polled.
    public func changes(after sequence: Int64 = 0) -> AsyncThrowingStream<JournalEvent, any Error> {
        AsyncThrowingStream { continuation in
            let following = Following(project)
            continuation.onTermination = { _ in following.stop() }
            Task.detached {
                let end = await onOwnThread("changes") {
                    Result { () throws(ReadingError) in
                        try ReadingError.explaining { try following.run(after: sequence) { continuation.yield(JournalEvent($0)) } }
                    }
                }
                if case .failure(let error) = end { continuation.finish(throwing: error) } else { continuation.finish() }
            }
        }
    }

    private func openJournal() throws -> Journal? { try Following.openJournal(of: project) }
}

/// Reads a journal as it grows, until it is told to stop.
private final class Following: Sendable {
    private let project: ProjectLayout
    private let isStopped = Atomic(false)
    private let watcher = Mutex<Watcher?>(nil)

    init(_ project: ProjectLayout) { self.project = project }

    static func openJournal(of project: ProjectLayout) throws -> Journal? {
        try Journal.open(JournalPlace(commonDirectory: project.location.commonDirectory, planFolder: nil), mode: .readOnly)
    }

    func stop() {
        isStopped.store(true, ordering: .relaxed)
        watcher.withLock { $0?.wake() }
    }

    func run(after sequence: Int64, _ body: (JournalEntry) -> Void) throws {
        let watcher = try Watcher(commonDirectory: project.location.commonDirectory)
        self.watcher.withLock { $0 = watcher }
        var last = sequence
        var journal: Journal?
        while !isStopped.load(ordering: .relaxed) {
            // Watched before it is read, so that what comes in between is notified.
            try watcher.watch(worktrees: [], planFolder: project.folder)
            journal = try journal ?? Self.openJournal(of: project)
            for entry in try journal?.entries(after: last) ?? [] {
                body(entry)
                last = entry.sequence
            }
            if isStopped.load(ordering: .relaxed) { return }
            try watcher.wait(nil, processes: [])
        }
    }
}
