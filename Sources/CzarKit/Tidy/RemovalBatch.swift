import CzarGit
import CzarPlanning
import SystemPackage

/// Removes several worktrees side by side, each on a thread of its own; one that is refused does not stop the others.
package struct RemovalBatch: Sendable {
    private let coordinator: Coordinator
    private let options: RemovalOptions

    package init(_ coordinator: Coordinator, options: RemovalOptions) { (self.coordinator, self.options) = (coordinator, options) }

    /// What became of one worker.
    package struct Result: Sendable {
        package let worker: WorkerID
        package let outcome: Swift.Result<Removed, any Error>
    }

    /// - Returns: one result a worker, in their order.
    /// - Throws: ``RemovalError/busy`` when another command holds worktrees' lives in its hands.
    package func remove(_ workers: [WorkerKey], jobs: Int = 4) async throws -> [Result] {
        let lock = try coordinator.project.tidyLock()
        if options.branch {
            // The journal alone will say where the branches were, also of one that no daemon saw move.
            try await onOwnThread("tips") { [coordinator] in
                let removed = try coordinator.everyWorker().definitions.filter { workers.contains($0.key) }
                try coordinator.record(TipObserver(coordinator).observe(removed))
            }
        }
        let results = try await removeLocked(workers, jobs: jobs)
        lock.hold()
        return results
    }

    /// For who holds the lock.
    func removeLocked(_ workers: [WorkerKey], jobs: Int = 4) async throws -> [Result] {
        let history = try await sharedHistory(workers)
        let remover = WorkspaceRemover(coordinator, options: options)
        return await sideBySide(workers, jobs) { key in
            do { return Result(worker: key.id, outcome: .success(try remover.remove(key, history))) } catch {
                return Result(worker: key.id, outcome: .failure(error))
            }
        }
    }

    /// What would keep each from being removed, and nothing is changed.
    ///
    /// - Returns: for each worker its hazards, in their order.
    func look(at workers: [WorkerKey], jobs: Int = 4) async throws -> [Swift.Result<[RemovalHazard], any Error>] {
        let history = try await sharedHistory(workers)
        let remover = WorkspaceRemover(coordinator, options: options)
        return await sideBySide(workers, jobs) { key in Swift.Result { try remover.survey(key, history).hazards } }
    }

    private func sharedHistory(_ workers: [WorkerKey]) async throws -> SharedHistory {
        try await onOwnThread("history") { [coordinator, options] in
            let state = try coordinator.ledger.refresh()
            return try SharedHistory(of: workers.compactMap { state[$0].creation }, coordinator, options)
        }
    }

    /// Each on a thread of its own, as many at once as jobs are wanted and files can be open.
    private func sideBySide<Answer: Sendable>(
        _ workers: [WorkerKey], _ jobs: Int, _ body: @escaping @Sendable (WorkerKey) -> Answer
    ) async -> [Answer] {
        await withTaskGroup(of: (Int, Answer).self) { group in
            var answers: [Answer?] = Array(repeating: nil, count: workers.count)
            var waiting = workers.enumerated().makeIterator()
            func addNext() {
                guard let (index, key) = waiting.next() else { return }
                group.addTask { (index, await onOwnThread("remove") { body(key) }) }
            }
            for _ in 0..<max(1, min(jobs, Self.mostJobs())) { addNext() }
            for await (done, answer) in group {
                answers[done] = answer
                addNext()
            }
            return answers.compactMap { $0 }
        }
    }

    /// Each has its lock, its records, its handle and a folder for each level of the tree open.
    private static func mostJobs() -> Int { (openFileLimit() - 40) / 24 }
}

/// What removals in one batch need to know of history, loaded once; nil where a removal goes alone.
struct SharedHistory: Sendable {
    /// What references reach that stay.
    let kept: KeptHistory?
    /// Nil where no branch goes.
    let proofs: ProofHistory?

    init() { (kept, proofs) = (nil, nil) }

    init(of creations: [WorkerRecord.Creation], _ coordinator: Coordinator, _ options: RemovalOptions) throws {
        let repository = try coordinator.openCommon()
        // Branches that go together keep nothing of each other's.
        let doomed = options.branch ? Set(creations.map { "refs/heads/" + $0.branch.rawValue }) : []
        kept = try KeptHistory(of: repository, excluding: doomed)
        let remover = WorkspaceRemover(coordinator, options: options)
        var branches: [DoomedBranch] = []
        for creation in creations {
            let tip = try repository.branchTip(creation.branch.rawValue)
            if let branch = try remover.doomedBranch(creation, at: tip, repository) { branches.append(branch) }
        }
        proofs = branches.isEmpty ? nil : try ProofHistory(of: branches, repository)
    }
}

extension ProjectLayout {
    /// Held while worktrees are removed or brought back: one command at a time, so that what one relies on is not what another deletes.
    package func tidyLock(timeout: Duration = .seconds(30)) throws -> CzarGit.FileLock {
        do { return try lock("tidy", timeout: timeout) } catch let error as FileError where error.errno == .wouldBlock {
            throw RemovalError.busy
        }
    }
}

extension Coordinator {
    /// The repository by its common directory: the worktree that a command was called in may be the one that it removes.
    func openCommon() throws -> Repository { try Repository(opening: project.location.commonDirectory) }
}
