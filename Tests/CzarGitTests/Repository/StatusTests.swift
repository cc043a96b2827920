import Foundation
import TestSupport
import Testing

@testable import CzarGit

@Suite struct StatusTests {
    private func lines(_ status: WorktreeStatus) -> [String] {
        status.entries.map { entry in
            let letters = entry.staged == "U" ? "UU" : "\(entry.staged)\(entry.unstaged)"
            return entry.oldPath.map { "\(letters) \($0) -> \(entry.path)" } ?? "\(letters) \(entry.path)"
        }.sorted()
    }

    private func porcelain(_ path: String) throws -> [String] {
        let output = try run(["git", "-c", "core.quotePath=false", "status", "--porcelain"], in: path).output
        return output.split(separator: "\n").map { line in
            ["AA", "DU", "UD", "AU", "UA", "DD"].contains(line.prefix(2)) ? "UU" + line.dropFirst(2) : String(line)
        }.sorted()
    }

    @Test func everyCategoryEqualsGit() throws {
        let repository = try GitRepository()
        for name in ["kept", "edited", "stagedEdit", "both", "gone", "stagedGone", "mode", "uncached", "toLink"] {
            try repository.write("t/" + name, "text of \(name)\nsecond\nthird\n")
        }
        try repository.write("t/renamed", "a long enough text\nto be found again\nafter its move\n")
        try repository.write(".gitignore", "*.ignored\nbuilt/\n")
        try repository.commitAll()
        let path = repository.path
        #expect(try Repository(opening: path).status().isClean)
        for name in ["edited", "stagedEdit", "both"] { try repository.write("t/" + name, "changed \(name)\n") }
        try git("add", "t/stagedEdit", "t/both", in: path)
        try repository.write("t/both", "again\n")
        try FileManager.default.removeItem(atPath: path + "/t/gone")
        try git("rm", "-q", "t/stagedGone", in: path)
        try git("rm", "-q", "--cached", "t/uncached", in: path)
        try git("mv", "t/renamed", "t/moved", in: path)
        chmod(path + "/t/mode", 0o755)
        try FileManager.default.removeItem(atPath: path + "/t/toLink")
        try FileManager.default.createSymbolicLink(atPath: path + "/t/toLink", withDestinationPath: "kept")
        try repository.write("new/deep/file", "x")
        try repository.write("new/other", "x")
        try repository.write("t/untracked", "x")
        try repository.write("x.ignored", "x")
        try repository.write("onlyIgnored/y.ignored", "x")
        try repository.write("mixed/z.ignored", "x")
        try repository.write("built/deep/file", "x")
        try repository.write("mixed/file", "x")
        try repository.write("byExclude", "x")
        try FileManager.default.createDirectory(atPath: path + "/emptyFolder", withIntermediateDirectories: true)
        try writeFile(path + "/.git/info/exclude", "/byExclude\n")
        try repository.write("stagedNew", "x")
        try git("add", "stagedNew", in: path)
        let index = try Data(contentsOf: URL(fileURLWithPath: path + "/.git/index"))
        let status = try Repository(opening: path).status(ignored: true)
        #expect(try Data(contentsOf: URL(fileURLWithPath: path + "/.git/index")) == index)
        #expect(lines(status) == (try porcelain(path)))
        #expect((status.staged, status.modified, status.conflicted) == (6, 5, 0))
        let ignored = try git("status", "--porcelain", "--ignored=matching", "-uall", in: path).split(separator: "\n").filter {
            $0.hasPrefix("!!")
        }
        #expect(status.ignored?.map { "!! \($0)" } == ignored.map(String.init).sorted())
    }

