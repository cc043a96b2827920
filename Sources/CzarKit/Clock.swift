import CzarPlanning
import Glibc

/// The wall clock now.
package func currentTime() -> Timestamp { Timestamp(wallClock()) }

/// The wall clock as the kernel tells it.
func wallClock() -> timespec {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return time
}

extension Timestamp {
    /// A time of the kernel's, cut to milliseconds.
    init(_ time: timespec) { self.init(milliseconds: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000) }
}
