import Foundation
import TestSupport
import Testing

/// Figures of workers that share work, and of branches that go on after they have landed: counted once, and never lost.
@Suite struct JointFiguresTests {
    private static let plan = """
        project: {name: joint, base: main}
        workers:
          - id: a
            script: |
              for i in 1 2 3; do printf 'def test_%s():\\n    pass\\n' $i >> t.py; git add t.py; git commit -qm a$i; done
          - {id: b, dependencies: [a], script: "git merge -q --no-edit cz1/feat/a; echo b > b; git add b; git commit -qm b"}
          - {id: u, script: "echo u > u; git add u; git commit -qm u"}
        """

    private func made() throws -> CzarProject {
        let project = try CzarProject(Self.plan)
        try project.expect(0, "run", "--trust", "--quiet")
        return project
    }

    private func totals(_ project: CzarProject) throws -> [Int?] {
        let totals = try project.answer("metrics")["totals"]
        return [totals["own_commits"].int, totals["tests_added"].int, totals["lines"]["inserted"].int, totals["files"]["created"].int]
    }

    @Test func totalsCountSharedAndLandedWorkOnce() throws {
        let project = try made()
        #expect(try totals(project) == [5, 3, 8, 3])
        try git("merge", "-q", "--no-ff", "-m", "land a", "cz1/feat/a", in: project.path)
        #expect(try totals(project) == [5, 3, 8, 3])
        // One commit more: what landed stays in the totals, and the worker's row is of what is not on the base.
        try writeFile(project.worktree("a") + "/late", "late\n")
        try git("add", "late", in: project.worktree("a"))
        try git("commit", "-qm", "late", in: project.worktree("a"))
        #expect(try totals(project) == [6, 3, 9, 4])
        let worker = try #require(try project.answer("metrics")["workers"].array.first { $0["id"].string == "a" })
        #expect(worker["own_commits"].int == 1 && worker["stranded"].array.count == 1)
        // Declared complete again and landed: still all of it.
        try project.expect(0, "reopen", "a")
        try project.expect(0, "complete", "a")
        #expect(try totals(project) == [6, 3, 9, 4])
        try git("merge", "-q", "--no-ff", "-m", "land late", "cz1/feat/a", in: project.path)
        #expect(try totals(project) == [6, 3, 9, 4])
        let closed = try CzarAnswer(project.expect(1, "closeout", "--branches", "--json").output)
        #expect(closed["report"]["totals"]["own_commits"].int == 6 && closed["report"]["totals"]["tests_added"].int == 3)
    }

    @Test func whatARequiredMergeTookOverCountsOnce() throws {
        let project = try CzarProject(
            """
            project: {name: joint, base: main}
            workers:
              - {id: a, script: "echo 1 > f; echo 2 >> f; git add f; git commit -qm a"}
              - {id: s, dependencies: [a], merges: [a], script: "git merge -q --squash cz1/feat/a; git commit -qm s; echo s > s; git add s; git commit -qm s2"}
              - {id: p, dependencies: [a], merges: [a], script: "echo p > p; git add p; git commit -qm p; git cherry-pick cz1/feat/a >/dev/null"}

            """)
        try project.expect(0, "run", "--trust", "--quiet")
        // f with two lines, s and p with one each; and each copy is a commit of its own.
        func counted() throws -> [Int?] {
            let totals = try project.answer("metrics")["totals"]
            return [totals["files"]["created"].int, totals["lines"]["inserted"].int, totals["own_commits"].int]
        }
        let proofs = try project.answer("report", "closeout")["merges"].array
        #expect(proofs.allSatisfy { $0["contained"].bool == true && $0["how"].string != "ancestor" }, "\(proofs)")
        #expect(try counted() == [3, 4, 5])
        try git("merge", "-q", "--no-ff", "-m", "land s", "cz1/feat/s", in: project.path)
        #expect(try counted() == [3, 4, 5])
    }

