import Synchronization

/// Hands every request to stop to whatever runs then: the set-up, later the command.
///
/// A stream ends with the task that reads it, so each gets one of its own; a request that came before there was a reader waits in it.
final class StopRequests: Sendable {
    private struct State {
        var wasAsked = false
        var readers: [AsyncStream<Void>.Continuation] = []
    }

    private let state = Mutex(State())

    init(_ stops: AsyncStream<Void>) {
        // Lives as long as the process, like the signals that it hears of.
        Task { [weak self] in for await _ in stops { self?.ask() } }
    }

    var wasAsked: Bool { state.withLock(\.wasAsked) }

    func ask() {
        let readers = state.withLock { state in
            state.wasAsked = true
            return state.readers
        }
        for reader in readers { reader.yield() }
    }

    /// A stream of the requests, one that was made already among them.
    func stream() -> AsyncStream<Void> {
        let (stream, reader) = AsyncStream<Void>.makeStream()
        let wasAsked = state.withLock { state in
            state.readers.append(reader)
            return state.wasAsked
        }
        if wasAsked { reader.yield() }
        return stream
    }
}
