/// One thing to do next. The caller does it, records it, and asks again with the state that results.
package enum Decision: Hashable, Sendable {
    /// Only the state changes.
    case move(WorkerID, StateMove)
    /// The state stays, what holds the worker there changes.
    case changeCauses(WorkerID, Set<Cause>, reason: String?)
    /// Create what is missing and start the next attempt.
    case start(WorkerID)
    /// Judge a worker whose attempt ended, or that was declared complete without one.
    case settle(WorkerID)
    /// Record that a budget level was reached; `hold` says what the plan wants done about it.
    case reachBudget(WorkerID, level: String, hold: Budget.OnLimit?, reason: String)
    /// The same for the budget of the whole plan; with a hold, every active worker is held.
    case reachPlanBudget(level: String, hold: Budget.OnLimit?, reason: String)
    /// Record that nothing has been heard of an active worker for too long.
    case markStuck(WorkerID, since: Timestamp)
}

/// A change of state with why it happens.
package struct StateMove: Hashable, Sendable {
    package var to: WorkerState
    package var causes: Set<Cause>
    package var reason: String?
    /// A retry that no person asked for.
    package var automatic: Bool
    /// The command that removes the reason; nil where none is known.
    package var remedy: String?

    package init(
        to: WorkerState, causes: Set<Cause> = [], reason: String? = nil, automatic: Bool = false, remedy: String? = nil
    ) {
        (self.to, self.causes, self.reason, self.automatic, self.remedy) = (to, causes, reason, automatic, remedy)
    }
}
