/// A worker's identity: every journal entry about a worker carries both parts.
public struct WorkerKey: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The phase of the plan.
    public let phase: PhaseID
    /// The worker's name within the phase.
    public let id: WorkerID

    /// Names a worker.
    public init(phase: PhaseID, id: WorkerID) {
        self.phase = phase
        self.id = id
    }

    /// `api (phase 1)`.
    public var description: String { "\(id) (phase \(phase))" }

    /// By phase, then by id.
    public static func < (left: Self, right: Self) -> Bool {
        left.phase == right.phase ? left.id < right.id : left.phase < right.phase
    }
}
