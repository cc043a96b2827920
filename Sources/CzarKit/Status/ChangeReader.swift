import CzarGit
import CzarPlanning

/// Reads what a worker changed: its own commits, and the patch against what it started from. Reads only.
package struct ChangeReader {
    private let project: ProjectLayout
    private let status: StatusReader
    private let base: String

    package init(around path: String) throws {
        project = try ProjectLayout(around: path)
        status = try StatusReader(around: path)
        base = try StatusReader.base(status.reading.plan, status.state, project)
        plan = try status.everyWorker()
    }

    /// Whom commands can mean; `phase`: only workers of that one.
    package func roster(of phase: PhaseID? = nil) throws -> Roster { try status.roster(of: phase) }

    package let plan: Plan
    package var state: ProjectState { status.state }

    /// A worker's change, as far as it is committed.
    package struct Change: Sendable {
        package let branch: BranchName
        /// What it is compared with.
        package let base: String
        /// Newest first.
        package let commits: [Commit]
        package let files: TreeChanges
        /// Entries of its worktree that are not committed: `git status --porcelain` lists them.
        package let uncommitted: [WorktreeStatus.Entry]
    }

    /// - Throws: ``ChangeError/noBranch(worker:branch:remote:)``, ``ChangeError/noMergeBase(worker:base:isShallow:)``; ``GitError``.
    package func change(of worker: WorkerDefinition, files wantsFiles: Bool) throws -> Change {
        let repository = try Repository(opening: project.location)
        let record = state[worker.key]
        let branch = record.creation?.branch ?? worker.branch
        guard let tip = try repository.branchTip(branch.rawValue) else {
            let remote = try RemoteBranch.of(branch, remote: plan.orchestration.remote, repository)
            throw ChangeError.noBranch(worker: worker.id, branch: branch, remote: remote)
        }
        let name = record.creation?.base ?? worker.base ?? base
        let question = BranchQuestion(
            tip: tip, base: try repository.branchTip(name) ?? repository.resolve(name), forkPoint: ObjectID(record.creation?.forkPoint),
            completed: nil)
        let found = try project.makeHistoryReader().change(of: question)
        if wantsFiles, found.from == nil, !found.commits.isEmpty {
            throw ChangeError.noMergeBase(worker: worker.id, base: name, isShallow: repository.isShallow)
        }
        let files = try found.from.map { from in try wantsFiles ? repository.changes(from: from, to: found.to) : nil } ?? nil
        return Change(
            branch: branch, base: name, commits: try found.commits.map { try repository.commit($0) },
            files: files ?? TreeChanges(files: []),
            uncommitted: try uncommitted(record))
    }

    private func uncommitted(_ record: WorkerRecord) throws -> [WorktreeStatus.Entry] {
        guard let path = record.creation?.worktree, FileKind(at: path) == .folder, try !project.isOthers(path) else { return [] }
        return try Repository(opening: path).status().entries
    }

    /// What one commit changes, against its first parent.
    package func changes(of commit: Commit) throws -> TreeChanges {
        let repository = try Repository(opening: project.location)
        return try repository.changes(from: commit.parents.first.map { try repository.tree(of: $0) }, to: commit.tree)
    }

    /// The commit that a revision names.
    package func commit(_ revision: String) throws -> Commit {
        let repository = try Repository(opening: project.location)
        let id: ObjectID
        do throws(GitError) { id = try repository.resolve(revision) } catch {
            throw ChangeError.noCommit(revision: revision, suggestion: NearName.suggestion(for: revision, among: plan.ids.map(\.rawValue)))
        }
        return try repository.commit(id)
    }

    /// Gives the patch of a change, piece by piece.
    package func patch(of changes: TreeChanges, _ body: (PatchLine) -> Void) throws {
        try Repository(opening: project.location).patch(of: changes, body)
    }

    /// The sizes of a changed file before and after, in bytes.
    package func sizes(of file: FileChange) throws -> (old: Int, new: Int) {
        let repository = try Repository(opening: project.location)
        func size(_ id: ObjectID?, _ mode: UInt32) throws -> Int {
            // A submodule's commit is in another repository.
            guard let id, mode & 0o170000 != 0o160000 else { return 0 }
            return try repository.blobSize(id)
        }
        return (try size(file.oldID, file.oldMode), try size(file.newID, file.newMode))
    }

    /// An id as short as git shows it.
    package func abbreviated(_ id: ObjectID) throws -> String {
        let repository = try Repository(opening: project.location)
        return String(id.hex.prefix(try Abbreviation.unique(id, from: try Abbreviation.length(in: repository), in: repository)))
    }
}

/// Why there is no change to show.
package enum ChangeError: Explained, Hashable {
    /// `remote`: where only a remote has it, its name there.
    case noBranch(worker: WorkerID, branch: BranchName, remote: String?)
    /// Its branch and the base have no commit in common, at least none that is here.
    case noMergeBase(worker: WorkerID, base: String, isShallow: Bool)
    case noCommits(worker: WorkerID)
    case noCommit(revision: String, suggestion: String?)

    package var description: String {
        switch self {
        case .noBranch(let worker, let branch, let remote?): "the branch '\(branch)' of worker '\(worker)' is not here, only '\(remote)' is"
        case .noBranch(let worker, let branch, nil): "worker '\(worker)' has no branch '\(branch)' yet"
        case .noMergeBase(let worker, let base, let isShallow):
            "the branch of worker '\(worker)' and '\(base)' have no merge base" + (isShallow ? " in this shallow checkout" : "")
        case .noCommits(let worker): "worker '\(worker)' has no commit of its own"
        case .noCommit(let revision, _): "'\(revision)' is neither a worker nor a commit"
        }
    }

    package var kind: FailureKind { .missing }

    package var remedy: String? {
        switch self {
        case .noBranch(_, let branch, let remote?): "git branch \(ShellText.word(branch.rawValue)) \(ShellText.word(remote))"
        case .noBranch(let worker, _, nil): "czar create \(worker)"
        case .noMergeBase(let worker, _, let isShallow): isShallow ? "git fetch --unshallow" : "czar log \(worker)"
        case .noCommits(let worker): "czar status \(worker)"
        case .noCommit(_, let suggestion): suggestion.map { "czar show \($0)" } ?? "czar status"
        }
    }
}
