/// The scheduler's answer for one moment.
package struct Schedule: Hashable, Sendable {
    /// In the order in which they are to be done.
    package var decisions: [Decision] = []
    /// Why each worker that is not done and not running does not run.
    package var waiting: [WorkerID: [Waiting]] = [:]
    /// Workers that are started without anybody's doing: now, when there is room, or when a retry falls due.
    package var startable: Set<WorkerID> = []
    /// When each failed worker is tried again without anybody's doing; also moments that have come.
    package var retries: [WorkerID: Timestamp] = [:]
    /// When the answer may change although nothing happens: a retry falls due, a worker becomes stuck, a time budget runs out.
    package var nextMoment: Timestamp?
    /// Whether anything still runs, may start, or will be retried without an operator; a person at work is none of that.
    package var canContinue = false

    /// One reason why a worker does not run.
    package struct Waiting: Hashable, Sendable {
        /// The worker that is waited for; nil when it is not another worker.
        package var worker: WorkerID?
        package var why: String

        /// Why a worker waits for a complete one, where the gate is `integrated`.
        package static let notIntegrated = "complete, not integrated"
        package static let reverted = "complete, reverted"

        /// Whether it waits for nothing but that somebody brings finished work into the target.
        package var isForLanding: Bool { why == Self.notIntegrated || why == Self.reverted }

        package init(worker: WorkerID? = nil, why: String) { (self.worker, self.why) = (worker, why) }
    }

    mutating func wake(at moment: Timestamp) {
        nextMoment = nextMoment.map { min($0, moment) } ?? moment
    }
}
