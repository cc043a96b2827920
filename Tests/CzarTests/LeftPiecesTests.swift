import Foundation
import TestSupport
import Testing

/// Files that a killed process was writing aside are nobody's work, and do not stay.
@Suite struct LeftPiecesTests {
    /// A process that was, and is no more.
    private func gone() throws -> String {
        try run(["sh", "-c", "echo $$"], in: "/").output.trimmingCharacters(in: .newlines)
    }

    @Test func onesOfDeadProcessesAreRemovedAndOthersStay() throws {
        let project = try CzarProject("project: {base: main}\nworkers:\n  - {id: one}\n")
        try project.expect(0, "create", "one")
        let (tree, process) = (project.worktree("one"), try gone())
        let folders = [
            tree, tree + "/.czar", project.path + "/.git/worktrees/one", project.path + "/.git/czar/attempts",
            project.path + "/.czarina/workers",
        ]
        for folder in folders { try prepare("mkdir", "-p", folder) }
        let names = ["..git.\(process)-1.tmp", ".HEAD.\(process)-2.tmp", ".x.\(getpid())-3.tmp", ".mine-4.tmp"]
        for folder in folders {
            for name in folder == tree ? ["..git.\(process)-1.tmp"] : names { try writeFile(folder + "/" + name, "x") }
        }
        try project.expect(0, "doctor")
        let repaired = try project.expect(0, "doctor", "--repair").output
        #expect(repaired.contains("had left"), "\(repaired)")
        for folder in folders {
            let left = try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(".tmp") }
            #expect(left.sorted() == (folder == tree ? [] : [".mine-4.tmp", ".x.\(getpid())-3.tmp"]), "\(folder)")
        }
        try project.expect(0, "doctor", "--repair")
    }

    @Test func aPieceOfTheGitFileIsNobodysWork() throws {
        let project = try CzarProject("project: {base: main}\nworkers:\n  - {id: one}\n")
        try project.expect(0, "create", "one")
        let tree = project.worktree("one")
        let piece = "..git.\(try gone())-12.tmp"
        try writeFile(tree + "/" + piece, "gitdir: /nowhere\n")
        #expect(try project.workers()["one"]?["worktree"]["untracked"].int == 0)
        try writeFile(tree + "/mine", "mine\n")
        try project.expect(0, "commit", "-m", "mine", "--worker", "one")
        #expect(try git("ls-tree", "--name-only", "-r", "HEAD", in: tree).split(separator: "\n").filter { $0.contains("git.") } == [])
        try project.expect(0, "remove", "one")
        #expect(!exists(tree))
    }

    @Test func theGitFileIsWrittenWhereNobodySeesAPieceOfIt() throws {
        let project = try CzarProject("project: {base: main}\nworkers:\n  - {id: one}\n")
        try project.expect(0, "create", "one")
        let (tree, log) = (project.worktree("one"), project.outside + "/calls")
        let own = try String(contentsOfFile: tree + "/.git", encoding: .utf8)
        // The first one makes folders.
        try project.expect(0, "doctor", "--repair")
        try writeFile(tree + "/.git", "gitdir: /nowhere\n")
        let whole = try run([CzarProgram.tracer, "0", log, CzarProgram.path, "doctor", "--repair"], in: project.path)
        if whole.status == 125 { return CzarProgram.skip("there is no tracing here") }
        let lines = try String(contentsOfFile: log, encoding: .utf8).split(separator: "\n")
        let moment = try #require(lines.firstIndex { $0.contains("openat") && $0.contains("..git.") })
        try writeFile(tree + "/.git", "gitdir: /nowhere\n")
        _ = try run([CzarProgram.tracer, "\(moment + 2)", log, CzarProgram.path, "doctor", "--repair"], in: project.path)
        #expect(try String(contentsOfFile: tree + "/.git", encoding: .utf8) == "gitdir: /nowhere\n")
        #expect(try FileManager.default.contentsOfDirectory(atPath: tree).filter { $0.hasPrefix("..git") } == [])
        try project.expect(0, "doctor", "--repair")
        #expect(try String(contentsOfFile: tree + "/.git", encoding: .utf8) == own)
        #expect(try git("status", "--porcelain", in: tree) == "")
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: project.path + "/.git/worktrees/one").filter { $0.hasSuffix(".tmp") } == [])
    }
}