    /// Where the base had it already, it is no part of what the worker changed.
    @Test func whatABranchHasFromTheBaseIsNotTakenOffItsOwner() throws {
        let project = try CzarProject(
            """
            project: {name: joint, base: main}
            workers:
              - {id: a, script: "echo 1 > f; echo 2 >> f; git add f; git commit -qm a"}
              - {id: r, merges: [a], launcher: none}

            """)
        try project.expect(0, "run", "a", "--trust", "--quiet")
        try git("merge", "-q", "--squash", "cz1/feat/a", in: project.path)
        try git("commit", "-qm", "a, squashed", in: project.path)
        try project.expect(0, "create", "r")
        try writeFile(project.worktree("r") + "/r", "r\n")
        try git("add", "r", in: project.worktree("r"))
        try git("commit", "-qm", "r", in: project.worktree("r"))
        try project.expect(0, "complete", "r")
        let totals = try project.answer("metrics")["totals"]
        #expect(totals["lines"]["inserted"].int == 3 && totals["files"]["created"].int == 2)
    }

    /// A forge squashes one, and the branch that builds on it takes the new base in.
    @Test func whatTheBaseHasSquashedIsNotTakenOffTwiceWhenItIsMerged() throws {
        let project = try CzarProject(
            """
            project: {name: joint, base: main}
            workers:
              - {id: a, script: "seq 20 > x; git add x; git commit -qm x"}
              - {id: b, dependencies: [a], merges: [a], script: "git merge -q cz1/feat/a; seq 20 > y; git add y; git commit -qm y"}

            """)
        try project.expect(0, "run", "--trust", "--quiet")
        func counted() throws -> [Int?] {
            let totals = try project.answer("metrics")["totals"]
            return [totals["files"]["created"].int, totals["lines"]["inserted"].int]
        }
        #expect(try counted() == [2, 40])
        try git("merge", "-q", "--squash", "cz1/feat/a", in: project.path)
        try git("commit", "-qm", "a, squashed", in: project.path)
        #expect(try counted() == [2, 40])
        try git("merge", "-q", "-m", "the new base", "main", in: project.worktree("b"))
        #expect(try counted() == [2, 40])
    }

    @Test func whatWasTakenOverCountsOnceWhenTheWorkerInTheMiddleGoesOn() throws {
        let project = try CzarProject(
            """
            project: {name: joint, base: main}
            workers:
              - {id: a, script: "seq 10 > x; git add x; git commit -qm x; seq 10 > x2; git add x2; git commit -qm x2"}
              - {id: b, dependencies: [a], merges: [a], script: "git cherry-pick main..cz1/feat/a >/dev/null; seq 20 > y; git add y; git commit -qm y"}
              - {id: c, dependencies: [b], merges: [a, b], script: "git merge -q --squash cz1/feat/b; git commit -qm s; seq 3 > z; git add z; git commit -qm z"}

            """)
        try project.expect(0, "run", "--trust", "--quiet")
        func counted() throws -> [Int?] {
            let totals = try project.answer("metrics")["totals"]
            return [totals["files"]["created"].int, totals["lines"]["inserted"].int]
        }
        #expect(try counted() == [4, 43])
        try writeFile(project.worktree("b") + "/y5", "1\n2\n3\n4\n5\n")
        try git("add", "y5", in: project.worktree("b"))
        try git("commit", "-qm", "y5", in: project.worktree("b"))
        #expect(try counted() == [5, 48])
    }

    @Test func newCommitsAreThoseThatNoBranchHadBefore() throws {
        let project = try made()
        func new(_ arguments: String...) throws -> Int? {
            let outcome = try run([CzarProgram.path, "report", "weekly", "--json"] + arguments, in: project.path)
            return try CzarAnswer(outcome.output)["commits_since"].int
        }
        let count = try git("rev-list", "--count", "cz1/feat/a", "cz1/feat/b", "cz1/feat/u", "--not", "main", in: project.path)
        #expect(try new() == Int(count) && Int(count) == 5)
        #expect(try project.expect(0, "report", "weekly", "--format", "markdown").output.contains("- New commits this week: 5\n"))
        let last = try #require(try project.events().last)
        #expect(try new("--since", "#\(last.sequence)") == 0)
        // Rewritten, and no daemon sees it: a new commit, although there are no more of them than before.
        try git("commit", "-q", "--amend", "-m", "amended", in: project.worktree("u"))
        #expect(try new("--since", "#\(last.sequence)") == 1)
        // Without a journal nothing tells.
        let bare = try CzarProject("project: {name: bare, base: main}\nworkers:\n  - {id: one}\n")
        #expect(try bare.answer("report", "weekly")["commits_since"].isNull)
        #expect(try !bare.expect(0, "report", "weekly").output.contains("New commits"))
    }

