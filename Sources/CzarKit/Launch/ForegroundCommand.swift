import CzarGit
import Glibc
import Subprocess
import Synchronization
import SystemPackage

/// A command that a person runs in a worker's worktree and waits for: no attempt, and nothing of the journal's.
package struct ForegroundCommand: Sendable {
    private let arguments: [String]
    private let folder: String
    private let variables: [String: String]

    /// `variables`: beside those of this process.
    package init(_ arguments: [String], in folder: String, variables: [String: String] = [:]) {
        (self.arguments, self.folder, self.variables) = (arguments, folder, variables)
    }

    /// Where its output goes.
    package enum Output: Sendable {
        /// Where this process's own goes; it also reads from this process's input.
        case inherited
        /// Line by line, both streams together.
        case lines(@Sendable (String) -> Void)
        case collected
    }

    package struct Result: Sendable {
        /// The exit status, or 128 and the signal.
        package let code: Int32
        /// What was collected.
        package let output: String
        /// Whether this process was told to end meanwhile: the command was told instead, and has ended.
        package let wasToldToEnd: Bool
    }

    /// There is nothing to run: `status` is what a shell gives for it, 127 or 126.
    package struct NotRun: Error, Hashable {
        package let status: Int32
        package let reason: String
    }

    /// Runs it to its end. SIGTERM and SIGHUP are passed on to it.
    /// - Throws: ``NotRun``.
    package func run(_ output: Output) async throws -> Result {
        let program: String
        do throws(Program.Missing) {
            program = try Program.path(of: arguments[0], in: folder, searchPath: processEnvironment()["PATH"])
        } catch {
            throw NotRun(status: error.status, reason: error.reason)
        }
        let lines = Mutex<[String]>([])
        let (code, wasToldToEnd) = try await PassedSignals.during {
            switch output {
            case .inherited:
                try await spawn(program, input: .standardInput, output: .standardOutput, .standardError)
            case .lines(let take):
                try await piped(program, take)
            case .collected:
                try await piped(program) { line in lines.withLock { $0.append(line) } }
            }
        }
        let text = lines.withLock { $0.map { $0 + "\n" }.joined() }
        // A terminal's Ctrl-C may have ended the command before this process heard of it.
        return Result(code: code, output: text, wasToldToEnd: wasToldToEnd || code == 128 + SIGINT)
    }

    private func piped(_ program: String, _ take: @escaping @Sendable (String) -> Void) async throws -> Int32 {
        let (readEnd, writeEnd) = try FileDescriptor.pipe()
        for end in [readEnd, writeEnd] { _ = fcntl(end.rawValue, F_SETFD, FD_CLOEXEC) }
        let null = try FileDescriptor.open("/dev/null", .readOnly)
        async let reading: Void = onOwnThread("output") { Self.read(readEnd, take) }
        let outcome = await Swift.Result<Int32, any Error>.catching { try await spawn(program, input: null, output: writeEnd, writeEnd) }
        try writeEnd.close()
        try null.close()
        await reading
        try readEnd.close()
        return try outcome.get()
    }

    private func spawn(
        _ program: String, input: FileDescriptor, output: FileDescriptor, _ errors: FileDescriptor
    ) async throws -> Int32 {
        defer { PassedSignals.give(to: 0) }
        let environment = processEnvironment().filter { !$0.key.hasPrefix("GIT_") }.merging(variables.merging(["PWD": folder]) { $1 }) {
            $1
        }
        let result = try await Subprocess.run(
            .path(FilePath(program)),
            arguments: Arguments(executablePathOverride: arguments[0], remainingValues: Array(arguments.dropFirst())),
            environment: .custom(Dictionary(uniqueKeysWithValues: environment.map { (Environment.Key(stringLiteral: $0), $1) })),
            workingDirectory: FilePath(folder), input: .fileDescriptor(input, closeAfterSpawningProcess: false),
            output: .fileDescriptor(output, closeAfterSpawningProcess: false),
            error: .fileDescriptor(errors, closeAfterSpawningProcess: false)
        ) { PassedSignals.give(to: $0.processIdentifier.value) }
        return switch result.terminationStatus {
        case .exited(let code): code
        case .signaled(let signal): 128 + signal
        }
    }

    /// Blocks until nobody can write any more.
    private static func read(_ end: FileDescriptor, _ take: (String) -> Void) {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        var line: [UInt8] = []
        while true {
            let count = Glibc.read(end.rawValue, &buffer, buffer.count)
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { break }
            for byte in buffer[..<count] {
                guard byte == UInt8(ascii: "\n") else {
                    line.append(byte)
                    continue
                }
                take(String(decoding: line, as: UTF8.self))
                line.removeAll(keepingCapacity: true)
            }
        }
        if !line.isEmpty { take(String(decoding: line, as: UTF8.self)) }
    }
}

extension Result where Failure == any Error {
    /// What an asynchronous call came to.
    fileprivate static func catching(_ body: () async throws -> Success) async -> Self {
        do { return .success(try await body()) } catch { return .failure(error) }
    }
}
