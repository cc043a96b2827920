/// A worker's identity: every journal entry about a worker carries both parts.
public struct WorkerKey: Hashable, Comparable, Sendable, CustomStringConvertible {
    public let phase: PhaseID
    public let id: WorkerID

    public init(phase: PhaseID, id: WorkerID) {
        self.phase = phase
        self.id = id
    }

    public var description: String { "\(id) (phase \(phase))" }

    public static func < (left: Self, right: Self) -> Bool {
        left.phase == right.phase ? left.id < right.id : left.phase < right.phase
    }
}
