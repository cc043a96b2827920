import CzarGit
import CzarKit
import Foundation
import TestSupport
import Testing

/// Untracked files that git shows and libgit2 takes for ignored.
@Suite struct TidyIgnoredLookTests {
    enum Rules: CaseIterable {
        case deeperFile, usersFile, linkedFile
    }

    @Test(arguments: Rules.allCases)
    func aFileThatARuleTakesBackIsWork(_ rules: Rules) throws {
        let fixture = try TidyFixture()
        switch rules {
        case .deeperFile: try fixture.repository.write("src/.gitignore", "!keep.o\n")
        case .usersFile:
            try writeFile(fixture.repository.around + "/mine", "keep.*\n")
            try git("config", "core.excludesFile", fixture.repository.around + "/mine", in: fixture.path)
            try fixture.repository.write(".gitignore", "!keep.o\n")
        case .linkedFile:
            try FileManager.default.removeItem(atPath: fixture.path + "/.gitignore")
            try fixture.repository.write("rules", "*.o\n")
            try FileManager.default.createSymbolicLink(atPath: fixture.path + "/.gitignore", withDestinationPath: "rules")
        }
        try fixture.repository.commitAll()
        let tree = try fixture.create()
        try writeFile(tree + "/src/keep.o", "work\n")
        #expect(try git("status", "--porcelain", in: tree) == "?? src/keep.o")
        #expect(try fixture.hazards() == [.untracked([RepositoryPath("src/keep.o")])])
        #expect(try fixture.remove(force: true).recovery != nil)
        try fixture.undo()
        #expect(try String(contentsOfFile: tree + "/src/keep.o", encoding: .utf8) == "work\n")
        let commit = try Repository(opening: tree).commitFiles(CommitRequest(message: "work"))
        #expect(try git("show", commit.hex + ":src/keep.o", in: tree) == "work")
        #expect(try git("status", "--porcelain", in: tree) == "")
    }
}
