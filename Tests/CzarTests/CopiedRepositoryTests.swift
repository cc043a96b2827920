import Foundation
import TestSupport
import Testing

/// In a copied repository no command leads into the original's worktree.
@Suite struct CopiedRepositoryTests {
    @Test func nobodyIsLedIntoTheOriginalsWorktree() throws {
        let project = try CzarProject("project: {base: main}\nworkers:\n  - {id: a, launcher: none}\n")
        let folder = project.path + "-worktrees"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try project.expect(0, "create", "a", "--worktrees", folder)
        let tree = try project.expect(0, "path", "a").output.trimmingCharacters(in: .newlines)
        let copy = project.path + "-copy"
        try FileManager.default.copyItem(atPath: project.path, toPath: copy)
        try writeFile(tree + "/mine", "mine\n")
        try project.expect(1, "doctor", "--adopt", at: copy)
        let sentence = """
            czar: '\(tree)', where worker 'a' is to be, is a worktree of another repository
            try: czar remove a && czar create a

            """
        for command in [
            ["path", "a"], ["exec", "a", "--", "touch", "seen"], ["shell", "a"], ["attach", "a"], ["attach", "a", "--take-over"],
            ["complete", "a"],
        ] {
            let refused = try run([CzarProgram.path] + command, in: copy)
            #expect(refused.status == 77 && refused.errors == sentence, "\(command): \(refused.status) \(refused.errors)")
        }
        #expect(!exists(tree + "/seen"))
        // What is committed is here too.
        #expect(try project.expect(0, "diff", "a", at: copy).errors == "czar: a has committed no change yet\n")
        try project.expect(0, "remove", "a", at: copy)
        try project.expect(0, "create", "a", at: copy)
        #expect(try project.expect(0, "path", "a", at: copy).output == copy + "/.czarina/worktrees/a\n")
        #expect(try project.expect(0, "path", "a").output == tree + "\n")
    }

    private static let plan = """
        project: {base: main}
        workers:
          - {id: a, launcher: none}
          - {id: b, launcher: none}

        """

    private static let sleeping = "project: {base: main}\nworkers:\n  - {id: a, script: 'sleep 600'}\n"

    private func copy(_ project: CzarProject) throws -> String {
        let copy = project.path + "-copy"
        try FileManager.default.copyItem(atPath: project.path, toPath: copy)
        return copy
    }

    @Test func aCommitOnTheOriginalsBranchIsNotUndone() throws {
        let project = try CzarProject(Self.plan)
        try project.expect(0, "create", "a")
        try writeFile(project.worktree("a") + "/x", "x\n")
        try project.expect(0, "commit", "-m", "one", "--worker", "a")
        let copy = try copy(project)
        try project.expect(1, "doctor", "--adopt", at: copy)
        let branch = try git("symbolic-ref", "--short", "HEAD", in: project.worktree("a"))
        let tip = try git("rev-parse", branch, in: project.path)
        let refused = try project.expect(77, "undo", at: copy)
        #expect(refused.errors.hasSuffix("is a worktree of another repository\ntry: czar doctor --repair\n"), "\(refused.errors)")
        #expect(try git("rev-parse", branch, in: project.path) == tip)
        // With a worktree of its own, it is the copy's own branch.
        try project.expect(0, "doctor", "--repair", at: copy)
        let record = try String(contentsOfFile: copy + "/.czarina/events.log", encoding: .utf8).split(separator: "\n")
        let sequence = try #require(record.firstIndex { $0.contains(" COMMITTED ") }) + 1
        try project.expect(0, "undo", String(sequence), at: copy)
        #expect(try git("rev-parse", branch, in: copy) == git("rev-parse", tip + "^", in: project.path))
        #expect(try git("rev-parse", branch, in: project.path) == tip)
        #expect(try git("status", "--porcelain", in: project.worktree("a")).isEmpty)
    }

    /// `isMoved`: the project has gone elsewhere, and another one has come to where it was.
    @Test(arguments: [false, true]) func aRemovedWorktreeComesBackInsideTheProject(_ isMoved: Bool) throws {
        let project = try CzarProject(Self.plan)
        try project.expect(0, "create")
        try project.expect(0, "remove", "a")
        let here = project.path + "-copy"
        if isMoved {
            try FileManager.default.moveItem(atPath: project.path, toPath: here)
            try git("clone", "-q", here, project.path, in: here)
            try FileManager.default.createDirectory(atPath: project.path + "/.czarina/worktrees", withIntermediateDirectories: true)
        } else {
            try FileManager.default.copyItem(atPath: project.path, toPath: here)
        }
        _ = try project.czar("doctor", "--adopt", at: here)
        try project.expect(0, "undo", at: here)
        #expect(!exists(project.worktree("a")))
        #expect(try project.expect(0, "path", "a", at: here).output == here + "/.czarina/worktrees/a\n")
        #expect(try git("status", "--porcelain", in: here + "/.czarina/worktrees/a").isEmpty)
        #expect(try git("worktree", "list", "--porcelain", in: project.path).contains(here) == false)
    }