    @Test func conflictsAndOperationsAreNamed() throws {
        let repository = try GitRepository()
        let path = repository.path
        try git("branch", "other", in: path)
        try repository.write("README", "main\n")
        try repository.commitAll()
        try git("checkout", "-q", "other", in: path)
        try repository.write("README", "other\n")
        try repository.commitAll()
        let other = try git("rev-parse", "other", in: path)
        for (command, operation) in [("merge", OperationInProgress.merge), ("rebase", .rebase), ("cherry-pick", .cherryPick)] {
            #expect(try run(["git", command, "main"], in: path).status != 0)
            let status = try Repository(opening: path).status()
            #expect(status.operation == operation && status.conflicted == 1)
            #expect(lines(status) == (try porcelain(path)))
            try git(command, "--abort", in: path)
        }
        #expect(try git("rev-parse", "HEAD", in: path) == other)
        try git("bisect", "start", in: path)
        #expect(try Repository(opening: path).status().operation == .bisect)
        #expect(try RepositoryLocation.discover(from: path).checkedOutBranches()["other"] == path)
    }

    @Test func aDirtySubmoduleCountsAsChanged() throws {
        let (repository, other) = (try GitRepository(), try GitRepository())
        let path = repository.path
        try git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", other.path, "sub", in: path)
        try repository.commitAll()
        #expect(try Repository(opening: path).status().isClean)
        try repository.write("sub/new", "x")
        #expect(lines(try Repository(opening: path).status()) == (try porcelain(path)))
        try git("add", "-A", in: path + "/sub")
        try git("commit", "-qm", "moved", in: path + "/sub")
        #expect(lines(try Repository(opening: path).status()) == (try porcelain(path)))
        try git("add", "sub", in: path)
        #expect(lines(try Repository(opening: path).status()) == (try porcelain(path)))
    }

    @Test func aHeldIndexLockIsNoObstacle() throws {
        let repository = try GitRepository()
        try writeFile(repository.path + "/.git/index.lock", "")
        try repository.write("README", "more\n")
        #expect(lines(try Repository(opening: repository.path).status()) == [" M README"])
    }
}

@Suite struct ExcludeBlockTests {
    @Test func theBlockIsKeptBetweenOtherLinesByteForByte() throws {
        let repository = try GitRepository()
        let path = repository.path + "/.git/info/exclude"
        let before = Data("# mine\n*.o\n".utf8) + Data([0xFF]) + Data("no newline at the end".utf8)
        try writeFile(path, before)
        let location = try RepositoryLocation.discover(from: repository.path)
        #expect(try location.excludeBlock() == nil)
        try location.writeExcludeBlock(["/a/", "/b"])
        let first = try Data(contentsOf: URL(fileURLWithPath: path))
        #expect(first.starts(with: before))
        try writeFile(path, first + Data("after\n".utf8))
        try location.writeExcludeBlock(["/c"])
        #expect(try location.excludeBlock() == ["/c"])
        #expect(try git("check-ignore", "c", in: repository.path) == "c")
        try location.writeExcludeBlock([])
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == before + Data("\nafter\n".utf8))
    }

    @Test func writingTheSameAgainWritesNothing() throws {
        let repository = try GitRepository()
        let location = try RepositoryLocation.discover(from: repository.path)
        try location.writeExcludeBlock(["/a"])
        let path = repository.path + "/.git/info/exclude"
        let number = try FileManager.default.attributesOfItem(atPath: path)[.systemFileNumber] as? Int
        try location.writeExcludeBlock(["/a"])
        #expect(try FileManager.default.attributesOfItem(atPath: path)[.systemFileNumber] as? Int == number)
    }

    @Test func manyWritersLeaveOneBlock() async throws {
        let repository = try GitRepository()
        let location = try RepositoryLocation.discover(from: repository.path)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for index in 0..<8 { group.addTask { try location.writeExcludeBlock(["/\(index)"]) } }
            try await group.waitForAll()
        }
        let text = try String(contentsOfFile: repository.path + "/.git/info/exclude", encoding: .utf8)
        #expect(text.split(separator: "\n").count { $0.hasPrefix("# >>> czar") } == 1)
    }
}