    /// No daemon saw the branch move: the proof names the tip.
    @Test func whatWasCompletedWithoutADaemonIsKnownLater() throws {
        let project = try CzarProject("project: {name: quiet, base: main}\nworkers:\n  - {id: one}\n")
        try project.expect(0, "create", "one")
        try writeFile(project.worktree("one") + "/f", "1\n2\n")
        try git("add", "f", in: project.worktree("one"))
        try git("commit", "-qm", "work", in: project.worktree("one"))
        try project.expect(0, "complete", "one")
        let last = try #require(try project.events().last)
        func figures(_ arguments: String...) throws -> [Int?] {
            let worker = try CzarAnswer(run([CzarProgram.path, "metrics", "--json"] + arguments, in: project.path).output)["workers"][0]
            return [worker["own_commits"].int, worker["lines"]["inserted"].int]
        }
        #expect(try figures() == [1, 2] && figures("--at", "#\(last.sequence)") == [1, 2])
        try project.expect(0, "event", "one", "NOTE", "text=later")
        let later = try #require(try project.events().last)
        let weekly = try run([CzarProgram.path, "report", "weekly", "--json", "--since", "#\(later.sequence)"], in: project.path).output
        #expect(try CzarAnswer(weekly)["commits_since"].int == 0)
        // A reset to where a look had seen it is seen too.
        let tipBefore = try git("rev-parse", "cz1/feat/one", in: project.path)
        try git("reset", "-q", "--hard", "main", in: project.worktree("one"))
        _ = try run([CzarProgram.path, "run", "--once", "--quiet"], in: project.path)
        #expect(try figures("--at", "#\(#require(try project.events().last).sequence)") == [0, 0])
        try git("reset", "-q", "--hard", tipBefore, in: project.worktree("one"))
        _ = try run([CzarProgram.path, "run", "--once", "--quiet"], in: project.path)
        // A branch that is gone has the figures that it had, and is brought back where it was.
        let tip = try git("rev-parse", "cz1/feat/one", in: project.path)
        try git("merge", "-q", "--no-ff", "-m", "land", "cz1/feat/one", in: project.path)
        try git("worktree", "remove", "--force", project.worktree("one"), in: project.path)
        try git("branch", "-q", "-D", "cz1/feat/one", in: project.path)
        #expect(try figures() == [1, 2])
        let refused = try run([CzarProgram.path, "create", "one"], in: project.path)
        #expect(refused.errors.contains("git branch cz1/feat/one \(tip)"), "\(refused.errors)")
    }

    @Test func aPastReportKnowsTheDaemonAndWhatItCannotKnow() throws {
        let project = try made()
        let events = try project.events()
        let started = try #require(events.first { $0.type == "DAEMON_STARTED" })
        let ready = try #require(events.first { $0.worker == "b" && $0.fields["to"] == "ready" })
        #expect(started.sequence < ready.sequence)
        #expect(try !project.expect(0, "report", "status", "--at", "#\(ready.sequence)").output.contains("no 'czar run' is active"))
        let last = try #require(events.last)
        let past = try project.answer("metrics", "--at", "#\(last.sequence)")
        #expect(past["past"].bool == true && past["totals"]["dirty_files"].isNull)
        for worker in past["workers"].array {
            #expect(worker["dirty_files"].isNull && worker["worktree"]["state"].isNull, "\(worker["id"])")
            #expect(worker["tasks"]["done"].isNull && worker["tasks"]["total"].isNull && worker["progress"].int == 1)
            #expect(worker["worktree"]["path"].string == project.worktree(worker["id"].string ?? ""))
        }
        let before = try project.answer("metrics", "--at", "#\(ready.sequence)")["workers"].array.first { $0["id"].string == "b" }
        #expect(before?["progress"].isNull == true)
        let rows = try project.expect(0, "metrics", "--at", "#\(last.sequence)", "--format", "csv").output.split(separator: "\n")
            .map { $0.split(separator: ",", omittingEmptySubsequences: false) }
        let column = try #require(rows[0].firstIndex(of: "tasks"))
        #expect(rows.dropFirst().allSatisfy { $0[column].isEmpty && $0[column - 1].isEmpty })
        let now = try project.answer("metrics")
        #expect(!now["past"].exists && now["totals"]["dirty_files"].int == 0)
        #expect(now["workers"][0]["worktree"]["state"].string == "ok")
    }

