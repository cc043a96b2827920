import CLibgit2
import Glibc
import Synchronization

/// How many threads share work that the processor limits.
package func usefulThreads() -> Int { max(1, min(4, sysconf(Int32(_SC_NPROCESSORS_ONLN)))) }

/// Hands out the numbers of jobs, each once, to whichever thread asks next.
package final class JobQueue: Sendable {
    private let next = Atomic<Int>(0)
    private let count: Int

    /// A queue of the jobs 0..<count.
    package init(_ count: Int) { self.count = count }

    /// The next job; nil when none is left.
    package func take() -> Int? {
        let number = next.wrappingAdd(1, ordering: .relaxed).oldValue
        return number < count ? number : nil
    }
}

/// Work that goes on on a thread of its own until somebody wants what comes of it.
final class Ahead<Result: Sendable>: Sendable {
    private let work: Mutex<State>

    private enum State {
        case running(pthread_t, Work<Result>)
        case done(Result)
    }

    /// Begins at once; where no thread is to be had, the caller does the work.
    init(_ body: @escaping @Sendable () -> Result) {
        let work = Work(body)
        if let thread = start(work) {
            self.work = Mutex(.running(thread, work))
        } else {
            self.work = Mutex(.done(work.result ?? body()))
        }
    }

    /// What came of it; waits until it is there.
    var value: Result {
        work.withLock { state in
            switch state {
            case .done(let result): return result
            case .running(let thread, let work):
                pthread_join(thread, nil)
                guard let result = work.result else { preconditionFailure("a thread that has ended has a result") }
                state = .done(result)
                return result
            }
        }
    }

    deinit { _ = value }
}

/// Runs `body` for 0..<count, each on a thread of its own, the last on the caller's: libgit2 never runs on the cooperative pool.
package func inParallel<Result: Sendable>(_ count: Int, _ body: @escaping @Sendable (Int) -> Result) -> [Result] {
    _ = threadsHaveRoom
    let works = (0..<count - 1).map { number in Work { body(number) } }
    let threads = works.map { start($0) }
    let last = body(count - 1)
    for case let thread? in threads { pthread_join(thread, nil) }
    return works.compactMap(\.result) + [last]
}

/// A thread's heap grows a page at a time, and at every step all other threads wait for the kernel: more than a thousand steps in a quarter
/// of a second. Room that is not touched takes no memory.
private let threadsHaveRoom: Bool = mallopt(M_TOP_PAD, 16 << 20) == 1

/// Starts a thread; nil where none is to be had: then the work was done here.
private func start(_ work: AnyWork) -> pthread_t? {
    var thread = pthread_t()
    let context = Unmanaged.passRetained(work)
    let status = pthread_create(
        &thread, nil,
        {
            Unmanaged<AnyWork>.fromOpaque($0!).takeRetainedValue().run(); return nil
        }, context.toOpaque())
    if status == 0 { return thread }
    context.release()
    work.run()
    return nil
}

private class AnyWork {
    func run() {}
}

private final class Work<Result>: AnyWork {
    private let body: () -> Result
    /// Written by the thread, read after it was joined.
    private(set) var result: Result?

    init(_ body: @escaping () -> Result) { self.body = body }

    override func run() { result = body() }
}
