import CzarGit
import CzarPlanning

/// A worker's worktree that is another repository's: in a copied repository, whose journal names the original's folders. Nothing is to be done
/// there, nor to what the copied journal says is running there.
package enum OthersWorktree {
    /// - Throws: ``OperationError/othersWorktree(worker:path:way:)``.
    package static func refuse(_ record: WorkerRecord, _ project: ProjectLayout) throws {
        guard let path = record.creation?.worktree, try project.isOthers(path) else { return }
        throw try error(record, path, project)
    }

    /// The same of a signal to what runs. Whose that is its supervisor tells; where that cannot be seen, it is this repository's own unless
    /// the other one claims the place, and always in a journal that was never adopted.
    static func refuseSignal(_ record: WorkerRecord, _ coordinator: Coordinator) throws {
        switch try record.supervisor.map({ try SupervisorPlace($0, coordinator.project) }) {
        case .own: return
        case .others(let common): throw OperationError.othersCommand(worker: record.key.id, repository: common)
        case .hidden, .unknown, nil: break
        }
        guard let path = record.creation?.worktree, try coordinator.project.isClaimedByOthers(path),
            try coordinator.ledger.journal.entries().contains(where: { $0.event.isAdoption })
        else { return }
        throw try error(record, path, coordinator.project)
    }

    static func error(_ record: WorkerRecord, _ path: String, _ project: ProjectLayout) throws -> OperationError {
        .othersWorktree(worker: record.key.id, path: path, way: try way(out: record, path, project))
    }

    private static func way(out record: WorkerRecord, _ path: String, _ project: ProjectLayout) throws -> OperationError.WayOut {
        if let creation = record.creation {
            // What only a removal would be refused for says nothing of whose it is.
            do {
                if try WorkerWorktree.find(record.key.id, creation, project)?.isOthers == true { return .forgetting }
            } catch is RemovalError {}
        }
        guard record.creation?.worktree == path, try !project.isClaimedByOthers(path) else { return .repair }
        return .linking(root: project.root)
    }
}
