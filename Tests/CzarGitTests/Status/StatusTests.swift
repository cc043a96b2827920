import Foundation
import TestSupport
import Testing

@testable import CzarGit

@Suite struct StatusTests {
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
        #expect(statusLines(status) == (try gitStatusLines(path)))
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
            #expect(statusLines(status) == (try gitStatusLines(path)))
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
        #expect(statusLines(try Repository(opening: path).status()) == (try gitStatusLines(path)))
        try git("add", "-A", in: path + "/sub")
        try git("commit", "-qm", "moved", in: path + "/sub")
        #expect(statusLines(try Repository(opening: path).status()) == (try gitStatusLines(path)))
        try git("add", "sub", in: path)
        #expect(statusLines(try Repository(opening: path).status()) == (try gitStatusLines(path)))
    }

    @Test func aHeldIndexLockIsNoObstacle() throws {
        let repository = try GitRepository()
        try writeFile(repository.path + "/.git/index.lock", "")
        try repository.write("README", "more\n")
        #expect(statusLines(try Repository(opening: repository.path).status()) == [" M README"])
    }
}
