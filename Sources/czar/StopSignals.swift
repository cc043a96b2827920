import Dispatch
import Glibc
import Synchronization

/// SIGINT, SIGTERM and SIGHUP as calls on a queue instead of the end of the process.
final class StopSignals {
    private var sources: [any DispatchSourceSignal] = []

    /// Returns when the signals reach the handler: until then each of them ends the process, as if nobody had asked for it.
    ///
    /// A source is armed by a thread of libdispatch's, a moment after it was resumed, and takes the signal over then. Ignored until then, as
    /// other systems want it, a signal of that moment would be lost.
    init(_ handler: @escaping @Sendable () -> Void) {
        // A queue of its own gets a thread also while all others of the pool are at work.
        let queue = DispatchQueue(label: "czar.signals")
        let armed = DispatchGroup()
        for number in [SIGINT, SIGTERM, SIGHUP] {
            let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
            source.setEventHandler(handler: handler)
            armed.enter()
            source.setRegistrationHandler { armed.leave() }
            source.resume()
            sources.append(source)
        }
        // Where a sandbox forbids it no source is ever armed, and the signals end the process as they always do.
        _ = armed.wait(timeout: .now() + 1)
    }

    func cancel() { sources.forEach { $0.cancel() } }
}

/// Whether the program was told to end, for work that asks now and then.
final class StopFlag: Sendable {
    private let flag = Atomic(false)

    var isRaised: Bool { flag.load(ordering: .relaxed) }

    func raise() { flag.store(true, ordering: .relaxed) }
}
