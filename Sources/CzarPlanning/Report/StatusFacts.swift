/// What a status report needs beside plan and journal.
package struct StatusFacts: Sendable {
    package var now: Timestamp
    package var repository: String
    /// Where the logs lie that attempts name.
    package var logsFolder: String
    /// The branch that workers without a base of their own start from.
    package var base: String
    package var daemon: StatusReport.Daemon?
    package var figures: [WorkerID: GitFigures]
    /// The checklists of the briefs.
    package var checklists: [WorkerID: [StatusReport.Task]]
    /// Whether ``checklists`` are as they were: boxes that are ticked have no history.
    package var checklistsAreKnown = true
    package var schedule: ScheduleFacts
    /// The last readable line that each running command has printed.
    package var lastLines: [WorkerID: String] = [:]
    /// Workers that an old folder's marks claim to be complete.
    package var claims: Set<WorkerID>
    /// Workers whose commands were changed since the user trusted the plan's.
    package var untrusted: Set<WorkerID> = []
    /// Workers whose command has ended, which the journal has not taken yet.
    package var unrecorded: Set<WorkerID> = []
    /// The command that shows what fills the journal's disk; nil where there is space.
    package var fullDisk: String?
    /// Where the target begins that is still to be made; nil where there is such a branch.
    package var targetStart: String?
    /// The tips of the branches that the plan names for workers that have drifted from it, as far as they exist.
    package var plannedTips: [WorkerID: CommitID] = [:]
    /// The command that gives workers something to start from, such as the first commit, where nothing can start before it.
    package var firstCommit: String?
    /// Whether people at work are named while `czar run` is active too: they keep no run going, and a report is read later.
    package var namesPeople = false
    /// Whether it is about a phase that the plan is no longer in: nothing starts its workers, and commands have to name it.
    package var isOfFormerPhase = false
    /// What is not as it looks, in sentences.
    package var limitations: [String] = []

    package init(
        now: Timestamp, repository: String, logsFolder: String, base: String, daemon: StatusReport.Daemon? = nil,
        figures: [WorkerID: GitFigures] = [:],
        checklists: [WorkerID: [StatusReport.Task]] = [:], schedule: ScheduleFacts? = nil, claims: Set<WorkerID> = []
    ) {
        (self.now, self.repository, self.logsFolder, self.base, self.daemon) = (now, repository, logsFolder, base, daemon)
        (self.figures, self.checklists, self.claims) = (figures, checklists, claims)
        self.schedule = schedule ?? ScheduleFacts(now: now)
    }
}
