import Glibc

/// What somebody did in a worktree between a ``Repository/restoreWork(_:in:cone:)`` that was cut off and the next one.
package enum WorkMeanwhile: Hashable, Sendable {
    case nothing
    /// There are files, or entries in the index, that neither the checkout nor the recovery made.
    case files
    /// HEAD is elsewhere, or an operation was begun: what is there now belongs to that, and nothing of before fits it.
    case commits
}

extension Repository {
    /// Holds what this worktree has against what `content` was being put back into: a checkout of `start`.
    ///
    /// `excluded`: Czar's own places.
    /// - Complexity: O(files of the worktree).
    package func workMeanwhile(
        since content: RecoveryCommit, from start: ObjectID, unborn: String?, excluding excluded: [RepositoryPath]
    ) throws(GitError) -> WorkMeanwhile {
        let head: Head
        do throws(ReferenceError) { head = try self.head() } catch { throw error.gitError }
        let isUnborn = unborn != nil && head == unborn.map { Head.unborn($0) }
        guard isUnborn || head.commit == start || (head.commit != nil && head.commit == content.head) else { return .commits }
        // A `git am` may have been put back already.
        let operation = OperationInProgress.inProgress(gitDirectory: gitDirectory)
        guard operation == nil || operation == .applyMailbox else { return .commits }
        let now = try snapshotOfWork(excluding: excluded)
        if let sides = now.conflicts, try sides != content.conflicts.map({ (id) throws(GitError) in try tree(of: id) }) { return .files }
        var known: Set<TreeEntry> = []
        for commit in Set([start, content.head, content.stash].compactMap { $0 }) { known.formUnion(try files(in: try tree(of: commit))) }
        if let stash = content.stash {
            for parent in try commit(stash).parents { known.formUnion(try files(in: try tree(of: parent))) }
        }
        var found = Set(try files(in: now.files)).union(try files(in: now.index))
        if let untracked = now.untracked { found.formUnion(try files(in: untracked)) }
        for entry in found.subtracting(known) where try !isBeginning(entry, of: known) { return .files }
        return .nothing
    }

    /// Whether a file is the beginning of one of `known`, as a write that was cut off leaves it.
    private func isBeginning(_ entry: TreeEntry, of known: Set<TreeEntry>) throws(GitError) -> Bool {
        guard entry.mode & 0o170000 == 0o100000 else { return false }
        let bytes = try blob(entry.id)
        for other in known where other.path == entry.path && other.mode == entry.mode {
            if try blob(other.id).starts(with: bytes) { return true }
        }
        return false
    }
}
