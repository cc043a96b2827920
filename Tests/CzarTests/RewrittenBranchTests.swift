import TestSupport
import Testing

/// Figures of branches whose commits were written anew, each held against git: what is no longer there does not count.
@Suite struct RewrittenBranchTests {
    private func project() throws -> CzarProject {
        let project = try CzarProject(
            "project: {name: rewritten, base: main}\nworkers:\n  - {id: one, agent: human}\n  - {id: two, agent: human}\n")
        try project.expect(0, "create", "one", "two")
        for number in 1...3 { try commit("t\(number).py", "def test_\(number)():\n  pass\n", in: project) }
        return project
    }

    @Test func aResetIsNoCommitInTheRunsStream() throws {
        let project = try CzarProject(
            """
            project: {base: main}
            workers:
              - id: one
                script: |
                  echo 1 > f; git add f; git commit -qm first
                  until [ "$(czar events one | grep -c TIP_MOVED)" = 1 ]; do sleep 0.05; done
                  git reset -q --hard HEAD~1
                  until [ "$(czar events one | grep -c TIP_MOVED)" = 2 ]; do sleep 0.05; done
                  echo 2 > g; git add g; git commit -qm second

            """)
        let output = try project.expect(0, "run", "--trust").output
        let start = try git("rev-parse", "--short=10", "main", in: project.path)
        let moves = output.split(separator: "\n").filter { $0.contains("commit") || $0.contains("moved") }.map {
            $0.split(separator: " ").dropFirst(2)
        }
        #expect(moves.first?.first == "commit" && moves.last?.first == "commit", "\(output)")
        #expect(output.contains("  branch moved to \(start) plan, without 1 commit that it had\n"), "\(output)")
    }

    private func commit(_ file: String, _ text: String, in project: CzarProject) throws {
        try writeFile(project.worktree("one") + "/" + file, text)
        try inside(project, "add", "-A")
        try inside(project, "commit", "-qm", file)
    }

    @discardableResult
    private func inside(_ project: CzarProject, _ arguments: String...) throws -> String {
        try run(git: arguments, in: project.worktree("one"))
    }

    private func run(git arguments: [String], in folder: String) throws -> String {
        let outcome = try TestSupport.run(["git"] + arguments, in: folder)
        try #require(outcome.status == 0, "git \(arguments): \(outcome.errors)")
        return outcome.output
    }

