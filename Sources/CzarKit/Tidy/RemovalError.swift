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
    case locked(reason: String, path: String)
    /// Neither it nor the folder around it is there, outside the project.
    case unmounted(folder: String)
    case ignored([RepositoryPath])
    case repositories([RepositoryPath])
    /// Submodules whose files are there, or whose repositories hold commits that no remote is known to have.
    case submodules([RepositoryPath])
    /// Submodules whose files are not just those of their commit.
    case changedSubmodules([RepositoryPath])
    /// Files in folders of submodules that are not cloned.
    case strays([RepositoryPath])
    /// Untracked files whose names git refuses, so that nothing can keep them.
    case refusedNames([RepositoryPath])
    /// Folders that may not be read or emptied.
    case untouchable([RepositoryPath])
    /// Places where something is mounted: its files would be removed where they come from.
    case mounts([RepositoryPath])
    /// It was worked in while it was being removed: these files, where they are known.
    case workedIn([RepositoryPath])
    /// Something was put at its place meanwhile, and is in `found` now.
    case replaced(found: String)
    case branchNotContained(branch: BranchName, target: String)
    case branchMoved(branch: BranchName)
    case branchInUse(branch: BranchName, at: String)
    /// What stands at its place has another worker's branch checked out, and is most likely that worker's.
    case others(worker: WorkerID, branch: String)

    /// Whether `--force` takes it, because a recovery reference keeps it.
    var isForced: Bool {
        switch self {
        case .changed, .untracked, .detached, .operation: true
        default: false
        }
    }

    /// Whether `--ignored` takes it.
    var isIgnored: Bool { if case .ignored = self { true } else { false } }

    package var description: String {
        switch self {
        case .running(let attempt): "its attempt \(attempt) runs"
        case .changed(let paths): "\(paths.counted("file is changed", "files are changed")): \(paths.sample)"
        case .untracked(let paths): "\(paths.counted("file is untracked", "files are untracked")): \(paths.sample)"
        case .detached(let id): "HEAD is detached at \(id.short), which no branch contains"
        case .operation(let operation): "\(operation.counted) is in progress"
        case .locked(let reason, _): "its worktree is locked" + (reason.isEmpty ? "" : " (\(escapedForDisplay(reason.utf8)))")
        case .unmounted(let folder): "its worktree is not there, nor is the folder '\(folder)', whose disk may not be mounted"
        case .ignored(let paths):
            "\(paths.counted("ignored entry", "ignored entries")) that the main worktree has no copy of: \(paths.sample)"
        case .repositories(let paths): "\(paths.counted("folder has", "folders have")) a '.git' of its own: \(paths.sample)"
        case .changedSubmodules(let paths):
            "\(paths.counted("submodule holds", "submodules hold")) more than what its commit has: \(paths.sample)"
        case .submodules(let paths):
            "\(paths.counted("submodule was", "submodules were")) cloned into it, with a repository that would go too: \(paths.sample)"
        case .strays(let paths):
            "\(paths.counted("entry is", "entries are")) in the folder of a submodule that is not cloned: \(paths.sample)"
        case .refusedNames(let paths):
            "\(paths.counted("untracked entry has a name that git refuses", "untracked entries have names that git refuses")), so nothing can "
                + "keep \(paths.count == 1 ? "it" : "them"): \(paths.sample)"
        case .untouchable(let paths):
            "\(paths.counted("folder", "folders")) may not be read or emptied by this user: \(paths.sample)"
        case .mounts(let paths):
            "something is mounted at \(paths.counted("place", "places")) in it, and would be emptied where it comes from: \(paths.sample)"
        case .workedIn(let paths): "it was worked in just now" + (paths.isEmpty ? "" : ": \(paths.sample)")
        case .replaced(let found): "what was put at its place meanwhile is in '\(found)' now"
        case .branchNotContained(let branch, let target): "the branch '\(branch)' is neither integrated into '\(target)' nor pushed"
        case .branchMoved(let branch): "the branch '\(branch)' has commits since it was made"
        case .branchInUse(let branch, let path): "the branch '\(branch)' is checked out in '\(path)'"
        case .others(let worker, let branch): "its place has '\(branch)' checked out, the branch of worker '\(worker)'"
        }
    }

    /// `given`: what the removal was asked with, which the next one is to be asked with too. `place`: the worktree.
    func remedy(_ worker: WorkerID, at place: String, given: RemovalOptions) -> String {
        func inside(_ paths: [RepositoryPath]) -> String { ShellText.word(place + "/" + paths[0].description) }
        return switch self {
        case .running: "czar stop \(worker)"
        case .changed, .untracked, .detached, .operation: given.command(worker, force: true)
        // Git finds it by that also where the folder is gone.
        case .locked(_, let path): "git worktree unlock \(ShellText.word(path))"
        case .ignored: given.command(worker, ignored: true)
        case .repositories: "cd \(ShellText.word(place))"
        case .changedSubmodules(let paths) where FileKind(at: place + "/\(paths[0].description)/.git") == nil: "ls -lAd \(inside(paths))"
        case .changedSubmodules(let paths): "git -C \(inside(paths)) status --ignored"
        // They are as their commits, and their repositories stay. 'git submodule deinit' would take their settings from all worktrees.
        case .submodules(let paths) where paths.contains { !$0.isModule }:
            ShellText.line(["find"] + paths.filter { !$0.isModule }.map { place + "/" + $0.description } + ["-mindepth", "1", "-delete"])
        case .submodules(let paths):
            // Its files may be gone, which its repository names as its worktree.
            "git --work-tree=. --git-dir=\"$(git rev-parse --git-common-dir)\"/worktrees/\(worker)/\(ShellText.word(paths[0].description)) "
                + "log --all --reflog --not --remotes"
        case .strays: "ls -lA \(ShellText.word(place))"
        case .refusedNames(let paths): "mv -n \(inside(paths)) ."
        case .untouchable(let paths): "ls -ldn \(inside(paths))"
        case .mounts(let paths): "umount \(inside(paths))"
        case .workedIn, .replaced: given.command(worker)
        case .others: "czar doctor"
        case .branchNotContained, .branchMoved, .branchInUse, .unmounted: given.command(worker, keepsBranch: true)
        }
    }
}

