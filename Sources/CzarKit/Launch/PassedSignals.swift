import Glibc
import Synchronization

/// SIGTERM and SIGHUP for a command that this process waits for: the command is given them, and this process ends with it. A terminal's Ctrl-C
/// reaches the command without that; this process waits for what it makes of it.
///
/// What this process was told to ignore, as `nohup` does, stays ignored.
/// A handler, because what is ignored is lost until a dispatch source has begun to listen. One command of a process at a time; one that comes
/// before the command's process is known is given to it then. What a child does about signals is reset when it is started.
enum PassedSignals {
    private static let passed = [SIGTERM, SIGHUP, SIGINT]

    /// Passes on what comes while `body` runs. Returns whether anything came.
    static func during<Answer>(_ body: () async throws -> Answer) async rethrows -> (answer: Answer, haveCome: Bool) {
        // Before the handlers, which may not be the first to touch these.
        receiver.store(0, ordering: .sequentiallyConsistent)
        waiting.store(0, ordering: .sequentiallyConsistent)
        haveCome.store(false, ordering: .sequentiallyConsistent)
        let heard = passed.filter { !isIgnored($0) }
        for number in heard { signal(number, pass) }
        defer { for number in heard { signal(number, SIG_DFL) } }
        let answer = try await body()
        return (answer, haveCome.load(ordering: .sequentiallyConsistent))
    }

    private static func isIgnored(_ number: Int32) -> Bool {
        var current = sigaction()
        guard sigaction(number, nil, &current) == 0, let handler = current.__sigaction_handler.sa_handler else { return false }
        return unsafeBitCast(handler, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
    }

    /// The process that is given them from now on; 0 once it has ended, since its number may become another's.
    static func give(to process: pid_t) {
        receiver.store(process, ordering: .sequentiallyConsistent)
        if process != 0 { deliver() }
    }

    /// Only calls of signal-safety(7).
    private static let pass: @convention(c) (Int32) -> Void = { number in
        let saved = errno
        haveCome.store(true, ordering: .sequentiallyConsistent)
        if number != SIGINT {
            waiting.store(number, ordering: .sequentiallyConsistent)
            deliver()
        }
        errno = saved
    }

    /// Whoever comes last of the signal and the process finds the other, and only one of the two takes it.
    private static func deliver() {
        let process = receiver.load(ordering: .sequentiallyConsistent)
        guard process != 0 else { return }
        let number = waiting.exchange(0, ordering: .sequentiallyConsistent)
        if number != 0 { kill(process, number) }
    }
}

private let receiver = Atomic<Int32>(0)
private let waiting = Atomic<Int32>(0)
private let haveCome = Atomic(false)
