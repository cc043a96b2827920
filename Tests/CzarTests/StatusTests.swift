import Foundation
import TestSupport
import Testing

/// `czar status` against git.
@Suite struct StatusTests {
    @Test func countsOfAWorktreeEqualGitStatus() throws {
        let project = try CzarProject("project: {name: dirty, base: main}\nworkers:\n  - {id: one}\n")
        for name in ["a", "b", "c", "d", "e"] { try project.repository.write(name, "\(name)\n") }
        try project.repository.write(".gitignore", "*.o\n")
        try project.repository.commitAll("files")
        try project.expect(0, "create", "one")
        let tree = project.worktree("one")
        try writeFile(tree + "/a", "changed\n")
        try writeFile(tree + "/b", "staged\n")
        try git("add", "b", in: tree)
        try writeFile(tree + "/b", "and changed\n")
        try git("rm", "-q", "c", in: tree)
        try FileManager.default.removeItem(atPath: tree + "/d")
        try writeFile(tree + "/new/x", "1\n")
        try writeFile(tree + "/new/y", "1\n")
        try writeFile(tree + "/added", "1\n")
        try git("add", "added", in: tree)
        try writeFile(tree + "/out.o", "ignored\n")
        let lines = try run(["git", "status", "--porcelain"], in: tree).output.split(separator: "\n").map { Array($0) }
        let worktree = try #require(try project.workers()["one"]?["worktree"])
        #expect(worktree["untracked"].int == lines.count { $0[0] == "?" })
        #expect(worktree["staged"].int == lines.count { $0[0] != " " && $0[0] != "?" })
        #expect(worktree["modified"].int == lines.count { $0[1] != " " && $0[1] != "?" })
        #expect(worktree["conflicted"].int == 0)
        #expect(worktree["path"].string == tree && worktree["state"].string == "ok")
    }

    @Test func aFolderThatCzarNeverTouchedIsReadAndNotWritten() throws {
        let repository = try GitRepository()
        try repository.write(
            ".czarina/config.json",
            """
            {"project": {"name": "Old", "phase": 1}, "orchestration": {"mode": "local"},
             "workers": [{"id": "api", "agent": "claude", "branch": "cz1/feat/api", "description": "The API"},
                         {"id": "ui", "agent": "claude", "branch": "cz1/feat/ui", "dependencies": ["api"]},
                         {"id": "docs", "agent": "claude", "branch": "cz1/feat/docs"}]}
            """)
        try repository.write(".czarina/events.log", "2025-12-26T14:32:00Z api WORKER_COMPLETE tokens=1150000\n")
        try git("branch", "cz1/feat/api", in: repository.path)
        try git("worktree", "add", "-q", repository.path + "/.czarina/worktrees/api", "cz1/feat/api", in: repository.path)
        try writeFile(repository.path + "/.czarina/worktrees/docs/.WORKER_COMPLETE", "")
        let before = try listing(repository.path)
        let outcome = try run([CzarProgram.path, "status", "--format", "json"], in: repository.path)
        try #require(outcome.status == 0, "\(outcome.errors)")
        for arguments in [["status"], [], ["graph"], ["validate"], ["events"], ["status", "api"]] {
            let text = try run([CzarProgram.path] + arguments, in: repository.path)
            #expect(text.status == 0, "\(arguments): \(text.errors)")
        }
        #expect(try listing(repository.path) == before)
        let workers = try CzarAnswer(outcome.output)["workers"].array
        #expect(workers.map { $0["state"].string } == ["pending", "pending", "pending"])
        #expect(workers.map { $0["claimed"].string } == ["complete", nil, "complete"])
        #expect(try run([CzarProgram.path, "status"], in: repository.path).output.contains("claims to be complete"))
    }

    @Test func aReadOnlyRepositoryIsShown() throws {
        guard getuid() == 0, let unshare = CzarProgram.tool("unshare") else { return CzarProgram.skip("needs root") }
        guard try run([unshare, "-m", "true"], in: "/").status == 0 else { return CzarProgram.skip("may not make a mount namespace") }
        let project = try CzarProject("project: {name: fixed, base: main}\nworkers:\n  - {id: one, script: 'echo 1 > f'}\n")
        try project.expect(0, "run", "--trust", "--quiet")
        let script =
            "mount --bind '\(project.path)' '\(project.path)' && mount -o remount,ro,bind '\(project.path)' && cd '\(project.path)' && ! touch x 2>/dev/null && '\(CzarProgram.path)'"
        let status = try run([unshare, "-m", "sh", "-c", script + " status --format json"], in: "/")
        try #require(status.status == 0, "\(status.errors)")
        let worker = try CzarAnswer(status.output)["workers"][0]
        #expect(worker["state"].string == "complete" && worker["own_commits"].int == 1)
        let events = try run([unshare, "-m", "sh", "-c", script + " events"], in: "/")
        #expect(try events.output == project.czar("events").output)
        let refused = try run([unshare, "-m", "sh", "-c", script + " create one"], in: "/")
        #expect(refused.status == 77 || refused.status == 73, "\(refused.status) \(refused.errors)")
    }

