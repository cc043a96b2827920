import CzarGit
import Glibc
import Logging
import Subprocess
import SystemPackage

/// The worker's command as a child of the supervisor: started in a process group of its own, waited for, stopped on request.
struct SupervisedCommand: Sendable {
    let request: AttemptRequest
    let command: ResolvedCommand
    /// It prepares the worktree, and has a log of its own.
    var isSetup = false
    /// What it reads and writes; nil: it reads its prompt or nothing, and writes into its log.
    var terminal: WindowTerminal?
    let supervisor: ProcessIdentity
    let logger: Logger

    /// Runs the command to its end. An element of `stops` asks for it to be ended; `started` is called when it runs.
    func run(
        stops: AsyncStream<Void>, started: @escaping @Sendable (ProcessIdentity) async -> Void
    ) async -> AttemptEnding {
        do {
            let log = try openLog()
            defer { close(log.rawValue) }
            if !isSetup { nameLatest() }
            try await terminal?.copyOutput(to: logPath)
            let status = try await spawn(log, stops, started)
            let ending: AttemptEnding =
                switch status {
                case .exited(let code): .exited(code)
                case .signaled(let signal): .signalled(signal)
                }
            await closeTerminal(ending)
            return ending
        } catch let missing as Program.Missing {
            return .notStarted(status: missing.status, reason: missing.reason)
        } catch let error as SubprocessError {
            return .notStarted(status: 126, reason: Self.reason(error, command))
        } catch {
            return .notStarted(status: 126, reason: "\(error)")
        }
    }

    private func spawn(
        _ log: FileDescriptor, _ stops: AsyncStream<Void>, _ started: @escaping @Sendable (ProcessIdentity) async -> Void
    ) async throws -> TerminationStatus {
        let program = try Program.path(of: command.arguments[0], in: command.folder, searchPath: command.environment["PATH"])
        let input = try openInput()
        defer { close(input.rawValue) }
        var environment = command.environment
        if terminal != nil { for name in ["TERM", "TMUX", "TMUX_PANE"] { environment[name] = processEnvironment()[name] } }
        let output = terminal == nil ? log : FileDescriptor.standardOutput
        environment[SessionProcesses.markVariable] = SessionProcesses.mark(of: supervisor)
        environment[ProcessNamespace.variable] = ProcessNamespace.current
        var options = PlatformOptions()
        // A group of its own, led by the command: a signal to the supervisor's group does not reach it, nor the reverse.
        options.processGroupID = 0
        // Where that cannot be written nothing is started: whoever finds the attempt without it would start it again.
        try AttemptReserve.markBegun(request.attempt, in: request.stateFolder)
        let result = try await Subprocess.run(
            .path(FilePath(program)),
            arguments: Arguments(executablePathOverride: command.arguments[0], remainingValues: Array(command.arguments.dropFirst())),
            environment: .custom(Dictionary(uniqueKeysWithValues: environment.map { (Environment.Key(stringLiteral: $0), $1) })),
            workingDirectory: FilePath(command.folder), platformOptions: options,
            input: .fileDescriptor(input, closeAfterSpawningProcess: false),
            output: .fileDescriptor(output, closeAfterSpawningProcess: false),
            error: .fileDescriptor(output, closeAfterSpawningProcess: false)
        ) { execution in
            // Not before there is something to stop: a request that came earlier waits in the stream.
            let stopping = Task { await stop(at: stops) }
            terminal?.handOver(to: execution.processIdentifier.value)
            // Not reaped before this closure returns, so that its start time can be read even if it has ended.
            if let identity = try ProcessIdentity.of(execution.processIdentifier.value) { await started(identity) }
            return stopping
        }
        result.closureResult.cancel()
        return result.terminationStatus
    }

    /// Ends the session's processes at the first request; further ones change nothing.
    private func stop(at stops: AsyncStream<Void>) async {
        for await _ in stops {
            await endSession(grace: .seconds(request.grace))
            return
        }
    }

    /// Ends whatever of the attempt still runs.
    func endSession(grace: Duration) async {
        let session = SessionProcesses(supervisor: supervisor)
        do throws(LaunchError) {
            try await onOwnThread("end") { () throws(LaunchError) in try session.terminate(grace: grace) }
        } catch {
            logger.error("\(error)")
        }
    }

    private var logPath: String { request.czarinaFolder + "/logs/" + request.logName }

    private func closeTerminal(_ ending: AttemptEnding) async {
        guard let terminal else { return }
        do throws(FileError) {
            try await onOwnThread("terminal") { () throws(FileError) in
                try terminal.close(
                    "attempt \(request.attempt.number) of \(request.attempt.worker) ended with \(ending.status)", log: logPath)
            }
        } catch {
            logger.warning("\(error)")
        }
    }

    private func openLog() throws(LaunchError) -> FileDescriptor {
        try AttemptLog.open(isSetup ? request.setupLogName : request.logName, czarinaFolder: request.czarinaFolder)
    }

    private func openInput() throws(LaunchError) -> FileDescriptor {
        switch command.input {
        case .nothing where terminal != nil:
            return try Self.duplicate(STDIN_FILENO)
        case .nothing:
            let null = open("/dev/null", O_RDONLY | O_CLOEXEC)
            guard null >= 0 else { throw .system(operation: "open", subject: "/dev/null", errno: Errno(rawValue: errno)) }
            return FileDescriptor(rawValue: null)
        case .file(let path):
            guard !path.isEmpty else { throw .unreadable(what: "the prompt", reason: "its path is empty") }
            let (folder, name) = splitPath(path)
            return try LaunchError.onFiles { () throws(FileError) in
                try Folder(opening: command.folder).subfolder(folder).descriptor(of: name, O_RDONLY)
            }
        }
    }

    private static func duplicate(_ descriptor: Int32) throws(LaunchError) -> FileDescriptor {
        let copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 3)
        guard copy >= 0 else { throw .system(operation: "read from", subject: "the terminal", errno: Errno(rawValue: errno)) }
        return FileDescriptor(rawValue: copy)
    }

    private func nameLatest() {
        do throws(LaunchError) {
            try AttemptLog.nameLatest(request.logName, of: request.attempt.worker, czarinaFolder: request.czarinaFolder)
        } catch {
            // A convenience: the attempt's own log is there.
            logger.warning("\(error)")
        }
    }

    private static func reason(_ error: SubprocessError, _ command: ResolvedCommand) -> String {
        if error.code == .failedToChangeWorkingDirectory { return "cannot enter '\(command.folder)': \(error)" }
        let program = command.arguments[0]
        return switch error.underlyingError {
        case .execFormatError?: "'\(program)' is no program (ENOEXEC); a script needs a first line like '#!/bin/sh'"
        case .noSuchFileOrDirectory?: "'\(program)' or the interpreter in its first line is missing (ENOENT)"
        case .permissionDenied?: "'\(program)' may not be run (EACCES)"
        case .argListTooLong?: "the arguments and environment of '\(program)' are too long for the kernel (E2BIG); use {prompt_file}"
        default: "'\(program)' could not be started: \(error)"
        }
    }
}
