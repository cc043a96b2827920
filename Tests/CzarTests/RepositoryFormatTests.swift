import Foundation
import TestSupport
import Testing

/// A repository whose format Czar cannot read is refused with the same sentence by every command, and nothing is written there.
@Suite struct RepositoryFormatTests {
    private static let plan = "project: {base: main}\nworkers: [{id: a}]\n"

    private static let commands = [
        ["status"], ["create", "a"], ["validate"], ["simulate"], ["trust", "--yes"], ["event", "a", "NOTE"],
        ["event", "NOTE", "--worker", "a"],
        ["block", "why", "--worker", "a"],
    ]

    /// `prepare` changes the configuration; nil where this git cannot make such a repository.
    private func project(_ arguments: [String], _ settings: [String: String]) throws -> CzarProject? {
        guard try run(["git", "init", "-q"] + arguments + [TemporaryFolder("czar-format").path], in: "/").status == 0 else { return nil }
        let project = try CzarProject(Self.plan, arguments: arguments)
        for (key, value) in settings.sorted(by: { $0.key > $1.key }) {
            try git("config", "--file", ".git/config", key, value, in: project.path)
        }
        return project
    }

    private static let formats: [(arguments: [String], settings: [String: String], says: String)] = [
        (["--object-format=sha256"], [:], "names its objects by SHA-256"),
        (["--ref-format=reftable"], [:], "keeps its references as 'reftable'"),
        ([], ["core.repositoryFormatVersion": "1", "extensions.wonder": "yes"], "format extensions that Czar does not know: wonder"),
        ([], ["core.repositoryFormatVersion": "2"], "has format version 2"),
    ]

    @Test(arguments: formats.indices) func everyCommandSaysTheSameAndWritesNothing(index: Int) throws {
        let format = Self.formats[index]
        guard let project = try project(format.arguments, format.settings) else {
            return CzarProgram.skip("this git makes no such repository")
        }
        for command in Self.commands {
            let outcome = try run([CzarProgram.path] + command, in: project.path)
            #expect(outcome.status == 69 && outcome.errors.contains(format.says), "\(command): \(outcome.status) \(outcome.errors)")
            #expect(outcome.errors.contains("\ntry: ") && !outcome.errors.contains("try: czar"), "\(command): \(outcome.errors)")
        }
        try FileManager.default.removeItem(atPath: project.path + "/.czarina/config.yaml")
        let initial = try run([CzarProgram.path, "init"], in: project.path)
        #expect(initial.status == 69 && initial.errors.contains(format.says), "init: \(initial.errors)")
        let doctor = try run([CzarProgram.path, "doctor"], in: project.path)
        #expect(doctor.status == 1 && (doctor.output + doctor.errors).contains(format.says), "doctor: \(doctor.errors)\(doctor.output)")
        #expect(!exists(project.path + "/.git/czar") && !exists(project.path + "/.czarina/logs"))
    }

    @Test func knownExtensionsAreNoReasonToRefuse() throws {
        let project = try CzarProject(Self.plan)
        for (key, value) in [("core.repositoryFormatVersion", "1"), ("extensions.noop", "yes"), ("extensions.worktreeConfig", "true")] {
            try git("config", key, value, in: project.path)
        }
        try project.expect(0, "validate")
        try project.expect(0, "event", "a", "NOTE")
    }
}
