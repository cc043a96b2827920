import CzarGit
import CzarPlanning

/// Where a worker's branch begins, and what keeps its workspace from being made: looks only, and makes nothing.
struct WorkspaceStart {
    private let coordinator: Coordinator
    private let options: WorkspaceOptions

    init(_ coordinator: Coordinator, _ options: WorkspaceOptions) { (self.coordinator, self.options) = (coordinator, options) }

    private var project: ProjectLayout { coordinator.project }

    struct Branch {
        let name: BranchName
        let base: String
        let tip: ObjectID
        /// Nil when the branch was there before Czar.
        let forkPoint: ObjectID?
    }

    /// The worktree of a worker whose creation is recorded; nil when it is to be made again.
    func whole(
        _ worker: WorkerDefinition, _ creation: WorkerRecord.Creation, _ record: WorkerRecord, _ placed: PlacedWorktrees,
        _ repository: borrowing Repository
    ) throws -> String? {
        try refuseOtherStart(worker, creation.branch, creation.forkPoint, repository)
        try refuseAlias(worker, creation.branch, repository)
        if let path = creation.worktree, let entry = placed.entries.first(where: { $0.path == path && $0.problem == nil }) {
            // Where nothing is to be begun any more nothing has to be provable: its branch may have gone once it had landed.
            if record.state != .complete { try refuseStrayed(worker, creation.branch, record, entry, placed, repository) }
            // Made again, and cut off before it was recorded: something may be missing in it.
            return record.plannedStart == nil ? path : nil
        }
        let former = FormerWorktree(worker: worker, project: project)
        try former.refuseIfElsewhere(creation)
        if let path = creation.worktree { try former.refuseIfUnmounted(path) }
        return nil
    }

    /// Nothing that is done there would be proven, so nothing is begun there. One in the middle of a rebase or bisection of its branch is
    /// at home: whoever works there ends that.
    private func refuseStrayed(
        _ worker: WorkerDefinition, _ branch: BranchName, _ record: WorkerRecord, _ entry: WorktreeEntry, _ placed: PlacedWorktrees,
        _ repository: borrowing Repository
    ) throws {
        guard try entry.hasReadableHead(repository) else {
            throw WorkspaceError.failed(
                worker: worker.id, why: "the HEAD of its worktree names neither a branch nor a commit that is there")
        }
        let tip = try repository.branchTip(branch.rawValue).map { CommitID(rawValue: $0.hex) }
        if tip != nil, entry.branch == nil, placed.users[branch.rawValue] == entry.path { return }
        var facts = ProofFacts(tip: tip, worktree: ProofFacts.Worktree(branch: entry.branch))
        facts.worktree?.isAnothers = try coordinator.ledger.refresh().isAnothers(entry.branch, than: worker.key)
        if tip == nil { facts.lastTip = try LostBranch(record, coordinator)?.lastTip() }
        guard let how = Proof.branchProblem(branch, facts) else { return }
        throw WorkspaceError.strayed(
            worker: worker.id, how: how, remedy: Proof.branchRemedy(branch, facts, at: entry.path)?.command)
    }

    private func refuseAlias(_ worker: WorkerDefinition, _ branch: BranchName, _ repository: borrowing Repository) throws {
        let prefix = "refs/heads/"
        guard let target = try repository.symbolicTarget(prefix + branch.rawValue) else { return }
        let name = target.hasPrefix(prefix) ? String(target.dropFirst(prefix.count)) : target
        throw WorkspaceError.aliased(worker: worker.id, branch: branch, to: name)
    }

    /// The branch that a record names.
    func branch(
        of worker: WorkerDefinition, _ creation: WorkerRecord.Creation, _ record: WorkerRecord, _ repository: borrowing Repository
    ) throws -> Branch {
        guard let tip = try repository.branchTip(creation.branch.rawValue) else {
            let last = try LostBranch(record, coordinator)?.lastTip()
            throw WorkspaceError.branchGone(worker: worker.id, branch: creation.branch, last: last)
        }
        return Branch(
            name: creation.branch, base: creation.base, tip: tip, forkPoint: creation.forkPoint.flatMap { ObjectID(hex: $0.rawValue) })
    }

    enum Found {
        case there(Branch)
        /// The branch is to be made at the commit.
        case missing(base: String, ObjectID)
    }

    /// The branch of a worker without a record of one, or where it is to begin; makes nothing.
    func find(
        _ worker: WorkerDefinition, _ record: WorkerRecord, _ placed: PlacedWorktrees, _ repository: borrowing Repository
    ) throws -> Found {
        let base = worker.base ?? coordinator.base
        try refuseAlias(worker, worker.branch, repository)
        if let tip = try repository.branchTip(worker.branch.rawValue) {
            try refuseIfCheckedOut(worker, placed)
            try refuseOtherStart(worker, worker.branch, CommitID(rawValue: tip.hex), repository)
            let planned = record.plannedStart.flatMap { $0.branch == worker.branch ? ObjectID(hex: $0.commit.rawValue) : nil }
            // Left by a call that was cut off, if nobody has moved it since; any other branch is adopted.
            return .there(Branch(name: worker.branch, base: base, tip: tip, forkPoint: planned == tip ? planned : nil))
        }
        try refuseOnlyRemote(worker, record, repository)
        return .missing(base: base, try startCommit(worker, repository))
    }

