import CzarGit
import CzarKit
import Foundation
import TestSupport
import Testing

/// `core.ignorecase` on a file system that holds both names.
@Suite struct TidyCaseTests {
    enum Names: CaseIterable {
        case besideTracked, besideChanged, renamed, folders, twoNew
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

    private func files(_ fixture: TidyFixture) throws -> [String: String] { try fixture.contents().filter { !$0.key.hasPrefix(" ") } }
}
