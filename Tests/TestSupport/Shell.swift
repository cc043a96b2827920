import Foundation

/// What a finished process left behind.
package struct ProcessOutcome: Sendable {
    /// The exit status, or 128 and the signal.
    package let status: Int32
    /// What came on standard output.
    package let output: String
    /// What came on standard error.
    package let errors: String
}

/// A process that should have succeeded.
package struct ProcessFailure: Error, CustomStringConvertible {
    /// Command, status and standard error.
    package let description: String

    package init(description: String) { self.description = description }
}

/// Runs a program to its end. Hermetic: no user configuration, a fixed identity, clock and locale.
package func run(
    _ arguments: [String], in folder: String, environment extra: [String: String] = [:], input: String? = nil
) throws -> ProcessOutcome {
    let scratch = try TemporaryFolder("czar-run")
    let (output, errors, source) = (scratch.path + "/out", scratch.path + "/err", scratch.path + "/in")
    if let input { try Data(input.utf8).write(to: URL(fileURLWithPath: source)) }
    let process = try ChildProcess(
        arguments, in: folder, environment: hermeticEnvironment.merging(extra) { _, new in new },
        input: input == nil ? "/dev/null" : source, output: output, errors: errors)
    let status = process.waitForEnd()
    return ProcessOutcome(status: status, output: try text(output), errors: try text(errors))
}

private func text(_ path: String) throws -> String {
    String(decoding: try Data(contentsOf: URL(fileURLWithPath: path)), as: UTF8.self)
}

/// Runs git, the oracle, and returns its output without the last newline; throws when git fails.
@discardableResult
package func git(_ arguments: String..., in folder: String, environment: [String: String] = [:], input: String? = nil) throws -> String {
    let outcome = try run(["git"] + arguments, in: folder, environment: environment, input: input)
    guard outcome.status == 0 else {
        throw ProcessFailure(description: "git \(arguments.joined(separator: " ")): \(outcome.status)\n\(outcome.errors)")
    }
    return outcome.output.hasSuffix("\n") ? String(outcome.output.dropLast()) : outcome.output
}

/// The environment of every process that a test starts.
package let hermeticEnvironment: [String: String] = [
    "PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin",
    "HOME": "/nonexistent", "LC_ALL": "C.UTF-8", "TZ": "UTC",
    "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1", "GIT_TERMINAL_PROMPT": "0",
    "GIT_AUTHOR_NAME": "Test", "GIT_AUTHOR_EMAIL": "test@example.org", "GIT_AUTHOR_DATE": "1790000000 +0000",
    "GIT_COMMITTER_NAME": "Test", "GIT_COMMITTER_EMAIL": "test@example.org", "GIT_COMMITTER_DATE": "1790000000 +0000",
]