    @Test func replaceRefsCountUnlessTheEnvironmentForbidsIt() throws {
        let project = try CzarProject("project: {name: replaced, base: main}\nworkers:\n  - {id: one, branch: one}\n")
        for number in 0..<3 { try git("commit", "-q", "--allow-empty", "-m", "step \(number)", in: project.path) }
        try git("branch", "one", in: project.path)
        try git("replace", "--graft", "HEAD~1", in: project.path)
        for environment in [[:], ["GIT_NO_REPLACE_OBJECTS": "1"], ["GIT_NO_REPLACE_OBJECTS": ""]] {
            let outcome = try project.expect(0, "status", "--format", "json", environment: environment)
            let total = try CzarAnswer(outcome.output)["workers"][0]["total"].int
            #expect(try total == Int(git("rev-list", "--count", "one", in: project.path, environment: environment)), "\(environment)")
        }
    }

    @Test func aDamagedCommitGraphIsOneLineForWhoAsksForIt() throws {
        let project = try CzarProject("project: {name: damaged, base: main}\nworkers:\n  - {id: one, branch: one}\n")
        try git("branch", "one", in: project.path)
        try git("commit-graph", "write", "--reachable", in: project.path)
        let quiet = ["XDG_CACHE_HOME": project.outside + "/one"]
        let sound = try project.expect(0, "status", "--json", environment: quiet.merging(["CZAR_DEBUG": "1"]) { first, _ in first })
        #expect(sound.errors.isEmpty)
        let file = project.path + "/.git/objects/info/commit-graph"
        let bytes = try Data(contentsOf: URL(fileURLWithPath: file))
        try FileManager.default.removeItem(atPath: file)
        try writeFile(file, bytes.dropLast())
        // Nothing is remembered: the history is needed.
        let damaged = try project.expect(
            0, "status", "--json", environment: ["CZAR_DEBUG": "1", "XDG_CACHE_HOME": project.outside + "/two"])
        #expect(damaged.errors.split(separator: "\n").count == 1 && damaged.errors.hasPrefix("czar: debug: commit-graph"))
        #expect(try CzarAnswer(damaged.output)["workers"][0]["total"].int == CzarAnswer(sound.output)["workers"][0]["total"].int)
        #expect(try project.expect(0, "status", "--json", environment: ["XDG_CACHE_HOME": project.outside + "/three"]).errors.isEmpty)
    }

    @Test func aWorktreeThatIsBeingMadeIsNotThereYet() throws {
        let project = try CzarProject("project: {base: main}\nworkers: [{id: one}]\n")
        try git(
            "worktree", "add", "-q", "--lock", "--reason", "initializing (czar one-1-1-x)", "-b", "cz1/feat/one", project.worktree("one"),
            "main",
            in: project.path)
        try writeFile(project.worktree("one") + "/half", "x")
        let half = try #require(try project.workers()["one"])["worktree"]
        #expect(half["state"].string == "none" && half["untracked"].int == nil, "\(half)")
        try git("worktree", "unlock", project.worktree("one"), in: project.path)
        let whole = try #require(try project.workers()["one"])["worktree"]
        #expect(whole["state"].string == "ok" && whole["untracked"].int == 1, "\(whole)")
    }

    /// Whoever followed a hint that takes it for the worker's would bring somebody else's work into the worker's branch.
    @Test func aWorktreeOfSomebodyElseIsNotTheWorkersThatWasRemoved() throws {
        let project = try CzarProject("project: {base: main}\nworkers: [{id: one}]\n")
        try project.expect(0, "create")
        try project.expect(0, "remove", "one")
        try git("worktree", "add", "-q", "-b", "hand", project.worktree("one"), "main", in: project.path)
        try git("commit", "-q", "--allow-empty", "-m", "theirs", in: project.worktree("one"))
        let status = try project.answer("status")
        #expect(status["workers"][0]["worktree"]["state"].string == "none" && status["attention"].array.isEmpty, "\(status)")
    }

    /// Every path with its size and time of change.
    private func listing(_ path: String) throws -> String {
        try run(["find", ".", "-printf", "%p %y %s %T@ %C@ %m\n"], in: path).output.split(separator: "\n").sorted().joined(separator: "\n")
    }
}
