/// A worker that has left the plan, and of which something is still there: no plan says any more what becomes of it.
struct FormerWorker {
    let worker: MetricsReport.Worker
    private let target: String
    /// Whether a worker of the plan goes on with its branch, and with its worktree.
    private let isTaken: (branch: Bool, worktree: Bool)

    var id: WorkerID { worker.id }
    private var record: WorkerRecord { worker.status.record }
    private var figures: GitFigures { worker.status.figures }

    /// Those that there is something of. What was removed by a command is nobody's business any more, and a branch or a worktree that a worker
    /// of the plan goes on with is that one's.
    static func all(_ inputs: ReportInputs) -> [FormerWorker] {
        let branches = Set(inputs.metrics.workers.map(\.status.branch))
        let worktrees = Set(inputs.metrics.workers.compactMap { $0.status.record.creation?.worktree })
        return inputs.metrics.former.map { worker in
            let isTaken = (
                branch: branches.contains(worker.status.branch),
                worktree: worker.status.record.creation?.worktree.map { worktrees.contains($0) } ?? false
            )
            return FormerWorker(worker: worker, target: inputs.status.target, isTaken: isTaken)
        }.filter { !$0.parts.isEmpty }
    }

    private init(worker: MetricsReport.Worker, target: String, isTaken: (branch: Bool, worktree: Bool)) {
        (self.worker, self.target, self.isTaken) = (worker, target, isTaken)
    }

    /// Whether it has commits that the target does not contain, or nobody can tell. Who removes the worktree and the branch has given them up.
    var hasUnlandedWork: Bool {
        guard let creation = record.creation, !isTaken.branch, !(figures.isRecorded && creation.worktree == nil) else { return false }
        return figures.tip != nil && (figures.ownCommits ?? 1) > 0 && !figures.integration.isIntegrated
    }

    /// Commits after what was completed.
    var stranded: Int { isTaken.branch ? 0 : figures.stranded.count }
    private var hasWorktree: Bool { record.creation?.worktree != nil && figures.worktree.state != .missing && !isTaken.worktree }

    /// `1 commit is not on main`; nil where there is none.
    var unlanded: String? {
        guard hasUnlandedWork else { return nil }
        if figures.lacksIntegration { return "whether its work is on \(target) could not be found out" }
        if figures.integration == .reverted { return "its work landed on \(target) and was reverted" }
        let gone = figures.isRecorded ? ", and its branch is gone" : ""
        guard let count = figures.ownCommits else { return "its work is not on \(target)\(gone)" }
        return "\(Figures.plural(count, "commit")) \(count == 1 ? "is" : "are") not on \(target)\(gone)"
    }

    private var parts: [String] {
        var parts: [String] = []
        if record.attempts.running != nil { parts.append("its command runs") }
        if let unlanded { parts.append(unlanded) }
        if stranded > 0 { parts.append("\(Figures.plural(stranded, "commit")) after what was completed") }
        if hasWorktree, figures.worktree.dirty > 0 {
            parts.append("\(Figures.plural(figures.worktree.dirty, "file")) not committed in its worktree")
        }
        if hasWorktree { parts.append("its worktree is still there") }
        return parts
    }

    /// `left the plan: 1 commit is not on main; its worktree is still there`.
    var sentence: String { "left the plan: " + parts.joined(separator: "; ") }

    /// Work is looked at before anything is done with it.
    var command: String {
        if record.attempts.running != nil { return "czar stop \(id)" }
        if figures.isRecorded, hasUnlandedWork, let tip = figures.tip {
            return "git branch \(ShellText.word(worker.status.branch.rawValue)) \(tip)"
        }
        if hasUnlandedWork || stranded > 0 { return "czar diff \(id)" }
        return hasWorktree && figures.worktree.dirty > 0 ? "czar status \(id)" : "czar remove \(id)"
    }
}

extension ReportInputs {
    /// Why each worker that has left the plan, and of which something is there, stays as it is.
    package var keptFormer: [(worker: WorkerID, why: String)] { FormerWorker.all(self).map { ($0.id, $0.sentence) } }
}