/// Why a worktree was not removed; nothing has changed, but where it says so.
package enum RemovalError: Explained, Hashable {
    /// `place`: its worktree, where it is or was.
    case refused(worker: WorkerID, hazards: [RemovalHazard], place: String)
    /// Something else is where the worker's worktree was recorded.
    case foreign(worker: WorkerID, path: String)
    /// A symbolic link stands for the worktree, or for a folder around it.
    case behindLink(worker: WorkerID, FollowedLink)
    /// The folder is there, and not tied to the repository any more.
    case unlinked(worker: WorkerID, path: String)
    /// The folder is there, and what the repository knows of it lacks a file.
    case damaged(worker: WorkerID, path: String, missing: String)
    /// The repository was moved or copied, and the folder went with it: it is at `path`, and the links between them are stale.
    case adrift(worker: WorkerID, path: String)
    /// Whether the folder is there cannot be told.
    case unreachable(worker: WorkerID, path: String, why: String)
    /// The folder is there, and git has no entry of it any more.
    case forgotten(worker: WorkerID, path: String)
    /// The folder is gone, and what was staged there cannot be told from the index that is left of it.
    case unreadableIndex(worker: WorkerID, path: String, why: String)
    /// `isAdded`: `czar add` defined it, and nothing was made of it.
    case nothing(worker: WorkerID, isAdded: Bool)
    /// Its creation was cut off, and a branch is left of it.
    case cutOff(worker: WorkerID, branch: BranchName)
    /// It is removed and recorded, but for files that could not be.
    case unfinished(worker: WorkerID, remains: String, reason: String, recovery: String?)
    /// It is removed and recorded, but for what was written into it after the last look.
    case workedIn(worker: WorkerID, remains: String, files: [String], recovery: String?)
    case busy

    package var description: String {
        switch self {
        case .refused(let worker, let hazards, _):
            (["will not remove worker '\(worker)':"] + hazards.map { "  \($0.description)" }).joined(separator: "\n")
        case .foreign(let worker, let path):
            "will not remove '\(path)': the worktree there is not the one that Czar made for worker '\(worker)'"
        case .behindLink(let worker, let link): "will not look for the worktree of worker '\(worker)' behind a link: \(link.sentence)"
        case .unlinked(let worker, let path):
            "will not remove '\(path)': the files of worker '\(worker)' are there, but the '.git' that ties them to the repository is gone"
        case .damaged(let worker, let path, let missing):
            "will not remove '\(path)': the files of worker '\(worker)' are there, but the repository's entry of it has lost its '\(missing)'"
        case .adrift(let worker, let path):
            "the worktree of worker '\(worker)' is in '\(path)' now, and the repository does not know it yet"
        case .unreachable(let worker, let path, let why): "the worktree '\(path)' of worker '\(worker)' cannot be reached: \(why)"
        case .forgotten(let worker, let path):
            "will not remove '\(path)': the files of worker '\(worker)' are there, but git has no entry of that worktree any more"
        case .unreadableIndex(let worker, _, let why):
            "will not forget the worktree of worker '\(worker)', whose folder is gone, with what was staged there: \(why)"
        case .cutOff(let worker, let branch):
            "the creation of '\(worker)' was cut off, and its branch '\(branch)' is all that is left of it"
        case .nothing(let worker, _): "worker '\(worker)' has nothing to remove"
        case .unfinished(let worker, let remains, let reason, let recovery):
            "'\(worker)' is removed, but a part of its files is still in '\(remains)': \(reason)"
                + (recovery.map { "; what was not committed is kept in \($0)" } ?? "") + "; 'czar undo' brings all of it back"
        case .workedIn(let worker, let remains, let files, let recovery):
            "'\(worker)' is removed, but for what was written into it meanwhile, which is in '\(remains)' now: \(sample(files))"
                + (recovery.map { "; what was not committed before is kept in \($0)" } ?? "")
        case .busy: "another command is removing or restoring worktrees here"
        }
    }

    package var kind: FailureKind {
        switch self {
        case .refused, .foreign, .behindLink, .unlinked, .damaged, .adrift, .unreachable, .forgotten, .unreadableIndex: .refused
        case .nothing, .cutOff: .missing
        case .unfinished, .workedIn: .cannotCreate
        case .busy: .busy
        }
    }

    package var remedy: String? { remedy(given: RemovalOptions()) }

    /// `given`: what the removal was asked with.
    package func remedy(given: RemovalOptions) -> String? {
        switch self {
        case .refused(let worker, let hazards, let place):
            // What nothing can force comes first: forcing the rest would only meet it again.
            (hazards.first { !$0.isForced && !$0.isIgnored })?.remedy(worker, at: place, given: given)
                ?? given.command(worker, force: hazards.contains(where: \.isForced), ignored: hazards.contains(where: \.isIgnored))
        case .foreign(_, let path): ShellText.line(["ls", "-lA", path])
        case .behindLink(_, let link): link.remedy
        case .unlinked, .damaged, .adrift: "czar doctor --repair"
        // What cannot be entered is the last that can be looked at.
        case .unreachable(_, let path, _): ShellText.line(["ls", "-ld", existingPath(nearestTo: path)])
        case .forgotten(let worker, let path): ShellText.line(["mv", path, path + ".kept"]) + " && czar create \(worker)"
        case .unreadableIndex(let worker, let path, _):
            ShellText.line(["mv", path, freePlace(splitPath(path).folder + "/../../index-of-\(worker)")]) + " && czar remove \(worker)"
        case .cutOff(let worker, _): "czar create \(worker) && czar remove \(worker) --branch"
        case .nothing(let worker, true): "czar remove \(worker) --branch"
        case .nothing: "czar status"
        case .unfinished: "czar doctor --repair"
        case .workedIn(_, let remains, _, _): ShellText.line(["ls", "-lA", remains])
        case .busy: "czar status"
        }
    }
}

