import CzarGit
import Glibc
import SystemPackage

/// A pidfd: a hold on one process that no other process can get, whatever happens to its pid.
///
/// It becomes readable when the process ends, for any process and not only for children, so that waiting needs no loop of
/// sleeps; and a signal through it reaches that process or none. Linux 5.3.
struct ProcessHandle: ~Copyable {
    let pid: Int32
    let descriptor: Int32

    /// Nil when the process is gone.
    init?(_ pid: Int32) throws(LaunchError) {
        guard let calls = PidfdCalls.shared else {
            throw .system(operation: "watch process", subject: String(pid), errno: .noFunction)
        }
        let descriptor = calls.open(pid, 0)
        if descriptor < 0 {
            let code = Errno(rawValue: errno)
            if code == .noSuchProcess || code == .invalidArgument { return nil }
            throw .system(operation: "watch process", subject: String(pid), errno: code)
        }
        (self.pid, self.descriptor) = (pid, descriptor)
    }

    /// A hold on exactly this process; nil when it is gone.
    /// - Throws: ``LaunchError/outOfSight(pid:)`` when its pid means nothing here.
    static func of(_ process: ProcessIdentity) throws(LaunchError) -> ProcessHandle? {
        if process.isOutOfSight { throw .outOfSight(pid: process.pid) }
        guard process.isAlive else { return nil }
        let handle = try ProcessHandle(process.pid)
        // Checked again with the handle in hand: between the two, the pid may have gone to another process.
        guard process.isAlive else { return nil }
        return handle
    }

    deinit { close(descriptor) }

    /// Returns false when the process has ended already.
    @discardableResult
    func send(_ signal: Int32) throws(LaunchError) -> Bool {
        guard let calls = PidfdCalls.shared, calls.sendSignal(descriptor, signal, nil, 0) != 0 else { return true }
        let code = Errno(rawValue: errno)
        if code == .noSuchProcess { return false }
        throw .system(operation: "signal process", subject: String(pid), errno: code)
    }

    /// Blocks until the process has ended; returns false at the deadline.
    func waitForEnd(until deadline: Deadline) throws(LaunchError) -> Bool {
        var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        while true {
            let ready = poll(&entry, 1, deadline.millisecondsLeft)
            if ready > 0 { return true }
            if ready == 0 { return false }
            guard errno == EINTR else {
                throw .system(operation: "wait for process", subject: String(pid), errno: Errno(rawValue: errno))
            }
        }
    }
}

/// A moment on the monotonic clock, for calls that take "at most this long".
struct Deadline {
    private let end: ContinuousClock.Instant?

    /// Nil waits for ever.
    init(after duration: Duration?) { end = duration.map { ContinuousClock.now.advanced(by: $0) } }

    /// What poll(2) takes: -1 for ever, 0 when the time is up; rounded up, so that it never returns just before.
    var millisecondsLeft: Int32 {
        guard let end else { return -1 }
        let (seconds, attoseconds) = (end - ContinuousClock.now).components
        guard seconds >= 0, attoseconds >= 0 else { return 0 }
        return Int32(clamping: seconds * 1000 + (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000)
    }

    var isOver: Bool { millisecondsLeft == 0 }
}

/// glibc's wrappers (2.36) of the two system calls. Swift's Glibc module does not list their header, and `syscall` is
/// variadic, so they are looked up by name.
private struct PidfdCalls: Sendable {
    typealias Open = @convention(c) (pid_t, UInt32) -> Int32
    typealias SendSignal = @convention(c) (Int32, Int32, UnsafeMutableRawPointer?, UInt32) -> Int32

    let open: Open
    let sendSignal: SendSignal

    static let shared: PidfdCalls? = {
        guard let open = dlsym(nil, "pidfd_open"), let send = dlsym(nil, "pidfd_send_signal") else { return nil }
        // A cast is the only way from dlsym's pointer to a function; the signatures are those of <sys/pidfd.h>.
        return PidfdCalls(open: unsafeBitCast(open, to: Open.self), sendSignal: unsafeBitCast(send, to: SendSignal.self))
    }()
}

extension ProcessIdentity {
    /// Blocks the calling thread until the process has ended; returns false when the time is up first.
    package func waitForEnd(timeout: Duration? = nil) throws(LaunchError) -> Bool {
        guard let handle = try ProcessHandle.of(self) else { return true }
        return try handle.waitForEnd(until: Deadline(after: timeout))
    }
}
