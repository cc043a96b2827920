import Glibc
import SystemPackage

/// Removing a worktree. That nothing of value is in it is the caller's proof; nothing is checked here but the lock.
///
/// The order, and what a crash after each step leaves for ``RepositoryLocation/recoverStaging(step:)``:
/// 1. `removalRecorded`: nothing has changed. → the record is dropped, the worktree stays.
/// 2. `treeAside`: the folder was renamed in one step to `.czar-removing-…` beside itself; nobody can write into it by its path any
///    more. → the removal is completed.
/// 3. `entryAside`: the entry left `worktrees/`. → completed.
/// 4. `treeRemoved`: only the record is left. → dropped.
extension RepositoryLocation {
    /// Removes a linked worktree, folder and entry, whatever is in it. The branch stays.
    ///
    /// No symbolic link is followed. A folder whose `.git` does not lead back to this entry is somebody else's and stays; a missing one is
    /// no error.
    /// - Throws: ``WorktreeError``: `notFound`, `locked`, or `failed` with nothing changed up to the step it names.
    package func removeWorktree(named name: String, step: (WorktreeStep) -> Void = { _ in }) throws(WorktreeError) {
        let entries: [WorktreeEntry]
        do throws(GitError) { entries = try worktrees() } catch { throw WorktreeError("list the worktrees", error) }
        guard let entry = entries.first(where: { $0.name == name }) else { throw .notFound(name: name) }
        if let reason = entry.lockReason { throw .locked(name: name, reason: reason) }
        do throws(FileError) { try remove(entry, name, step) } catch { throw WorktreeError("remove the worktree '\(entry.path)'", error) }
    }

    private func remove(_ entry: WorktreeEntry, _ name: String, _ step: (WorktreeStep) -> Void) throws(FileError) {
        let (parent, folderName) = splitPath(entry.path)
        let aside = ".czar-removing-\(name)-\(String(UInt64.random(in: 0 ... .max), radix: 36))"
        let record = StagingRecord(
            owner: try .current(), kind: .remove, root: parent, path: entry.path, name: name, commit: .zero, extras: [aside])
        let common = try Folder(opening: commonDirectory)
        let staging = try Staging.make(record, below: common, ownFiles)
        step(.removalRecorded)
        if try owns(entry) {
            do throws(FileError) {
                let folder = try Folder(opening: parent)
                try folder.rename(folderName, to: aside, in: folder)
            } catch {
                try staging.all.removeTree(staging.id)
                throw error
            }
        }
        step(.treeAside)
        try finishRemoval(record, staging.id, step)
    }

    /// From `treeAside` on; repeatable.
    func finishRemoval(_ record: StagingRecord, _ id: String, _ step: (WorktreeStep) -> Void) throws(FileError) {
        let common = try Folder(opening: commonDirectory)
        let all = try common.subfolder("czar/staging")
        let own = try all.subfolder(id)
        let entries = try common.subfolder("worktrees", creating: 0o777)
        let gitFile = try fileLine(joinPath(worktreesDirectory, record.name + "/gitdir"))
        let isSame = gitFile.map { splitPath(normalizedPath($0, from: joinPath(worktreesDirectory, record.name))).folder } == record.path
        // Named again since the crash, it is another worktree. A half-made entry without `gitdir` was never listed with that path.
        if gitFile == nil && record.path.isEmpty || isSame, entries.kind(of: record.name) == .folder {
            try entries.rename(record.name, to: Staging.adminName, in: own)
        }
        step(.entryAside)
        if let aside = record.extras.first, FileKind(at: record.root) == .folder {
            try Folder(opening: record.root).removeTree(aside)
        }
        step(.treeRemoved)
        try all.removeTree(id)
    }

    /// Whether the folder at the entry's path is really its worktree.
    private func owns(_ entry: WorktreeEntry) throws(FileError) -> Bool {
        guard !entry.path.isEmpty, FileKind(at: entry.path) == .folder else { return false }
        let gitFile = joinPath(entry.path, ".git")
        guard FileKind(at: gitFile) == .file, let line = try fileLine(gitFile), line.hasPrefix("gitdir:") else { return false }
        let target = line.dropFirst("gitdir:".count).drop { $0 == " " }
        return realPath(joinPath(entry.path, String(target))) == realPath(entry.gitDirectory)
    }
}