extension RemovalOptions {
    /// `czar remove` with these options and others.
    fileprivate func command(_ worker: WorkerID, force more: Bool = false, ignored lose: Bool = false, keepsBranch: Bool = false) -> String
    {
        let flags = [(branch && !keepsBranch, "--branch"), (force || more, "--force"), (ignored || lose, "--ignored")]
        return (["czar", "remove"] + flags.compactMap { $0 ? $1 : nil } + [worker.rawValue]).joined(separator: " ")
    }
}

private func sample(_ files: [String]) -> String {
    let rest = files.count > 3 ? " and \(files.count - 3) more" : ""
    return files.prefix(3).joined(separator: ", ") + rest
}

/// That place, with a number where something is there already.
private func freePlace(_ path: String) -> String {
    var (place, number) = (path, 1)
    while FileKind(at: place) != nil {
        number += 1
        place = "\(path)-\(number)"
    }
    return place
}

extension RepositoryPath {
    /// Whether it is a repository that git keeps for a submodule, not a folder of the worktree.
    fileprivate var isModule: Bool { bytes.starts(with: Array("modules/".utf8)) }
}

extension [RepositoryPath] {
    func counted(_ one: String, _ many: String) -> String { "\(count) \(count == 1 ? one : many)" }
    /// The first few, for a sentence.
    var sample: String { prefix(5).map(\.description).joined(separator: ", ") + (count > 5 ? ", …" : "") }
}
