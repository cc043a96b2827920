import Glibc

/// An exclusive `flock`, held until the value ends. The kernel drops it when the process dies, however it dies.
struct FileLock: ~Copyable {
    private let file: OwnFile

    /// Waits for the lock at most `limit`: a holder that was stopped (not killed) keeps its lock, and no caller may hang on that.
    ///
    /// The C function has no time limit and nothing to wait on, so this tries again at growing distances, as SQLite does for its own locks.
    init(_ name: String, in folder: borrowing OwnFile, mode: mode_t, limit: Duration) throws(JournalError) {
        let opened = try folder.file(name, O_RDWR | O_CREAT, mode: mode)
        let deadline = ContinuousClock.now.advanced(by: limit)
        var pause: UInt32 = 500
        while flock(opened.descriptor, LOCK_EX | LOCK_NB) != 0 {
            guard errno == EWOULDBLOCK || errno == EINTR else { throw JournalError(errno: errno, "lock", opened.path) }
            guard ContinuousClock.now < deadline else { throw .busy(path: opened.path) }
            usleep(pause)
            pause = min(pause * 2, 20_000)
        }
        file = opened
    }

    /// Does nothing but keep the value alive up to the call.
    borrowing func isHeldUntilHere() {}
}
