import Foundation
import TestSupport
import Testing

@testable import CzarGit

/// What random edits do not reach, each with git as the oracle.
@Suite struct StatusCaseTests {
    /// Compares, and says that something was there to compare.
    private func expectGitsAnswer(_ path: String, lines count: Int, _ place: String = "") throws {
        let own = statusLines(try Repository(opening: path).status(threads: 2))
        #expect(own == (try gitStatusLines(path)), "\(place)")
        #expect(own.count == count, "\(place): \(own)")
    }

    private func isAnsweredWithoutLibgit2(_ path: String) throws -> Bool {
        try WorktreePass(Repository(opening: path), worktree: path)?.isGitsAnswer == true
    }

    @Test(arguments: [2, 3, 4]) func everyVersionOfTheIndexIsRead(version: Int) throws {
        let repository = try GitRepository()
        let long = String(repeating: String(repeating: "l", count: 90) + "/", count: 8) + String(repeating: "n", count: 200)
        for number in 0..<300 { try repository.write("folder\(number % 7)/file\(number)", "\(number)\n") }
        try repository.write(long, "x")
        try repository.commitAll()
        if version == 3 { try git("update-index", "--skip-worktree", "folder1/file1", in: repository.path) }
        try git("update-index", "--index-version", "\(version)", in: repository.path)
        #expect(try Data(contentsOf: URL(fileURLWithPath: repository.path + "/.git/index"))[7] == UInt8(version))
        #expect(try isAnsweredWithoutLibgit2(repository.path))
        try expectGitsAnswer(repository.path, lines: 0)
        try repository.write("folder3/file3", "changed\n")
        try git("add", "folder3/file3", in: repository.path)
        try repository.write("folder3/file3", "again\n")
        try repository.write("folder3/new", "new\n")
        try expectGitsAnswer(repository.path, lines: 2)
    }

    /// What is not seen here `czar remove` would take away unasked.
    @Test(arguments: [
        "*\n!.gitignore\n!src/\n!src/**\n", "*.o\nbuild/\n/only\n", "src/*\n!src/kept\n", "**/deep/**\n", "*\n", "",
    ])
    func everyIgnoredPathIsListed(_ rules: String) throws {
        let repository = try GitRepository()
        try repository.write("src/kept", "x")
        try repository.commitAll()
        try repository.write(".gitignore", rules)
        for path in [
            "secret.env", "only", "src/a.o", "src/deep/b.o", "src/deep/er/c", "build/out", "new/x.o", "new/deep/y", "new/sub/build/z",
        ] { try repository.write(path, path) }
        try repository.write("src/own/.gitignore", "*.tmp\n!b.tmp\n")
        for name in ["a.tmp", "b.tmp"] { try repository.write("src/own/" + name, name) }
        try git("init", "-q", repository.path + "/nested", in: repository.path)
        try repository.write("nested/file.o", "x")
        let output = try git("status", "--porcelain", "-z", "--ignored=matching", "--untracked-files=all", in: repository.path)
        let expected = output.split(separator: "\0").filter { $0.hasPrefix("!! ") }.map { String($0.dropFirst(3)) }.sorted()
        let found = try Repository(opening: repository.path).status(ignored: true).ignored ?? []
        #expect(found.map(\.description).sorted() == expected)
        #expect(rules.isEmpty == false || expected == ["src/own/a.tmp"])
    }

    @Test func anUnbornBranchAndAMissingIndexAreNoObstacle() throws {
        let repository = try GitRepository(commit: false)
        try expectGitsAnswer(repository.path, lines: 0)
        try repository.write("a/b", "x")
        try repository.write("c", "x")
        try expectGitsAnswer(repository.path, lines: 2)
        try git("add", "c", in: repository.path)
        try expectGitsAnswer(repository.path, lines: 2)
        try repository.commitAll()
        try FileManager.default.removeItem(atPath: repository.path + "/.git/index")
        try expectGitsAnswer(repository.path, lines: 4)
    }

