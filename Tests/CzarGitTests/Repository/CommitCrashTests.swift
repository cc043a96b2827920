import Foundation
import TestSupport
import Testing

@testable import CzarGit

/// A commit that is cut off leaves branch and index as they were, or both as they are after it.
@Suite struct CommitCrashTests {
    private static let who = Signature(name: "W", email: "w@example.org", seconds: 1_790_000_001, offsetMinutes: 60)
    private static let request = CommitRequest(message: "work", author: who, committer: who)

    @Test(arguments: [true, false]) func theIndexGoesWithTheBranch(_ hasMoved: Bool) async throws {
        let repository = try GitRepository()
        try repository.write("a", "one\n")
        try repository.commitAll()
        // Content that only the index has.
        try repository.write("staged", "only here\n")
        try git("add", "staged", in: repository.path)
        try repository.write("staged", "another\n")
        try repository.write("a", "two\n")
        let (path, before) = (repository.path, try git("status", "--porcelain", in: repository.path))
        await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String, hasMoved = hasMoved as Bool] in
            _ = try Repository(opening: path).commitFiles(Self.request) { commit in
                if hasMoved { _ = try? git("update-ref", "refs/heads/main", commit.hex, in: path) }
                kill(getpid(), SIGKILL)
                return true
            }
        }
        #expect(exists(path + "/.git/index.lock"))
        _ = try RepositoryLocation.discover(from: path).recoverStaging()
        #expect(!exists(path + "/.git/index.lock"))
        #expect(try git("status", "--porcelain", in: path) == (hasMoved ? "" : before))
        if !hasMoved { #expect(try git("show", ":staged", in: path) == "only here") }
        #expect(try git("show", "HEAD:a", in: path) == (hasMoved ? "two" : "one"))
        #expect(try git("fsck", "--strict", "--no-dangling", in: path) == "")
        #expect(try FileManager.default.contentsOfDirectory(atPath: path + "/.git/czar/staging").isEmpty)
    }

    @Test func whoeverIsAskedMayKeepItFromMoving() throws {
        let repository = try GitRepository()
        try repository.write("a", "one\n")
        let head = try repository.commitAll()
        try repository.write("a", "two\n")
        let index = try Data(contentsOf: URL(fileURLWithPath: repository.path + "/.git/index"))
        #expect(throws: CommitFilesError.withheld) {
            _ = try Repository(opening: repository.path).commitFiles(Self.request) { _ in false }
        }
        #expect(try Data(contentsOf: URL(fileURLWithPath: repository.path + "/.git/index")) == index)
        #expect(try git("rev-parse", "HEAD", in: repository.path) == head)
    }
}
