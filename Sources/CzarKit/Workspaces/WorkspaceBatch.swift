import CzarGit
import CzarPlanning

/// Makes several workspaces side by side; one that fails does not stop the others.
package struct WorkspaceBatch: Sendable {
    private let coordinator: Coordinator
    private let options: WorkspaceOptions

    package init(_ coordinator: Coordinator, options: WorkspaceOptions) { (self.coordinator, self.options) = (coordinator, options) }

    /// What became of one worker.
    package struct Result: Sendable {
        package let worker: WorkerID
        package let outcome: Swift.Result<Workspace, any Error>
    }

    /// Makes at most `jobs` at one time; the results are in the order of the workers.
    package func create(_ workers: [WorkerDefinition], jobs: Int) async throws -> [Result] {
        try WorkspaceCreator(coordinator, options: options).plan(workers)
        return await withTaskGroup(of: (Int, Result).self) { [coordinator, options] group in
            var results: [Result?] = Array(repeating: nil, count: workers.count)
            var waiting = workers.enumerated().makeIterator()
            for _ in 0..<jobs {
                guard let (index, worker) = waiting.next() else { break }
                group.addTask { (index, await Self.create(worker, coordinator, options)) }
            }
            for await (done, result) in group {
                results[done] = result
                guard let (index, worker) = waiting.next() else { continue }
                group.addTask { (index, await Self.create(worker, coordinator, options)) }
            }
            return results.compactMap { $0 }
        }
    }

    private static func create(_ worker: WorkerDefinition, _ coordinator: Coordinator, _ options: WorkspaceOptions) async -> Result {
        do {
            let workspace = try await onOwnThread("create") { try WorkspaceCreator(coordinator, options: options).create(worker) }
            return Result(worker: worker.id, outcome: .success(workspace))
        } catch {
            return Result(worker: worker.id, outcome: .failure(error))
        }
    }
}
