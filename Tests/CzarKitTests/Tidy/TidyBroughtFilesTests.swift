import CzarGit
import CzarKit
import Foundation
import TestSupport
import Testing

/// Which ignored files a removal takes for copies of those in the main worktree.
@Suite struct TidyBroughtFilesTests {
    private func fixture() throws -> TidyFixture {
        let fixture = try TidyFixture()
        try fixture.repository.write(".worktreeinclude", "key.o\n")
        try fixture.repository.commitAll("include")
        try fixture.repository.write("key.o", "KEY=old\n")
        return fixture
    }

    @Test func aChangedFileIsNotLostWhateverItsTimeSays() throws {
        let fixture = try fixture()
        let brought = try fixture.create() + "/key.o"
        try writeFile(brought, "KEY=new\n")
        try prepare("touch", "-r", fixture.path + "/key.o", brought)
        #expect(try fixture.hazards(force: true) == [.ignored([RepositoryPath("key.o")])])
        #expect(try fixture.hazards(branch: true).contains(.ignored([RepositoryPath("key.o")])))
        // The undoing of its creation takes no more than a removal.
        #expect(throws: RemovalError.self) { try fixture.undo() }
        #expect(try String(contentsOfFile: brought, encoding: .utf8) == "KEY=new\n")
        // The other one may have changed as well as this.
        try fixture.repository.write("key.o", "KEY=new\n")
        try writeFile(brought, "KEY=old\n")
        try prepare("touch", "-r", fixture.path + "/key.o", brought)
        #expect(try fixture.hazards() == [.ignored([RepositoryPath("key.o")])])
        try writeFile(brought, "KEY=new\n")
        try fixture.remove()
        #expect(!exists(brought))
    }

    @Test func largeFilesAreComparedToTheirEnds() throws {
        let fixture = try fixture()
        var bytes = Data(repeating: 7, count: 300_000)
        try writeFile(fixture.path + "/key.o", bytes)
        let brought = try fixture.create() + "/key.o"
        bytes[299_999] = 8
        try writeFile(brought, bytes)
        try prepare("touch", "-r", fixture.path + "/key.o", brought)
        #expect(try fixture.hazards() == [.ignored([RepositoryPath("key.o")])])
        bytes[299_999] = 7
        try writeFile(brought, bytes)
        try fixture.remove()
    }

    @Test func aFileThatTheMainWorktreeOnlyReachesThroughALinkIsNoCopy() throws {
        let fixture = try TidyFixture()
        let tree = try fixture.create()
        try writeFile(tree + "/build/out", "made here\n")
        try FileManager.default.createSymbolicLink(atPath: fixture.path + "/build", withDestinationPath: tree + "/build")
        #expect(try fixture.hazards() == [.ignored([RepositoryPath("build/")])])
        #expect(exists(tree + "/build/out"))
    }
}
