import CzarGit
import CzarKit
import CzarPlanning
import Foundation
import Glibc
import TestSupport
import Testing

@testable import CzarKit

struct LaunchTestFailure: Error, CustomStringConvertible {
    let description: String
}

/// A recorder whose journal is a folder: a claim is a file that only one can make, the rest are lines in the order of writing.
struct FolderRecorder: AttemptRecorder {
    let folder: String

    func claim(_ attempt: AttemptID, supervisor: ProcessIdentity) async throws -> AttemptClaim {
        let descriptor = open("\(folder)/claim.\(attempt)", O_WRONLY | O_CREAT | O_EXCL, 0o600)
        guard descriptor >= 0 else { return .lost(reason: "someone else has it") }
        close(descriptor)
        try append("claim", supervisor.fields)
        return .claimed
    }

    func started(_ attempt: AttemptID, command: ProcessIdentity, terminal: TerminalPlace?) async throws {
        try append("started", command.fields)
    }

    func prepared(_ attempt: AttemptID, _ setup: SetupRequest, _ result: SetupResult) async throws {
        try append("prepared", result.ending.fields)
    }

    func ended(_ attempt: AttemptID, _ ending: AttemptEnding) async throws {
        if access("\(folder)/broken", F_OK) == 0 { throw LaunchTestFailure(description: "the journal is full") }
        try append("ended", ending.fields)
    }

    func append(_ word: String, _ fields: [String: String]) throws {
        let line = Array(try JSONEncoder().encode([word: fields])) + [UInt8(ascii: "\n")]
        let descriptor = open("\(folder)/record", O_WRONLY | O_CREAT | O_APPEND, 0o600)
        defer { close(descriptor) }
        guard write(descriptor, line, line.count) == line.count else { throw LaunchTestFailure(description: "short write") }
    }

    /// What was recorded, in order: the word and its fields.
    func entries() -> [(word: String, fields: [String: String])] {
        let text = (try? String(contentsOfFile: folder + "/record", encoding: .utf8)) ?? ""
        return text.split(separator: "\n").compactMap { line in
            let entry = try? JSONDecoder().decode([String: [String: String]].self, from: Data(line.utf8))
            return entry?.first.map { ($0.key, $0.value) }
        }
    }
}

/// A repository's folders, and attempts in them, supervised by real processes of their own.
final class LaunchBench: Sendable {
    let folder: TemporaryFolder
    let launcher: SupervisorLauncher
    let recorder: FolderRecorder

    var state: String { folder.path + "/common/czar" }
    var czarina: String { folder.path + "/.czarina" }
    var worktree: String { folder.path + "/work" }

    init() throws {
        folder = try TemporaryFolder("czar-launch")
        for name in ["/common/czar", "/.czarina", "/work/.czar"] {
            try FileManager.default.createDirectory(atPath: folder.path + name, withIntermediateDirectories: true)
        }
        recorder = FolderRecorder(folder: folder.path)
        // The test program itself is the supervisor: it runs only the entry below, and writes nothing to standard output.
        launcher = SupervisorLauncher(
            executable: try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"),
            arguments: ["--testing-library", "swift-testing", "--filter", "theTestProgramBecomesASupervisorWhenTold"])
    }

    func request(
        _ script: String, worker: String = "w", attempt: Int = 1, grace: Double = 5, input: ResolvedCommand.Input = .nothing,
        arguments: [String]? = nil, environment: [String: String] = [:]
    ) throws -> AttemptRequest {
        let id = try #require(WorkerID(rawValue: worker))
        return AttemptRequest(
            attempt: AttemptID(WorkerKey(phase: .first, id: id), number: attempt),
            command: ResolvedCommand(
                arguments: arguments ?? ["/bin/sh", "-c", script],
                environment: ["PATH": "/usr/bin:/bin"].merging(environment) { _, new in new }, folder: worktree, input: input),
            stateFolder: state, czarinaFolder: czarina, grace: grace, context: ["test-record": folder.path])
    }

    /// Launches and waits for the supervisor's end; returns its exit code.
    @discardableResult
    func run(_ request: AttemptRequest) async throws -> Int32 {
        _ = try await launcher.launch(request)
        return try await end().status
    }

    func end() async throws -> SupervisorLauncher.End {
        for await end in launcher.ends { return end }
        throw LaunchTestFailure(description: "no supervisor ended")
    }

    func log(_ name: String = "w.1.log") throws -> String {
        try String(contentsOfFile: czarina + "/logs/" + name, encoding: .utf8)
    }

    /// Lets scripts that wait for the file `go` go on.
    func letGo() { mkdir(worktree + "/go", 0o700) }

    func breakJournal() { mkdir(folder.path + "/broken", 0o700) }

    var ending: AttemptEnding? {
        recorder.entries().last { $0.word == "ended" }.flatMap { AttemptEnding(fields: $0.fields) }
    }

    /// Waits until a file is there and not empty: the commands under test make it to say how far they are.
    func waitForFile(_ name: String) async throws -> String {
        try await eventually("'\(name)' in the worktree") {
            let text = (try? String(contentsOfFile: self.worktree + "/" + name, encoding: .utf8)) ?? ""
            return text.hasSuffix("\n") ? String(text.dropLast()) : nil
        }
    }
}

/// Looks again and again until there is an answer; the limit is only for tests that hang.
///
/// It counts looks as well as time: beside hundreds of other tests on two threads a wait of ten milliseconds may last for half a minute.
func eventually<Value>(_ what: String, _ body: () throws -> Value?) async throws -> Value {
    let limit = ContinuousClock.now.advanced(by: .seconds(30))
    var looks = 0
    while ContinuousClock.now < limit || looks < 100 {
        if let value = try body() { return value }
        looks += 1
        try await Task.sleep(for: .milliseconds(10))
    }
    throw LaunchTestFailure(description: "waited in vain for \(what)")
}

/// The code of the supervisor processes above. In an ordinary test run it does nothing.
@Suite struct LaunchSupervisorEntry {
    /// In a supervisor process the only argument pair that counts is the filter for this test, and the request is on standard input.
    @Test func theTestProgramBecomesASupervisorWhenTold() async {
        guard CommandLine.arguments.contains("theTestProgramBecomesASupervisorWhenTold"), getsid(0) == getpid() else { return }
        let code = await SupervisorProcess.run(
            recorder: { FolderRecorder(folder: $0.context["test-record"] ?? "/nonexistent") },
            settle: { request, ending in
                try FolderRecorder(folder: request.context["test-record"] ?? "/nonexistent").append("settled", ending.fields)
            })
        exit(code)
    }
}

/// The code of a spawner that can be killed: it launches the request that the variable names, and waits for its end.
@Suite struct LaunchSpawnerEntry {
    static let variable = "CZAR_TEST_SPAWN"

    @Test func theTestProgramBecomesASpawnerWhenTold() async throws {
        guard let path = ProcessInfo.processInfo.environment[Self.variable] else { return }
        let request = try AttemptRequest(decoding: Array(try Data(contentsOf: URL(fileURLWithPath: path))))
        let bench = try LaunchBench()
        _ = try await bench.launcher.launch(request)
        _ = try await bench.end()
    }

    static func start(_ request: AttemptRequest, in folder: String) throws -> ChildProcess {
        let path = folder + "/request.json"
        try Data(request.encoded()).write(to: URL(fileURLWithPath: path))
        let program = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        return try ChildProcess(
            [program, "--testing-library", "swift-testing", "--filter", "theTestProgramBecomesASpawnerWhenTold"],
            environment: ProcessInfo.processInfo.environment.merging([variable: path]) { _, new in new })
    }
}
