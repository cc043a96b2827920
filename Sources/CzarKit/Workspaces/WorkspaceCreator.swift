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
    let coordinator: Coordinator
    let options: WorkspaceOptions

    package init(_ coordinator: Coordinator, options: WorkspaceOptions = WorkspaceOptions()) {
        (self.coordinator, self.options) = (coordinator, options)
    }

    var project: ProjectLayout { coordinator.project }
    var ledger: Ledger { coordinator.ledger }
    var look: WorkspaceStart { WorkspaceStart(coordinator, options) }

    /// Makes what is missing of one worker. Safe from any number of threads and processes at once; `limit`: for how long another one that makes
    /// it is waited for.
    ///
    /// - Throws: ``WorkspaceError``, ``JournalError``; what was made is taken back, and ``WorkspaceError/leftover(_:remains:)`` names what could
    ///   not be: this makes the rest of it when it is called again.
    /// - Complexity: O(files of the base's tree) when the worktree is new.
    package func create(
        _ worker: WorkerDefinition, watch: WorkspaceWatch = WorkspaceWatch(), waiting limit: Duration = .seconds(60)
    ) throws -> Workspace {
        try project.withLock(Self.lockName(worker), timeout: limit) { try createLocked(worker, watch) }
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
        let branch: WorkspaceStart.Branch
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
        let owner: WorkerKey?
        let start: ContinuousClock.Instant
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
}
