import Foundation

/// What a finished process left behind.
public struct ProcessOutcome: Sendable {
    /// The exit status, or 128 and the signal.
    public let status: Int32
    /// What came on standard output.
    public let output: String
    /// What came on standard error.
    public let errors: String
}

/// A process that should have succeeded.
public struct ProcessFailure: Error, CustomStringConvertible {
    /// Command, status and standard error.
    public let description: String
}

/// Runs a program to its end. Hermetic: no user configuration, a fixed identity, clock and locale.
public func run(
    _ arguments: [String], in folder: String, environment extra: [String: String] = [:], input: String? = nil
) throws -> ProcessOutcome {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = arguments
    process.currentDirectoryURL = URL(fileURLWithPath: folder)
    process.environment = hermeticEnvironment.merging(extra) { _, new in new }
    let scratch = NSTemporaryDirectory() + "czar-run-" + UUID().uuidString
    let outputPath = scratch + ".out", errorPath = scratch + ".err"
    for path in [outputPath, errorPath] { try Data().write(to: URL(fileURLWithPath: path)) }
    defer {
        for path in [outputPath, errorPath] { try? FileManager.default.removeItem(atPath: path) }
    }
    process.standardOutput = FileHandle(forWritingAtPath: outputPath)
    process.standardError = FileHandle(forWritingAtPath: errorPath)
    let pipe = Pipe()
    process.standardInput = input == nil ? FileHandle.nullDevice : pipe
    try process.run()
    if let input {
        pipe.fileHandleForWriting.write(Data(input.utf8))
        try pipe.fileHandleForWriting.close()
    }
    process.waitUntilExit()
    return ProcessOutcome(
        status: process.terminationReason == .exit ? process.terminationStatus : 128 + process.terminationStatus,
        output: String(decoding: FileManager.default.contents(atPath: outputPath) ?? Data(), as: UTF8.self),
        errors: String(decoding: FileManager.default.contents(atPath: errorPath) ?? Data(), as: UTF8.self))
}

/// Runs git, the oracle, and returns its output without the last newline; throws when git fails.
@discardableResult
public func git(_ arguments: String..., in folder: String, environment: [String: String] = [:], input: String? = nil) throws -> String {
    let outcome = try run(["git"] + arguments, in: folder, environment: environment, input: input)
    guard outcome.status == 0 else {
        throw ProcessFailure(description: "git \(arguments.joined(separator: " ")): \(outcome.status)\n\(outcome.errors)")
    }
    return outcome.output.hasSuffix("\n") ? String(outcome.output.dropLast()) : outcome.output
}

/// The environment of every process that a test starts.
public let hermeticEnvironment: [String: String] = [
    "PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin",
    "HOME": "/nonexistent", "LC_ALL": "C.UTF-8", "TZ": "UTC",
    "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1", "GIT_TERMINAL_PROMPT": "0",
    "GIT_AUTHOR_NAME": "Test", "GIT_AUTHOR_EMAIL": "test@example.org", "GIT_AUTHOR_DATE": "1790000000 +0000",
    "GIT_COMMITTER_NAME": "Test", "GIT_COMMITTER_EMAIL": "test@example.org", "GIT_COMMITTER_DATE": "1790000000 +0000",
]