    @Test func eachKindOfConflictHasItsLetters() throws {
        let repository = try GitRepository()
        let blob = try git("rev-parse", "HEAD:README", in: repository.path)
        var lines = ""
        for stages in 1...7 {
            for stage in 1...3 where stages & 1 << (stage - 1) != 0 { lines += "100644 \(blob) \(stage)\tconflict\(stages)\n" }
            if stages % 2 == 0 { try repository.write("conflict\(stages)", "on disk\n") }
        }
        try git("update-index", "--index-info", in: repository.path, input: lines)
        try expectGitsAnswer(repository.path, lines: 7)
        let status = try Repository(opening: repository.path).status()
        #expect((status.conflicted, status.staged, status.modified) == (7, 0, 0))
    }

    @Test func aChangeInTheTickOfTheIndexIsSeen() throws {
        let repository = try GitRepository()
        for round in 0..<30 {
            try repository.write("README", "text \(round % 10)\n")
            try git("add", "README", in: repository.path)
            try repository.write("README", "text \((round + 1) % 10)\n")
            #expect(statusLines(try Repository(opening: repository.path).status()).contains { $0.hasSuffix("M README") })
        }
    }

    @Test func lineEndsAndKeywordsCountAsGitConvertsThem() throws {
        for setting in ["false", "input", "true"] {
            let repository = try GitRepository()
            let path = repository.path
            try git("config", "core.autocrlf", setting, in: path)
            try git("config", "core.safecrlf", "false", in: path)
            try repository.write(".gitattributes", "*.id ident\n*.lf text eol=lf\n*.bin -text\n")
            for name in ["a.txt", "b.lf", "c.bin"] { try repository.write(name, "one\r\ntwo\r\n") }
            try repository.write("d.id", "$Id$\n")
            try repository.commitAll()
            try git("read-tree", "HEAD", in: path)
            // No stat data are left in the index: everything is looked at, as git does.
            let own = statusLines(try Repository(opening: path).status())
            #expect(own == (try gitStatusLines(path)), "\(setting)")
            try repository.write("d.id", "$Id: 0123456789 $\n")
            try repository.write("a.txt", "one\ntwo\n")
            try repository.write("c.bin", "one\ntwo\r\n")
            #expect(statusLines(try Repository(opening: path).status()) == (try gitStatusLines(path)), "\(setting)")
        }
    }

    @Test func aSparseCheckoutLeavesOutWhatItLeavesOut() throws {
        let repository = try GitRepository()
        let path = repository.path
        for name in ["in/a", "out/b", "out/.gitignore", "out/deep/c"] { try repository.write(name, "text of \(name)\n") }
        try repository.write("out/.gitignore", "*.o\n")
        try repository.commitAll()
        try git("worktree", "add", "-q", path + "-sparse", in: path)
        try git("sparse-checkout", "set", "in", in: path + "-sparse")
        #expect(!exists(path + "-sparse/out"))
        for folder in [path, path + "-sparse"] {
            try expectGitsAnswer(folder, lines: 0)
            try writeFile(folder + "/out/x.o", "left out, and still ignored")
            try expectGitsAnswer(folder, lines: 0)
            // A file that is there although it is left out counts.
            try writeFile(folder + "/out/b", "other text\n")
            try writeFile(folder + "/in/a", "other text\n")
            try expectGitsAnswer(folder, lines: 2)
        }
        try git("config", "sparse.expectFilesOutsideOfPatterns", "true", in: path)
        try expectGitsAnswer(path + "-sparse", lines: 1)
    }

