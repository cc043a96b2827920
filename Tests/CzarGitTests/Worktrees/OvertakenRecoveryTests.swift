import Foundation
import Synchronization
import TestSupport
import Testing

@testable import CzarGit

@Suite struct OvertakenRecoveryTests {
    /// Its owner ends between the look at its record and what is done about it: that is no failure.
    @Test func whatIsFinishedWhileItIsRecoveredIsNoFailure() throws {
        let repository = try GitRepository()
        try repository.write("file", "content\n")
        try repository.commitAll()
        let location = try RepositoryLocation.discover(from: repository.path)
        let one = repository.path + "/.git/czar/staging/one"
        let me = try ProcessIdentity.current()
        let dead = ProcessIdentity(host: me.host, bootID: me.bootID, pid: me.pid, startTime: me.startTime + 1)
        // So long that it is still being read when it is gone.
        let record = StagingRecord(
            owner: dead, kind: .add, root: repository.path, path: repository.path + "/x", name: "x",
            commit: try Repository(opening: repository.path).resolve("main"), extras: Array(repeating: "x", count: 300_000)
        ).bytes
        var wasInTime = false
        // On a busy machine the recovery may be quicker than this one, and then it has finished what it found.
        for attempt in 0..<20 where !wasInTime {
            try FileManager.default.createDirectory(atPath: one, withIntermediateDirectories: true)
            try Data(record).write(to: URL(fileURLWithPath: one + "/record"))
            let watch = inotify_init1(Int32(IN_CLOEXEC))
            defer { close(watch) }
            #expect(inotify_add_watch(watch, one + "/record", UInt32(IN_OPEN)) >= 0)
            let outcome = Mutex<Result<[RecoveredWorktree], any Error>?>(nil)
            let ended = DispatchSemaphore(value: 0)
            // Not a task: the pool may be busy with tests that wait.
            Thread.detachNewThread {
                let result = Result { try location.recoverStaging() }
                outcome.withLock { $0 = result }
                ended.signal()
            }
            var opened = pollfd(fd: watch, events: Int16(POLLIN), revents: 0)
            #expect(poll(&opened, 1, 60_000) == 1)
            wasInTime = rename(one, repository.path + "/.git/czar/finished-\(attempt)") == 0
            ended.wait()
            let found = try #require(try outcome.withLock { $0 }?.get())
            #expect(found == (wasInTime ? [] : [.forgotten(path: repository.path + "/x")]))
        }
        #expect(wasInTime)
    }
}
