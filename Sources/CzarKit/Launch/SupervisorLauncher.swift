import CzarGit
import Glibc
import Subprocess
import Synchronization
import SystemPackage

/// Starts supervisors and hears of their ends. It may be a command that ends right away or a daemon that lives for months;
/// a supervisor does not care whether its spawner lives.
///
/// Each supervisor leads a new session, has no descriptor but its three, and is reaped as soon as it ends, without anybody
/// waiting for it.
package final class SupervisorLauncher: Sendable {
    /// A supervisor has ended. What became of the attempt stands in the journal, not here.
    package struct End: Hashable, Sendable {
        package let attempt: AttemptID
        package let pid: Int32
        /// The exit code (``Supervisor/Outcome``), or 128 and the signal that killed it.
        package let status: Int32
    }

    /// One element for each supervisor that this launcher has started, when it ends; for one reader.
    package let ends: AsyncStream<End>
    private let ended: AsyncStream<End>.Continuation
    package let executable: String
    private let arguments: [String]

    /// - Parameters:
    ///   - executable: Czar's own binary, absolute.
    ///   - arguments: what makes it a supervisor.
    package init(executable: String, arguments: [String] = ["__supervise"]) {
        (self.executable, self.arguments) = (executable, arguments)
        (ends, ended) = AsyncStream.makeStream()
    }

    deinit { ended.finish() }

    /// Starts a supervisor and waits for its handshake, not for its command.
    /// - Throws: ``LaunchError`` when it could not be started or ended without a word.
    package func launch(_ request: AttemptRequest) async throws(LaunchError) -> Handshake {
        let files = try Files(request)
        if let session = request.terminalSession { return try await launch(request, in: session, files) }
        let (answers, answer) = AsyncStream<Result<Handshake, LaunchError>>.makeStream()
        // Not a child task: nobody's cancellation may end a supervisor, and its end is reported much later.
        Task.detached { [executable, arguments, ended] in
            do {
                let status = try await Self.run(executable, arguments, request, files) { answer.yield($0) }
                ended.yield(End(attempt: request.attempt, pid: status.pid, status: status.code))
            } catch {
                // After the handshake nobody reads this any more, and the journal tells the rest.
                answer.yield(.failure(.supervisorNotStarted(executable: executable, reason: "\(error)")))
            }
            answer.finish()
        }
        for await result in answers { return try result.get() }
        throw .supervisorNotStarted(executable: executable, reason: "it gave no answer")
    }

    /// In a window of tmux: its server starts the supervisor, which finds what it needs among this process's descriptors.
    private func launch(_ request: AttemptRequest, in session: String, _ files: Files) async throws(LaunchError) -> Handshake {
        defer { files.close() }
        let paths = [files.request, files.answerEnd, files.log].map { "/proc/\(getpid())/fd/\($0.rawValue)" }
        try await TmuxSession(name: session).open(
            window: request.attempt.worker, folder: request.command.folder, [executable] + arguments + paths)
        let line = try await onOwnThread("handshake") { () throws(LaunchError) in try files.readAnswer(within: Self.windowPatience) }
        return try Handshake(line: line)
    }

    /// How long a supervisor in a window may take to say its first word.
    private static let windowPatience = Duration.seconds(60)

    private static func run(
        _ executable: String, _ arguments: [String], _ request: AttemptRequest, _ files: Files,
        answer: @escaping @Sendable (Result<Handshake, LaunchError>) -> Void
    ) async throws -> (pid: Int32, code: Int32) {
        var options = PlatformOptions()
        options.createSession = true
        // No folder of the spawner's or of a worker's is kept busy by a process that may live for days.
        let result = try await Subprocess.run(
            .path(FilePath(executable)), arguments: Arguments(arguments), workingDirectory: FilePath(request.stateFolder),
            platformOptions: options, input: .fileDescriptor(files.request, closeAfterSpawningProcess: true),
            output: .fileDescriptor(files.answerEnd, closeAfterSpawningProcess: true),
            error: .fileDescriptor(files.log, closeAfterSpawningProcess: true)
        ) { _ in
            do throws(LaunchError) {
                let line = try await onOwnThread("handshake") { () throws(LaunchError) in try files.readAnswer() }
                answer(.success(try Handshake(line: line)))
            } catch {
                answer(.failure(error))
            }
        }
        return switch result.terminationStatus {
        case .exited(let code): (result.processIdentifier.value, code)
        case .signaled(let signal): (result.processIdentifier.value, 128 + signal)
        }
    }
}

