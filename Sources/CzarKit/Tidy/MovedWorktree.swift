import CzarGit
import CzarPlanning

/// A worktree that is not where it was recorded: `git worktree move`, or a person by hand, has put it elsewhere. `czar doctor --repair`
/// records where.
package enum MovedWorktree {
    /// Where it is; nil where it is at its place, or nowhere that git or its own `.git` tells.
    ///
    /// - Complexity: O(1) where it is at its place, else O(worktrees + entries of the folders around its place).
    package static func place(of record: WorkerRecord, _ project: ProjectLayout) throws -> String? {
        guard let creation = record.creation, let path = creation.worktree, FileKind(at: path + "/.git") != .file else { return nil }
        do throws(any Error) {
            return try WorkerWorktree.find(record.key.id, creation, project)?.movedTo
        } catch RemovalError.adrift(_, let place) {
            return place
        } catch is RemovalError {
            return nil
        }
    }

    /// Where a worker's worktree is, moved or not; nil where none was made.
    static func path(of record: WorkerRecord, _ project: ProjectLayout) throws -> String? {
        guard let place = try place(of: record, project), let entries = realPath(project.location.commonDirectory + "/worktrees"),
            try gitDirectory(ofWorktree: place)?.hasPrefix(entries + "/") == true
        else { return record.creation?.worktree }
        return place
    }

    /// The worktree that is there. The entry of one that was moved by hand names the place where it was.
    static func open(_ path: String, of record: WorkerRecord) throws -> Repository {
        guard path != record.creation?.worktree, let entry = try gitDirectory(ofWorktree: path) else {
            return try Repository(opening: path)
        }
        return try Repository.opening(entry, worktree: path)
    }
}