    @Test func aBranchThatNothingTellsOfDoesNotHideTheOthers() throws {
        let project = try CzarProject(
            "project: {name: adopted, base: main}\nworkers:\n  - {id: one, launcher: none}\n  - {id: two, script: 'echo 2 > 2'}\n")
        try git("branch", "cz1/feat/one", "main", in: project.path)
        try project.expect(0, "create", "one")
        try project.expect(0, "run", "two", "--trust", "--quiet", "--once")
        try project.wait(for: "two", toBe: "complete")
        let metrics = try project.answer("metrics")
        let one = try #require(metrics["workers"].array.first { $0["id"].string == "one" })
        #expect(one["own_commits"].isNull && metrics["totals"]["own_commits"].int == 1 && metrics["totals"]["unknown"].int == 1)
    }

    @Test func momentsThatHaveNotComeAreRefused() throws {
        let project = try CzarProject("project: {name: times, base: main}\nworkers:\n  - {id: one, launcher: none}\n")
        try project.expect(0, "create", "one")
        #expect(try project.expect(64, "metrics", "--at", "2999-01-01").errors.contains("has not come yet"))
        #expect(try project.expect(64, "report", "weekly", "--since", "2999-01-01").errors.contains("is later than now"))
        let last = try #require(try project.events().last)
        try project.expect(64, "report", "weekly", "--at", "#\(last.sequence)", "--since", "2998-01-01")
        try project.expect(0, "report", "weekly", "--at", "#\(last.sequence)", "--since", "2001-01-01")
    }

    @Test func aPhaseIsNotClosedUnderAPersonsHands() throws {
        let project = try CzarProject("project: {name: hands, base: main}\nworkers:\n  - {id: one, launcher: none}\n")
        try project.expect(0, "create", "one")
        try project.expect(0, "event", "one", "WORKER_START")
        #expect(try project.expect(77, "closeout").errors.contains("a person works on 'one'"))
        #expect(try project.expect(1, "closeout", "--dry-run").output.contains("would be refused without --force: a person works on one"))
        #expect(!exists(project.path + "/.czarina/phases"))
        try project.expect(1, "closeout", "--force")
    }

    @Test func aDryRunPromisesOnlyWhatHappens() throws {
        let project = try made()
        try git("merge", "-q", "--no-ff", "-m", "land", "cz1/feat/b", "cz1/feat/u", in: project.path)
        try writeFile(project.worktree("u") + "/dirt", "dirt\n")
        let before = try project.traces()
        let dry = try CzarAnswer(project.expect(1, "closeout", "--dry-run", "--json").output)
        #expect(try project.traces() == before)
        let done = try CzarAnswer(project.expect(1, "closeout", "--json").output)
        #expect(dry["removable"].array.map(\.string) == ["a", "b"])
        #expect(Set(done["removed"].array.map { $0["worker"].string }) == ["a", "b"])
        #expect(dry["kept"].array.map { $0["worker"].string } == ["u"] && dry["kept"][0]["why"].string == done["kept"][0]["why"].string)
    }

    @Test func closingAPhaseOnceMoreDoesNotChangeWhenItWasAndOneUndoOpensIt() throws {
        let project = try made()
        try git("merge", "-q", "--no-ff", "-m", "land a", "cz1/feat/a", in: project.path)
        func closed() throws -> String? { try project.answer("report", "closeout")["closed_at"].string }
        try project.expect(1, "closeout")
        let first = try #require(try closed())
        try git("merge", "-q", "--no-ff", "-m", "land the rest", "cz1/feat/b", "cz1/feat/u", in: project.path)
        try project.expect(0, "closeout")
        try project.expect(0, "closeout")
        #expect(try closed() == first)
        #expect(try project.expect(0, "report", "closeout").output.contains("From the beginning to the last completion"))
        #expect(try project.expect(0, "undo").output.contains("phase 1 is open again; 3 worktrees are back"))
        #expect(try closed() == nil)
        #expect(try project.complaints(clean: ["a", "b", "u"]).isEmpty)
        // Nothing of the earlier closings is left to be undone.
        let next = try project.czar("undo")
        #expect(!next.output.contains("open again"), "\(next.output)\(next.errors)")
    }
}