extension SupervisorLauncher {
    /// What a supervisor is given: its request, a way to answer, and a log for what it has to say.
    private struct Files: Sendable {
        let request: FileDescriptor
        let readEnd: FileDescriptor
        let answerEnd: FileDescriptor
        let log: FileDescriptor

        init(_ request: AttemptRequest) throws(LaunchError) {
            let log = try LaunchError.onFiles { () throws(FileError) in
                try Folder(opening: request.stateFolder).subfolder("supervisors", creating: .asParent)
                    .descriptor(of: "\(request.attempt.fileStem).log", O_WRONLY | O_APPEND | O_CREAT)
            }
            var open = [log]
            do throws(LaunchError) {
                self.request = try Self.requestFile(request)
                open.append(self.request)
                (readEnd, answerEnd) = try Self.pipe()
                self.log = log
            } catch {
                for file in open { Glibc.close(file.rawValue) }
                throw error
            }
        }

        /// A file that has no name any more when it is written: the environment in it is for the supervisor alone, and it is
        /// gone with the last process that has it open. A pipe would make the spawner wait until all of it is read.
        private static func requestFile(_ request: AttemptRequest) throws(LaunchError) -> FileDescriptor {
            let content = try request.encoded()
            let name = ".\(request.attempt.fileStem).\(getpid()).\(requests.add(1, ordering: .relaxed).newValue)"
            let file = try LaunchError.onFiles { () throws(FileError) in
                let folder = try Folder(opening: request.stateFolder).subfolder("attempts", creating: .asParent)
                let file = try folder.descriptor(of: name, O_RDWR | O_CREAT | O_EXCL)
                do throws(FileError) { try folder.removeFile(name) } catch {
                    Glibc.close(file.rawValue)
                    throw error
                }
                return file
            }
            do {
                try file.writeAll(toAbsoluteOffset: 0, content)
                return file
            } catch {
                Glibc.close(file.rawValue)
                throw .system(operation: "write", subject: "the request of \(request.attempt)", errno: (error as? Errno) ?? .ioError)
            }
        }

        private static func pipe() throws(LaunchError) -> (FileDescriptor, FileDescriptor) {
            do {
                let (readEnd, writeEnd) = try FileDescriptor.pipe()
                for end in [readEnd, writeEnd] { _ = fcntl(end.rawValue, F_SETFD, FD_CLOEXEC) }
                return (readEnd, writeEnd)
            } catch {
                throw .system(operation: "make", subject: "a pipe", errno: (error as? Errno) ?? .ioError)
            }
        }

        /// Closes what a spawned process would have taken over.
        func close() { for end in [request, answerEnd, log] { Glibc.close(end.rawValue) } }

        /// Blocks until the line is there, the supervisor has ended, or the time is up: another process that opens the pipe by its path
        /// and ends at once leaves no trace in it.
        func readAnswer(within patience: Duration? = nil) throws(LaunchError) -> String {
            defer { Glibc.close(readEnd.rawValue) }
            let deadline = patience.map { Deadline(after: $0) }
            var line: [UInt8] = []
            var buffer = [UInt8](repeating: 0, count: 4096)
            while !line.contains(UInt8(ascii: "\n")) {
                if let deadline {
                    var set = pollfd(fd: readEnd.rawValue, events: Int16(POLLIN), revents: 0)
                    let ready = poll(&set, 1, deadline.millisecondsLeft)
                    if ready < 0 && errno == EINTR { continue }
                    guard ready > 0 else { throw .noTerminal(reason: "the supervisor in it gave no answer") }
                }
                let count = read(readEnd.rawValue, &buffer, buffer.count)
                if count < 0 && errno == EINTR { continue }
                guard count >= 0 else {
                    throw .system(operation: "read", subject: "the supervisor's answer", errno: Errno(rawValue: errno))
                }
                if count == 0 { break }
                line += buffer[..<count]
            }
            return String(decoding: line.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
        }

        private static let requests = Atomic<Int>(0)
    }
}