    /// Git knows no such worktree, and would move none.
    @Test func aCopiedFolderInTheWayIsMovedByHand() throws {
        let project = try CzarProject(Self.plan)
        try project.expect(0, "create", "a")
        let copy = try copy(project)
        _ = try project.czar("doctor", "--adopt", at: copy)
        let tree = copy + "/.czarina/worktrees/a"
        // As after a creation that was cut off: nothing is recorded or registered.
        try git("worktree", "prune", in: copy)
        try FileManager.default.removeItem(atPath: copy + "/.git/worktrees/a")
        try FileManager.default.moveItem(atPath: tree, toPath: copy + "/.czarina/worktrees/b")
        let refused = try project.expect(73, "create", "b", at: copy)
        let place = copy + "/.czarina/worktrees/b"
        #expect(refused.errors.hasSuffix("try: mv \(place) \(place).old\n"), "\(refused.errors)")
        try prepare("sh", "-ec", "mv \(place) \(place).old", in: copy)
        try project.expect(0, "create", "b", at: copy)
    }

    /// What a worker reports in a copy is not proven by the original's files.
    @Test func nothingIsCompletedByTheOriginalsWorktree() throws {
        let project = try CzarProject(Self.plan)
        let folder = project.path + "-worktrees"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try project.expect(0, "create", "a", "--worktrees", folder)
        let tree = try project.expect(0, "path", "a").output.trimmingCharacters(in: .newlines)
        _ = try project.czar("run", "--once", "--quiet")
        try writeFile(tree + "/x", "x\n")
        try project.expect(0, "commit", "-m", "one", "--worker", "a")
        let copy = try copy(project)
        try project.expect(1, "doctor", "--adopt", at: copy)
        try project.expect(0, "event", "a", "WORKER_COMPLETE", at: copy)
        _ = try project.czar("run", "--once", "--quiet", at: copy)
        #expect(try project.answer("status", at: copy)["workers"].array[0]["state"].string == "active")
    }

    /// Its own agent has made another repository of its folder: nothing of that is the original's.
    @Test func whatRunsInARepositoryOfItsOwnIsHeldAndEnded() throws {
        let project = try CzarProject(Self.sleeping)
        try project.expect(0, "start", "a", "--trust")
        defer { _ = try? project.czar("stop", "a") }
        try project.wait(for: "a", toBe: "active")
        let tree = project.worktree("a")
        try FileManager.default.removeItem(atPath: tree + "/.git")
        try git("init", "-q", "--separate-git-dir=\(project.outside)/other", ".", in: tree)
        try project.expect(0, "pause", "a")
        try project.expect(0, "resume", "a")
        try project.expect(0, "stop", "a")
        try writeFile(tree + "/x", "x\n")
        let mend = "git -C \(project.path) worktree repair \(tree)"
        for command in [["commit", "-m", "one", "--worker", "a"], ["path", "a"], ["complete", "a"]] {
            let refused = try run([CzarProgram.path] + command, in: project.path)
            #expect(refused.status == 77 && refused.errors.hasSuffix("try: \(mend)\n"), "\(refused.errors)")
        }
        try prepare("sh", "-ec", mend, in: project.path)
        try project.expect(0, "commit", "-m", "one", "--worker", "a")
    }

    /// Moved, while its agent runs in a folder outside; another clone has come to where it was, and has an entry of the same name.
    @Test func aMovedProjectEndsItsOwnAgent() throws {
        let project = try CzarProject(Self.sleeping)
        let folder = project.path + "-worktrees"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try project.expect(0, "create", "a", "--worktrees", folder)
        try project.expect(0, "start", "a", "--trust")
        let tree = try project.expect(0, "path", "a").output.trimmingCharacters(in: .newlines)
        try project.wait(for: "a", toBe: "active")
        let moved = project.path + "-moved"
        try FileManager.default.moveItem(atPath: project.path, toPath: moved)
        defer { _ = try? project.czar("stop", "a", at: moved) }
        try git("clone", "-q", moved, project.path, in: moved)
        try git("worktree", "add", "-q", project.outside + "/a", "-b", "another", in: project.path)
        _ = try project.czar("doctor", "--adopt", at: moved)
        try project.expect(0, "pause", "a", at: moved)
        try project.expect(0, "stop", "a", at: moved)
        _ = try project.czar("doctor", "--repair", at: moved)
        #expect(try git("rev-parse", "--path-format=absolute", "--git-common-dir", in: tree) == moved + "/.git")
        #expect(try project.expect(0, "path", "a", at: moved).output == tree + "\n")
        #expect(try git("rev-parse", "--path-format=absolute", "--git-common-dir", in: project.outside + "/a") == project.path + "/.git")
    }

    /// The copy is for somebody who may not see the original.
    @Test func whatRunsIsLeftToAnOriginalThatMayNotBeSeen() throws {
        guard getuid() == 0, let setpriv = CzarProgram.tool("setpriv") else { return CzarProgram.skip("needs root and setpriv") }
        let project = try CzarProject(Self.sleeping)
        try project.expect(0, "start", "a", "--trust")
        defer { _ = try? project.czar("stop", "a") }
        let other = try CzarProject(Self.sleeping)
        let copy = other.outside + "/copy"
        try FileManager.default.copyItem(atPath: project.path, toPath: copy)
        try prepare("chmod", "000", project.outside)
        defer { _ = try? run(["chmod", "755", project.outside], in: "/") }
        let user = [setpriv, "--bounding-set=-dac_override,-dac_read_search", CzarProgram.path]
        let adopted = try run(user + ["doctor", "--adopt"], in: copy)
        #expect(adopted.output.contains("what runs of a is left to '\(project.path)/.git'"), "\(adopted.output)\(adopted.errors)")
        #expect(try run(user + ["status", "a"], in: copy).output.contains("supervisor died") == false)
        try prepare("chmod", "755", project.outside)
        #expect(try project.answer("status")["workers"].array[0]["state"].string == "active")
    }
}
