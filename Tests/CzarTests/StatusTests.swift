import Foundation
import TestSupport
import Testing

/// `czar status` against git.
@Suite struct StatusTests {
    @Test(arguments: ["rename,delete,binary,mode", "skew,merge-base", "landed,squashed,reverted", "all"])
    func everyFigureOfAFleetEqualsGit(_ shapes: String) throws {
        let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../../../shared/bench/fleet.py")
            .standardized.path
        let found = [script, "/work/shared/bench/fleet.py"].first { exists($0) }
        guard let fleet = found, CzarProgram.tool("python3") ?? hermeticEnvironment["PATH"] != nil else {
            return CzarProgram.skip("there is no fleet.py")
        }
        let folder = try TemporaryFolder("czar-fleet")
        // CZAR_FLEET_SOURCE names a real repository with a longer history.
        let source = try ProcessInfo.processInfo.environment["CZAR_FLEET_SOURCE"] ?? history(in: folder.path)
        let target = folder.path + "/fleet"
        let made = try run(
            ["python3", fleet, source, target, "--workers", "12", "--seed", "\(shapes.count)", "--shapes", shapes], in: folder.path)
        try #require(made.status == 0, "\(made.errors)")
        let outcome = try run([CzarProgram.path, "status", "--format", "json"], in: target)
        try #require(outcome.status == 0, "\(outcome.errors)")
        let status = try CzarAnswer(outcome.output)
        #expect(status["workers"].array.count == 12)
        for worker in status["workers"].array { try compare(worker, in: target) }
    }

    private func compare(_ worker: CzarAnswer, in target: String) throws {
        let id = try #require(worker["id"].string), branch = try #require(worker["branch"].string),
            base = try #require(worker["base"].string)
        // One list for each tip: `a..b` makes git 2.39 miscount where commits are older than their parents.
        func reachable(_ revision: String) throws -> Set<Substring> {
            try Set(git("rev-list", revision, in: target).split(separator: "\n"))
        }
        let ours = try reachable(branch), theirs = try reachable(base)
        #expect(worker["ahead"].int == ours.subtracting(theirs).count, "\(id)")
        #expect(worker["behind"].int == theirs.subtracting(ours).count, "\(id)")
        #expect(worker["total"].int == ours.count, "\(id)")
        #expect(try worker["tip"].string == git("rev-parse", branch, in: target))
        let comparison = try comparisonBase(of: branch, base: base, in: target)
        #expect(worker["compared_with"].string == comparison, "\(id)")
        guard let comparison else { return }
        #expect(try worker["own_commits"].int == ours.subtracting(reachable(comparison)).count, "\(id)")
        let changes = try Changes(from: comparison, to: branch, in: target)
        #expect(worker["lines"]["inserted"].int == changes.inserted && worker["lines"]["deleted"].int == changes.deleted, "\(id)")
        let files = ["created", "modified", "deleted", "renamed"].map { worker["files"][$0].int }
        #expect(
            files == [
                changes.letters["A", default: 0], changes.letters["M", default: 0] + changes.letters["T", default: 0],
                changes.letters["D", default: 0], changes.letters["R", default: 0],
            ], "\(id)")
    }

    /// SPEC section 1, by git: the base tip, or once that contains the tip, the first parent of the earliest first-parent commit that does.
    private func comparisonBase(of branch: String, base: String, in target: String) throws -> String? {
        guard try run(["git", "merge-base", "--is-ancestor", branch, base], in: target).status == 0 else {
            return try git("rev-parse", base, in: target)
        }
        let line = try git("rev-list", "--first-parent", base, in: target).split(separator: "\n").map(String.init)
        let tip = try git("rev-parse", branch, in: target)
        var earliest: String?
        for commit in line {
            guard try run(["git", "merge-base", "--is-ancestor", branch, commit], in: target).status == 0 else { break }
            earliest = commit
        }
        guard let earliest, earliest != tip else { return nil }
        let parent = try run(["git", "rev-parse", "--verify", "-q", "\(earliest)^1"], in: target)
        return parent.status == 0 ? parent.output.trimmingCharacters(in: .newlines) : nil
    }

    private struct Changes {
        var inserted = 0, deleted = 0
        var letters: [String: Int] = [:]

        init(from comparison: String, to branch: String, in target: String) throws {
            let base = try run(["git", "merge-base", comparison, branch], in: target)
            let start =
                base.status == 0
                ? String(base.output.split(separator: "\n")[0]) : "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
            for line in try git("diff", "--numstat", "-M", start, branch, in: target).split(separator: "\n") {
                let parts = line.split(separator: "\t")
                inserted += Int(parts[0]) ?? 0
                deleted += Int(parts[1]) ?? 0
            }
            for line in try git("diff", "--name-status", "-M", start, branch, in: target).split(separator: "\n") {
                letters[String(line.prefix(1)), default: 0] += 1
            }
        }
    }

    /// A repository with merges, renames and several roots of names to draw from.
    private func history(in folder: String) throws -> String {
        let path = folder + "/source"
        try git("init", "-q", "-b", "main", path, in: folder)
        for number in 0..<40 {
            try writeFile(path + "/src/file\(number % 13).swift", (0..<(20 + number)).map { "line \($0 * number)\n" }.joined())
            try writeFile(path + "/data/set\(number).dat", "\(number)\n" + String(repeating: "x\(number)\n", count: 15))
            try git("add", "-A", in: path)
            try git("commit", "-qm", "step \(number)", in: path)
            if number % 10 == 9 {
                try git("branch", "-f", "side", "HEAD~3", in: path)
                try git("checkout", "-q", "side", in: path)
                try writeFile(path + "/side/\(number)", "side\n")
                try git("add", "-A", in: path)
                try git("commit", "-qm", "side \(number)", in: path)
                try git("checkout", "-q", "main", in: path)
                try git("merge", "-q", "--no-ff", "-m", "merge \(number)", "side", in: path)
            }
        }
        return path
    }

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

    /// Every path with its size and time of change.
    private func listing(_ path: String) throws -> String {
        try run(["find", ".", "-printf", "%p %y %s %T@ %C@ %m\n"], in: path).output.split(separator: "\n").sorted().joined(separator: "\n")
    }
}
