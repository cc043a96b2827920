import Glibc
import SystemPackage

/// An advisory lock (`flock`) on a file, held until the value goes away; the kernel frees it when the process dies.
///
/// Two locks on one file exclude each other also inside one process, because each value opens the file itself. The file stays.
package struct FileLock: ~Copyable {
    private let descriptor: Int32

    /// Takes the lock on `name` in `folder`, waiting for at most `timeout`.
    ///
    /// - Throws: ``FileError`` with `EAGAIN` when another still holds it. `flock` cannot wait with a limit, so this asks again with growing pauses.
    package init(_ name: String, in folder: borrowing Folder, timeout: Duration = .seconds(30)) throws(FileError) {
        let path = folder.join(name)
        let file = retryingInterrupts { openat(folder.descriptor, name, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0o600) }
        guard file >= 0 else { throw FileError("open the lock", path) }
        var backoff = Backoff(limit: timeout)
        while retryingInterrupts({ flock(file, LOCK_EX | LOCK_NB) }) != 0 {
            let failure = Errno(rawValue: Glibc.errno)
            guard failure == .wouldBlock, backoff.pause() else {
                close(file)
                throw FileError("take the lock", path, failure)
            }
        }
        descriptor = file
    }

    deinit { close(descriptor) }

    /// Marks in the code until where the lock is needed: a value that cannot be copied may end after its last use.
    package borrowing func hold() {}
}

/// Growing pauses with jitter up to a total limit, for locks that cannot be waited for: git's lock files and timed `flock`.
struct Backoff {
    private let deadline: ContinuousClock.Instant
    private var next = 1_000_000.0

    init(limit: Duration) { deadline = .now + limit }

    /// Pauses this thread; false when the limit is used up.
    mutating func pause() -> Bool {
        guard ContinuousClock.now < deadline else { return false }
        var time = timespec(tv_sec: 0, tv_nsec: Int(next * Double.random(in: 0.5...1.5)))
        nanosleep(&time, nil)
        next = min(next * 1.6, 100_000_000)
        return true
    }
}