    /// Where a worker's branch begins, or would: nothing is made or written.
    ///
    /// - Returns: nil for a branch that is there, and was before Czar.
    /// - Throws: what ``WorkspaceCreator/create(_:watch:)`` would say of the worker, as far as that can be seen before.
    func outlook(_ worker: WorkerDefinition) throws -> CommitID? {
        let repository = try coordinator.openRepository()
        let record = try coordinator.ledger.refresh()[worker.key]
        let placed = try PlacedWorktrees(project.location)
        let fork: CommitID?
        if let creation = record.creation {
            if let how = Drift.of(worker, record, project) { throw WorkspaceError.drifted(worker: worker.id, how: how) }
            if try whole(worker, creation, record, placed, repository) != nil { return creation.forkPoint }
            fork = try branch(of: worker, creation, record, repository).forkPoint.map { CommitID(rawValue: $0.hex) }
        } else {
            switch try find(worker, record, placed, repository) {
            case .there(let branch): fork = branch.forkPoint.map { CommitID(rawValue: $0.hex) }
            case .missing(_, let commit):
                if let other = try repository.collision(with: "refs/heads/\(worker.branch)") {
                    throw WorkspaceError.collision(worker, with: other)
                }
                fork = CommitID(rawValue: commit.hex)
            }
        }
        let path = record.creation?.worktree ?? project.worktreePath(of: worker, under: options.folder)
        let isOwn = placed.users[(record.creation?.branch ?? worker.branch).rawValue] == path
        if !isOwn { try refuseOccupied(worker, path) }
        return fork
    }

    /// An empty folder is in nobody's way. Those above it are made, or are folders, not links to any.
    private func refuseOccupied(_ worker: WorkerDefinition, _ path: String) throws {
        let root = options.folder ?? project.root
        var place = root
        let below = path.hasPrefix(root + "/") ? path.dropFirst(root.count).split(separator: "/").dropLast() : []
        for name in below {
            place += "/" + name
            switch FileKind(at: place) {
            case nil: return
            case .folder: continue
            case .symlink: throw WorkspaceError.symlinkInTheWay(worker: worker.id, try FollowedLink(at: place, project))
            default: throw WorkspaceError.pathOccupied(worker: worker.id, path: place)
            }
        }
        switch FileKind(at: path) {
        case nil: return
        case .symlink: throw WorkspaceError.symlinkInTheWay(worker: worker.id, try FollowedLink(at: path, project))
        case .folder where try Folder(opening: path).entries().isEmpty: return
        default: throw try WorkspaceError.occupied(worker, path: path, owner: owner(of: path, besides: worker), project)
        }
    }

    /// Phases have their worktrees at the same places: another worker whose worktree was recorded there.
    func owner(of path: String, besides worker: WorkerDefinition) throws -> WorkerKey? {
        let state = try coordinator.ledger.refresh()
        return state.workers.values.filter { $0.creation?.worktree == path && $0.key != worker.key }.map(\.key).max()
    }

    func startCommit(_ worker: WorkerDefinition, _ repository: borrowing Repository) throws -> ObjectID {
        let base = options.base ?? worker.base ?? coordinator.base
        if let tip = try repository.baseTip(base) { return tip }
        let absent = try AbsentBase(base, in: coordinator.project, remote: coordinator.plan.orchestration.remote)
        throw WorkspaceError.missingBase(worker: worker.id, base: base, absent: absent)
    }

    /// A start that was asked for is no wish to be passed over where the branch began somewhere else.
    private func refuseOtherStart(
        _ worker: WorkerDefinition, _ branch: BranchName, _ start: CommitID?, _ repository: borrowing Repository
    ) throws {
        guard let wanted = options.base, try start?.rawValue != startCommit(worker, repository).hex else { return }
        throw WorkspaceError.begunElsewhere(worker: worker.id, branch: branch, wanted: wanted)
    }

    /// Of a worker that nobody here knows anything of, the remote's branch is the work of another machine. Once it was created here, that
    /// branch is what was pushed from here.
    func refuseOnlyRemote(_ worker: WorkerDefinition, _ record: WorkerRecord, _ repository: borrowing Repository) throws {
        guard record.formerCreation == nil, record.plannedStart == nil else { return }
        let remote = coordinator.plan.orchestration.remote
        guard let name = try RemoteBranch.of(worker.branch, remote: remote, repository) else { return }
        throw WorkspaceError.onlyRemote(worker: worker.id, branch: worker.branch, remote: name)
    }

    private func refuseIfCheckedOut(_ worker: WorkerDefinition, _ placed: PlacedWorktrees) throws {
        let own = project.worktreePath(of: worker, under: options.folder)
        if let place = placed.users[worker.branch.rawValue], place != own {
            throw WorkspaceError.branchCheckedOut(worker: worker.id, branch: worker.branch, at: place)
        }
    }
}
