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

    @Test(arguments: ["", "workers: []\n"]) func theFirstWorkerIsAddedToAPlanWithoutAny(workers: String) throws {
        let repository = try Self.repository()
        try repository.write(".czarina/config.yaml", "project: {name: empty}\nagents: {claude: {autonomy: edits}}\n" + workers)
        #expect(try czar(["status"], in: repository.path).status == 65, "without workers it is no plan")
        let added = try czar(["add", "w1", "look", "--agent", "claude"], in: repository.path)
        #expect(added.status == 0, "\(added.errors)")
        #expect(try state("w1", in: repository.path) == "pending")
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

    @Test func aMistypedWorkerThatRunsIsTakenBackWhole() throws {
        let repository = try Self.repository()
        let workers = repository.path + "/.czarina/workers"
        func gone(_ worker: String) throws {
            #expect(!exists("\(workers)/\(worker).yaml") && !exists("\(workers)/\(worker).md"))
            #expect(!exists(repository.path + "/.czarina/worktrees/" + worker))
            #expect(try git("branch", "--list", "cz1/*", in: repository.path) == "")
        }
        #expect(try czar(["add", "fix", "--agent", "shell", "sleep 600", "--start"], in: repository.path).status == 0)
        let definition = try String(contentsOfFile: "\(workers)/fix.yaml", encoding: .utf8)
        let refused = try czar(["undo"], in: repository.path)
        #expect(refused.status == 77 && refused.errors.contains("try: czar stop fix && czar remove fix --branch"), "\(refused)")
        #expect(try czar(["stop", "fix"], in: repository.path).status == 0)
        let removed = try czar(["remove", "fix", "--branch"], in: repository.path)
        #expect(removed.status == 0 && removed.output.contains("'fix' is no longer in the plan"), "\(removed.errors)\(removed.output)")
        try gone("fix")
        // Nothing is left to say: no plan was lost, and nobody has left one.
        let status = try czar(["status"], in: repository.path)
        #expect(status.status == 0 && status.output.contains("There is no plan here yet"), "\(status.output)\(status.errors)")
        // All of it comes back as it was, also where it was the whole plan.
        let events = try czar(["events", "fix"], in: repository.path)
        #expect(events.status == 0 && events.output.contains("WORKER_WITHDRAWN"), "\(events)")
        let back = try czar(["undo"], in: repository.path)
        #expect(back.status == 0 && back.output.contains("'fix' is in the plan again"), "\(back)")
        #expect(!back.errors.contains("czar init"), "\(back)")
        #expect(try String(contentsOfFile: "\(workers)/fix.yaml", encoding: .utf8) == definition)
        #expect(exists(repository.path + "/.czarina/worktrees/fix/.git"))
        #expect(try state("fix", in: repository.path) == "paused", "as it was stopped")
        // What was done before it can be undone next.
        #expect(try answer(["undo"], in: repository.path)["what"].string == "STATE_CHANGED")
        #expect(try czar(["pause", "fix"], in: repository.path).status == 0)
        #expect(try czar(["remove", "fix", "--branch"], in: repository.path).status == 0)
        try gone("fix")
        // What somebody else wrote in its place stays.
        try writeFile("\(workers)/fix.yaml", "script: 'true'\n")
        #expect(try czar(["undo"], in: repository.path).status == 77)
        try FileManager.default.removeItem(atPath: "\(workers)/fix.yaml")
        // Added again it begins as a new one does; a person's goes the same way.
        #expect(try czar(["add", "fix", "better", "--agent", "person", "--start"], in: repository.path).status == 0)
        #expect(try state("fix", in: repository.path) == "active")
        let again = try answer(["remove", "fix", "--branch"], in: repository.path)
        #expect(again["withdrawn"].strings == ["fix"])
        try gone("fix")
        // One that was never started.
        #expect(try czar(["add", "other", "more", "--agent", "person"], in: repository.path).status == 0)
        #expect(try czar(["add", "fix", "better", "--agent", "person"], in: repository.path).status == 0)
        #expect(try czar(["remove", "fix", "--branch"], in: repository.path).status == 0)
        let left = try czar(["status"], in: repository.path)
        #expect(
            left.output.contains("other") && !left.output.contains("no longer in the plan") && !left.output.contains("fix"),
            "\(left.output)")
    }

    @Test func aBriefThatWentWithItsWorkerComesBackToTheLetter() throws {
        let repository = try Self.repository()
        let text = "# Parser\n\nA long text, \u{fc}ml\u{e4}uts too.\n"
        #expect(try czar(["add", "keep", "x", "--agent", "person"], in: repository.path).status == 0)
        #expect(try czar(["add", "oops", text, "--agent", "person"], in: repository.path).status == 0)
        let brief = repository.path + "/.czarina/workers/oops.md"
        let written = try String(contentsOfFile: brief, encoding: .utf8)
        #expect(written.contains("\u{fc}ml"))
        #expect(try czar(["create", "oops"], in: repository.path).status == 0)
        try writeFile(repository.path + "/.czarina/worktrees/oops/w", "work\n")
        #expect(try czar(["remove", "oops", "--branch", "--force"], in: repository.path).status == 0)
        #expect(!exists(brief))
        #expect(try answer(["undo"], in: repository.path)["what"].string == "WORKER_WITHDRAWN")
        #expect(try String(contentsOfFile: brief, encoding: .utf8) == written)
        #expect(try String(contentsOfFile: repository.path + "/.czarina/worktrees/oops/w", encoding: .utf8) == "work\n")
    }

    @Test func aWorkerDoesNotComeBackIntoAPlanThatCannotHaveIt() throws {
        let repository = try Self.repository()
        for arguments in [["one", "x"], ["four", "x", "--after", "one"]] {
            #expect(try czar(["add"] + arguments + ["--agent", "person"], in: repository.path).status == 0)
        }
        #expect(try czar(["remove", "four", "--branch"], in: repository.path).status == 0)
        let events = try czar(["events", "four", "--json"], in: repository.path).output.split(separator: "\n")
        let four = try #require(try events.map { try CzarAnswer(String($0)) }.last { $0["type"].string == "WORKER_WITHDRAWN" })
        #expect(try czar(["remove", "one", "--branch"], in: repository.path).status == 0)
        let refused = try czar(["undo", String(try #require(four["seq"].int))], in: repository.path)
        #expect(refused.status == 77 && refused.errors.contains("the plan cannot have it"), "\(refused)")
        #expect(try czar(["undo"], in: repository.path).status == 0)
        #expect(try czar(["undo"], in: repository.path).status == 0)
        #expect(try czar(["status"], in: repository.path).status == 0)
        #expect(exists(repository.path + "/.czarina/workers/four.yaml"))
    }

    @Test func aRunDoesNotTakeAWorkerThatIsComingBack() throws {
        let repository = try Self.repository()
        #expect(try czar(["add", "keep", "sleep 600", "--agent", "shell", "--start"], in: repository.path).status == 0)
        #expect(try czar(["add", "two", "mine", "--agent", "person", "--start"], in: repository.path).status == 0)
        #expect(try czar(["run", "--detach"], in: repository.path).status == 0)
        let file = repository.path + "/.czarina/worktrees/two/precious"
        try writeFile(file, "precious\n")
        #expect(try czar(["remove", "two", "--branch", "--force"], in: repository.path).status == 0)
        #expect(!exists(file))
        let back = try czar(["undo"], in: repository.path)
        #expect(back.status == 0, "\(back)")
        #expect(try String(contentsOfFile: file, encoding: .utf8) == "precious\n")
        #expect(try state("two", in: repository.path) == "active")
        #expect(try czar(["run", "--stop"], in: repository.path).status == 0)
    }

    @Test func aWaitOutlivesAChangeOfThePlan() throws {
        let project = try CzarProject(
            "project: {name: waits, base: main}\nworkers:\n  - {id: a, script: 'until [ -e go ]; do sleep 0.05; done; rm go; echo 1 > f'}\n  - {id: z, script: 'echo 2 > g', dependencies: [a]}\n"
        )
        try project.expect(0, "run", "--detach", "--trust")
        let waiting = try project.start("wait", "a", "z", "--timeout", "60s")
        try project.wait(for: "a", toBe: "active")
        try project.expect(0, "add", "note", "x", "--agent", "person")
        try waitUntil("the plan was read again") { try project.events().count { $0.type == "PLAN_ACCEPTED" } > 1 }
        try writeFile(project.worktree("a") + "/go", "")
        #expect(waiting.wait() == 0, "\(waiting.output)\(waiting.errors)")
    }

    /// Whatever their order on the command line, and whether they were created or not.
    @Test(arguments: [["one", "four"], ["four", "one"], ["--all"]], [[], ["one"]])
    func workersThatDependOnEachOtherLeaveThePlanTogether(_ named: [String], _ started: [String]) throws {
        let repository = try Self.repository()
        #expect(try czar(["add", "one", "Fix", "--agent", "person"], in: repository.path).status == 0)
        #expect(try czar(["add", "four", "x", "--agent", "person", "--after", "one"], in: repository.path).status == 0)
        for worker in started { #expect(try czar(["start", worker], in: repository.path).status == 0) }
        // All means those that are there.
        guard named != ["--all"] || !started.isEmpty else { return }
        let names = named == ["--all"] ? named + ["four"] : named
        let removed = try czar(["remove"] + names + ["--branch"], in: repository.path)
        #expect(removed.status == 0, "\(removed.errors)\(removed.output)")
        for worker in ["one", "four"] {
            #expect(removed.output.contains("'\(worker)' is no longer in the plan"), "\(removed.output)")
            #expect(!exists("\(repository.path)/.czarina/workers/\(worker).yaml"))
        }
        // Back in an order that the plan allows.
        for worker in ["one", "four"] {
            let back = try czar(["undo"], in: repository.path)
            #expect(back.status == 0 && back.output.contains("'\(worker)' is in the plan again"), "\(back)")
        }
    }

    @Test func aWorkerThatStaysInThePlanSaysWhy() throws {
        let repository = try Self.repository()
        for (worker, after) in [("one", []), ("four", ["--after", "one"])] {
            #expect(try czar(["add", worker, "x", "--agent", "person"] + after, in: repository.path).status == 0)
        }
        let needed = try czar(["remove", "one", "--branch"], in: repository.path)
        #expect(needed.status == 77)
        #expect(
            needed.errors == "czar: worker 'one' stays in the plan: 'four' depends on 'one'\ntry: czar remove four one --branch\n",
            "\(needed.errors)")
        try writeFile(repository.path + "/.czarina/workers/four.md", "changed\n")
        let both = try czar(["remove", "four", "one", "--branch"], in: repository.path)
        #expect(both.status == 77)
        #expect(both.errors.contains("'four' stays in the plan: 'workers/four.md' was changed since"), "\(both.errors)")
        #expect(both.errors.contains("'one' stays in the plan: 'four' depends on 'one'"), "\(both.errors)")
        #expect(exists(repository.path + "/.czarina/workers/one.yaml"))
        // One that had a worktree loses it, and stays all the same.
        #expect(try czar(["start", "one"], in: repository.path).status == 0)
        let removed = try czar(["remove", "one", "--branch"], in: repository.path)
        #expect(removed.status == 0 && removed.output.contains("removed one"), "\(removed)")
        #expect(removed.errors.contains("czar: note: worker 'one' stays in the plan: 'four' depends on 'one'"), "\(removed.errors)")
    }

    @Test(arguments: [["two, one"], ["two,", "one"], ["two ,one"], ["two", "one, two"], [" two , one ,"]])
    func aListOfDependenciesMayHoldBlanks(_ list: [String]) throws {
        let repository = try Self.repository()
        for worker in ["one", "two"] { #expect(try czar(["add", worker, "x", "--agent", "person"], in: repository.path).status == 0) }
        let added = try answer(["add", "ab", "x", "--agent", "person", "--after"] + list, in: repository.path)
        #expect(Set(added["dependencies"].strings) == ["one", "two"], "\(added)")
        let brief = try String(contentsOfFile: repository.path + "/.czarina/workers/ab.md", encoding: .utf8)
        #expect(brief.trimmingCharacters(in: .whitespacesAndNewlines) == "x", "\(brief)")
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

    @Test func aWorkerThatDidSomethingKeepsItsDefinition() throws {
        let repository = try Self.repository()
        for id in ["done", "needed"] {
            #expect(try czar(["add", id, "do it", "--agent", "person", "--start"], in: repository.path).status == 0)
        }
        #expect(try czar(["add", "after", "then", "--agent", "person", "--after", "needed"], in: repository.path).status == 0)
        let tree = repository.path + "/.czarina/worktrees/done"
        try writeFile(tree + "/f", "1")
        #expect(try czar(["commit", "-m", "work"], in: tree).status == 0)
        try git("merge", "-q", "--no-edit", "cz1/feat/done", in: repository.path)
        for id in ["done", "needed"] {
            let removed = try czar(["remove", id, "--branch"], in: repository.path)
            #expect(removed.status == 0 && !removed.output.contains("no longer in the plan"), "\(removed.output)\(removed.errors)")
            #expect(exists("\(repository.path)/.czarina/workers/\(id).yaml"))
        }
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
}
