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
            let mend = BranchMend.command(BranchMend.git(in: path), to: branch, found: entry.branch, exists: false)
            return DoctorFinding("branch-missing", .problem, "\(what), and its worktree is on \(place)", mend)
        }
        let mend = try lastTip().map { "git branch \(ShellText.word(branch.rawValue)) \($0)" } ?? "git fsck --lost-found"
        return DoctorFinding("branch-missing", .problem, what, mend)
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
