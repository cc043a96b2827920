import CzarGit
import CzarKit
import Foundation
import TestSupport
import Testing

/// `core.ignorecase` on a file system that holds both names.
@Suite struct TidyCaseTests {
    enum Names: CaseIterable {
        case besideTracked, besideChanged, renamed, folders, twoNew, folderForFile, fileForFolder
    }

    @Test(arguments: Names.allCases)
    func whereCaseDoesNotCountBothNamesAreKept(_ names: Names) throws {
        let fixture = try TidyFixture()
        let tree = try fixture.create()
        try git("config", "core.ignorecase", "true", in: fixture.path)
        switch names {
        case .besideTracked: try writeFile(tree + "/readme", "work\n")
        case .besideChanged:
            try FileManager.default.copyItem(atPath: tree + "/src/file0", toPath: tree + "/src/FILE0")
            try writeFile(tree + "/src/file0", "work\n")
        case .renamed:
            try FileManager.default.moveItem(atPath: tree + "/README", toPath: tree + "/Readme")
            try writeFile(tree + "/Readme", "work\n")
        case .folders: try writeFile(tree + "/SRC/File0", "work\n")
        case .twoNew:
            try writeFile(tree + "/new", "one\n")
            try writeFile(tree + "/New", "two\n")
        case .folderForFile:
            try FileManager.default.removeItem(atPath: tree + "/README")
            try writeFile(tree + "/README/mine", "work\n")
        case .fileForFolder:
            try FileManager.default.removeItem(atPath: tree + "/src")
            try writeFile(tree + "/src", "work\n")
        }
        let before = try files(fixture)
        #expect(throws: RemovalError.self) { try fixture.remove() }
        try fixture.remove(force: true)
        try fixture.undo()
        #expect(try files(fixture) == before)
        #expect(try fixture.problems() == [])
    }

    @Test func whereCaseDoesNotCountACommitTakesWhatGitWouldTake() throws {
        let fixture = try TidyFixture()
        let tree = try fixture.create()
        try git("config", "core.ignorecase", "true", in: fixture.path)
        try writeFile(tree + "/readme", "another\n")
        try writeFile(tree + "/src/file0", "changed\n")
        try writeFile(tree + "/src/new", "new\n")
        try git("add", "-A", in: tree)
        let expected = try git("write-tree", in: tree)
        try git("reset", "-q", in: tree)
        let commit = try Repository(opening: tree).commitFiles(CommitRequest(message: "work"))
        #expect(try git("rev-parse", commit.hex + "^{tree}", in: tree) == expected)
    }

    @Test(arguments: [["--cone", "other"], ["--no-cone", "/*", "!/src/"]])
    func aFileInThePlaceOfAFolderThatWasLeftOutComesBack(_ patterns: [String]) throws {
        let fixture = try TidyFixture()
        let tree = try fixture.create()
        try #require(try run(["git", "sparse-checkout", "set"] + patterns, in: tree).status == 0)
        try writeFile(tree + "/src", "my work\n")
        #expect(throws: RemovalError.self) { try fixture.remove() }
        try fixture.remove(force: true)
        try fixture.undo()
        #expect(try String(contentsOfFile: tree + "/src", encoding: .utf8) == "my work\n")
    }

    /// An index would hold it, and no checkout would make it.
    @Test func aLinkThatGitDoesNotMakeKeepsTheWorktree() throws {
        let fixture = try TidyFixture()
        let tree = try fixture.create()
        try FileManager.default.createSymbolicLink(atPath: tree + "/.gitmodules", withDestinationPath: "README")
        try writeFile(tree + "/new", "work\n")
        #expect(throws: (any Error).self) { try fixture.remove(force: true) }
        #expect(exists(tree + "/new") && exists(tree + "/README"))
    }

    private func files(_ fixture: TidyFixture) throws -> [String: String] { try fixture.contents().filter { !$0.key.hasPrefix(" ") } }
}
