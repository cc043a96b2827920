import CzarPlanning

/// What keeps Czar from looking after one worker: its worktree or branch was damaged, or something stands in the way there.
///
/// It is that worker's alone: the others are looked after all the same.
package struct WorkerProblem: Sendable {
    package let worker: WorkerKey
    package let error: any Explained

    init(_ worker: WorkerKey, _ error: any Explained) { (self.worker, self.error) = (worker, error) }

    /// Does something for one worker; a fault that is not Czar's own becomes that worker's problem.
    static func collecting(_ problems: inout [WorkerProblem], for worker: WorkerKey, _ body: () throws -> Void) throws {
        do {
            try body()
        } catch let error as any Explained where error.kind != .internal {
            problems.append(WorkerProblem(worker, error))
        }
    }
}
