import CzarGit
import CzarPlanning

/// A worker's worktree that was made before and is not usable where it was recorded.
package struct FormerWorktree {
    let worker: WorkerDefinition
    let project: ProjectLayout

    package init(worker: WorkerDefinition, project: ProjectLayout) { (self.worker, self.project) = (worker, project) }

    /// A second worktree would be made where the first was only moved, or is there and not tied to the repository.
    package func refuseIfElsewhere(_ creation: WorkerRecord.Creation) throws {
        do throws(any Error) {
            let found = try WorkerWorktree.find(worker.id, creation, project)
            if let found, found.isOthers { throw WorkspaceError.othersWorktree(worker: worker.id, path: found.path) }
            guard let place = found?.movedTo else { return }
            throw WorkspaceError.moved(worker: worker.id, to: place)
        } catch RemovalError.adrift(_, let path) {
            throw WorkspaceError.moved(worker: worker.id, to: path)
        } catch RemovalError.damaged(_, _, let missing) {
            let why = "the repository's entry of its worktree has lost its '\(missing)'"
            throw WorkspaceError.failed(worker: worker.id, why: why)
        } catch RemovalError.unlinked(_, let path) {
            throw WorkspaceError.unlinked(worker: worker.id, path: path)
        } catch RemovalError.forgotten(_, let path) {
            throw WorkspaceError.forgotten(worker: worker.id, path: path)
        } catch let error as RemovalError {
            switch error {
            case .unreachable, .behindLink: throw error
            // What else is in the way is named by the addition.
            default: return
            }
        }
    }

    /// What is at a place outside, with all that was not committed, may come back with the folder around it.
    func refuseIfUnmounted(_ path: String) throws {
        guard let folder = project.absentFolder(around: path) else { return }
        throw WorkspaceError.unmounted(worker: worker.id, path: path, folder: folder)
    }

    /// Takes entries away whose folder vanished: they would be in the way of a new one. What only an entry knew is kept.
    ///
    /// `entries`: those for the worker's path.
    /// - Returns: the recovery reference; nil where nothing had to be kept.
    /// - Throws: ``RemovalError`` where submodules' repositories would go with an entry: nothing keeps those.
    func clear(_ entries: [WorktreeEntry], path: String) throws -> String? {
        let locked = entries.first { $0.name != nil && $0.problem == .missing && $0.lockReason != nil && !$0.isBeingMade }
        if let locked, let reason = locked.lockReason {
            throw WorkspaceError.locked(worker: worker.id, path: locked.path, reason: reason)
        }
        let vanished = entries.filter { $0.name != nil && $0.problem == .missing && $0.lockReason == nil }
        for entry in vanished {
            try refuseIfUnmounted(entry.path)
            let submodules = try unpushedSubmodules(in: entry.gitDirectory)
            guard submodules.isEmpty else { throw RemovalError.refused(worker: worker.id, hazards: [.submodules(submodules)], place: path) }
        }
        let recovery = try vanished.compactMap { try keepWork(of: $0) }.last
        do throws(WorktreeError) {
            // A folder that has come back meanwhile stays.
            for name in vanished.compactMap(\.name) {
                try project.location.removeWorktree(named: name, lastLook: { $0 == nil ? .goes(since: nil) : .withheld })
            }
        } catch {
            throw WorkspaceError(worker, path: path, error)
        }
        return recovery
    }

    /// Keeps what was staged, and the commits that only the reflog of its HEAD names; nil where there is nothing.
    private func keepWork(of entry: WorktreeEntry) throws -> String? {
        let repository = try Repository(opening: entry.gitDirectory)
        var history = try KeptHistory(of: repository, excluding: [])
        let named = try project.location.idsNamed(byWorktree: entry.gitDirectory)
        let request = RecoveryRequest(
            worker: worker.id.rawValue, path: entry.path, loose: try history.unreached(named, in: repository),
            tags: try history.unnamedTags(named, in: repository), tip: nil, keepsFiles: true, excluded: CommitRequest.toolPaths)
        return try withIndex(ofVanished: entry, worker.id) { try repository.keepRecoveryOfVanished(request) }
    }
}

/// What is done with the index that is left of a worktree whose folder is gone.
///
/// - Throws: ``RemovalError/unreadableIndex(worker:path:why:)`` where it cannot be read: in that folder nobody can mend it.
func withIndex<Answer>(ofVanished entry: WorktreeEntry, _ worker: WorkerID, _ body: () throws -> Answer) throws -> Answer {
    do { return try body() } catch let error as GitError where error.subject == entry.gitDirectory + "/index" {
        throw RemovalError.unreadableIndex(worker: worker, path: error.subject, why: "\(error)")
    }
}
