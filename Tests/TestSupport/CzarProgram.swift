import Foundation

/// The built `czar`, beside the test bundle.
package enum CzarProgram {
    package static let path: String = {
        let own = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? CommandLine.arguments[0]
        return URL(fileURLWithPath: own).deletingLastPathComponent().appendingPathComponent("czar").path
    }()

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
package final class CzarProcess: @unchecked Sendable {
    private let process = Process()
    private let folder: TemporaryFolder

    package init(_ arguments: [String], in directory: String, environment extra: [String: String] = [:]) throws {
        folder = try TemporaryFolder("czar-process")
        process.executableURL = URL(fileURLWithPath: arguments[0])
        process.arguments = Array(arguments.dropFirst())
        process.currentDirectoryURL = URL(fileURLWithPath: directory)
        process.environment = hermeticEnvironment.merging(extra) { _, new in new }
        process.standardInput = FileHandle.nullDevice
        for name in ["out", "err"] { try Data().write(to: URL(fileURLWithPath: folder.path + "/" + name)) }
        process.standardOutput = FileHandle(forWritingAtPath: folder.path + "/out")
        process.standardError = FileHandle(forWritingAtPath: folder.path + "/err")
        try process.run()
    }

    package var pid: Int32 { process.processIdentifier }
    package var isRunning: Bool { process.isRunning }
    package var output: String { text("out") }
    package var errors: String { text("err") }

    private func text(_ name: String) -> String {
        String(decoding: FileManager.default.contents(atPath: folder.path + "/" + name) ?? Data(), as: UTF8.self)
    }

    package func signal(_ number: Int32) { kill(pid, number) }

    /// The exit code, or 128 and the signal that ended it.
    @discardableResult
    package func wait() -> Int32 {
        process.waitUntilExit()
        return process.terminationReason == .exit ? process.terminationStatus : 128 + process.terminationStatus
    }

    deinit { if process.isRunning { kill(pid, SIGKILL) } }
}

/// Looks again and again until something is so; throws when it does not come about.
package func waitUntil(
    _ what: String, seconds: Double = 40, _ condition: () throws -> Bool
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
