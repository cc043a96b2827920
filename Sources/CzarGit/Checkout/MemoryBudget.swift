import Dispatch
import Synchronization

/// Bounds the bytes of large blobs that all threads hold at one time.
final class MemoryBudget: Sendable {
    private static let share = 4 << 20

    let bytes: Int
    private let shares: Int
    private let free: DispatchSemaphore
    // One thread at a time collects its shares, so two cannot wait for each other's.
    private let turn = Mutex(())

    init(bytes: Int) {
        self.bytes = bytes
        shares = max(1, bytes / Self.share)
        free = DispatchSemaphore(value: shares)
    }

    /// Waits until `bytes` are free; more than the whole budget is lent when nothing else is.
    func with<Result>(_ bytes: Int, _ body: () throws(GitError) -> Result) throws(GitError) -> Result {
        let wanted = min(shares, bytes / Self.share + 1)
        turn.withLock { _ in for _ in 0..<wanted { free.wait() } }
        defer { for _ in 0..<wanted { free.signal() } }
        return try body()
    }
}