    @Test func oddFilesInPlaceOfTrackedOnesAreShownAsGitShowsThem() throws {
        let repository = try GitRepository()
        let path = repository.path
        for name in ["pipe", "folder", "link", "d/one", "d/two"] { try repository.write(name, "x\n") }
        try FileManager.default.createSymbolicLink(atPath: path + "/wasLink", withDestinationPath: "nowhere")
        try FileManager.default.createSymbolicLink(atPath: path + "/moved", withDestinationPath: "nowhere")
        try repository.commitAll()
        for name in ["pipe", "folder", "link", "wasLink", "moved", "d"] { try FileManager.default.removeItem(atPath: path + "/" + name) }
        #expect(mkfifo(path + "/pipe", 0o644) == 0)
        try repository.write("folder/inside", "x")
        try repository.write("wasLink", "nowhere")
        try FileManager.default.createSymbolicLink(atPath: path + "/moved", withDestinationPath: "elsewhere")
        try FileManager.default.createSymbolicLink(atPath: path + "/link", withDestinationPath: "README")
        // What lies behind a link to a folder is not what the index means.
        try writeFile(repository.around + "/other/one", "x\n")
        try FileManager.default.createSymbolicLink(atPath: path + "/d", withDestinationPath: "../other")
        #expect(mkfifo(path + "/newPipe", 0o644) == 0)
        try expectGitsAnswer(path, lines: 8)
    }

    @Test func submodulesFollowTheirSettings() throws {
        let (repository, other) = (try GitRepository(), try GitRepository())
        let path = repository.path
        for name in ["one", "two"] {
            try git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", other.path, name, in: path)
        }
        try repository.commitAll()
        try expectGitsAnswer(path, lines: 0)
        try repository.write("one/untracked", "x")
        try repository.write("two/README", "changed")
        try expectGitsAnswer(path, lines: 2)
        for (value, lines) in [("untracked", 1), ("dirty", 0), ("all", 0), ("none", 2)] {
            try git("config", "submodule.one.ignore", value, in: path)
            try git("config", "-f", ".gitmodules", "submodule.two.ignore", value, in: path)
            try git("add", ".gitmodules", in: path)
            try expectGitsAnswer(path, lines: lines + 1, value)
        }
        try git("submodule", "--quiet", "deinit", "-f", "one", in: path)
        try expectGitsAnswer(path, lines: 2)
        try FileManager.default.removeItem(atPath: path + "/one")
        try expectGitsAnswer(path, lines: 3)
        try repository.write("one", "a file")
        try expectGitsAnswer(path, lines: 3)
    }

    @Test func theUsersAndTheRepositorysExcludesCount() throws {
        let repository = try GitRepository()
        let path = repository.path
        try writeFile(repository.around + "/mine", "*.mine\n*.both\n")
        try git("config", "core.excludesFile", repository.around + "/mine", in: path)
        try writeFile(path + "/.git/info/exclude", "!a.both\n")
        for name in ["x.mine", "a.both", "b.both", "empty/x.mine", "full/x.mine", "full/y"] { try repository.write(name, "x") }
        try expectGitsAnswer(path, lines: 2)
    }

    @Test func whereCaseDoesNotCountLibgit2Answers() throws {
        let repository = try GitRepository()
        try git("config", "core.ignorecase", "true", in: repository.path)
        #expect(try !isAnsweredWithoutLibgit2(repository.path))
        try repository.write("README", "changed\n")
        try expectGitsAnswer(repository.path, lines: 1)
    }

    @Test func aDamagedIndexIsAnErrorAndNotACleanWorktree() throws {
        let repository = try GitRepository()
        let index = repository.path + "/.git/index"
        let bytes = try Data(contentsOf: URL(fileURLWithPath: index))
        try bytes.prefix(60).write(to: URL(fileURLWithPath: index))
        #expect(throws: GitError.self) { try Repository(opening: repository.path).status() }
        try Data().write(to: URL(fileURLWithPath: index))
        let repaired = "rm .git/index && git reset -q"
        for answer in [
            { _ = try Repository(opening: repository.path).status() },
            { _ = try Repository(opening: repository.path).commitFiles(CommitRequest(message: "x")) },
        ] {
            let error = #expect(throws: (any Error).self) { try answer() }
            #expect("\(String(describing: error))".contains("the file is empty; remove it and run 'git reset'"))
        }
        try prepare("sh", "-c", "cd \(repository.path) && \(repaired)")
        #expect(try Repository(opening: repository.path).status().isClean)
        try Data(repeating: 7, count: 200).write(to: URL(fileURLWithPath: index))
        #expect(throws: GitError.self) { try Repository(opening: repository.path).status() }
    }
}
