import CzarGit
import CzarPlanning
import Glibc
import Subprocess
import Synchronization
import SystemPackage

/// A `czar run` in a session of its own, so that it goes on when the terminal is closed.
///
/// What it says goes to `<common dir>/czar/run.log`; the log of the one before is kept beside it.
package struct DetachedRun: Sendable {
    private let project: ProjectLayout

    package init(_ project: ProjectLayout) { self.project = project }

    /// The log's path.
    package var log: String { project.stateFolder + "/" + Self.logName }

    private static let logName = "run.log"

    /// What became of the start.
    package enum Outcome: Hashable, Sendable {
        /// It is the repository's daemon now.
        case running(StatusReport.Daemon)
        /// It has ended already, with this exit code; what it said last.
        case ended(code: Int32, said: String)
    }

    /// Starts it and waits until it is the daemon, or has ended.
    ///
    /// `executable` and `arguments` are those of the `czar run` to start; it inherits folder and environment.
    /// - Throws: ``OperationError/daemonRuns(pid:)`` when there is a daemon; ``FileError`` and ``LaunchError``.
    package func start(executable: String, arguments: [String]) async throws -> Outcome {
        if let daemon = try DaemonLock.holder(project) { throw OperationError.daemonRuns(pid: Int32(daemon.pid)) }
        let child = Child(watcher: try Watcher(commonDirectory: project.location.commonDirectory))
        let output = try openLog()
        // Not a child task: it outlives this process.
        Task.detached {
            do {
                let code = try await Self.run(executable, arguments, output) { child.note(.running(pid: $0)) }
                child.note(.ended(code))
            } catch {
                child.note(.notStarted("\(error)"))
            }
        }
        return try await onOwnThread("detach") { try waitFor(child, executable) }
    }

    /// Blocks until the child holds the daemon's lock or has ended.
    private func waitFor(_ child: Child, _ executable: String) throws -> Outcome {
        while true {
            try child.watcher.watch(worktrees: [], planFolder: project.folder)
            switch child.state {
            case .running(let pid):
                if let daemon = try DaemonLock.holder(project), daemon.pid == Int(pid) { return .running(daemon) }
            case .ended(let code): return .ended(code: code, said: try lastWords())
            case .notStarted(let why): throw LaunchError.programNotStarted(executable: executable, reason: why)
            case .starting: break
            }
            try child.watcher.wait(nil, processes: [])
        }
    }

    private static func run(
        _ executable: String, _ arguments: [String], _ output: FileDescriptor, began: @escaping @Sendable (Int32) -> Void
    ) async throws -> Int32 {
        var options = PlatformOptions()
        options.createSession = true
        let result = try await Subprocess.run(
            .path(FilePath(executable)), arguments: Arguments(arguments), platformOptions: options, input: .none,
            output: .fileDescriptor(output, closeAfterSpawningProcess: false),
            error: .fileDescriptor(output, closeAfterSpawningProcess: true)
        ) { execution in began(execution.processIdentifier.value) }
        return switch result.terminationStatus {
        case .exited(let code): code
        case .signaled(let signal): 128 + signal
        }
    }

    private func openLog() throws -> FileDescriptor {
        let (parent, name) = splitPath(project.stateFolder)
        let folder = try Folder(opening: parent).subfolder(name, creating: project.location.ownFiles.folder)
        if folder.kind(of: Self.logName) != nil { try folder.rename(Self.logName, to: Self.logName + ".1", in: folder) }
        return try folder.descriptor(of: Self.logName, O_WRONLY | O_APPEND | O_CREAT)
    }

    /// The end of the log, at most ten lines.
    private func lastWords() throws -> String {
        let bytes = try Folder(opening: project.stateFolder).read(Self.logName) ?? []
        return String(decoding: bytes, as: UTF8.self).split(separator: "\n").suffix(10).joined(separator: "\n")
    }

    /// What is known about the started process, by whoever learns it first.
    private final class Child: Sendable {
        enum State {
            case starting
            case running(pid: Int32)
            case ended(Int32)
            case notStarted(String)
        }

        let watcher: Watcher
        private let now = Mutex(State.starting)

        init(watcher: Watcher) { self.watcher = watcher }

        var state: State { now.withLock { $0 } }

        func note(_ state: State) {
            now.withLock { $0 = state }
            watcher.wake()
        }
    }
}

extension DaemonLock {
    /// Tells the running daemon to end, as Ctrl-C would, and waits until it has.
    /// - Returns: its process id; nil when there is none.
    /// - Throws: ``OperationError/endNotRecorded(pid:journal:isFull:)`` when it has ended and could not record that.
    package static func endHolder(_ project: ProjectLayout) throws -> Int32? {
        guard let identity = try recorded(project), let process = try ProcessHandle.of(identity) else { return nil }
        let place = try JournalPlace(commonDirectory: project.location.commonDirectory, planFolder: nil)
        try refuseOriginals(place)
        // A file that came here with a copy names the original's.
        guard try isHeld(project) else { return nil }
        try process.send(SIGTERM)
        _ = try process.waitForEnd(until: Deadline(after: nil))
        let entries = try Journal.open(place, mode: .readOnly)?.entries() ?? []
        guard entries.map(\.event.type).last(where: { $0 == .daemonStarted || $0 == .daemonEnded }) != .daemonStarted else {
            throw OperationError.endNotRecorded(
                pid: identity.pid, journal: place.database, isFull: DiskSpace.isUsedUp(at: place.database))
        }
        return identity.pid
    }

    /// In a repository that was copied while one ran there, the file that says who it is names the original's.
    private static func refuseOriginals(_ place: JournalPlace) throws {
        guard let journal = try Journal.open(place, mode: .readOnly), try journal.original() != nil else { return }
        if let problem = try journal.identityProblem() { throw problem }
    }
}
