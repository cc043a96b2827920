import CzarPlanning

/// How `czar run` runs.
package struct DaemonOptions: Sendable {
    package var schedule = ScheduleOptions()
    package var workspace = WorkspaceOptions()
    /// Sees worktrees being made.
    package var watch = WorkspaceWatch()
    /// Does what can be done now and ends; what was started goes on.
    package var once = false
    /// Ends after this time.
    package var limit: Duration?
    /// Keeps the workers running when the daemon is told to end.
    package var leavesRunning = false
    /// A state of the plan's files that was looked at and cannot be used: the daemon goes on with the plan that it has.
    package var passedOverPlan: PlanFiles?

    /// Told after every look at which something was recorded or has to be said.
    package var pulse: @Sendable (DaemonPulse) -> Void = { _ in }
    /// Told what a person should know beside the work: a notification that could not be sent, workers that are waited for at the end.
    package var complain: @Sendable (String) -> Void = { _ in }

    package init() {}
}

/// How a run ended.
package struct DaemonEnd: Sendable {
    /// The raw value is what JSON says.
    package enum Reason: String, Hashable, Sendable, CaseIterable {
        /// Everything is complete, or nothing more can run without an operator.
        case nothingLeft = "nothing-left"
        case once
        case timeIsUp = "time-is-up"
        case told = "interrupted"
        /// The plan's files are no longer those that the daemon works by; the workers go on.
        case planChanged = "plan-changed"
    }

    package let reason: Reason
    package let state: ProjectState
    /// Why the status file is not up to date; nil when it is.
    package let statusProblem: String?
    /// Who waits for what, and why.
    package let waiting: [WorkerID: [Schedule.Waiting]]
}
