import Foundation

/// The built `czar`, beside the test bundle.
package enum CzarProgram {
    package static let path = built("czar")
    /// Kills a program after a chosen system call (Tests/CrashTracer).
    package static let tracer = built("crash-tracer")

    private static func built(_ name: String) -> String {
        let own = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? CommandLine.arguments[0]
        return URL(fileURLWithPath: own).deletingLastPathComponent().appendingPathComponent(name).path
    }

    /// Where a tool that not every machine has lies; nil when it is not there.
    package static func tool(_ name: String) -> String? {
        ["/usr/bin/", "/bin/", "/usr/sbin/", "/sbin/", "/usr/local/bin/"].map { $0 + name }
            .first { FileManager.default.isExecutableFile(atPath: $0) }
    }

    /// Says on standard error why a test proves nothing on this machine.
    package static func skip(_ why: String) {
        FileHandle.standardError.write(Data("skipped: \(why)\n".utf8))
    }
}

/// A process that goes on while a test looks at what it does.
package final class CzarProcess: Sendable {
    private let process: ChildProcess
    private let folder: TemporaryFolder

    /// Starts it; its output is kept.
    package init(_ arguments: [String], in directory: String, environment extra: [String: String] = [:]) throws {
        folder = try TemporaryFolder("czar-process")
        for name in ["out", "err"] { try Data().write(to: URL(fileURLWithPath: folder.path + "/" + name)) }
        process = try ChildProcess(
            arguments, in: directory, environment: hermeticEnvironment.merging(extra) { _, new in new }, output: folder.path + "/out",
            errors: folder.path + "/err")
    }

    /// Its process id.
    package var pid: Int32 { process.pid }
    /// Whether it has not ended yet.
    package var isRunning: Bool { process.isRunning }
    /// What came on standard output so far.
    package var output: String { text("out") }
    /// What came on standard error so far.
    package var errors: String { text("err") }

    private func text(_ name: String) -> String {
        String(decoding: FileManager.default.contents(atPath: folder.path + "/" + name) ?? Data(), as: UTF8.self)
    }

    /// Sends a signal, unless it has ended.
    package func signal(_ number: Int32) { process.signal(number) }

    /// Waits for its end. Returns the exit code, or 128 and the signal that ended it.
    @discardableResult
    package func wait() -> Int32 { process.waitForEnd() }
}

/// Looks again and again until something is so; throws when it does not come about.
package func waitUntil(
    _ what: String, seconds: Double = 120, _ condition: () throws -> Bool
) throws {
    let end = Date().addingTimeInterval(seconds)
    while try !condition() {
        guard Date() < end else { throw ProcessFailure(description: "never came about: \(what)") }
        usleep(20_000)
    }
}

/// Runs a tool that prepares a test; throws when it fails.
package func prepare(_ arguments: String..., in folder: String = "/") throws {
    let outcome = try run(arguments, in: folder)
    guard outcome.status == 0 else { throw ProcessFailure(description: "\(arguments): \(outcome.status)\n\(outcome.errors)") }
}
