/// What a status report needs beside plan and journal.
public struct StatusFacts: Sendable {
    public var now: Timestamp
    public var repository: String
    /// The branch that workers without a base of their own start from.
    public var base: String
    public var daemon: StatusReport.Daemon?
    public var figures: [WorkerID: GitFigures]
    /// The checklists of the briefs.
    public var checklists: [WorkerID: [StatusReport.Task]]
    public var schedule: ScheduleFacts
    /// Workers that an old folder's marks claim to be complete.
    public var claims: Set<WorkerID>

    public init(
        now: Timestamp, repository: String, base: String, daemon: StatusReport.Daemon? = nil, figures: [WorkerID: GitFigures] = [:],
        checklists: [WorkerID: [StatusReport.Task]] = [:], schedule: ScheduleFacts? = nil, claims: Set<WorkerID> = []
    ) {
        (self.now, self.repository, self.base, self.daemon) = (now, repository, base, daemon)
        (self.figures, self.checklists, self.claims) = (figures, checklists, claims)
        self.schedule = schedule ?? ScheduleFacts(now: now)
    }
}
