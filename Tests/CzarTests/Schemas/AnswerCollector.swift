import Foundation
import TestSupport
import Testing

/// Runs commands with `--json`, keeps every object that they answer, and holds all of them against the schemas at once.
final class AnswerCollector {
    let project: CzarProject
    private var lines: [String] = []

    init(_ project: CzarProject) { self.project = project }

    /// Runs `czar … --json`. Standard error must carry nothing, or one error object when the command fails; its answers are kept.
    @discardableResult
    func run(_ code: Int32, _ arguments: String..., at folder: String? = nil, environment: [String: String] = [:]) throws -> ProcessOutcome
    {
        let command = "czar " + arguments.joined(separator: " ")
        let outcome = try TestSupport.run(
            [CzarProgram.path] + arguments.prefix(1) + ["--json"] + arguments.dropFirst(), in: folder ?? project.path,
            environment: environment)
        guard outcome.status == code else {
            throw ProcessFailure(description: "\(command): \(outcome.status), not \(code)\n\(outcome.output)\n\(outcome.errors)")
        }
        try keep(command, outcome.output)
        #expect(outcome.errors.split(separator: "\n").count == (code == 0 ? 0 : 1), "\(command): \(outcome.errors)")
        try keep(command + ", its error", outcome.errors)
        return outcome
    }

    /// Keeps one object that may take several lines, or several that take a line each.
    func keep(_ source: String, _ text: String) throws {
        guard !text.isEmpty else { return }
        let whole = text.hasPrefix("{\n") ? [text[...]] : text.split(separator: "\n")
        for part in whole {
            let answer = try JSONSerialization.jsonObject(with: Data(part.utf8))
            let line = try JSONSerialization.data(withJSONObject: ["from": source, "answer": answer])
            lines.append(String(decoding: line, as: UTF8.self))
        }
    }

    /// What the validator has to say against the answers, and the schemas that they used.
    func held() throws -> (complaints: [String], used: [String]) {
        // The user's environment, and not the tests': pip has to reach its registry.
        let outcome = try TestSupport.run(
            [packageRoot + "/.ci/validator", packageRoot + "/Fixtures/schemas/hold-answers.py", packageRoot + "/docs/schemas"],
            in: packageRoot, environment: ProcessInfo.processInfo.environment, input: lines.joined(separator: "\n") + "\n")
        guard outcome.status == 0 else { throw ProcessFailure(description: outcome.errors) }
        var complaints = outcome.output.split(separator: "\n").map(String.init)
        let used = complaints.popLast()?.split(separator: " ").dropFirst().map(String.init) ?? []
        return (complaints, used)
    }
}

/// The package's folder.
let packageRoot = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../..").standardizedFileURL.path
    .trimmingSuffix("/")

extension String {
    fileprivate func trimmingSuffix(_ suffix: String) -> String { hasSuffix(suffix) ? String(dropLast(suffix.count)) : self }
}
