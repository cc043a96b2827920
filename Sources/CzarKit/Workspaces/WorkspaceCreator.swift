import CzarGit
import CzarPlanning
import Glibc

/// Makes a worker's branch, worktree and identity file; makes only what is missing, so it can be run again after any interruption.
///
/// The order, and what a crash after each step leaves for the next call:
/// 1. the intention is recorded (`WORKSPACE_PLANNED`: branch, base, commit) → nothing exists yet, or step 2's branch, which is known
///    to be Czar's own by this entry;
/// 2. the branch is made at the commit → adopted as Czar's own, with its fork point;
/// 3. the worktree is added by the staged protocol of CzarGit → rolled back or completed by `recoverStaging`;
/// 4. identity file, folders and exclude block are written → written again, they are the same;
/// 5. `BRANCH_CREATED` and `WORKTREE_CREATED` are recorded in one transaction → done.
package struct WorkspaceCreator {
    private let coordinator: Coordinator
    private let options: WorkspaceOptions

    package init(_ coordinator: Coordinator, options: WorkspaceOptions = WorkspaceOptions()) {
        (self.coordinator, self.options) = (coordinator, options)
    }

    private var project: ProjectLayout { coordinator.project }
    private var ledger: Ledger { coordinator.ledger }
    private var look: WorkspaceStart { WorkspaceStart(coordinator, options) }

    /// Makes what is missing of one worker. Safe from any number of threads and processes at once.
    ///
    /// - Throws: ``WorkspaceError``, ``JournalError``; what was made is taken back, and ``WorkspaceError/leftover(_:remains:)`` names what could
    ///   not be: this makes the rest of it when it is called again.
    /// - Complexity: O(files of the base's tree) when the worktree is new.
    package func create(_ worker: WorkerDefinition, watch: WorkspaceWatch = WorkspaceWatch()) throws -> Workspace {
        try project.withLock(Self.lockName(worker)) { try createLocked(worker, watch) }
    }

    private func createLocked(_ worker: WorkerDefinition, _ watch: WorkspaceWatch) throws -> Workspace {
        let repository = try coordinator.openRepository()
        let pending: Pending
        switch try begin(worker, try ledger.refresh()[worker.key], try PlacedWorktrees(project.location), repository) {
        case .complete(let workspace): return workspace
        case .pending(let value): pending = value
        }
        var added: AddedWorktree?
        var brought: BringReport?
        do {
            added = try pending.request.map { request in try add(request, pending, watch) }
            try writeFiles(pending, at: added?.path ?? pending.path, repository)
            brought = try bring([(pending, added)], watch: watch)[0].get()
            let events = creationEvents(pending, at: added?.path ?? pending.path, brought)
            try ledger.change { _ in events }
        } catch {
            throw rolledBack(pending, added: added, repository, after: error)
        }
        return workspace(pending, added, brought)
    }

    private func add(_ request: WorktreeRequest, _ pending: Pending, _ watch: WorkspaceWatch) throws -> AddedWorktree {
        do throws(WorktreeError) {
            return try project.location.addWorktree(request, options: watch.checkoutOptions())
        } catch {
            throw workspaceError(pending, error)
        }
    }

    /// What a failed addition means for the worker.
    func workspaceError(_ pending: Pending, _ error: WorktreeError) -> WorkspaceError {
        switch error {
        case .pathExists(let place) where FileKind(at: place) == .symlink, .symlinkInPath(let place) where FileKind(at: place) == .symlink:
            do { return .symlinkInTheWay(worker: pending.worker.id, try FollowedLink(at: place, project)) } catch {
                return WorkspaceError(pending.worker, error)
            }
        default: break
        }
        if case .pathExists(let place) = error, place == pending.path {
            do { return try .occupied(pending.worker, path: place, owner: pending.owner, project) } catch {
                return WorkspaceError(pending.worker, error)
            }
        }
        return WorkspaceError(pending.worker, path: pending.path, error)
    }

    // MARK: Steps, for several workers at once

    /// What is to be done for a worker whose branch is there.
    struct Pending {
        let worker: WorkerDefinition
        fileprivate let branch: WorkspaceStart.Branch
        /// Where its worktree is, or is to be.
        let path: String
        /// Nil when the worktree is there and only the record of it is missing.
        let request: WorktreeRequest?
        /// What keeps the staged work of a worktree whose folder had vanished.
        let recovery: String?
        let isRecorded: Bool
        /// Whether its making was begun before, and may have ended in the middle.
        let isCutOff: Bool
        /// Another worker whose worktree was recorded at that path.
        fileprivate let owner: WorkerKey?
        fileprivate let start: ContinuousClock.Instant
    }

    enum Beginning {
        case complete(Workspace)
        case pending(Pending)
    }

    /// Makes the branch. The caller holds the worker's lock (``lockName(_:)``) up to the record of what it makes.
    func begin(
        _ worker: WorkerDefinition, _ record: WorkerRecord, _ placed: PlacedWorktrees, _ repository: borrowing Repository
    ) throws -> Beginning {
        let start = ContinuousClock.now
        if !options.rebind, let how = Drift.of(worker, record, project) { throw WorkspaceError.drifted(worker: worker.id, how: how) }
        let rebinds = options.rebind && Drift.of(worker, record, project) != nil
        // What the command commits next would land on the other branch.
        if rebinds, record.attempts.running != nil { throw WorkspaceError.commandRuns(worker: worker.id) }
        let recorded = rebinds ? nil : record.creation
        if let creation = recorded, let path = try look.whole(worker, creation, record, placed, repository) {
            return .complete(workspace(worker, creation, path, isNew: false, since: start))
        }
        let branch = try makeBranch(worker, recorded, record, placed, repository)
        do {
            let instead = options.rebind ? record.creation?.branch : nil
            let (path, request, recovery) = try settleWorktree(worker, branch, recorded, placed, instead: instead)
            // Its record says that there is a worktree: only this tells of one that was not finished when it was made again.
            if recorded != nil, request != nil, record.plannedStart == nil {
                try ledger.change { _ in [plannedEvent(worker, branch.tip)] }
            }
            return .pending(
                Pending(
                    worker: worker, branch: branch, path: path, request: request, recovery: recovery, isRecorded: recorded != nil,
                    isCutOff: record.plannedStart != nil,
                    owner: try request.flatMap { _ in try look.owner(of: path, besides: worker) }, start: start))
        } catch {
            throw recorded == nil ? withoutBranch(branch, worker, repository, after: error) : error
        }
    }

    static func lockName(_ worker: WorkerDefinition) -> String { "create-\(worker.phase)-\(worker.id)" }

    /// Records the intention for several workers in one transaction; ``create(_:)`` does it for a worker that has none.
    package func plan(_ workers: [WorkerDefinition]) throws {
        let repository = try coordinator.openRepository()
        let known = try ledger.refresh()
        var events: [WorkerKey: Event] = [:]
        for worker in workers where try repository.branchTip(worker.branch.rawValue) == nil {
            do {
                try look.refuseOnlyRemote(worker, known[worker.key], repository)
                events[worker.key] = plannedEvent(worker, try look.startCommit(worker, repository))
            } catch is WorkspaceError {
                // The worker's own creation says what is wrong with its base, or its branch.
                continue
            }
        }
        try ledger.change { state in
            workers.compactMap { worker in
                state[worker.key].creation == nil && state[worker.key].plannedStart == nil ? events[worker.key] : nil
            }
        }
    }

    // MARK: Branch

    private func makeBranch(
        _ worker: WorkerDefinition, _ recorded: WorkerRecord.Creation?, _ record: WorkerRecord, _ placed: PlacedWorktrees,
        _ repository: borrowing Repository
    ) throws -> WorkspaceStart.Branch {
        if let creation = recorded { return try look.branch(of: worker, creation, record, repository) }
        switch try look.find(worker, record, placed, repository) {
        case .there(let branch): return branch
        case .missing(let base, let commit):
            if record.plannedStart.map({ $0.branch == worker.branch && $0.commit.rawValue == commit.hex }) != true {
                try ledger.change { _ in [plannedEvent(worker, commit)] }
            }
            try createBranch(worker, at: commit, repository)
            return WorkspaceStart.Branch(name: worker.branch, base: base, tip: commit, forkPoint: commit)
        }
    }

    private func createBranch(_ worker: WorkerDefinition, at commit: ObjectID, _ repository: borrowing Repository) throws {
        do throws(ReferenceError) {
            try repository.createBranch(worker.branch.rawValue, at: commit)
        } catch .nameCollision(_, let other) {
            throw WorkspaceError.collision(worker, with: other)
        } catch {
            throw error.kind == .busy
                ? WorkspaceError.busy(worker: worker.id, why: "\(error)") : .failed(worker: worker.id, why: "\(error)")
        }
    }

    private func plannedEvent(_ worker: WorkerDefinition, _ commit: ObjectID) -> Event {
        ledger.event(
            .workspacePlanned, worker: worker.key, phase: worker.phase,
            [Field.branch: worker.branch.rawValue, Field.base: worker.base ?? coordinator.base, Field.commit: commit.hex])
    }

    // MARK: Worktree

    /// Where the worktree is, and what to add when it is not there. `former` is the branch that the worker had before a rebinding, which
    /// may still be checked out in its worktree.
    private func settleWorktree(
        _ worker: WorkerDefinition, _ branch: WorkspaceStart.Branch, _ recorded: WorkerRecord.Creation?, _ placed: PlacedWorktrees,
        instead former: BranchName?
    ) throws -> (path: String, request: WorktreeRequest?, recovery: String?) {
        let path = recorded?.worktree ?? project.worktreePath(of: worker, under: options.folder)
        let entries = placed.entries.filter { $0.path == path }
        if let entry = entries.first(where: { $0.problem == nil }) {
            if entry.branch == branch.name.rawValue { return (entry.path, nil, nil) }
            if let former, entry.branch == former.rawValue {
                try switchBranch(of: entry, worker, to: branch, from: former)
                return (entry.path, nil, nil)
            }
        }
        let elsewhere = try recorded.flatMap { try WorkerWorktree.vanishedElsewhere(worker.id, $0, among: placed.entries, project) }
        let recovery = try FormerWorktree(worker: worker, project: project).clear(entries + [elsewhere].compactMap { $0 }, path: path)
        try allowSparse(worker)
        let request = WorktreeRequest(
            name: worker.id.rawValue, path: path, root: recorded?.worktree.map(project.root(ofWorktree:)) ?? options.folder ?? project.root,
            branch: branch.name.rawValue, commit: branch.tip, sparsePaths: worker.sparseFolders)
        return (path, request, recovery)
    }

    /// What Git needs for a worktree that holds a part of the files (``SparseNotice`` says so before).
    private func allowSparse(_ worker: WorkerDefinition) throws {
        guard worker.isSparse else { return }
        do {
            try project.withLock("configuration") { try project.location.enableWorktreeConfiguration() }
        } catch let error as GitError {
            throw WorkspaceError.cannotBeSparse(worker: worker.id, why: "\(error)")
        }
    }

    /// Puts a rebound worker's worktree on its new branch where both are at the same commit, so that no file changes and nothing can be
    /// lost; anything else is for a person to decide.
    private func switchBranch(
        of entry: WorktreeEntry, _ worker: WorkerDefinition, to branch: WorkspaceStart.Branch, from former: BranchName
    ) throws {
        try project.withLock("worktrees") {
            let repository = try coordinator.openRepository()
            let users = try project.location.checkedOutBranches()
            if let user = users[branch.name.rawValue] {
                throw WorkspaceError.branchCheckedOut(worker: worker.id, branch: branch.name, at: user)
            }
            guard try repository.branchTip(former.rawValue) == branch.tip else {
                // A branch without an own commit that was made just now goes again.
                throw WorkspaceError.otherBranch(
                    worker: worker.id, path: entry.path, found: former, wanted: branch.name, exists: branch.forkPoint != branch.tip)
            }
            try entry.pointHead(at: branch.name.rawValue)
        }
    }

    // MARK: When a step fails

    /// Takes back what was made for a worker whose creation failed: the worktree that was added, and the branch.
    ///
    /// - Returns: the error to tell, which also names what could not be taken back.
    func rolledBack(_ pending: Pending, added: AddedWorktree?, _ repository: borrowing Repository, after failure: any Error) -> any Error {
        if let added {
            do throws(WorktreeError) { try project.location.removeWorktree(named: added.name) } catch {
                // The branch stays with it.
                return WorkspaceError.leftover(WorkspaceError(pending.worker, failure), remains: "its worktree '\(added.path)' (\(error))")
            }
        }
        return pending.isRecorded ? failure : withoutBranch(pending.branch, pending.worker, repository, after: failure)
    }

    /// A branch of Czar's own that nobody has worked on goes with the worktree that could not be made.
    private func withoutBranch(
        _ branch: WorkspaceStart.Branch, _ worker: WorkerDefinition, _ repository: borrowing Repository, after failure: any Error
    ) -> any Error {
        guard branch.forkPoint == branch.tip else { return failure }
        do throws(ReferenceError) {
            try repository.deleteReference("refs/heads/\(branch.name)", expecting: branch.tip)
            return failure
        } catch {
            return WorkspaceError.leftover(WorkspaceError(worker, failure), remains: "its branch '\(branch.name)' (\(error))")
        }
    }

    // MARK: Files and record

    /// Writes Czar's own files.
    func writeFiles(_ pending: Pending, at path: String, _ repository: borrowing Repository) throws {
        let (worker, branch) = (pending.worker, pending.branch)
        let files = WorkspaceFiles(project: project, plan: coordinator.plan)
        try files.write(
            for: worker, branch: branch.name, base: branch.base, forkPoint: branch.forkPoint, path: path, tip: branch.tip, repository)
    }

    /// Brings ignored files of the main worktree into worktrees that were made just now, or whose record is missing.
    func bring(
        _ made: [(pending: Pending, added: AddedWorktree?)], watch: WorkspaceWatch = WorkspaceWatch()
    ) throws -> [Swift.Result<BringReport?, any Error>] {
        let isNew = made.map { $0.added != nil || !$0.pending.isRecorded || $0.pending.isCutOff }
        let entries = try project.location.worktrees()
        let places = zip(made, isNew).compactMap { made, isNew -> WorkspaceBringing.Place? in
            let path = made.added?.path ?? made.pending.path
            guard isNew, let entry = entries.first(where: { $0.path == path }) else { return nil }
            return WorkspaceBringing.Place(worker: made.pending.worker, path: path, gitDirectory: entry.gitDirectory)
        }
        var results = WorkspaceBringing(project: project).bring(into: places, watch: watch)[...]
        return isNew.map { $0 ? results.popFirst() ?? .success(nil) : .success(nil) }
    }

    /// What is to be recorded of a workspace that is complete.
    func creationEvents(_ pending: Pending, at path: String, _ brought: BringReport?) -> [Event] {
        let (worker, branch) = (pending.worker, pending.branch)
        var tree = [Field.path: path, Field.branch: branch.name.rawValue]
        tree[Field.brought] = brought.map { String($0.files) }
        tree[Field.recovery] = pending.recovery
        if worker.isSparse { tree[Field.sparse] = "true" }
        var fields = [Field.branch: branch.name.rawValue, Field.base: branch.base, Field.tip: branch.tip.hex]
        fields[Field.forkPoint] = branch.forkPoint?.hex
        let type: EventType = options.rebind ? .rebound : branch.forkPoint == nil ? .branchAdopted : .branchCreated
        let created = ledger.event(type, worker: worker.key, phase: worker.phase, fields)
        return (pending.isRecorded ? [] : [created]) + [ledger.event(.worktreeCreated, worker: worker.key, phase: worker.phase, tree)]
    }

    /// The workspace that was made and recorded.
    func workspace(_ pending: Pending, _ added: AddedWorktree?, _ brought: BringReport?) -> Workspace {
        let (branch, path) = (pending.branch, added?.path ?? pending.path)
        let creation = WorkerRecord.Creation(
            branch: branch.name, base: branch.base, forkPoint: branch.forkPoint.map { CommitID(rawValue: $0.hex) }, worktree: path,
            time: currentTime())
        var made = workspace(pending.worker, creation, path, isNew: true, files: added?.report.files, since: pending.start)
        (made.unfiltered, made.brought, made.recovery) = (added?.report.unfiltered ?? [:], brought, pending.recovery)
        made.hasNothingToBring = added != nil && !pending.worker.copy.isEmpty && project.location.mainWorktree == nil
        return made
    }

    private func workspace(
        _ worker: WorkerDefinition, _ creation: WorkerRecord.Creation, _ path: String, isNew: Bool, files: Int? = nil,
        since start: ContinuousClock.Instant
    ) -> Workspace {
        let elapsed = (ContinuousClock.now - start).components
        return Workspace(
            worker: worker.id, branch: creation.branch, base: creation.base,
            forkPoint: creation.forkPoint.flatMap { ObjectID(hex: $0.rawValue) }, path: path, isNew: isNew,
            files: files,
            seconds: Double(elapsed.seconds) + Double(elapsed.attoseconds) / 1e18)
    }
}
