import Glibc
import SystemPackage

/// An advisory lock (`flock`) on a file, held until the value goes away; the kernel frees it when the process dies.
///
/// Two locks on one file exclude each other also inside one process, because each value opens the file itself. The file stays.
package struct FileLock: ~Copyable {
    private let file: OpenFile

    /// Takes the lock on `name` in `folder`, waiting for at most `timeout`: a holder that was stopped (not killed) keeps its lock, and no
    /// caller may hang on that. The file is made with `mode` when it is missing.
    ///
    /// - Throws: ``FileError`` with `EAGAIN` when another still holds it. `flock` cannot wait with a limit, so this asks again with growing pauses.
    package init(
        _ name: String, in folder: borrowing Folder, mode: FileMode = .asParent, timeout: Duration = .seconds(30)
    ) throws(FileError) {
        let opened = try folder.file(name, O_RDWR | O_CREAT, mode: mode)
        var backoff = Backoff(limit: timeout, longest: .milliseconds(20))
        while true {
            do throws(FileError) {
                try opened.lock()
                break
            } catch {
                guard error.errno == .wouldBlock, backoff.pause() else { throw error }
            }
        }
        file = opened
    }

    /// Marks in the code until where the lock is needed: a value that cannot be copied may end after its last use.
    package borrowing func hold() {}
}

/// Growing pauses with jitter up to a total limit, for locks that cannot be waited for: git's lock files and timed `flock`.
struct Backoff {
    private let deadline: ContinuousClock.Instant
    /// Nanoseconds.
    private var next = 1_000_000.0
    private let longest: Double

    init(limit: Duration, longest: Duration = .milliseconds(100)) {
        deadline = .now + limit
        self.longest = longest / .nanoseconds(1)
    }

    /// Pauses this thread; false when the limit is used up.
    mutating func pause() -> Bool {
        guard ContinuousClock.now < deadline else { return false }
        var time = timespec(tv_sec: 0, tv_nsec: Int(next * Double.random(in: 0.5...1.5)))
        nanosleep(&time, nil)
        next = min(next * 1.6, longest)
        return true
    }
}
