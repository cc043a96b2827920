import CzarGit
import CzarPlanning

/// Why a worker's branch or worktree was not made. Nothing is left behind that is not named, and the other workers go on.
package enum WorkspaceError: Explained, Hashable {
    case branchCheckedOut(worker: WorkerID, branch: BranchName, at: String)
    case branchNamesCollide(worker: WorkerID, branch: BranchName, with: String)
    case missingBase(worker: WorkerID, base: String, absent: AbsentBase)
    case pathOccupied(worker: WorkerID, path: String)
    /// Another repository's worktree is there, in the user's own folder: such as that of the one that this is a copy of.
    case othersInTheWay(worker: WorkerID, path: String)
    /// Another worker's worktree is there, mostly an earlier phase's. `isOfPhase`: whether it is of the same phase.
    case occupiedBy(worker: WorkerID, owner: WorkerKey, isOfPhase: Bool, path: String)
    case symlinkInTheWay(worker: WorkerID, FollowedLink)
    case drifted(worker: WorkerID, how: String)
    case commandRuns(worker: WorkerID)
    /// Only a remote has its branch: one of the same name beside it would be without that work.
    case onlyRemote(worker: WorkerID, branch: BranchName, remote: String)
    /// `last`: where it was when it was seen last.
    case branchGone(worker: WorkerID, branch: BranchName, last: CommitID?)
    case noSpace(worker: WorkerID, path: String)
    /// Its worktree is somewhere else than recorded.
    case moved(worker: WorkerID, to: String)
    /// Its files are there, and not tied to the repository any more.
    case unlinked(worker: WorkerID, path: String)
    /// Its files are there, and git has no entry of them.
    case forgotten(worker: WorkerID, path: String)
    /// Its entry came with a copy of the whole repository, and names a worktree of the original.
    case othersWorktree(worker: WorkerID, path: String)
    /// Its folder is not there, and git was told to keep its entry: it may be on a disk that is not mounted now.
    case locked(worker: WorkerID, path: String, reason: String)
    /// Its folder is not there, nor is the one around it, outside the project: it may be on a disk that is not mounted now.
    case unmounted(worker: WorkerID, path: String, folder: String)
    /// The repository cannot have a worktree that holds a part of the files.
    case cannotBeSparse(worker: WorkerID, why: String)
    case failed(worker: WorkerID, why: String)
    /// What its base tracks at a path cannot be written.
    case unfitPath(worker: WorkerID, path: String, why: String)
    /// Another process keeps what is needed.
    case busy(worker: WorkerID, why: String)
    /// Told to end before it was done.
    case interrupted(worker: WorkerID)
    /// A part of what had been made could not be taken back.
    indirect case leftover(WorkspaceError, remains: String)
    /// Asked for another start than the one it has. `branch`: the one that was there.
    case begunElsewhere(worker: WorkerID, branch: BranchName, wanted: String)
    /// What is committed in its worktree does not count. `how`, `remedy`: as its proof would say it.
    case strayed(worker: WorkerID, how: String, remedy: String?)
    /// Its branch is a symbolic reference: what is committed on it moves the other one.
    case aliased(worker: WorkerID, branch: BranchName, to: String)
    /// `exists`: whether there is a branch of the wanted name.
    case otherBranch(worker: WorkerID, path: String, found: BranchName, wanted: BranchName, exists: Bool)

    package var description: String {
        switch self {
        case .branchCheckedOut(let worker, let branch, let path):
            "cannot create worker '\(worker)': its branch '\(branch)' is checked out in '\(path)'"
        case .branchNamesCollide(let worker, let branch, let other):
            "cannot create worker '\(worker)': its branch '\(branch)' and '\(other)' cannot both exist"
        case .missingBase(let worker, let base, let absent): "cannot create worker '\(worker)': its base \(absent.sentence(base))"
        case .onlyRemote(let worker, let branch, let remote):
            "cannot create worker '\(worker)': its branch '\(branch)' is not here, only '\(remote)' is"
        case .pathOccupied(let worker, let path): "cannot create worker '\(worker)': something is in the way at '\(path)'"
        case .othersInTheWay(let worker, let path):
            "cannot create worker '\(worker)': another repository's worktree is in the way at '\(path)'"
        case .occupiedBy(let worker, let owner, let isOfPhase, let path):
            "cannot create worker '\(worker)': the worktree of '\(owner.id)'\(isOfPhase ? "" : " of phase \(owner.phase)") is at '\(path)'"
        case .symlinkInTheWay(let worker, let link): "cannot create worker '\(worker)': \(link.sentence)"
        case .moved(let worker, let path):
            "the worktree of worker '\(worker)' is in '\(path)', and the repository or the journal does not find it there"
        case .unlinked(let worker, let path):
            "the files of worker '\(worker)' are in '\(path)', but the '.git' that ties them to the repository is gone"
        case .forgotten(let worker, let path):
            "the files of worker '\(worker)' are in '\(path)', but git has no entry of that worktree any more"
        case .othersWorktree(let worker, let path):
            "the worktree '\(path)' of worker '\(worker)' belongs to another repository, of which this one is a copy: 'czar remove \(worker)' "
                + "forgets it here, keeps the branch, and touches nothing there"
        case .locked(let worker, let path, let reason):
            "cannot create worker '\(worker)': its worktree '\(path)' is not there, and is locked"
                + (reason.isEmpty ? "" : " (\(escapedForDisplay(reason.utf8)))")
        case .unmounted(let worker, let path, let folder):
            "cannot create worker '\(worker)': its worktree '\(path)' is not there, nor is the folder '\(folder)', whose disk may not be mounted: "
                + "bring that back, or forget the worktree; its branch and what was staged there are kept then"
        case .cannotBeSparse(let worker, let why): "cannot create worker '\(worker)': its worktree cannot be sparse: \(why)"
        case .drifted(let worker, let how): "worker '\(worker)' has drifted from the plan: \(how)"
        case .commandRuns(let worker): "cannot rebind worker '\(worker)' while its command runs in its worktree"
        case .branchGone(let worker, let branch, _): "worker '\(worker)' lost its branch '\(branch)': somebody deleted it"
        case .noSpace(let worker, let path): "cannot create worker '\(worker)': no space is left for '\(path)'"
        case .failed(let worker, let why), .unfitPath(let worker, _, let why), .busy(let worker, let why):
            "cannot create worker '\(worker)': \(why)"
        case .interrupted(let worker): "worker '\(worker)' was not created: interrupted"
        case .leftover(let failure, let remains):
            "\(failure); and \(remains) could not be taken back: 'czar create \(failure.worker)' goes on with it"
        case .begunElsewhere(let worker, let branch, let wanted):
            "cannot start worker '\(worker)' from '\(wanted)': its branch '\(branch)' is there already, and Czar never moves one"
        case .strayed(let worker, let how, _): "cannot go on with worker '\(worker)': \(how)"
        case .aliased(let worker, let branch, let other):
            "cannot create worker '\(worker)': its branch '\(branch)' is a symbolic reference to '\(other)', which its commits would move"
        case .otherBranch(let worker, let path, let found, let wanted, _):
            "cannot rebind worker '\(worker)': '\(path)' has '\(found)' checked out, whose work is not on '\(wanted)'"
        }
    }

    package var kind: FailureKind {
        switch self {
        case .symlinkInTheWay, .drifted, .otherBranch, .strayed, .begunElsewhere, .commandRuns, .moved, .unlinked, .forgotten, .locked,
            .othersWorktree, .unmounted:
            .refused
        case .missingBase, .onlyRemote: .missing
        case .interrupted: .interrupted
        case .busy: .busy
        case .leftover(let failure, _): failure.kind
        default: .cannotCreate
        }
    }

    package var remedy: String? { remedy(endingWith: "create") }
    /// The same for a worker that has failed because of it: with what it needs to go on.
    package var remedyOfFailure: String? { remedy(endingWith: "retry") }

    /// `next`: the command that follows what mends its branch or its place.
    private func remedy(endingWith next: String) -> String? {
        switch self {
        // An entry whose folder is not known, or gone.
        case .branchCheckedOut(_, _, let place) where FileKind(at: place + "/HEAD") == .file: "czar doctor --repair"
        case .branchCheckedOut(_, _, let place) where FileKind(at: place) == nil: "git worktree prune"
        case .branchCheckedOut(_, _, let place): "git -C \(ShellText.word(place)) switch --detach"
        case .branchNamesCollide(_, _, let other): "git branch -m \(ShellText.word(other)) \(ShellText.word(other + "-old"))"
        case .missingBase(_, let base, let absent): absent.remedy(base)
        case .onlyRemote(_, let branch, let remote): "git branch \(ShellText.word(branch.rawValue)) \(ShellText.word(remote))"
        // A worktree of Git's, such as an earlier phase's, is known to Git by its place.
        case .pathOccupied(_, let path) where Self.isKnownToGit(path):
            "git worktree move \(ShellText.word(path)) \(ShellText.word(path + ".old"))"
        case .othersInTheWay(let worker, let path):
            Self.creation(of: worker, beside: splitPath(path).folder) + (next == "create" ? "" : " && czar \(next) \(worker)")
        // Its branch stays, and what is not committed there is refused with the list.
        case .occupiedBy(let worker, let owner, let isOfPhase, _):
            "czar remove \(owner.id)\(isOfPhase ? "" : " --phase \(ShellText.word(owner.phase.rawValue))") && czar \(next) \(worker)"
        case .symlinkInTheWay(_, let link): link.remedy
        case .pathOccupied(_, let path): ShellText.line(["mv", path, path + ".old"])
        case .drifted(let worker, _): "czar create --rebind \(worker)"
        case .branchGone(let worker, let branch, let last):
            last.map { "git branch \(ShellText.word(branch.rawValue)) \($0.rawValue) && czar \(next) \(worker)" } ?? "czar doctor"
        case .commandRuns(let worker): "czar stop \(worker)"
        case .moved, .unlinked: "czar doctor --repair"
        case .forgotten(let worker, let path): ShellText.line(["mv", path, path + ".kept"]) + " && czar \(next) \(worker)"
        case .othersWorktree(let worker, _): "czar remove \(worker) && czar \(next) \(worker)"
        case .locked(let worker, let path, _): "git worktree unlock \(ShellText.word(path)) && czar \(next) \(worker)"
        case .unmounted(let worker, _, _): "czar remove \(worker)" + (next == "create" ? "" : " && czar \(next) \(worker)")
        case .cannotBeSparse(let worker, _): "sparse: false for '\(worker)' in the plan"
        case .noSpace(_, let path): DiskSpace.remedy(for: path)
        case .failed: "czar doctor"
        case .strayed(let worker, _, let remedy): remedy.map { "\($0) && czar \(next) \(worker)" } ?? "czar doctor"
        case .aliased(let worker, let branch, _):
            "git symbolic-ref --delete \(ShellText.word("refs/heads/" + branch.rawValue)) && czar \(next) \(worker)"
        // Git looks for no such path, and names the tree.
        case .unfitPath(_, let path, _)
        where path.split(separator: "/", omittingEmptySubsequences: false).contains(where: { ["", ".", ".."].contains($0) }):
            "git fsck --no-dangling"
        // Which commit brought it, to be undone there.
        case .unfitPath(_, let path, _): "git log --oneline --all -- \(ShellText.line([path]))"
        case .interrupted(let worker), .busy(let worker, _), .begunElsewhere(let worker, _, _): "czar create \(worker)"
        case .leftover(.noSpace(_, let path), _): DiskSpace.remedy(for: path)
        case .leftover(let failure, _): "czar create \(failure.worker)"
        case .otherBranch(let worker, let path, _, let wanted, let exists):
            // Where there is none, the wanted branch begins with the work that is there.
            "git -C \(ShellText.word(path)) switch \(exists ? "" : "-c ")\(ShellText.word(wanted.rawValue)) && czar create --rebind \(worker)"
        }
    }

    package var worker: WorkerID {
        switch self {
        case .branchCheckedOut(let worker, _, _), .branchNamesCollide(let worker, _, _), .missingBase(let worker, _, _),
            .onlyRemote(let worker, _, _),
            .pathOccupied(let worker, _), .othersInTheWay(let worker, _),
            .occupiedBy(let worker, _, _, _), .symlinkInTheWay(let worker, _), .drifted(let worker, _),
            .commandRuns(let worker),
            .branchGone(let worker, _, _), .noSpace(let worker, _), .moved(let worker, _), .unlinked(let worker, _),
            .othersWorktree(let worker, _),
            .forgotten(let worker, _), .locked(let worker, _, _), .unmounted(let worker, _, _), .cannotBeSparse(let worker, _),
            .failed(let worker, _), .unfitPath(let worker, _, _), .busy(let worker, _), .interrupted(let worker),
            .begunElsewhere(let worker, _, _), .strayed(let worker, _, _), .aliased(let worker, _, _), .otherBranch(let worker, _, _, _, _):
            worker
        case .leftover(let failure, _): failure.worker
        }
    }

    /// Whether the repository that a folder leads to has it as a worktree: the copy of one, for which git moves nothing, leads to the
    /// original's.
    private static func isKnownToGit(_ path: String) -> Bool {
        guard FileKind(at: path + "/.git") == .file else { return false }
        do throws(GitError) { return try gitDirectory(ofWorktree: path).flatMap(claimedPlace(of:)) == path } catch { return false }
    }

    /// What makes it in another folder of the user's.
    private static func creation(of worker: WorkerID, beside folder: String) -> String {
        let other = ShellText.word(folder + "-2")
        return "mkdir -p \(other) && czar create \(worker) --worktrees \(other)"
    }

    /// Something is at its place; `owner`: the worker whose worktree it is.
    static func occupied(_ worker: WorkerDefinition, path: String, owner: WorkerKey?, _ project: ProjectLayout) throws -> WorkspaceError {
        // Of a place inside the project only its own plan tells.
        if !path.hasPrefix(project.root + "/"), try project.isOthers(path) { return .othersInTheWay(worker: worker.id, path: path) }
        return owner.map { .occupiedBy(worker: worker.id, owner: $0, isOfPhase: $0.phase == worker.phase, path: path) }
            ?? .pathOccupied(worker: worker.id, path: path)
    }

    /// `reference`: the one that its branch's cannot stand beside.
    static func collision(_ worker: WorkerDefinition, with reference: String) -> WorkspaceError {
        let prefix = "refs/heads/"
        let other = reference.hasPrefix(prefix) ? String(reference.dropFirst(prefix.count)) : reference
        return .branchNamesCollide(worker: worker.id, branch: worker.branch, with: other)
    }

    /// A failure of any kind, as one of the worker's creation.
    init(_ worker: WorkerDefinition, _ error: any Error) {
        switch error {
        case let error as WorkspaceError: self = error
        case JournalError.full(let path): self = .noSpace(worker: worker.id, path: path)
        case ReferenceError.git(let error) where error.code == .noSpace: self = .noSpace(worker: worker.id, path: error.subject)
        case let error as GitError where error.code == .noSpace: self = .noSpace(worker: worker.id, path: error.subject)
        case let error as FileError where error.isNoSpace: self = .noSpace(worker: worker.id, path: error.path)
        default: self = .failed(worker: worker.id, why: "\(error)")
        }
    }

    init(_ worker: WorkerDefinition, path: String, _ error: WorktreeError) {
        switch error {
        case .branchInUse(_, let place): self = .branchCheckedOut(worker: worker.id, branch: worker.branch, at: place)
        case .pathExists(let path): self = .pathOccupied(worker: worker.id, path: path)
        // Opening a file as a folder is refused as opening a link is.
        case .symlinkInPath(let path) where FileKind(at: path) == .file: self = .pathOccupied(worker: worker.id, path: path)
        case .symlinkInPath(let path): self = .symlinkInTheWay(worker: worker.id, FollowedLink(at: path))
        case .noSpace(_, let path): self = .noSpace(worker: worker.id, path: path)
        case .failed(_, let error) where error.code == .stopped: self = .interrupted(worker: worker.id)
        case .failed(_, let reason) where reason.code == .invalidName || reason.code == .conflict:
            self = .unfitPath(worker: worker.id, path: reason.subject, why: error.description)
        default: self = .failed(worker: worker.id, why: error.description)
        }
    }

    /// A failure to bring files into its worktree.
    init(_ worker: WorkerDefinition, path: String, _ error: GitError) {
        switch error.code {
        case .noSpace: self = .noSpace(worker: worker.id, path: path)
        case .stopped: self = .interrupted(worker: worker.id)
        default: self = .failed(worker: worker.id, why: "\(error)")
        }
    }
}
