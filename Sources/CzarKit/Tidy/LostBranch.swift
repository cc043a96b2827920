import CzarGit
import CzarPlanning

/// A worker's branch that is gone, or whose reference cannot be read or names no commit.
struct LostBranch {
    private let coordinator: Coordinator
    private let record: WorkerRecord
    private let branch: BranchName
    private var location: RepositoryLocation { coordinator.project.location }

    /// Nil for a worker that has none.
    init?(_ record: WorkerRecord, _ coordinator: Coordinator) {
        guard let branch = record.creation?.branch else { return nil }
        (self.coordinator, self.record, self.branch) = (coordinator, record, branch)
    }

    /// What is wrong with it, and what mends that; nil where it is at a commit.
    func finding() throws -> DoctorFinding? {
        let what = "the branch '\(branch)' of '\(record.key.id)'"
        let repository = try coordinator.openCommon()
        do {
            guard let tip = try repository.branchTip(branch.rawValue) else { return try missing(what + " is gone") }
            guard try repository.peeledCommit(tip) == nil else { return nil }
            return DoctorFinding("branch-unreadable", .problem, "\(what) is at \(tip.short), which is no commit that is here", try update())
        } catch let error as any Explained where error.kind != .internal {
            return DoctorFinding("branch-unreadable", .problem, "\(what): \(error)", try error.remedy ?? update())
        }
    }

    private func missing(_ what: String) throws -> DoctorFinding {
        let path = record.creation?.worktree
        if let entry = try location.worktrees().first(where: { $0.path == path && $0.problem == nil }), entry.branch != branch.rawValue {
            let place = entry.branch.map { "'\($0)'" } ?? "no branch"
            return DoctorFinding(
                "branch-missing", .problem, "\(what), and its worktree is on \(place)", try mend(in: path, found: entry.branch))
        }
        let mend = try lastTip().map { "git branch \(ShellText.word(branch.rawValue)) \($0)" } ?? "git fsck --lost-found"
        return DoctorFinding("branch-missing", .problem, what, mend)
    }

    /// On another worker's branch its own begins where it ended.
    private func mend(in worktree: String?, found: String?) throws -> String {
        let git = BranchMend.git(in: worktree)
        guard try coordinator.ledger.refresh().isAnothers(found, than: record.key) else {
            return BranchMend.command(git, to: branch, found: found, exists: false, isAnothers: false)
        }
        return try lastTip().map { "\(git) switch -c \(ShellText.word(branch.rawValue)) \($0.rawValue)" } ?? "git fsck --lost-found"
    }

    /// Git moves no reference whose file says nothing.
    private func update() throws -> String {
        guard let tip = try lastTip() else { return "git fsck --lost-found" }
        let reference = "refs/heads/" + branch.rawValue
        let file = location.commonDirectory + "/" + reference
        let removal = FileKind(at: file) == .file ? ShellText.line(["rm", file]) + " && " : ""
        return removal + "git update-ref \(ShellText.word(reference)) \(tip)"
    }

    /// What the worker committed last, seen by Czar or not.
    func lastTip() throws -> CommitID? {
        let own = try location.worktrees().filter { $0.branch == branch.rawValue && !$0.isBare }.map(\.gitDirectory)
        let found = try coordinator.openCommon().lastTip(ofLost: branch.rawValue, checkedOutIn: own, in: location)
        return found.map { CommitID(rawValue: $0.hex) } ?? record.lastSeenTip
    }
}
