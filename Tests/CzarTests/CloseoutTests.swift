import Foundation
import TestSupport
import Testing

/// `czar closeout`, with git as the judge of what is left.
@Suite struct CloseoutTests {
    private static let plan = """
        project: {name: close, version: 1.2.0, base: main, phase: 1}
        workers:
          - {id: one, script: 'echo 1 > 1; echo said'}
          - {id: two, script: 'echo 2 > 2'}
          - {id: away, script: 'echo 3 > 3'}
        """

    private func finished(_ plan: String = plan) throws -> CzarProject {
        let project = try CzarProject(plan)
        try project.repository.write(".czarina/workers/one.md", "# One\n- [x] done\n")
        try project.expect(0, "run", "--trust", "--quiet")
        return project
    }

    private func merge(_ workers: String..., in project: CzarProject) throws {
        for worker in workers { try git("merge", "-q", "--no-ff", "-m", "land \(worker)", "cz1/feat/\(worker)", in: project.path) }
    }

    private func archive(_ project: CzarProject) -> String { project.path + "/.czarina/phases/phase-1-v1.2.0" }

    @Test func whatIsIntegratedGoesAndWhatIsNotStaysWithItsReason() throws {
        let project = try finished()
        try merge("one", "two", in: project)
        let outcome = try project.expect(1, "closeout", "--json")
        let answer = try CzarAnswer(outcome.output)
        #expect(answer["schema"].string == "czar.closeout/1" && answer["done"].bool == false)
        #expect(Set(answer["removed"].array.compactMap { $0["worker"].string }) == ["one", "two"])
        #expect(answer["kept"].array.map { $0["worker"].string } == ["away"])
        #expect(answer["kept"][0]["why"].string == "its work is not proven to be on 'main'")
        #expect(
            try String(contentsOfFile: project.path + "/.czarina/phases/phase-1-v1.2.0/kept.txt", encoding: .utf8)
                == "away: its work is not proven to be on 'main'\n")
        for worker in ["one", "two"] {
            #expect(!exists(project.worktree(worker)))
            #expect(try run(["git", "rev-parse", "-q", "--verify", "cz1/feat/\(worker)"], in: project.path).status == 0, "branches stay")
        }
        #expect(try project.complaints(clean: ["away"]).isEmpty)
        // When the rest has landed, closing it again finishes.
        try merge("away", in: project)
        let again = try CzarAnswer(project.expect(0, "closeout", "--json").output)
        #expect(again["done"].bool == true && again["removed"].array.count == 1 && again["kept"].array.isEmpty)
        #expect(try CzarAnswer(project.expect(0, "closeout", "--json").output)["removed"].array.isEmpty, "and once more changes nothing")
    }

    @Test func theArchiveHoldsReportPlanBriefsJournalAndLogs() throws {
        let project = try finished()
        try merge("one", "two", "away", in: project)
        try project.expect(0, "closeout")
        func text(_ name: String) throws -> String { try String(contentsOfFile: archive(project) + "/" + name, encoding: .utf8) }
        #expect(try text("closeout.md").contains("Every worker is complete, its work has landed and nothing is left behind."))
        #expect(try text("closeout.html").hasPrefix("<!doctype html>"))
        #expect(try CzarAnswer(text("closeout.json"))["closed_at"].string != nil, "the report of the closed phase")
        #expect(try text("metrics.csv").hasPrefix("worker,"))
        let status = try CzarAnswer(text("worker-status.json"))
        #expect(status["schema"].string == "czar.status/1" && status["totals"]["complete"].int == 3)
        #expect(try text("config.yaml") == Self.plan && text("workers/one.md").contains("# One"))
        #expect(try CzarAnswer(text("plan.json"))["workers"].array.count == 3)
        #expect(try text("logs/one.1.log").contains("said"))
        #expect(try text("events.log").contains("one STATE_CHANGED") && text("events.log").contains("one WORKTREE_REMOVED"))
        #expect(try text("events.jsonl").contains("PHASE_CLOSED"), "to the phase's end")
        #expect(try text("kept.txt") == "nothing was kept\n")
        // Nothing of it is in the way of git.
        #expect(try project.complaints().isEmpty)
        let answer = try project.answer("report", "closeout")
        #expect(answer["closed_at"].string != nil && answer["done"].bool == true)
    }

    @Test func whatSomebodyWroteIntoTheArchiveIsKeptAside() throws {
        let project = try finished()
        try merge("one", "two", in: project)
        try writeFile(archive(project) + "/plan.json", "a plan of mine\n")
        try project.expect(1, "closeout")
        try writeFile(archive(project) + "/closeout.md", "a summary of mine\n")
        try merge("away", in: project)
        try project.expect(0, "closeout")
        let kept = try FileManager.default.contentsOfDirectory(atPath: archive(project)).filter { $0.contains(".found-") }.sorted()
        #expect(kept.map { $0.prefix { $0 != "-" } } == ["closeout.md.found", "plan.json.found"])
        let texts = try kept.map { try String(contentsOfFile: archive(project) + "/" + $0, encoding: .utf8) }
        #expect(texts == ["a summary of mine\n", "a plan of mine\n"])
        #expect(try String(contentsOfFile: archive(project) + "/closeout.md", encoding: .utf8).contains("Every worker is complete"))
    }

    @Test func aRequiredMergeIsNotContainedBeforeItsWorkerIsComplete() throws {
        let project = try CzarProject(
            """
            project: {name: close, base: main}
            orchestration: {retry: {limit: 0}}
            workers:
              - {id: slow, launcher: none}
              - {id: release, script: 'echo 1 > 1', merges: [slow]}
            """)
        try project.expect(0, "create", "slow")
        let ending = try run([CzarProgram.path, "run", "--trust", "--quiet", "release"], in: project.path)
        #expect(ending.status == 1, "\(ending.errors)")
        let release = try #require(try project.workers()["release"])
        #expect(release["state"].string == "failed" && release["cause"].string?.contains("the work of 'slow'") == true, "\(release)")
    }

    @Test func aRequiredMergeThatIsNotProvenForbidsIt() throws {
        let project = try CzarProject(
            """
            project: {name: close, base: main}
            workers:
              - {id: one, script: 'echo 1 > 1'}
              - {id: release, agent: human, merges: [one]}
            """)
        try project.expect(0, "run", "--trust", "--quiet", "--once")
        try project.wait(for: "one", toBe: "complete")
        let before = try (project.traces(), project.events().count)
        let outcome = try project.expect(77, "closeout")
        #expect(outcome.errors.contains("'release' does not provably contain 'one'"))
        #expect(try project.traces() == before.0 && project.events().count == before.1 && !exists(project.path + "/.czarina/phases"))
        try project.expect(1, "closeout", "--force")
        #expect(exists(project.path + "/.czarina/phases/phase-1/closeout.md"))
    }

    @Test func dryRunSaysAndChangesNothing() throws {
        let project = try finished()
        try merge("one", in: project)
        let before = try (project.traces(), project.events().count)
        let outcome = try project.expect(1, "closeout", "--dry-run")
        #expect(outcome.output.contains("would remove one") && outcome.output.contains("kept two"))
        #expect(try project.traces() == before.0 && project.events().count == before.1)
    }

    @Test func aDirtyWorktreeIsKept() throws {
        let project = try finished()
        try merge("one", "two", "away", in: project)
        try writeFile(project.worktree("two") + "/notes", "not committed\n")
        let answer = try CzarAnswer(project.expect(1, "closeout", "--json").output)
        #expect(answer["kept"].array.map { $0["worker"].string } == ["two"])
        #expect(answer["kept"][0]["why"].string?.contains("untracked") == true)
        #expect(exists(project.worktree("two") + "/notes") && !exists(project.worktree("one")))
    }

    @Test func whatIsKeptRemains() throws {
        let project = try finished()
        try merge("one", "two", "away", in: project)
        let excludes = project.path + "/.git/info/exclude"
        try writeFile(excludes, try String(contentsOfFile: excludes, encoding: .utf8) + "*.o\n")
        try writeFile(project.worktree("two") + "/x.o", "not brought\n")
        #expect(try project.expect(1, "closeout", "--dry-run").output.contains("  two: was kept: 1 ignored entry"))
        let output = try project.expect(1, "closeout").output
        let remains = try #require(output.components(separatedBy: "What remains\n").last)
        #expect(remains.hasPrefix("  two: was kept: 1 ignored entry that the main worktree has no copy of: x.o"))
        // The report that is asked for later says the same.
        let later = try run([CzarProgram.path, "report", "closeout"], in: project.path).output
        #expect(later.contains("two: was kept: 1 ignored entry that the main worktree has no copy of: x.o"), "\(later)")
        let report = try String(contentsOfFile: archive(project) + "/closeout.md", encoding: .utf8)
        #expect(report.contains("Not done.") && report.contains("czar remove two"))
        try project.expect(0, "remove", "--ignored", "two")
        try project.expect(0, "closeout")
    }

    @Test func branchesOfSquashedWorkGoOnlyIntoRecovery() throws {
        let project = try finished()
        try merge("two", "away", in: project)
        try git("merge", "-q", "--squash", "cz1/feat/one", in: project.path)
        try git("commit", "-qm", "one, squashed", in: project.path)
        let tip = try git("rev-parse", "cz1/feat/one", in: project.path)
        let answer = try CzarAnswer(project.expect(0, "closeout", "--branches", "--json").output)
        let removed = answer["removed"].array.first { $0["worker"].string == "one" }
        let recovery = try #require(removed?["recovery"].string)
        #expect(try git("merge-base", "--is-ancestor", tip, recovery, in: project.path).isEmpty)
        #expect(try git("branch", "--list", "cz1/*", in: project.path).isEmpty)
        #expect(try project.complaints().isEmpty)
        // The figures of deleted branches stay.
        let report = try project.answer("report", "closeout")
        for worker in report["workers"].array {
            #expect(worker["own_commits"].int == 1, "\(worker)")
            #expect(worker["integrated"]["state"].string != "no", "\(worker)")
        }
    }

    @Test func undoBringsBackWhatWasRemoved() throws {
        let project = try finished()
        try merge("one", "two", "away", in: project)
        let before = try project.traces()
        try project.expect(0, "closeout", "--branches")
        let outcome = try project.expect(0, "undo")
        #expect(outcome.output.contains("phase 1 is open again; 3 worktrees are back"))
        #expect(try project.traces().filter { !$0.contains("recovery") } == before)
        #expect(try project.complaints(clean: ["one", "two", "away"]).isEmpty)
        #expect(try !project.answer("report", "closeout")["closed_at"].exists)
        let closed = try #require(project.events().last { $0.type == "PHASE_CLOSED" })
        try project.expect(77, "undo", "#\(closed.sequence)")
    }

    @Test func undoCountsOnlyTheWorktreesThatItBringsBack() throws {
        let project = try finished()
        try merge("one", "two", "away", in: project)
        try project.expect(0, "remove", "one")
        try project.expect(0, "closeout", "--branches")
        let outcome = try project.expect(0, "undo")
        #expect(outcome.output.contains("phase 1 is open again; 2 worktrees are back; 1 branch without a worktree is back"))
        #expect(!exists(project.worktree("one")) && exists(project.worktree("two")))
        #expect(try git("branch", "--list", "cz1/feat/one", in: project.path) != "")
    }

    @Test func aPhaseIsClosedWhileTheNextOneIsOpen() throws {
        let project = try finished()
        try merge("one", "two", "away", in: project)
        let next = """
            project: {name: close, version: 1.3.0, base: main, phase: 2}
            workers:
              - {id: one, agent: human}
            """
        try project.replacePlan(next)
        try project.repository.commitAll("phase 2")
        // Worktrees of both phases have one place: phase 1's goes first.
        try project.expect(0, "closeout", "--phase", "1")
        #expect(exists(archive(project) + "/closeout.md") && !exists(archive(project) + "/config.yaml"), "the plan's file is phase 2's")
        try project.expect(0, "create", "one")
        try writeFile(project.worktree("one") + "/new", "new\n")
        try project.expect(0, "closeout", "--phase", "1")
        #expect(exists(project.worktree("one") + "/new"), "phase 2 is not touched")
        #expect(try project.answer("report", "closeout", "--phase", "1")["project"]["version"].string == "1.2.0")
        #expect(try project.answer("report", "status")["project"]["phase"].string == "2")
    }

    /// Nobody's plan says any more what becomes of it, so nothing is done before somebody has.
    @Test func aWorkerThatLeftThePlanWithItsWorkKeepsThePhaseFromBeingDone() throws {
        func plan(_ workers: [String]) -> String {
            workers.reduce("project: {name: left, base: main}\nworkers:\n") { text, id in
                let report = "\(CzarProgram.path) event CHECKPOINT tokens=500 name=\(id)"
                return text + "  - {id: \(id), script: 'echo 1 > \(id); git add -A; git commit -qm \(id); \(report)'}\n"
            }
        }
        let project = try CzarProject(plan(["a", "c"]))
        try project.expect(0, "run", "--trust", "--quiet")
        try project.replacePlan(plan(["c"]))
        try project.repository.commitAll("without a")
        try merge("c", in: project)
        let why = "left the plan: 1 commit is not on main; its worktree is still there"
        let report = try project.expect(0, "report", "closeout").output
        #expect(report.contains("Not done.") && report.contains("czar diff a"), "\(report)")
        let answer = try CzarAnswer(project.expect(1, "closeout", "--branches", "--json").output)
        #expect(answer["done"].bool == false && answer["kept"].array.map { $0["why"].string } == [why])
        let body = answer["report"]
        #expect(body["remains"].array.map { $0["worker"].string } == ["a"] && body["remains"][0]["why"].string == why)
        #expect(body["totals"]["tokens"].int == 1000 && body["totals"]["unlisted_tokens"].int == 500)
        #expect(body["totals"]["workers"].int == 1 && body["unlisted"].array.map { $0["id"].string } == ["a"])
        #expect(body["criteria"].array.first { $0["name"].string == "All work is on main" }?["met"].bool == false)
        #expect(try String(contentsOfFile: project.path + "/.czarina/phases/phase-1/kept.txt", encoding: .utf8) == "a: \(why)\n")
        #expect(exists(project.worktree("a")) && !exists(project.worktree("c")))
        let weekly = try project.expect(0, "report", "weekly").output
        #expect(weekly.contains("Decide about a, which left the plan: 1 commit is not on main"), "\(weekly)")
        #expect(weekly.contains("Nothing else: the phase was closed"))
        #expect(try project.answer("status")["totals"]["tokens"].int == 1000)
        // Landed, its worktree is what is left; and then nothing is.
        try merge("a", in: project)
        let left = try CzarAnswer(project.expect(1, "closeout", "--json").output)["report"]["remains"]
        #expect(left.array.map { $0["why"].string } == ["left the plan: its worktree is still there"])
        #expect(left[0]["command"].string == "czar remove a")
        try project.expect(0, "remove", "a")
        try project.expect(0, "closeout")
    }

    /// Each phase's worker is the business of its own phase, also while its command runs.
    @Test func whatRunsInAnotherPhaseKeepsNobodyFromClosingThisOne() throws {
        func plan(_ phase: Int, _ worker: String) -> String {
            "project: {name: apart, base: main, phase: \(phase)}\nworkers:\n  - \(worker)\n"
        }
        let project = try CzarProject(plan(1, "{id: a, script: 'echo a > a'}"))
        try project.expect(0, "run", "--trust", "--quiet")
        try merge("a", in: project)
        try project.replacePlan(plan(2, "{id: b, script: 'sleep 600'}"))
        try project.repository.commitAll("phase 2")
        try project.expect(0, "start", "b", "--trust")
        #expect(try project.answer("report", "closeout", "--phase", "1")["done"].bool == true)
        try project.expect(0, "closeout", "--phase", "1")
        try project.expect(0, "stop", "b")
    }

    @Test func aWorkerThatThePlanMovedToAnotherPhaseHasLeftItsOwn() throws {
        func plan(_ phase: String) -> String {
            "project: {name: moved, base: main}\nworkers:\n  - {id: a, script: 'echo a > a'}\n  - {id: b, script: 'echo b > b'\(phase)}\n"
        }
        let project = try CzarProject(plan(""))
        try project.expect(0, "run", "--trust", "--quiet")
        try merge("a", in: project)
        try project.replacePlan(plan(", phase: 2"))
        try project.repository.commitAll("b is of phase 2")
        let answer = try CzarAnswer(project.expect(1, "closeout", "--json").output)
        #expect(answer["kept"].array.map { $0["worker"].string } == ["b"], "\(answer)")
    }

    @Test func aWorktreeThatIsGoneWithItsBranchIsNoRest() throws {
        func plan(_ workers: String...) -> String { "project: {name: gone, base: main}\nworkers:\n" + workers.joined() }
        let (a, b) = ("  - {id: a, script: 'echo a > a'}\n", "  - {id: b, script: 'echo b > b'}\n")
        let project = try CzarProject(plan(a, b))
        try project.expect(0, "run", "--trust", "--quiet")
        try merge("a", "b", in: project)
        try git("worktree", "remove", project.worktree("b"), in: project.path)
        try git("branch", "-d", "cz1/feat/b", in: project.path)
        try project.replacePlan(plan(a))
        try project.repository.commitAll("without b")
        #expect(try project.answer("report", "closeout")["remains"].array.map { $0["worker"].string } == [])
        try project.expect(0, "closeout")
    }

    @Test func nothingIsToBeBegunOfACompleteWorkerWhoseBranchWentOnceItHadLanded() throws {
        let project = try finished()
        try merge("one", in: project)
        try git("update-ref", "-d", "refs/heads/cz1/feat/one", in: project.path)
        try project.expect(0, "create", "--all")
    }

    @Test func workThatWasGivenUpIsNoRest() throws {
        func plan(_ workers: String...) -> String { "project: {name: up, base: main}\nworkers:\n" + workers.joined() }
        let (a, b) = ("  - {id: a, script: 'echo a > a'}\n", "  - {id: b, script: 'echo b > b'}\n")
        let project = try CzarProject(plan(a, b))
        try project.expect(0, "run", "--trust", "--quiet")
        try merge("a", in: project)
        try project.replacePlan(plan(a))
        try project.repository.commitAll("without b")
        try project.expect(0, "remove", "b")
        #expect(try CzarAnswer(project.expect(1, "closeout", "--json").output)["done"].bool == false, "its branch is there")
        try git("branch", "-D", "cz1/feat/b", in: project.path)
        try project.expect(0, "closeout")
    }

    /// SPEC: a worker is its phase and its id.
    @Test func aWorkerOfAnotherPhaseKeepsThisOneFromNothing() throws {
        func plan(_ phase: Int) -> String {
            """
            project: {name: two, base: main, phase: \(phase)}
            workers:
              - {id: one, phase: 1, script: 'echo 1 > 1; git add -A; git commit -qm 1'}
              - {id: z, phase: 2, script: 'echo 1 > z; git add -A; git commit -qm z'}

            """
        }
        let project = try CzarProject(plan(1))
        try project.expect(0, "run", "one", "--trust", "--quiet")
        try merge("one", in: project)
        #expect(try project.workers()["z"]?["state"].string == "ready", "the table is of the plan")
        #expect(try project.answer("metrics", "--phase", "2")["workers"].array.map { $0["id"].string } == ["z"])
        try project.expect(66, "closeout", "--phase", "2")
        let report = try project.answer("report", "closeout")
        #expect(report["done"].bool == true && report["totals"]["workers"].int == 1)
        let answer = try CzarAnswer(project.expect(0, "closeout", "--json").output)
        #expect(answer["removed"].array.map { $0["worker"].string } == ["one"])
        // Once the plan is in the other phase, each counts where it belongs.
        try project.replacePlan(plan(2))
        try project.repository.commitAll("phase 2")
        try project.expect(0, "run", "z", "--trust", "--quiet")
        func counted(_ phase: String) throws -> [Int?] {
            let totals = try project.answer("metrics", "--phase", phase)["totals"]
            return [totals["workers"].int, totals["own_commits"].int]
        }
        #expect(try counted("1") == [1, 1] && counted("2") == [1, 1])
    }

    @Test func runningWorkersForbidItAndWorkersMayNotDoIt() throws {
        let project = try CzarProject("project: {name: busy, base: main}\nworkers:\n  - {id: one, script: 'sleep 600'}\n")
        try project.expect(0, "run", "--trust", "--quiet", "--once")
        try project.wait(for: "one", toBe: "active")
        #expect(try project.expect(77, "closeout").errors.contains("'one' runs"))
        try project.expect(77, "closeout", environment: ["CZAR_WORKER": "one"])
        try project.expect(0, "stop", "one")
    }
}
