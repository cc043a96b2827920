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

    @Test func whatKilledCommitsLeftGoesWithTheNextOneAndTheLivingKeepTheirs() throws {
        let repository = try GitRepository()
        try repository.write("a", "one\n")
        try repository.commitAll()
        let staging = repository.path + "/.git/czar/staging"
        let living = try ProcessIdentity.current()
        let dead = ProcessIdentity(host: living.host, bootID: living.bootID, pid: living.pid, startTime: living.startTime + 1)
        func lock(of owner: ProcessIdentity, _ name: String, _ place: String?) throws -> String {
            let id = "lock-\(owner.pid)-\(owner.startTime)-\(name)"
            try prepare("mkdir", "-p", "\(staging)/\(id)")
            guard let place else { return id }
            let record = StagingRecord(
                owner: owner, kind: .lock, root: repository.path + "/.git", path: place + ".lock", name: "lock", commit: .zero, extras: [])
            try writeFile("\(staging)/\(id)/record", Data(record.bytes))
            try writeFile("\(staging)/\(id)/lock", "")
            return id
        }
        _ = try lock(of: dead, "a", nil)
        _ = try lock(of: dead, "b", "refs/heads/other")
        let held = try lock(of: dead, "c", "refs/heads/third")
        try prepare("ln", "\(staging)/\(held)/lock", repository.path + "/.git/refs/heads/third.lock")
        try writeFile(repository.path + "/.git/refs/heads/other.lock", "git's\n")
        let own = [try lock(of: living, "d", "refs/heads/fourth"), try lock(of: living, "e", nil)]
        try repository.write("a", "two\n")
        _ = try Repository(opening: repository.path).commitFiles(Self.request)
        #expect(try FileManager.default.contentsOfDirectory(atPath: staging).sorted() == own.sorted())
        #expect(exists(repository.path + "/.git/refs/heads/other.lock") && !exists(repository.path + "/.git/refs/heads/third.lock"))
    }

    /// `git_commit_create` of libgit2 1.5 says nothing of it, and the branch would move to a commit that is not there.
    @Test func aCommitThatCannotBeWrittenIsNone() throws {
        let repository = try GitRepository()
        try repository.write("a", "one\n")
        let head = try #require(ObjectID(hex: try repository.commitAll()))
        let tree = try Repository(opening: repository.path).tree(of: head)
        func commit(_ number: Int) throws -> ObjectID {
            try Repository(opening: repository.path).createCommit(
                tree: tree, parents: [head], author: Self.who, committer: Self.who, message: "work \(number)\n")
        }
        // One in a folder of its own, so that nothing else goes with that.
        for number in 0... {
            let id = try commit(number)
            #expect(try git("cat-file", "-t", id.hex, in: repository.path) == "commit")
            let folder = repository.path + "/.git/objects/" + id.hex.prefix(2)
            guard try FileManager.default.contentsOfDirectory(atPath: folder).count == 1 else { continue }
            try FileManager.default.removeItem(atPath: folder)
            try writeFile(folder, "in the way")
            #expect(throws: GitError.self) { try commit(number) }
            return
        }
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
