import Dispatch
import Glibc

/// What a supervisor does about signals: SIGTERM asks it to stop the command, the usual others are not for it.
///
/// A handler may do almost nothing (signal-safety(7)), so it writes one byte into a pipe, which is read elsewhere.
enum SupervisorSignals {
    /// Ignores SIGHUP, SIGINT and SIGPIPE, catches SIGTERM and gives an element when it has come; call once a process.
    /// Children are not touched: their signals are reset when they are started.
    ///
    /// `hangsUp`: the process leads the session of a terminal. When that is closed only the leader is told, so SIGHUP asks to stop too.
    static func catchStops(hangsUp: Bool = false) -> AsyncStream<Void> {
        for ignored in [SIGHUP, SIGINT, SIGPIPE] { signal(ignored, SIG_IGN) }
        var ends: [Int32] = [-1, -1]
        // Without a pipe SIGTERM keeps its own meaning, and whoever finds the session afterwards ends it.
        guard pipe(&ends) == 0 else { return AsyncStream { $0.finish() } }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        _ = fcntl(ends[1], F_SETFL, O_NONBLOCK)
        stopPipe = ends[1]
        let handler: @convention(c) (Int32) -> Void = { _ in
            let saved = errno
            var byte: UInt8 = 1
            // A full pipe holds more than enough requests.
            _ = write(stopPipe, &byte, 1)
            errno = saved
        }
        signal(SIGTERM, handler)
        if hangsUp { signal(SIGHUP, handler) }
        return reading(ends[0])
    }

    /// The thread waits for as long as the process lives.
    private static func reading(_ descriptor: Int32) -> AsyncStream<Void> {
        AsyncStream { continuation in
            DispatchQueue(label: "czar.signals").async {
                var byte: UInt8 = 0
                while true {
                    if read(descriptor, &byte, 1) == 1 {
                        continuation.yield()
                    } else if errno != EINTR {
                        return continuation.finish()
                    }
                }
            }
        }
    }
}

/// Unsafe to be seen from anywhere, but written once, before the handler that reads it exists.
private nonisolated(unsafe) var stopPipe: Int32 = -1
