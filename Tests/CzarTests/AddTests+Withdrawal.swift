import CzarKit
import CzarPlanning
import Foundation
import TestSupport
import Testing

/// Workers that leave the plan with their removal, and come back.
extension AddTests {
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

    /// Whoever finishes what another has begun may come first, or second: there is one entry, and it holds the texts.
    @Test func twoWhoTakeAWorkerOutOfThePlanDoItOnce() throws {
        let repository = try Self.repository()
        let workers = repository.path + "/.czarina/workers"
        #expect(try czar(["add", "other", "more", "--agent", "person"], in: repository.path).status == 0)
        #expect(try czar(["add", "fix", "better", "--agent", "person"], in: repository.path).status == 0)
        let all = try (0..<2).map { _ in try Coordinator(around: repository.path, actor: "cli") }
        let key = WorkerKey(phase: .first, id: try #require(WorkerID(rawValue: "fix")))
        for coordinator in all {
            let outcome = try WithdrawalBatch(coordinator, actor: "cli").withdraw([key])
            #expect(outcome.withdrawn[key.id]?.hasPrefix("'fix' is no longer in the plan") == true && outcome.refused.isEmpty)
        }
        let entries = try all[0].ledger.journal.entries().filter { $0.event.type == .workerWithdrawn }
        #expect(entries.count == 1 && entries[0].event.fields["brief"] != nil)
        #expect(try czar(["undo"], in: repository.path).status == 0)
        #expect(exists("\(workers)/fix.yaml") && exists("\(workers)/fix.md"))
    }

    /// As `git checkout` or `git stash` leaves it: its files are back, and it is in the plan.
    @Test func nobodySaysThatAWorkerLeftWhoseFilesAreBack() throws {
        let repository = try Self.repository()
        #expect(try czar(["add", "fix", "better", "--agent", "person"], in: repository.path).status == 0)
        try git("add", "-f", ".czarina/workers", in: repository.path)
        try git("commit", "-qm", "plan", in: repository.path)
        #expect(try czar(["remove", "fix", "--branch"], in: repository.path).status == 0)
        try git("checkout", "-q", "--", ".czarina", in: repository.path)
        let again = try czar(["remove", "fix", "--branch"], in: repository.path)
        #expect(again.status == 66 && !again.output.contains("no longer in the plan"), "\(again)")
        #expect(exists(repository.path + "/.czarina/workers/fix.yaml"))
    }

    /// A worker is its id to the journal; to people one that was added anew is another one.
    @Test func whatAWorkerOfTheSameNameDidBeforeIsNotTheNewOnes() throws {
        let repository = try Self.repository()
        func shown() throws -> CzarAnswer { try #require(try answer(["status", "fix"], in: repository.path)["workers"].array.first) }
        for number in 1...2 {
            let script = "czar event CHECKPOINT tokens=500; sleep 600"
            #expect(try czar(["add", "fix", "--agent", "shell", script, "--start"], in: repository.path).status == 0)
            try waitUntil("it has reported") { try shown()["tokens"]["used"].int == 500 }
            // Numbers name logs, which stay.
            #expect(try shown()["attempt"].int == number)
            #expect(try czar(["stop", "fix"], in: repository.path).status == 0)
            if number == 1 { #expect(try czar(["remove", "fix", "--branch"], in: repository.path).status == 0) }
        }
        #expect(try czar(["remove", "fix", "--branch"], in: repository.path).status == 0)
        #expect(try czar(["add", "fix", "better", "--agent", "person"], in: repository.path).status == 0)
        let text = try czar(["status", "fix"], in: repository.path).output
        for word in ["attempt ", "started", "tokens", "active  "] { #expect(!text.contains("\n\(word)"), "\(text)") }
        // Taken back, the one before it comes back whole.
        #expect(try answer(["undo"], in: repository.path)["what"].string == "WORKER_ADDED")
        #expect(try answer(["undo"], in: repository.path)["what"].string == "WORKER_WITHDRAWN")
        let back = try shown()
        #expect(back["state"].string == "paused" && back["attempt"].int == 2 && back["tokens"]["used"].int == 500, "\(back)")
        #expect(back["signal"].int == 15 && back["started_at"].exists, "\(back)")
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

    @Test func oneOfSeveralComesBackWithAllThatCameAlong() throws {
        let repository = try Self.repository()
        for (name, text) in [(".gitignore", ".env\n"), (".worktreeinclude", ".env\n"), (".env", "S\n")] { try repository.write(name, text) }
        try repository.commitAll("files")
        #expect(try czar(["add", "keep", "x", "--agent", "person"], in: repository.path).status == 0)
        #expect(try czar(["add", "oops", "y", "--agent", "person"], in: repository.path).status == 0)
        #expect(try czar(["create", "--all"], in: repository.path).status == 0)
        let worktree = repository.path + "/.czarina/worktrees/oops"
        func files() throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: worktree).sorted() }
        let definition = repository.path + "/.czarina/workers/oops.yaml"
        func mode() throws -> Int? { try FileManager.default.attributesOfItem(atPath: definition)[.posixPermissions] as? Int }
        let (before, identity, bits) = (
            try files(), try String(contentsOfFile: worktree + "/WORKER_IDENTITY.md", encoding: .utf8), try mode()
        )
        #expect(before.contains(".env") && before.contains(".czar"))
        #expect(try czar(["remove", "oops", "--branch"], in: repository.path).status == 0)
        #expect(!exists(worktree))
        #expect(try czar(["undo"], in: repository.path).status == 0)
        #expect(try files() == before)
        #expect(try String(contentsOfFile: worktree + "/WORKER_IDENTITY.md", encoding: .utf8) == identity)
        #expect(try mode() == bits)
    }

    @Test func whoseSecondAdditionWasUndoneLeavesThePlanAllTheSame() throws {
        let repository = try Self.repository()
        let definition = repository.path + "/.czarina/workers/f.yaml"
        #expect(try czar(["add", "z", "q", "--agent", "person"], in: repository.path).status == 0)
        #expect(try czar(["add", "f", "one", "--agent", "person"], in: repository.path).status == 0)
        #expect(try czar(["remove", "f", "--branch"], in: repository.path).status == 0)
        #expect(try czar(["add", "f", "two", "--agent", "person"], in: repository.path).status == 0)
        #expect(try czar(["undo"], in: repository.path).status == 0)
        #expect(try czar(["undo"], in: repository.path).status == 0)
        #expect(exists(definition))
        let removed = try czar(["remove", "f", "--branch"], in: repository.path)
        #expect(removed.status == 0 && !exists(definition), "\(removed)")
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

    @Test func whatAWithdrawnWorkerUsedStaysUsed() throws {
        let repository = try Self.repository()
        try writeFile(
            repository.path + "/.czarina/config.yaml",
            "project: {name: p, base: main}\norchestration: {budget: {tokens: 1500, on_limit: pause}}\nworkers: [{id: z}]\n")
        func expectUsed(_ thousands: Int) throws {
            let shown = try czar(["status"], in: repository.path).output
            #expect(shown.contains("; \(thousands)000 of 1500 tokens"), "\(shown)")
        }
        for round in 1...2 {
            #expect(try czar(["add", "a", "x", "--agent", "person"], in: repository.path).status == 0)
            #expect(try czar(["event", "a", "CHECKPOINT", "tokens=1000"], in: repository.path).status == 0)
            try expectUsed(round)
            #expect(try czar(["remove", "a", "--branch"], in: repository.path).status == 0)
            try expectUsed(round)
        }
        #expect(try czar(["undo"], in: repository.path).status == 0)
        try expectUsed(2)
    }
}
