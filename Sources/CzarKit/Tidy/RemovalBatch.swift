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
    package func remove(_ workers: [WorkerKey], jobs: Int) async throws -> [Result] {
        let lock = try coordinator.project.tidyLock()
        // Branches that go together keep nothing of each other's.
        let state = try coordinator.ledger.refresh()
        let doomed = options.branch ? Set(workers.compactMap { state[$0].creation.map { "refs/heads/" + $0.branch.rawValue } }) : []
        let history = try await onOwnThread("history") { [coordinator] in
            try KeptHistory(of: coordinator.openCommon(), excluding: doomed)
        }
        let results = await removeAll(workers, history, jobs)
        lock.hold()
        return results
    }

    private func removeAll(_ workers: [WorkerKey], _ history: KeptHistory, _ jobs: Int) async -> [Result] {
        let remover = WorkspaceRemover(coordinator, options: options)
        return await withTaskGroup(of: (Int, Result).self) { group in
            var results: [Result?] = Array(repeating: nil, count: workers.count)
            var waiting = workers.enumerated().makeIterator()
            for _ in 0..<max(1, min(jobs, Self.mostJobs())) {
                guard let (index, key) = waiting.next() else { break }
                group.addTask { (index, await Self.remove(key, history, remover)) }
            }
            for await (done, result) in group {
                results[done] = result
                guard let (index, key) = waiting.next() else { continue }
                group.addTask { (index, await Self.remove(key, history, remover)) }
            }
            return results.compactMap { $0 }
        }
    }

    /// Each has its lock, its records, its handle and a folder for each level of the tree open.
    private static func mostJobs() -> Int { (openFileLimit() - 40) / 24 }

    private static func remove(_ key: WorkerKey, _ history: KeptHistory, _ remover: WorkspaceRemover) async -> Result {
        do {
            let removed = try await onOwnThread("remove") { try remover.remove(key, history: history) }
            return Result(worker: key.id, outcome: .success(removed))
        } catch {
            return Result(worker: key.id, outcome: .failure(error))
        }
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
