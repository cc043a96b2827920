import Dispatch
import Glibc
import Synchronization

/// The threads that the program's tasks run on, in the place of libdispatch's.
///
/// libdispatch looks after its threads by opening `/proc/<tid>/stat` for each, once a second, and kills the process when one is not there
/// (`_dispatch_workq_count_runnable_workers`): in a sandbox that shows the `/proc` of another pid namespace none is. Queues of one's own, as
/// for ``onOwnThread(_:_:)``, are not looked after. See docs/decisions/2026-11-26-inside-a-sandbox.md.
///
/// A thread is made when a task is ready and none is idle, up to a limit, and lives as long as the process.
package final class TaskThreads: TaskExecutor {
    package static let shared = TaskThreads()

    private static let limit = 64

    private struct State {
        /// In the order they came; what lies before `first` has been taken.
        var jobs: [UnownedJob] = []
        var first = 0
        var idle = 0
        var threads = 0

        mutating func take() -> UnownedJob? {
            guard first < jobs.count else { return nil }
            defer {
                first += 1
                if first == jobs.count { (jobs, first) = ([], 0) }
            }
            return jobs[first]
        }
    }

    private let state = Mutex(State())
    /// Counts the jobs that wait for an idle thread.
    private let arrivals = DispatchSemaphore(value: 0)

    /// Runs the body on these threads, and waits for it where it stands.
    package static func run(_ body: @escaping @Sendable () async -> Void) {
        let end = DispatchSemaphore(value: 0)
        Task(executorPreference: shared) {
            await body()
            end.signal()
        }
        end.wait()
    }

    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        let needsThread = state.withLock { state in
            state.jobs.append(job)
            // Those that are idle are as good as at work on what came before.
            let isCovered = state.idle >= state.jobs.count - state.first || state.threads == Self.limit
            if !isCovered { (state.threads, state.idle) = (state.threads + 1, state.idle + 1) }
            return !isCovered
        }
        if needsThread, !start() { state.withLock { ($0.threads, $0.idle) = ($0.threads - 1, $0.idle - 1) } }
        arrivals.signal()
    }

    /// False when no thread is to be had now: those that are there take the job; without any it is a fault of the machine.
    private func start() -> Bool {
        // No signal is blocked: a program that takes this one's place would have it blocked, too.
        var thread = pthread_t()
        let own = Unmanaged.passUnretained(self).toOpaque()
        let status = pthread_create(
            &thread, nil,
            {
                Unmanaged<TaskThreads>.fromOpaque($0!).takeUnretainedValue().work()
                return nil
            }, own)
        guard status == 0 else {
            precondition(state.withLock { $0.threads } > 1, "cannot start a thread: \(String(cString: strerror(status)))")
            return false
        }
        pthread_detach(thread)
        return true
    }

    private func work() {
        while true {
            arrivals.wait()
            let job = state.withLock { state in
                state.idle -= 1
                return state.take()
            }
            job?.runSynchronously(on: asUnownedTaskExecutor())
            state.withLock { $0.idle += 1 }
        }
    }
}
