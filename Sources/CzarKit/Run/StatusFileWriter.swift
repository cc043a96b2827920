import CzarGit
import CzarPlanning

/// Keeps `.czarina/worker-status.json` up to date: the answer of `czar status`, for whoever watches the file.
struct StatusFileWriter: Sendable {
    private let coordinator: Coordinator
    private var writtenSequence: Int64 = -1
    private var writtenAt: Timestamp?

    /// However much happens, the file is written no more than once in this time.
    private static let pause = Duration.seconds(1)

    init(_ coordinator: Coordinator) { self.coordinator = coordinator }

    /// Writes the file when the journal has grown since.
    /// - Returns: when to ask again, because it is too early now; nil when the file is up to date.
    @discardableResult
    mutating func write(force: Bool = false) throws -> Timestamp? {
        let state = try coordinator.ledger.refresh()
        guard force || state.lastSequence != writtenSequence else { return nil }
        let now = currentTime()
        if !force, let due = writtenAt?.advanced(by: Self.pause), due > now { return due }
        let report = try StatusReader(coordinator, state: state).report(now: now)
        let project = coordinator.project
        let folder = try Folder(opening: project.root).subfolder(project.location.isBare ? "czarina" : ".czarina")
        try folder.write((report.json().prettyText + "\n").utf8, to: "worker-status.json", mode: 0o600, durable: false)
        (writtenSequence, writtenAt) = (state.lastSequence, now)
        return nil
    }
}
