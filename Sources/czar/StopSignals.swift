import Dispatch
import Glibc
import Synchronization

/// SIGINT, SIGTERM and SIGHUP as calls on a queue instead of the end of the process.
final class StopSignals {
    private var sources: [any DispatchSourceSignal] = []

    init(_ handler: @escaping @Sendable () -> Void) {
        // A queue of its own gets a thread also while all others of the pool are at work.
        let queue = DispatchQueue(label: "czar.signals")
        for number in [SIGINT, SIGTERM, SIGHUP] {
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
            source.setEventHandler(handler: handler)
            source.resume()
            sources.append(source)
        }
    }

    func cancel() { sources.forEach { $0.cancel() } }
}

/// Whether the program was told to end, for work that asks now and then.
final class StopFlag: Sendable {
    private let flag = Atomic(false)

    var isRaised: Bool { flag.load(ordering: .relaxed) }

    func raise() { flag.store(true, ordering: .relaxed) }
}
