/// Where a worker is in its life.
public enum WorkerState: String, Hashable, Sendable, CaseIterable, CustomStringConvertible {
    /// Defined; something it depends on is not done.
    case pending
    /// Nothing holds it; it starts when there is room.
    case ready
    /// A supervisor has claimed the start; the command does not run yet.
    case starting
    /// Its command runs, or a person works there.
    case active
    /// Held by causes that others have to remove.
    case blocked
    /// Held by an operator or a budget.
    case paused
    /// Declared and proven.
    case complete
    /// Ended without proof.
    case failed

    /// The word for it, as everywhere.
    public var description: String { rawValue }

    /// The moves that exist, as data (SPEC section 4). `paused` may go wherever the rules put a worker without that hold.
    package static let moves: [WorkerState: Set<WorkerState>] = [
        .pending: [.ready, .blocked, .paused, .failed],
        .ready: [.starting, .pending, .blocked, .paused, .failed],
        .starting: [.active, .ready, .failed],
        .active: [.complete, .failed, .blocked, .paused],
        .blocked: [.pending, .ready, .active, .paused, .failed],
        .paused: [.pending, .ready, .active, .blocked, .failed],
        .failed: [.pending],
        .complete: [.active],
    ]

    package func canMove(to next: WorkerState) -> Bool { Self.moves[self]?.contains(next) ?? false }

    /// Whether a worker in this state counts against `max_active`.
    package var occupiesSlot: Bool { self == .starting || self == .active }
}

/// A move that the table does not have.
package struct ForbiddenMove: Error, Hashable, Sendable, CustomStringConvertible {
    package let worker: WorkerID
    package let from: WorkerState
    package let to: WorkerState

    package init(worker: WorkerID, from: WorkerState, to: WorkerState) {
        (self.worker, self.from, self.to) = (worker, from, to)
    }

    package var description: String { "worker '\(worker)' is \(from) and cannot become \(to)" }
}
