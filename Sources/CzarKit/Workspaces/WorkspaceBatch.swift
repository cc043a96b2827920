import CzarGit
import CzarPlanning

/// Makes several workspaces with one checkout for all of them; one that fails does not stop the others.
///
/// The order for each worker is that of ``WorkspaceCreator``; each step is done for all before the next one begins, and its entries are
/// recorded in one transaction.
package struct WorkspaceBatch: Sendable {
    private let coordinator: Coordinator
    private let options: WorkspaceOptions

    package init(_ coordinator: Coordinator, options: WorkspaceOptions) { (self.coordinator, self.options) = (coordinator, options) }

    /// What became of one worker.
    package struct Result: Sendable {
        package let worker: WorkerID
        package let outcome: Swift.Result<Workspace, any Error>

        fileprivate var isOutOfSpace: Bool {
            switch outcome {
            case .failure(WorkspaceError.noSpace), .failure(WorkspaceError.leftover(.noSpace, _)): true
            default: false
            }
        }
    }

    /// Writes files with at most `jobs` threads; the results are in the order of the workers.
    ///
    /// - Throws: ``JournalError`` when nothing can be recorded, before anything is made.
    package func create(
        _ workers: [WorkerDefinition], jobs: Int, watch: WorkspaceWatch = WorkspaceWatch()
    ) async throws -> [Result] {
        try await onOwnThread("create") { () throws -> [Result] in
            try WorkspaceCreator(coordinator, options: options).plan(workers)
            var results: [Result] = []
            var rest = workers[...]
            while !rest.isEmpty {
                let group = Array(rest.prefix(Self.workersAtOnce()))
                rest = rest.dropFirst(group.count)
                if watch.isCancelled?() == true {
                    results += group.map { Result(worker: $0.id, outcome: .failure(WorkspaceError.interrupted(worker: $0.id))) }
                    continue
                }
                results += try createWhatFits(group, jobs: jobs, watch)
            }
            return results
        }
    }

    /// Five files are open for each worker (its lock, its record, its root), and some for the rest of the process.
    private static func workersAtOnce() -> Int { max(1, min(32, (openFileLimit() - 40) / 5)) }

    /// Written together, all worktrees meet the end of the disk; written one after the other, as many are made as fit.
    private func createWhatFits(_ workers: [WorkerDefinition], jobs: Int, _ watch: WorkspaceWatch) throws -> [Result] {
        var results = try createGroup(workers, jobs: jobs, watch)
        guard workers.count > 1 else { return results }
        for index in results.indices where results[index].isOutOfSpace {
            results[index] = try createGroup([workers[index]], jobs: jobs, watch)[0]
            if results[index].isOutOfSpace { break }
        }
        return results
    }

    private typealias Outcome = Swift.Result<Workspace, any Error>

    private func createGroup(_ workers: [WorkerDefinition], jobs: Int, _ watch: WorkspaceWatch) throws -> [Result] {
        var outcomes = [Outcome?](repeating: nil, count: workers.count)
        let locks = takeLocks(workers, &outcomes)
        defer { locks.forEach { $0.lock.hold() } }
        let creator = WorkspaceCreator(coordinator, options: options)
        let repository = try coordinator.openRepository()
        let pending = try begin(workers, creator, repository, &outcomes)
        let additions = addWorktrees(pending.map(\.value), creator, jobs: jobs, watch)
        var made: [Made] = []
        for ((index, value), addition) in zip(pending, additions) {
            settle(index, value, added: addition, creator, repository, &outcomes) { added in
                try creator.writeFiles(value, at: added?.path ?? value.path, repository)
                made.append(Made(index: index, value: value, added: added))
            }
        }
        let brought = bring(into: made, creator, watch)
        var complete: [(made: Made, brought: BringReport?)] = []
        for (one, brought) in zip(made, brought) {
            settle(one.index, one.value, added: .success(one.added), creator, repository, &outcomes) { _ in
                complete.append((one, try brought.get()))
            }
        }
        do {
            let events = complete.flatMap { creator.creationEvents($0.made.value, at: $0.made.path, $0.brought) }
            if !events.isEmpty { try coordinator.ledger.change { _ in events } }
            for (one, brought) in complete { outcomes[one.index] = .success(creator.workspace(one.value, one.added, brought)) }
        } catch {
            for (one, _) in complete {
                let failure = WorkspaceError(one.value.worker, error)
                outcomes[one.index] = .failure(creator.rolledBack(one.value, added: one.added, repository, after: failure))
            }
        }
        return zip(workers, outcomes).compactMap { worker, outcome in outcome.map { Result(worker: worker.id, outcome: $0) } }
    }

    /// A worker whose worktree is there.
    private struct Made {
        let index: Int
        let value: WorkspaceCreator.Pending
        let added: AddedWorktree?

        var path: String { added?.path ?? value.path }
    }

    private func bring(
        into made: [Made], _ creator: WorkspaceCreator, _ watch: WorkspaceWatch
    ) -> [Swift.Result<BringReport?, any Error>] {
        do { return try creator.bring(made.map { ($0.value, $0.added) }, watch: watch) } catch { return made.map { _ in .failure(error) } }
    }

    /// Does a step for one worker; when it fails, what was made for that worker is taken back.
    private func settle(
        _ index: Int, _ value: WorkspaceCreator.Pending, added: Swift.Result<AddedWorktree?, any Error>, _ creator: WorkspaceCreator,
        _ repository: borrowing Repository, _ outcomes: inout [Outcome?], _ step: (AddedWorktree?) throws -> Void
    ) {
        var worktree: AddedWorktree?
        do {
            worktree = try added.get()
            try step(worktree)
        } catch {
            outcomes[index] = .failure(creator.rolledBack(value, added: worktree, repository, after: error))
        }
    }

    private func begin(
        _ workers: [WorkerDefinition], _ creator: WorkspaceCreator, _ repository: borrowing Repository, _ outcomes: inout [Outcome?]
    ) throws -> [(index: Int, value: WorkspaceCreator.Pending)] {
        let state = try coordinator.ledger.refresh()
        let placed = try PlacedWorktrees(coordinator.project.location)
        var pending: [(index: Int, value: WorkspaceCreator.Pending)] = []
        for (index, worker) in workers.enumerated() where outcomes[index] == nil {
            do {
                switch try creator.begin(worker, state[worker.key], placed, repository) {
                case .complete(let workspace): outcomes[index] = .success(workspace)
                case .pending(let value): pending.append((index, value))
                }
            } catch {
                outcomes[index] = .failure(error)
            }
        }
        return pending
    }

    /// Keeps a lock in an array, which holds no values that cannot be copied.
    private final class HeldLock {
        let lock: FileLock
        init(_ lock: consuming FileLock) { self.lock = lock }
    }

    /// In the order of their names, so that two batches never wait for each other.
    private func takeLocks(_ workers: [WorkerDefinition], _ outcomes: inout [Outcome?]) -> [HeldLock] {
        var held: [HeldLock] = []
        let named = workers.enumerated().map { (index: $0, name: WorkspaceCreator.lockName($1)) }.sorted { $0.name < $1.name }
        for (index, name) in named {
            do { held.append(HeldLock(try coordinator.project.lock(name))) } catch { outcomes[index] = .failure(error) }
        }
        return held
    }

    /// Each worktree that was made (nil: it was there), or why it was not.
    private func addWorktrees(
        _ pending: [WorkspaceCreator.Pending], _ creator: WorkspaceCreator, jobs: Int, _ watch: WorkspaceWatch
    ) -> [Swift.Result<AddedWorktree?, any Error>] {
        var options = watch.checkoutOptions()
        options.threads = max(1, min(options.threads, jobs))
        var added = coordinator.project.location.addWorktrees(pending.compactMap(\.request), options: options)[...]
        return pending.map { value in
            guard value.request != nil, let result = added.popFirst() else { return .success(nil) }
            return result.map { $0 }.mapError { creator.workspaceError(value, $0) }
        }
    }
}
