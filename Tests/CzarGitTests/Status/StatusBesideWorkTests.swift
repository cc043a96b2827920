import Foundation
import Synchronization
import TestSupport
import Testing

@testable import CzarGit

/// Looking at a worktree is never in the way of who works in it.
@Suite struct StatusBesideWorkTests {
    @Test func aThousandLooksBesideACommittingWorkerTakeNoLockAndWriteNothing() throws {
        let repository = try GitRepository()
        let path = repository.path
        for number in 0..<40 { try repository.write("folder\(number % 5)/\(number)", "text\n") }
        try repository.commitAll()
        let looks = Mutex(0)
        let isDone = Mutex(false)
        let parts = inParallel(2) { number -> Result<Int, any Error> in
            Result {
                if number == 0 {
                    // Until both are content: a thousand looks, and commits on their way.
                    defer { isDone.withLock { $0 = true } }
                    var commits = 0
                    while commits < 25 || looks.withLock({ $0 }) < 1000 {
                        commits += 1
                        try repository.write("folder\(commits % 5)/\(commits % 40)", "commit \(commits)\n")
                        // git fails at once when it finds the index locked.
                        try git("add", "-A", in: path)
                        try git("commit", "-q", "-m", "\(commits)", in: path)
                    }
                    return commits
                }
                let handle = try Repository(opening: path)
                while !isDone.withLock({ $0 }) {
                    _ = try handle.status()
                    looks.withLock { $0 += 1 }
                }
                return 0
            }
        }
        let commits = try parts[0].get()
        _ = try parts[1].get()
        #expect(commits >= 25)
        #expect(looks.withLock { $0 } >= 1000)
        #expect(try git("rev-list", "--count", "HEAD", in: path) == "\(commits + 2)")
        #expect(try gitStatusLines(path) == [])
    }

    @Test func noLookOpensAFileForWriting() throws {
        let repository = try GitRepository()
        let path = repository.path
        try repository.write("new", "x")
        // Stale stat data, which git would refresh.
        utimes(path + "/README", nil)
        let index = try Data(contentsOf: URL(fileURLWithPath: path + "/.git/index"))
        let before = try FileManager.default.subpathsOfDirectory(atPath: path).sorted()
        let modified = try FileManager.default.attributesOfItem(atPath: path + "/.git")[.modificationDate] as? Date
        for _ in 0..<10 { #expect(statusLines(try Repository(opening: path).status()) == ["?? new"]) }
        #expect(try Data(contentsOf: URL(fileURLWithPath: path + "/.git/index")) == index)
        #expect(try FileManager.default.subpathsOfDirectory(atPath: path).sorted() == before)
        // Even a lock that is gone again would have changed the folder's time.
        #expect(try FileManager.default.attributesOfItem(atPath: path + "/.git")[.modificationDate] as? Date == modified)
    }
}
