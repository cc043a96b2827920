import Foundation
import TestSupport
import Testing

/// `czar import`: what an old Czarina project says happened, taken into the journal once.
@Suite struct ImportTests {
    private static let fixtures = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("Fixtures/czarina").path

    private static func oldProject(_ files: [String: String]) throws -> CzarProject {
        let project = try CzarProject("workers: [{id: a}]\n")
        try FileManager.default.removeItem(atPath: project.path + "/.czarina/config.yaml")
        for (name, place) in files.merging(["config.json": "config.json"], uniquingKeysWith: { first, _ in first }) {
            let text = try String(contentsOfFile: fixtures + "/" + name, encoding: .utf8)
            try project.repository.write(".czarina/" + place, text)
        }
        try project.repository.commitAll("old project")
        return project
    }

    @Test func everyShapeIsTakenInOnceAndBadLinesAreNamed() throws {
        let project = try Self.oldProject(["all-shapes.jsonl": "logs/events.jsonl", "events.log": "events.log"])
        let first = try project.answer("import")
        #expect(first["schema"].string == "czar.imported/1")
        #expect(first["imported"].int == 8 && first["known"].int == 0, "\(first)")
        #expect(first["claims"].strings == ["phase-detection", "documentation"], "\(first)")
        let refused = first["refused"].strings
        #expect(refused.count == 4, "\(refused)")
        for (file, line) in [("events.jsonl", 7), ("events.jsonl", 8), ("events.jsonl", 9), ("events.log", 4)] {
            #expect(refused.contains { $0.contains(file) && $0.contains("line \(line): ") }, "\(file) \(line): \(refused)")
        }
        let aside = try String(contentsOfFile: project.path + "/.czarina/logs/import.bad", encoding: .utf8)
        #expect(aside.contains("not an event at all") && aside.split(separator: "\n").count == 4)

        let events = try project.events().filter { !["JOURNAL_OPENED", "PLAN_ACCEPTED"].contains($0.type) }
        #expect(events.map(\.time) == events.map(\.time).sorted())
        let project0 = try #require(events.first { $0.type == "ORCHESTRATION_START" })
        #expect(project0.worker == nil && project0.time == "2025-12-30T03:16:48.000Z")
        #expect(project0.fields["project"] == #"Unnamed "Project" in C:\Users"# && project0.fields["workers"] == "5")
        let done = try #require(events.first { $0.type == "WORKER_COMPLETE" && $0.worker == "documentation" })
        #expect(done.fields == ["tokens": "1150000", "files": #"["a","b"]"#])
        // What only Czar may say stays what another tool said.
        #expect(events.first { $0.type == "CZARINA_STUCK" }?.fields == ["source": "daemon", "worker": "testing", "minutes": "30"])
        #expect(events.first { $0.fields["source"] == "gone-since" }?.worker == nil)
        #expect(events.first { $0.type == "TASK_COMPLETE" }?.fields == ["task": #"write "all" tests"#])
        // Claims change no state.
        let workers = try project.workers()
        #expect(workers.values.allSatisfy { $0["state"].string == "pending" })
        #expect(workers["documentation"]?["claimed"].string == "complete" && workers["testing"]?["claimed"].exists == false)

        let second = try project.answer("import")
        #expect(second["imported"].int == 0 && second["known"].int == 8 && second["refused"].array.count == 4)
        #expect(try project.events().count == events.count + 2)
        // The old project went on.
        let found = try #require(
            try FileManager.default.contentsOfDirectory(atPath: project.path + "/.czarina/logs").first { $0.hasPrefix("events.log.found-") }
        )
        let old = project.path + "/.czarina/logs/" + found
        let text = try String(contentsOfFile: old, encoding: .utf8)
        try (text + "2025-12-27T10:00:00Z testing WORKER_COMPLETE\n").write(toFile: old, atomically: true, encoding: .utf8)
        #expect(try project.answer("import")["imported"].int == 1)
    }

    @Test func whomThePlanDoesNotHaveIsNamed() throws {
        let project = try Self.oldProject([:])
        try writeFile(project.outside + "/old/events.log", "2025-12-29T22:00:00Z stranger CHECKPOINT name=x\n")
        let said = try project.expect(0, "import", project.outside + "/old").output
        #expect(said.contains("\nthe plan has no worker of these names: stranger\n"), "\(said)")
    }

    @Test func theRealFileOfAnotherFolderIsImported() throws {
        let project = try Self.oldProject([:])
        let other = project.outside + "/old"
        try FileManager.default.createDirectory(atPath: other + "/logs", withIntermediateDirectories: true)
        try FileManager.default.copyItem(atPath: Self.fixtures + "/events.jsonl", toPath: other + "/logs/events.jsonl")
        try "done\n2025-12-29T22:00:00Z testing WORKER_COMPLETE\n".write(
            toFile: other + "/logs/testing.log", atomically: true, encoding: .utf8)
        let answer = try project.answer("import", other)
        let lines = try String(contentsOfFile: Self.fixtures + "/events.jsonl", encoding: .utf8).split(separator: "\n").count
        #expect(answer["imported"].int == lines + 1 && answer["refused"].array.isEmpty, "\(answer)")
        #expect(answer["claims"].strings == ["testing"] || answer["claims"].strings.contains("testing"), "\(answer)")
        #expect(try project.answer("import", other)["imported"].int == 0)
        #expect(try project.czar("import", "/nowhere").status == 65)
    }

    @Test func aClaimIsProvenByComplete() throws {
        let project = try Self.oldProject(["events.log": "events.log"])
        try git("branch", "cz1/feat/phase-detection", in: project.path)
        let imported = try project.expect(0, "import").output
        #expect(imported.contains("is the events.log of the old project; Czar keeps its own under that name"), "\(imported)")
        let next = "next: czar create phase-detection && czar complete phase-detection"
        #expect(try project.expect(0, "status").output.contains(next))
        let shown = try project.expect(0, "status", "phase-detection").output
        #expect(shown.contains("claims       to be complete; 'czar complete phase-detection' holds that"), "\(shown)")
        #expect(try project.expect(77, "complete", "phase-detection").errors.contains("try: czar create phase-detection"))
        let created = try project.expect(0, "create", "phase-detection").output
        #expect(created.contains("created phase-detection on the branch cz1/feat/phase-detection, which was there, in "), "\(created)")
        // The branch was there before; it holds nothing yet.
        #expect(try project.expect(1, "complete", "phase-detection").errors.contains("not proven"))
        // What was tried is no advice any more.
        let after = try project.expect(0, "status").output
        #expect(after.contains("\nnext: ") && !after.contains("phase-detection && czar complete"), "\(after)")
        let tree = project.worktree("phase-detection")
        try "1\n".write(toFile: tree + "/work", atomically: true, encoding: .utf8)
        try git("add", "work", in: tree)
        try git("commit", "-qm", "work", in: tree)
        // Now there is something that may prove it.
        #expect(try project.expect(0, "status").output.contains("\nnext: czar complete phase-detection   "))
        try project.expect(0, "complete", "phase-detection")
        #expect(try project.state("phase-detection") == "complete")
    }

    @Test func aCommandThatFailsLeavesTheOldLogInItsPlace() throws {
        let project = try Self.oldProject(["events.log": "events.log"])
        let log = project.path + "/.czarina/events.log"
        let before = try String(contentsOfFile: log, encoding: .utf8)
        try git("switch", "-q", "--detach", in: project.path)
        #expect(try project.expect(65, "create", "--all").errors.contains("HEAD is detached"))
        #expect(try String(contentsOfFile: log, encoding: .utf8) == before)
        #expect(try git("status", "--porcelain", in: project.path).isEmpty)
        let workers = try project.workers()
        #expect(workers["phase-detection"]?["claimed"].string == "complete")
        try git("switch", "-q", "main", in: project.path)
        let tree = project.worktree("phase-detection")
        try git("worktree", "add", "-q", "-b", "cz1/feat/phase-detection", tree, in: project.path)
        let adopted = try project.expect(0, "create", "phase-detection").output
        let says = "adopted phase-detection: the branch cz1/feat/phase-detection and the worktree \(tree) were there"
        #expect(adopted.hasPrefix(says), "\(adopted)")
    }
}
