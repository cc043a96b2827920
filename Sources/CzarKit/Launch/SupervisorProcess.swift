import CzarGit
import Glibc
import Logging
import SystemPackage

/// The whole life of a process that was started as a supervisor: what `czar __supervise` does.
package enum SupervisorProcess {
    /// Reads the request from standard input, takes standard output for the handshake and supervises.
    /// Returns the exit code. What goes wrong besides is logged to standard error, which is the supervisor's log.
    ///
    /// `window`: the paths of request, handshake and log, for a process that runs in a window of tmux and has the terminal there.
    package static func run<Recorder: AttemptRecorder>(
        window: [String]? = nil,
        recorder: (AttemptRequest) throws -> Recorder,
        settle: @Sendable (AttemptRequest, AttemptEnding) async throws -> Void
    ) async -> Int32 {
        let spawner: FileDescriptor
        let request: AttemptRequest
        let journal: Recorder
        let terminal: WindowTerminal?
        do throws(LaunchError) {
            if let window { spawner = try openWindow(window) } else { spawner = try takeStandardOutput() }
        } catch {
            return Supervisor.Outcome.failed.rawValue
        }
        do {
            var decoded = try AttemptRequest(decoding: try window.map { try read($0[0]) } ?? readStandardInput())
            // In a terminal too: it tells whose command this is (``SupervisorPlace``).
            guard chdir(decoded.stateFolder) == 0 else {
                throw LaunchError.system(operation: "enter", subject: decoded.stateFolder, errno: Errno(rawValue: errno))
            }
            // A project that is moved takes it along: how the command ended is kept where it is looked for then.
            decoded.stateFolder = "."
            request = decoded
            terminal = window == nil ? nil : TerminalPlace(environment: processEnvironment()).map { WindowTerminal(place: $0) }
            journal = try recorder(request)
        } catch {
            Handshake.failed(reason: "\(error)").say(to: spawner)
            return Supervisor.Outcome.failed.rawValue
        }
        let logger = Logger(label: "supervisor \(request.attempt)") { StreamLogHandler.standardError(label: $0) }
        return await Supervisor(request, logger: logger, terminal: terminal).run(recorder: journal, spawner: spawner, settle: settle)
            .rawValue
    }

    /// Moves it to a descriptor that no child inherits and puts /dev/null in its place: whatever prints by mistake must not
    /// reach the spawner, and closing it must leave no hole that the next file falls into.
    private static func takeStandardOutput() throws(LaunchError) -> FileDescriptor {
        let moved = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3)
        let null = open("/dev/null", O_RDWR | O_CLOEXEC)
        guard moved >= 0, null >= 0, dup2(null, STDOUT_FILENO) >= 0 else {
            throw .system(operation: "move", subject: "standard output", errno: Errno(rawValue: errno))
        }
        close(null)
        return FileDescriptor(rawValue: moved)
    }

    /// Standard input and output stay the terminal; standard error is the supervisor's log, as ever.
    private static func openWindow(_ paths: [String]) throws(LaunchError) -> FileDescriptor {
        guard paths.count == 3 else { throw .unreadable(what: "the supervisor's arguments", reason: "there are \(paths.count), not 3") }
        let answer = open(paths[1], O_WRONLY | O_CLOEXEC)
        guard answer >= 0 else { throw .system(operation: "open", subject: paths[1], errno: Errno(rawValue: errno)) }
        let log = open(paths[2], O_WRONLY | O_APPEND | O_CLOEXEC)
        guard log >= 0, dup2(log, STDERR_FILENO) >= 0 else {
            throw .system(operation: "open", subject: paths[2], errno: Errno(rawValue: errno))
        }
        close(log)
        return FileDescriptor(rawValue: answer)
    }

    private static func read(_ path: String) throws(LaunchError) -> [UInt8] {
        guard let content = try LaunchError.onFiles({ () throws(FileError) in try ProcFile.bytes(path) }) else {
            throw .unreadable(what: "the supervisor's request", reason: "'\(path)' is gone")
        }
        return content
    }

    private static func readStandardInput() throws(LaunchError) -> [UInt8] {
        guard let content = try LaunchError.onFiles({ () throws(FileError) in try ProcFile.bytes("/proc/self/fd/0") }) else {
            throw .unreadable(what: "the supervisor's request", reason: "standard input is closed")
        }
        let null = open("/dev/null", O_RDONLY | O_CLOEXEC)
        guard null >= 0, dup2(null, STDIN_FILENO) >= 0 else {
            throw .system(operation: "open", subject: "/dev/null", errno: Errno(rawValue: errno))
        }
        close(null)
        return content
    }
}
