import Foundation
import TestSupport
import Testing

/// `czar add`: a worker in one line, with or without a plan.
@Suite struct AddTests {
    private static func repository() throws -> GitRepository {
        let repository = try GitRepository()
        try git("config", "user.name", "Worker", in: repository.path)
        try git("config", "user.email", "worker@example.org", in: repository.path)
        return repository
    }

    private func czar(_ arguments: [String], in folder: String, environment: [String: String] = [:]) throws -> ProcessOutcome {
        try run([CzarProgram.path] + arguments, in: folder, environment: environment)
    }

    private func answer(_ arguments: [String], in folder: String) throws -> CzarAnswer {
        let outcome = try czar(arguments + ["--json"], in: folder)
        guard outcome.status == 0 else { throw ProcessFailure(description: "\(arguments): \(outcome.status) \(outcome.errors)") }
        return try CzarAnswer(outcome.output)
    }

    private func state(_ worker: String, in folder: String) throws -> String? {
        try answer(["status", worker], in: folder)["workers"][0]["state"].string
    }

    @Test func aWorkerStartsInARepositoryWithoutPlanAndNeedsNoTrust() throws {
        let repository = try Self.repository()
        let added = try answer(["add", "fix", "--agent", "shell", "echo 1 > made", "--start"], in: repository.path)
        #expect(added["schema"].string == "czar.added/1" && added["agent"].string == "shell")
        #expect(["starting", "active", "complete"].contains(added["state"].string))
        let worktree = repository.path + "/.czarina/worktrees/fix"
        #expect(added["path"].string == worktree && added["branch"].string == "cz1/feat/fix")
        // No daemon runs: the attempt's own supervisor commits and proves what it left.
        try waitUntil("fix is complete") { try state("fix", in: repository.path) == "complete" }
        #expect(try git("show", "cz1/feat/fix:made", in: repository.path) == "1")
        #expect(try git("status", "--porcelain", in: repository.path) == "?? .czarina/")
        #expect(
            try git("ls-files", "--others", "--exclude-standard", in: repository.path)
                == ".czarina/workers/fix.md\n.czarina/workers/fix.yaml")
        #expect(try String(contentsOfFile: repository.path + "/.czarina/workers/fix.md", encoding: .utf8) == "Runs `echo 1 > made`.\n")
        #expect(try answer(["validate"], in: repository.path)["valid"].bool == true)
    }

    @Test func aDependentWaitsAndSaysForWhat() throws {
        let repository = try Self.repository()
        _ = try answer(["add", "first", "--agent", "shell", "echo 1 > one"], in: repository.path)
        let second = try czar(
            ["add", "second", "--agent", "shell", "--start", "--after", "first", "echo 2 > two; cat one"], in: repository.path)
        #expect(second.status == 0 && second.output.contains("it waits for 'first', which is pending"), "\(second.errors)\(second.output)")
        #expect(second.output.contains("czar run"))
        let third = try answer(["add", "third", "--after", "first,second", "read it", "--agent", "person"], in: repository.path)
        #expect(third["dependencies"].strings == ["first", "second"])
        #expect(try String(contentsOfFile: repository.path + "/.czarina/workers/third.md", encoding: .utf8) == "read it\n")
        #expect(try answer(["graph"], in: repository.path)["waves"].array.map(\.strings) == [["first"], ["second"], ["third"]])
    }

    @Test func whatCannotBeAddedLeavesNothing() throws {
        let repository = try Self.repository()
        try repository.write("brief.md", "# Do it\n\n- [ ] one\n")
        #expect(
            try czar(["add", "one", "--brief", "brief.md", "--agent", "person", "--branch", "mine/one"], in: repository.path).status == 0)
        func files() throws -> String { try listing(of: repository.path + "/.czarina/workers") }
        let before = try files()
        for (code, arguments, says) in [
            (64, ["add", "No", "x"], "czar add no"), (64, ["add", "two", "--agent", "claude"], "czar add two 'what to do'"),
            (64, ["add", "two", "x", "--brief", "brief.md"], "twice"), (65, ["add", "two", "--brief", "none.md"], "none.md"),
            (65, ["add", "two", "x", "--agent", "cladue"], "claude"),
            (66, ["add", "two", "x", "--agent", "person", "--after", "oen"], "one"),
            (66, ["add", "two", "x", "--agent", "person", "--base", "nowhere"], "nowhere"), (73, ["add", "one", "x"], "czar status one"),
            (65, ["add", "two", "x", "--agent", "person", "--branch", "mine/one"], "mine/one"),
            (65, ["add", "two", "x", "--agent", "person", "--branch", "a..b"], "a..b"),
            (64, ["add", "two", "--agent", "shell"], "--agent shell"),
        ] {
            let outcome = try czar(arguments, in: repository.path)
            #expect(
                outcome.status == Int32(code),
                "\(arguments): \(outcome.status) \(outcome.errors)")
            #expect(outcome.errors.contains(says) && outcome.errors.contains("\ntry: "), "\(arguments): \(outcome.errors)")
            #expect(outcome.output.isEmpty, "\(arguments)")
        }
        let worker = try czar(["add", "two", "x", "--agent", "shell"], in: repository.path, environment: ["CZAR_WORKER": "one"])
        #expect(worker.status == 77)
        #expect(try files() == before)
        #expect(try answer(["status", "one"], in: repository.path)["workers"][0]["tasks"]["total"].int == 1)
        let unborn = try GitRepository(commit: false)
        #expect(try czar(["add", "two", "x", "--agent", "person"], in: unborn.path).status == 65)
        #expect(!exists(unborn.path + "/.czarina"))
    }

    @Test func onlyWhatTheUserSaidIsTrusted() throws {
        let project = try CzarProject(
            "project: {name: trust, base: main}\nagents: {custom: {command: [touch, '\(NSTemporaryDirectory())czar-never']}}\nworkers: [{id: old, script: 'echo old > o'}]\n"
        )
        try project.expect(0, "add", "mine", "--agent", "shell", "echo 1 > m", "--start")
        try project.expect(77, "add", "theirs", "do it", "--agent", "custom", "--start")
        try project.expect(77, "start", "old")
        try project.wait(for: "mine", toBe: "complete")
        #expect(try project.state("theirs") == "pending")
        #expect(!exists(NSTemporaryDirectory() + "czar-never"))
    }

    @Test func aBriefComesFromStandardInputAndABaseIsPinned() throws {
        let repository = try Self.repository()
        let first = try git("rev-parse", "HEAD", in: repository.path)
        try repository.write("more", "1\n")
        try repository.commitAll()
        let piped = try run(
            [CzarProgram.path, "add", "piped", "-", "--agent", "person", "--base", "HEAD~1"], in: repository.path,
            input: "From a pipe\n")
        #expect(piped.status == 0, "\(piped.errors)")
        #expect(try answer(["status", "piped"], in: repository.path)["workers"][0]["description"].string == "From a pipe")
        #expect(try String(contentsOfFile: repository.path + "/.czarina/workers/piped.yaml", encoding: .utf8).contains(first))
        #expect(try czar(["create", "piped"], in: repository.path).status == 0)
        #expect(try git("rev-parse", "cz1/feat/piped", in: repository.path) == first)
    }
}
