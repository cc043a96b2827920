import Glibc
import SystemPackage

/// Removing a worktree. That nothing of value is in it is the caller's proof; nothing is checked here but the lock.
///
/// The order, and what a crash or a failure after each step leaves (``RepositoryLocation/recoverStaging(step:)``):
/// 1. `removalRecorded`: nothing has changed. → the record is dropped, the worktree stays.
/// 2. `treeAside`: the folder was renamed in one step to `.czar-removing-…` beside itself; nobody can write into it by its path any
///    more, and the caller looks at it for the last time. → it is put back.
/// 3. `entryAside`: the entry left `worktrees/`. → the removal is completed; what cannot be removed is named, and its record stays.
/// 4. `treeRemoved`: only the record is left. → dropped.
extension RepositoryLocation {
    /// Removes a linked worktree, folder and entry, whatever is in it. The branch stays.
    ///
    /// No symbolic link is followed and no mount entered. A folder whose `.git` does not lead back to this entry is somebody else's and
    /// stays; a missing one is no error.
    ///
    /// `lastLook`: whether it may go, asked when nobody can reach it by its path any more; gets where it is, nil where no folder was there.
    /// - Throws: ``WorktreeError``: `notFound`, `locked`, `withheld`, or `failed` with nothing changed; `unfinished` when it is gone and a
    ///   part of its files is not; `leftover` when it could not be put back.
    package func removeWorktree(
        named name: String, step: (WorktreeStep) -> Void = { _ in }, lastLook: (String?) -> Bool = { _ in true }
    ) throws(WorktreeError) {
        let entries: [WorktreeEntry]
        do throws(GitError) { entries = try worktrees() } catch { throw WorktreeError("list the worktrees", error) }
        guard let entry = entries.first(where: { $0.name == name }) else { throw .notFound(name: name) }
        if let reason = entry.lockReason { throw .locked(name: name, reason: reason) }
        let doing = "remove the worktree '\(entry.path)'"
        let removal: BegunRemoval
        do throws(FileError) { removal = try begin(entry, name, step) } catch { throw WorktreeError(doing, error) }
        guard lastLook(removal.isAside ? removal.aside : nil) else { throw putBack(removal, after: .withheld(path: entry.path), doing) }
        do throws(FileError) { try putEntryAside(removal.record, removal.id) } catch {
            throw putBack(removal, after: WorktreeError(doing, error), doing)
        }
        step(.entryAside)
        do throws(FileError) { try finishRemoval(removal.record, removal.id, step) } catch {
            throw .unfinished(remains: removal.aside, reason: error.description)
        }
    }

    /// A removal whose folder was put aside.
    private struct BegunRemoval {
        let record: StagingRecord
        let id: String
        let aside: String
        let isAside: Bool
    }

    private func begin(_ entry: WorktreeEntry, _ name: String, _ step: (WorktreeStep) -> Void) throws(FileError) -> BegunRemoval {
        let (parent, folderName) = splitPath(entry.path)
        let aside = ".czar-removing-\(name)-\(String(UInt64.random(in: 0 ... .max), radix: 36))"
        let record = StagingRecord(
            owner: try .current(), kind: .remove, root: parent, path: entry.path, name: name, commit: .zero, extras: [aside])
        let staging = try Staging.make(record, below: Folder(opening: commonDirectory), ownFiles)
        step(.removalRecorded)
        let isAside: Bool
        do throws(FileError) {
            isAside = try owns(entry)
            if isAside {
                let folder = try Folder(opening: parent)
                try folder.rename(folderName, to: aside, in: folder)
            }
        } catch {
            try staging.all.removeTree(staging.id)
            throw error
        }
        step(.treeAside)
        return BegunRemoval(record: record, id: staging.id, aside: joinPath(parent, aside), isAside: isAside)
    }

    /// Returns the error to throw. The record goes last: what could not be put back is found by the next recovery.
    private func putBack(_ removal: BegunRemoval, after failure: WorktreeError, _ doing: String) -> WorktreeError {
        do throws(FileError) {
            try putTreeBack(removal.record)
            try Folder(opening: commonDirectory).subfolder("czar/staging").removeTree(removal.id)
            return failure
        } catch {
            let why = GitError(code: .generic, operation: doing, subject: removal.record.path, message: failure.description)
            if case .failed(_, let first) = failure {
                return .leftover(step: doing, first, remains: removal.aside, reason: error.description)
            }
            return .leftover(step: doing, why, remains: removal.aside, reason: error.description)
        }
    }

    /// The folder that was put aside gets its name again, where nothing has that now.
    func putTreeBack(_ record: StagingRecord) throws(FileError) {
        guard let aside = record.extras.first else { return }
        let folder = try Folder(opening: record.root)
        guard folder.kind(of: aside) != nil else { return }
        try folder.rename(aside, toFree: splitPath(record.path).name)
    }

    /// Whether the entry of a removal is still where git looks for it. Named again since a crash, it is another worktree's; one without
    /// `gitdir` was never listed with that path.
    func holdsEntry(_ record: StagingRecord) throws(FileError) -> Bool {
        guard FileKind(at: joinPath(worktreesDirectory, record.name)) == .folder else { return false }
        let gitFile = try fileLine(joinPath(worktreesDirectory, record.name + "/gitdir"))
        guard let gitFile else { return record.path.isEmpty }
        return splitPath(normalizedPath(gitFile, from: joinPath(worktreesDirectory, record.name))).folder == record.path
    }

    private func putEntryAside(_ record: StagingRecord, _ id: String) throws(FileError) {
        let common = try Folder(opening: commonDirectory)
        let own = try common.subfolder("czar/staging/" + id)
        // Once it went, what has its name is a new one.
        guard own.kind(of: Staging.adminName) == nil, try holdsEntry(record) else { return }
        try common.subfolder("worktrees").rename(record.name, to: Staging.adminName, in: own)
    }

    /// From `treeAside` on; repeatable.
    func finishRemoval(_ record: StagingRecord, _ id: String, _ step: (WorktreeStep) -> Void) throws(FileError) {
        try putEntryAside(record, id)
        if let aside = record.extras.first, FileKind(at: record.root) == .folder {
            try Folder(opening: record.root).removeTree(aside)
        }
        step(.treeRemoved)
        try Folder(opening: commonDirectory).subfolder("czar/staging").removeTree(id)
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
