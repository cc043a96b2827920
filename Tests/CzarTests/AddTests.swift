import Foundation
import TestSupport
import Testing

/// `czar add`: a worker in one line, with or without a plan.
@Suite struct AddTests {
    static func repository() throws -> GitRepository {
        let repository = try GitRepository()
        try git("config", "user.name", "Worker", in: repository.path)
        try git("config", "user.email", "worker@example.org", in: repository.path)
        return repository
    }

    func czar(_ arguments: [String], in folder: String, environment: [String: String] = [:]) throws -> ProcessOutcome {
        try run([CzarProgram.path] + arguments, in: folder, environment: environment)
    }

    func answer(_ arguments: [String], in folder: String) throws -> CzarAnswer {
        let outcome = try czar(arguments + ["--json"], in: folder)
        guard outcome.status == 0 else { throw ProcessFailure(description: "\(arguments): \(outcome.status) \(outcome.errors)") }
        return try CzarAnswer(outcome.output)
    }

    func state(_ worker: String, in folder: String) throws -> String? {
        try answer(["status", worker], in: folder)["workers"][0]["state"].string
    }

    @Test(arguments: ["", "workers: []\n"]) func theFirstWorkerIsAddedToAPlanWithoutAny(workers: String) throws {
        let repository = try Self.repository()
        try repository.write(".czarina/config.yaml", "project: {name: empty}\nagents: {claude: {autonomy: edits}}\n" + workers)
        #expect(try czar(["status"], in: repository.path).status == 65, "without workers it is no plan")
        let added = try czar(["add", "w1", "look", "--agent", "claude"], in: repository.path)
        #expect(added.status == 0, "\(added.errors)")
        #expect(try state("w1", in: repository.path) == "pending")
    }

