import CzarGit
import CzarPlanning

/// Something that a removal would lose or break.
package enum RemovalHazard: Hashable, Sendable {
    case running(attempt: Int)
    case changed([RepositoryPath])
    case untracked([RepositoryPath])
    /// HEAD is on no branch, and no reference reaches it.
    case detached(at: ObjectID)
    case operation(OperationInProgress)
    case locked(reason: String)
    case ignored([RepositoryPath])
    case repositories([RepositoryPath])
    case submodules
    case branchNotContained(branch: BranchName, target: String)
    case branchMoved(branch: BranchName)
    case branchInUse(branch: BranchName, at: String)

    /// Whether `--force` takes it, because a recovery reference keeps it.
    var isForced: Bool {
        switch self {
        case .changed, .untracked, .detached, .operation: true
        default: false
        }
    }

    package var description: String {
        switch self {
        case .running(let attempt): "its attempt \(attempt) runs"
        case .changed(let paths): "\(paths.counted("file is changed", "files are changed")): \(paths.sample)"
        case .untracked(let paths): "\(paths.counted("file is untracked", "files are untracked")): \(paths.sample)"
        case .detached(let id): "HEAD is detached at \(id.short), which no branch contains"
        case .operation(let operation): "a \(operation.description) is in progress"
        case .locked(let reason): "its worktree is locked" + (reason.isEmpty ? "" : " (\(escapedForDisplay(reason.utf8)))")
        case .ignored(let paths): "\(paths.counted("ignored entry", "ignored entries")) that Czar did not bring: \(paths.sample)"
        case .repositories(let paths): "\(paths.counted("folder is a repository", "folders are repositories")) of its own: \(paths.sample)"
        case .submodules: "its submodules were cloned into it, with repositories that would go too"
        case .branchNotContained(let branch, let target): "the branch '\(branch)' is neither integrated into '\(target)' nor pushed"
        case .branchMoved(let branch): "the branch '\(branch)' has commits since it was made"
        case .branchInUse(let branch, let path): "the branch '\(branch)' is checked out in '\(path)'"
        }
    }

    func remedy(_ worker: WorkerID) -> String {
        switch self {
        case .running: "czar stop \(worker)"
        case .changed, .untracked, .detached, .operation: "czar remove --force \(worker)"
        case .locked: "git worktree unlock \"$(czar path \(worker))\""
        case .ignored: "czar remove --ignored \(worker)"
        case .repositories: "cd \"$(czar path \(worker))\""
        case .submodules: "git -C \"$(czar path \(worker))\" submodule deinit --all"
        case .branchNotContained: "czar remove \(worker)"
        case .branchMoved: "czar remove \(worker)"
        case .branchInUse: "czar remove \(worker)"
        }
    }
}

/// Why a worktree was not removed; nothing has changed.
package enum RemovalError: Explained, Hashable {
    case refused(worker: WorkerID, hazards: [RemovalHazard])
    case foreign(worker: WorkerID, path: String)
    case nothing(worker: WorkerID)
    case busy

    package var description: String {
        switch self {
        case .refused(let worker, let hazards):
            (["will not remove worker '\(worker)':"] + hazards.map { "  \($0.description)" }).joined(separator: "\n")
        case .foreign(let worker, let path):
            "will not remove '\(path)': the worktree there is not the one that Czar made for worker '\(worker)'"
        case .nothing(let worker): "worker '\(worker)' has nothing to remove"
        case .busy: "another command is removing or restoring worktrees here"
        }
    }

    package var kind: FailureKind {
        switch self {
        case .refused, .foreign: .refused
        case .nothing: .missing
        case .busy: .busy
        }
    }

    package var remedy: String? {
        switch self {
        case .refused(let worker, let hazards):
            // What nothing can force comes first: forcing the rest would only meet it again.
            (hazards.first { !$0.isForced } ?? hazards.first)?.remedy(worker)
        case .foreign: "git worktree list"
        case .nothing: "czar status"
        case .busy: "czar status"
        }
    }
}

extension [RepositoryPath] {
    func counted(_ one: String, _ many: String) -> String { "\(count) \(count == 1 ? one : many)" }
    /// The first few, for a sentence.
    var sample: String { prefix(5).map(\.description).joined(separator: ", ") + (count > 5 ? ", …" : "") }
}
