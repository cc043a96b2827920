import CzarGit
import CzarPlanning

/// Keeps `.czarina/worker-status.json` up to date: the answer of `czar status`, for whoever watches the file.
///
/// Works beside the daemon's loop, because the figures of many workers take longer than the loop may be away. However often it is
/// told that something changed, it writes one file at a time and then rests for a second, or four times as long as the last one took.
/// The file is a convenience: that it cannot be written is said, and ends nothing.
final class StatusFileWriter: Sendable {
    private let coordinator: Coordinator
    private let changed: AsyncStream<Void>.Continuation
    private let history: HistoryReader
    private let work: Task<Void, Never>

    private static let shortestRest = Duration.seconds(1)

    init(_ coordinator: Coordinator) {
        self.coordinator = coordinator
        let (changes, continuation) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
        changed = continuation
        // Its own, and kept: the daemon's loop never waits for figures, and a moved tip costs only its new commits.
        let history = coordinator.project.makeHistoryReader()
        self.history = history
        work = Task {
            for await _ in changes {
                let start = ContinuousClock.now
                // Whatever is wrong is still wrong at the end, and said then.
                _ = await onOwnThread("status") { Self.write(coordinator, history) }
                do { try await Task.sleep(for: max(Self.shortestRest, (ContinuousClock.now - start) * 4)) } catch { return }
            }
        }
    }

    /// Says that the file is no longer up to date.
    func noteChange() { changed.yield() }

    /// Ends the work beside the loop and writes the file a last time. Returns why that did not go.
    func finish() async -> String? {
        changed.finish()
        work.cancel()
        await work.value
        return await onOwnThread("status") { [coordinator, history] in Self.write(coordinator, history) }
    }

    /// Writes the file as things are now. Returns why that did not go; nil when it is written.
    static func write(_ coordinator: Coordinator, _ history: HistoryReader) -> String? {
        do {
            let report = try StatusReader(coordinator, state: try coordinator.ledger.refresh(), history: history).report()
            let project = coordinator.project
            let folder = try Folder(opening: project.root).subfolder(project.location.isBare ? "czarina" : ".czarina")
            let text = report.json().prettyText + "\n"
            let own = try Folder(opening: project.location.commonDirectory).subfolder("czar", creating: project.location.ownFiles.folder)
            try project.withLock("status") {
                try folder.write(text.utf8, to: "worker-status.json", mode: project.location.ownFiles.file, durable: false, aside: own)
            }
            return nil
        } catch {
            return "'\(coordinator.project.statusFile)' is not up to date: \(error)"
        }
    }
}