    @Test func anEmptyDefinitionIsTakenOverUntilItsWorkerIsThere() throws {
        let repository = try Self.repository()
        let file = repository.path + "/.czarina/workers/six.yaml"
        try repository.write(".czarina/config.yaml", "project: {name: p, base: main}\nworkers:\n  - {id: one}\n")
        try writeFile(file, "")
        // Whoever works there is read from the plan.
        let added = try czar(["add", "six", "do it"], in: repository.path)
        #expect(added.status == 0, "\(added.errors)")
        let definition = try String(contentsOfFile: file, encoding: .utf8)
        try writeFile(file, "")
        for words in [["add", "six", "another"], ["add", "six", "another", "--agent", "person"]] {
            let refused = try czar(words, in: repository.path)
            #expect(refused.status == 73 && refused.errors.contains(file) && refused.errors.contains("try: rm "), "\(refused.errors)")
            #expect(try String(contentsOfFile: file, encoding: .utf8) == "")
        }
        try writeFile(file, definition)
        #expect(try state("six", in: repository.path) == "pending")
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
            (64, ["add", "two", "- [ ] a", "--agent", "person"], "czar add two --agent person -- '- [ ] a'"),
            (64, ["add", "two", "x", "--after", "two", "--agent", "person"], "cannot wait for itself"),
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

    @Test func anAdditionIsUndoneWhileNothingElseIsThere() throws {
        let repository = try Self.repository()
        let workers = repository.path + "/.czarina/workers"
        #expect(try czar(["add", "kept", "keep me", "--agent", "person"], in: repository.path).status == 0)
        #expect(try czar(["add", "gone", "a typo", "--agent", "person"], in: repository.path).status == 0)
        let undone = try answer(["undo"], in: repository.path)
        #expect(undone["what"].string == "WORKER_ADDED" && undone["worker"].string == "gone", "\(undone)")
        #expect(!exists(workers + "/gone.yaml") && !exists(workers + "/gone.md"))
        #expect(exists(workers + "/kept.yaml") && exists(workers + "/kept.md"))
        // The same id may be added again, and a brief that was there before stays.
        try writeFile(workers + "/gone.md", "mine\n")
        #expect(try czar(["add", "gone", "--agent", "person"], in: repository.path).status == 0)
        #expect(try czar(["create", "gone"], in: repository.path).status == 0)
        #expect(try answer(["undo"], in: repository.path)["what"].string == "BRANCH_CREATED")
        #expect(try answer(["undo"], in: repository.path)["what"].string == "WORKER_ADDED")
        #expect(!exists(workers + "/gone.yaml"))
        #expect(try String(contentsOfFile: workers + "/gone.md", encoding: .utf8) == "mine\n")
    }

    @Test func anAdditionIsNotUndoneWhenItWasUsedOrChanged() throws {
        let repository = try Self.repository()
        let workers = repository.path + "/.czarina/workers"
        func addition(of worker: String) throws -> String {
            let lines = try czar(["events", worker, "--json"], in: repository.path).output.split(separator: "\n")
            let entry = try #require(try lines.map { try CzarAnswer(String($0)) }.last { $0["type"].string == "WORKER_ADDED" })
            return String(try #require(entry["seq"].int))
        }
        func refused(_ worker: String, _ why: String) throws {
            let before = try listing(of: workers)
            let outcome = try czar(["undo", try addition(of: worker)], in: repository.path)
            #expect(outcome.status == 77 && outcome.errors.contains(why), "\(worker): \(outcome.errors)")
            #expect(try listing(of: workers) == before)
        }
        for id in ["made", "edited", "first"] {
            #expect(try czar(["add", id, "do it", "--agent", "person"], in: repository.path).status == 0)
        }
        #expect(try czar(["add", "ran", "--agent", "shell", "true", "--start"], in: repository.path).status == 0)
        #expect(try czar(["add", "second", "then", "--agent", "person", "--after", "first"], in: repository.path).status == 0)
        #expect(try czar(["create", "made"], in: repository.path).status == 0)
        try writeFile(workers + "/edited.md", "do something else\n")
        try refused("made", "its worktree was made since")
        try refused("edited", "'workers/edited.md' was changed since")
        try refused("first", "'second' depends on 'first'")
        try waitUntil("it ended") { try state("ran", in: repository.path) == "failed" }
        try refused("ran", "attempt 1 was started since")
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

    /// An environment in which no agent is found; `git` and a shell are.
    private func withoutAgents(_ repository: GitRepository) throws -> [String: String] {
        let bin = repository.around + "/bin"
        try FileManager.default.createDirectory(atPath: bin, withIntermediateDirectories: true)
        for tool in ["git", "sh", "env"] {
            let path = try #require(CzarProgram.tool(tool))
            if !exists(bin + "/" + tool) { try FileManager.default.createSymbolicLink(atPath: bin + "/" + tool, withDestinationPath: path) }
        }
        return ["PATH": bin]
    }

    @Test func anAgentThatIsNotHereIsSaidBeforeAnythingIsMade() throws {
        let repository = try Self.repository()
        let environment = try withoutAgents(repository)
        let refused = try czar(["add", "y", "do it", "--agent", "codex", "--start"], in: repository.path, environment: environment)
        #expect(refused.status == 66 && refused.output.isEmpty, "\(refused.output)\(refused.errors)")
        #expect(refused.errors.contains("no program is named 'codex' in PATH") && refused.errors.hasSuffix("try: czar agents\n"))
        #expect(!exists(repository.path + "/.czarina/workers/y.yaml"))
        // Not yet started, it may be installed in time.
        let added = try czar(["add", "y", "do it", "--agent", "codex"], in: repository.path, environment: environment)
        #expect(added.status == 0 && added.errors.contains("note: no program is named 'codex' in PATH"), "\(added.errors)")
        let started = try czar(["start", "y"], in: repository.path, environment: environment)
        #expect(started.status == 66 && !started.output.contains("started"), "\(started.output)")
        #expect(started.errors.contains("no program is named 'codex'") && started.errors.contains("try: czar agents"))
        let json = try czar(["start", "y", "--json"], in: repository.path, environment: environment)
        #expect(try CzarAnswer(json.output)["results"][0]["code"].int == 66, "\(json.output)")
        #expect(try CzarAnswer(json.errors)["code"].int == 66)
        let attention = try answer(["status"], in: repository.path)["attention"][0]
        #expect(attention["commands"].strings == ["czar agents", "czar retry y", "czar status y"], "\(attention)")
    }

    @Test func whereNoAgentIsFoundAPersonWorksThereAndThatIsSaid() throws {
        let repository = try Self.repository()
        let environment = try withoutAgents(repository)
        let added = try czar(["add", "login", "mend it", "--start"], in: repository.path, environment: environment)
        #expect(added.status == 0 && added.output.contains("a person works there"), "\(added.errors)")
        #expect(added.errors.contains("no agent was found in PATH: claude, codex,"), "\(added.errors)")
        let quiet = try czar(["add", "other", "mend it", "--quiet"], in: repository.path, environment: environment)
        #expect(quiet.status == 0 && quiet.errors.isEmpty)
    }

    @Test func theBranchOfTheMainWorktreeIsNobodysAndNothingIsLeftOfTheAttempt() throws {
        let repository = try Self.repository()
        for arguments in [
            ["add", "z", "y", "--agent", "person", "--branch", "main", "--start"],
            ["add", "z", "y", "--agent", "person", "--branch", "main"],
        ] {
            let refused = try czar(arguments, in: repository.path)
            #expect(
                refused.status == 73 && refused.errors.contains("'main', which is checked out in the main worktree"), "\(refused.errors)")
            #expect(!exists(repository.path + "/.czarina/workers/z.yaml") && !exists(repository.path + "/.czarina/workers/z.md"))
        }
    }

    @Test func nothingIsLeftOfAWorkerForWhichNoPlaceCouldBeMade() throws {
        let repository = try Self.repository()
        try git("worktree", "add", "-q", "-b", "taken", repository.around + "/other", in: repository.path)
        let refused = try czar(["add", "z", "y", "--agent", "person", "--branch", "taken", "--start"], in: repository.path)
        #expect(refused.status == 73 && refused.errors.contains("taken"), "\(refused.status) \(refused.errors)")
        #expect(refused.errors.contains("'z' is no longer in the plan"), "\(refused.errors)")
        #expect(!exists(repository.path + "/.czarina/workers/z.yaml") && !exists(repository.path + "/.czarina/workers/z.md"))
        #expect(try git("branch", "--list", "cz1/*", in: repository.path) == "")
        #expect(try czar(["add", "z", "y", "--agent", "person", "--start"], in: repository.path).status == 0)
        #expect(try state("z", in: repository.path) == "active")
    }

    @Test func aBaseThatIsSaidCountsOnADetachedHead() throws {
        let repository = try Self.repository()
        try git("update-ref", "refs/remotes/origin/main", "HEAD", in: repository.path)
        try git("switch", "-q", "--detach", in: repository.path)
        let added = try answer(["add", "x", "true", "--agent", "shell", "--base", "origin/main", "--start"], in: repository.path)
        #expect(added["branch"].string == "cz1/feat/x")
        #expect(try git("rev-parse", "cz1/feat/x", in: repository.path) == git("rev-parse", "origin/main", in: repository.path))
        #expect(try answer(["status", "x"], in: repository.path)["workers"][0]["base"].string == "origin/main")
        // It is that worker's and nobody else's.
        let other = try czar(["add", "w", "y", "--agent", "person"], in: repository.path)
        #expect(other.status == 65 && other.errors.contains("HEAD is detached"), "\(other.errors)")
        #expect(!exists(repository.path + "/.czarina/workers/w.yaml"))
        try git("switch", "-q", "main", in: repository.path)
        #expect(try czar(["add", "w", "y", "--agent", "person"], in: repository.path).status == 0)
        #expect(try czar(["create", "w"], in: repository.path).status == 0)
        #expect(try answer(["status", "w"], in: repository.path)["workers"][0]["base"].string == "main")
    }

    @Test func aBriefBehindDependenciesStaysABrief() throws {
        let repository = try Self.repository()
        #expect(try czar(["add", "one", "x", "--agent", "person"], in: repository.path).status == 0)
        let added = try answer(["add", "ab", "--agent", "person", "--after", "one", "look, mend"], in: repository.path)
        #expect(added["dependencies"].strings == ["one"], "\(added)")
        let brief = try String(contentsOfFile: repository.path + "/.czarina/workers/ab.md", encoding: .utf8)
        #expect(brief.contains("look, mend"))
        let refused = try czar(["add", "cd", "x", "--agent", "person", "--after", "one, tow"], in: repository.path)
        #expect(refused.status == 66 && refused.errors.contains("'tow'"), "\(refused)")
        #expect(try czar(["add", "cd", "x", "--agent", "person", "--after", "one, cd"], in: repository.path).status == 64)
    }

    @Test func whoIsAtWorkIsToldOfWhoIsAdded() throws {
        let project = try CzarProject("project: {base: main}\nworkers: [{id: one}]\n")
        try project.expect(0, "start", "one")
        let path = project.worktree("one") + "/WORKER_IDENTITY.md"
        func identity() throws -> String { try String(contentsOfFile: path, encoding: .utf8) }
        #expect(try identity().contains("- You work alone."))
        try project.expect(0, "add", "two", "Parse numbers", "--agent", "person")
        #expect(try identity().contains("- `two`"))
        #expect(try git("status", "--porcelain", in: project.worktree("one")) == "")
        // What its worker tracks is no longer Czar's.
        try writeFile(path, "mine\n")
        try git("add", "-f", "WORKER_IDENTITY.md", in: project.worktree("one"))
        try project.expect(0, "add", "three", "Print numbers", "--agent", "person")
        #expect(try identity() == "mine\n")
    }

    @Test func aTextForAPlanWhoseAgentIsTheShellIsALineToRun() throws {
        let repository = try Self.repository()
        try writeFile(
            repository.path + "/.czarina/config.yaml",
            "project: {name: p, base: main}\norchestration: {default_agent: shell}\nworkers: [{id: z, script: 'true'}]\n")
        #expect(try czar(["add", "a", "echo hi > f"], in: repository.path).status == 0)
        let text = try String(contentsOfFile: repository.path + "/.czarina/workers/a.yaml", encoding: .utf8)
        #expect(text.contains("script: \"echo hi > f\""), "\(text)")
        #expect(try czar(["validate"], in: repository.path).status == 0)
        #expect(try czar(["add", "b"], in: repository.path).errors.contains("what is 'b' to run?"))
    }
}