    /// Every figure of `one`, and the total, as git counts them now.
    private func expectGitsFigures(_ project: CzarProject, _ what: String) throws {
        let metrics = try project.answer("metrics")
        let worker = try #require(metrics["workers"].array.first { $0["id"].string == "one" })
        let fork = try #require(worker["fork_point"].string)
        func git(_ arguments: String...) throws -> String { try run(git: arguments, in: project.path) }
        func count(_ arguments: String...) throws -> Int? {
            Int(try run(git: ["rev-list", "--count"] + arguments, in: project.path).split(separator: "\n").first ?? "")
        }
        let branch = "cz1/feat/one"
        #expect(try worker["own_commits"].int == count(branch, "--not", "main", fork), "\(what)")
        #expect(try worker["ahead"].int == count("main..\(branch)") && worker["behind"].int == count("\(branch)..main"), "\(what)")
        #expect(try worker["total"].int == count(branch), "\(what)")
        #expect(
            try metrics["totals"]["own_commits"].int == count(branch, "cz1/feat/two", "--not", "main", fork), "\(what): each counts once")
        let numbers = try git("diff", "--numstat", "-M", "main...\(branch)").split(separator: "\n").map { $0.split(separator: "\t") }
        #expect(worker["lines"]["inserted"].int == numbers.reduce(0) { $0 + (Int($1[0]) ?? 0) }, "\(what)")
        #expect(worker["lines"]["deleted"].int == numbers.reduce(0) { $0 + (Int($1[1]) ?? 0) }, "\(what)")
        let kinds = try git("diff", "--name-status", "-M", "main...\(branch)").split(separator: "\n").map { $0.prefix(1) }
        for (name, letter) in [("created", "A"), ("modified", "M"), ("deleted", "D"), ("renamed", "R")] {
            #expect(worker["files"][name].int == kinds.count { $0 == letter }, "\(what): \(name)")
        }
        let tests = try git("diff", "-U0", "main...\(branch)").split(separator: "\n")
        #expect(
            worker["tests_added"].int == tests.count { $0.hasPrefix("+def test_") } - tests.count { $0.hasPrefix("-def test_") }, "\(what)")
    }

    @Test func amendingRebasingSquashingAndResettingCountWhatIsThere() throws {
        let project = try project()
        try expectGitsFigures(project, "three commits")
        try writeFile(project.worktree("one") + "/t3.py", "def test_3():\n  pass\ndef test_4():\n  pass\n")
        try inside(project, "commit", "-qa", "--amend", "-m", "amended")
        try expectGitsFigures(project, "amended")
        try project.repository.write("base.txt", "the base moved\n")
        try project.repository.commitAll("base")
        try expectGitsFigures(project, "behind")
        try inside(project, "rebase", "-q", "main")
        try expectGitsFigures(project, "rebased")
        try inside(project, "reset", "-q", "--soft", "HEAD~2")
        try inside(project, "commit", "-qm", "squashed")
        try expectGitsFigures(project, "squashed")
        try inside(project, "reset", "-q", "--hard", "HEAD~1")
        try expectGitsFigures(project, "reset")
        try inside(project, "mv", "t1.py", "renamed.py")
        try inside(project, "commit", "-qm", "renamed")
        try expectGitsFigures(project, "renamed")
        // Behind where it began: nothing of the base becomes its own.
        let fork = try run(git: ["rev-parse", "main~1"], in: project.path).prefix { $0 != "\n" }
        try inside(project, "reset", "-q", "--hard", String(fork))
        try commit("again.py", "def test_again():\n  pass\n", in: project)
        try expectGitsFigures(project, "begun again")
    }

    @Test func aBranchThatAnotherMergedBeforeItWasRewrittenCountsItsOldCommitsOnce() throws {
        let project = try project()
        _ = try run(git: ["merge", "-q", "--no-ff", "-m", "merged", "cz1/feat/one"], in: project.worktree("two"))
        try expectGitsFigures(project, "merged")
        try inside(project, "commit", "-q", "--amend", "-m", "amended after the merge")
        try expectGitsFigures(project, "amended after the merge")
        #expect(try project.answer("metrics")["totals"]["own_commits"].int == 5, "three, the merge, and the new form of the third")
    }

    @Test func theSamplesFollowARewriteAndNoReportCountsItTwice() throws {
        let project = try CzarProject(
            """
            project: {name: rewritten, base: main}
            workers:
              - id: one
                script: |
                  for n in 1 2 3; do echo $n > f$n; git add -A; git commit -qm $n; done
                  until [ -e "$OUTSIDE/rewrite" ]; do sleep 0.1; done
                  git reset -q --soft HEAD~2; git commit -qm squashed
                  until [ -e "$OUTSIDE/end" ]; do sleep 0.1; done

            """)
        let daemon = try project.start("run", "--trust", "--quiet", environment: ["OUTSIDE": project.outside])
        func samples() throws -> [Int] { try project.answer("metrics")["samples"].array.compactMap { $0["own_commits"].int } }
        try waitUntil("three commits were seen") { try samples().last == 3 }
        try writeFile(project.outside + "/rewrite", "")
        try waitUntil("the rewrite was seen") { try samples().last == 2 }
        #expect(try project.answer("report", "weekly")["commits_since"].int == 2, "two commits are there, not five")
        #expect(try project.answer("report", "weekly")["totals"]["own_commits"].int == 2)
        try writeFile(project.outside + "/end", "")
        #expect(daemon.wait() == 0)
        #expect(try project.answer("report", "standup")["completed"][0]["own_commits"].int == 2)
    }
}
