import CzarGit
import CzarPlanning

/// A worker's worktree that is another repository's: in a copied repository, whose journal names the original's folders. Nothing is to be done
/// there, nor to what the copied journal says is running there.
package enum OthersWorktree {
    /// - Throws: ``OperationError/othersWorktree(worker:path:isForgettable:)``.
    package static func refuse(_ record: WorkerRecord, _ project: ProjectLayout) throws {
        guard let path = record.creation?.worktree, try project.isOthers(path) else { return }
        throw error(record, path, try isForgettable(record, project))
    }

    /// `isForgettable`: whether the worker has no worktree but that one; a copy of its own, if there is one, is linked by a repair.
    static func error(_ record: WorkerRecord, _ path: String, _ isForgettable: Bool) -> OperationError {
        .othersWorktree(worker: record.key.id, path: path, isForgettable: isForgettable)
    }

    static func isForgettable(_ record: WorkerRecord, _ project: ProjectLayout) throws -> Bool {
        guard let creation = record.creation else { return false }
        do { return try WorkerWorktree.find(record.key.id, creation, project)?.isOthers ?? false } catch is RemovalError { return false }
    }
}
