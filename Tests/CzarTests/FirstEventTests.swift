import Foundation
import TestSupport
import Testing

/// `czar event` as the first command of all, and looks that leave a project untouched.
@Suite struct FirstEventTests {
    private static let plan =
        "project: {base: main}\nworkers:\n  - {id: a, script: 'true'}\n  - {id: b, dependencies: [a], script: 'true'}\n"

    /// Every file of the repository with what it holds.
    private func files(_ project: CzarProject) throws -> String {
        try run(["sh", "-c", "find . -type f -exec cksum {} + | sort; find . -type d | sort"], in: project.path).output
    }

    @Test func itsFilesAreOutOfGitsSight() throws {
        let project = try CzarProject(Self.plan)
        try project.expect(0, "event", "a", "NOTE")
        #expect(try git("status", "--short", "-uall", in: project.path).isEmpty)
        #expect(exists(project.path + "/.czarina/logs/events.jsonl"))
    }

    @Test func itSaysWhereTheLogsOfAnOldProjectLieThen() throws {
        let project = try CzarProject(Self.plan)
        try project.repository.write(".czarina/events.log", "2025-12-30T03:16:48Z a CHECKPOINT name=old\n")
        let said = try project.expect(0, "event", "a", "NOTE").output
        #expect(said.contains("events.log.found-") && said.contains("'czar import' takes their events in"), "\(said)")
        #expect(try !project.expect(0, "event", "a", "NOTE").output.contains("found-"))
        #expect(try project.answer("import")["imported"].int == 1)
    }

    @Test func aDryRunOfAStartWritesNothing() throws {
        let project = try CzarProject(Self.plan)
        try project.repository.write(".czarina/logs/events.jsonl", "{}\n")
        let before = try files(project)
        #expect(try project.expect(0, "start", "a", "--dry-run").output.contains("argv"))
        #expect(try project.expect(77, "start", "b", "--dry-run").errors.contains("it waits for 'a', which is pending"))
        try project.expect(66, "start", "nobody", "--dry-run")
        #expect(try files(project) == before)
        try project.expect(0, "create", "a")
        let made = try files(project)
        #expect(try project.expect(0, "start", "a", "--dry-run").output.contains(project.worktree("a")))
        #expect(try files(project) == made)
    }
}
