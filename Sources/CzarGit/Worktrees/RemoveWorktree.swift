import Glibc
import SystemPackage

/// Removing a worktree. That nothing of value is in it is the caller's proof; nothing is checked here but the lock.
///
/// The order, and what a crash or a failure after each step leaves (``RepositoryLocation/recoverStaging(step:)``):
/// 1. `removalRecorded`: the entry is locked, nothing else has changed. → the lock and the record are dropped, the worktree stays.
/// 2. `treeAside`: the folder was renamed in one step to `.czar-removing-…` beside itself; nobody can write into it by its path any
///    more, and the caller looks at it for the last time. → it is put back.
/// 3. `entryAside`: the entry left `worktrees/`. → the removal is completed; what cannot be removed is named, and its record stays.
/// 4. `treeRemoved`: only the record is left. → dropped.
extension RepositoryLocation {
    /// What the caller says after the last look.
    package enum LastLook: Hashable, Sendable {
        case withheld
        /// `since`: when the look began. What was written later stays, as its name with `.found-…`; nil: nothing can have been.
        case goes(since: FileMoment?)
    }

    /// Removes a linked worktree, folder and entry, whatever is in it. The branch stays.
    ///
    /// No symbolic link is followed and no mount entered. A folder whose `.git` does not lead back to this entry is somebody else's and
    /// stays; a missing one is no error.
    ///
    /// `lastLook`: whether it may go, asked when nobody can reach it by its path any more; gets where it is, nil where no folder was there.
    /// - Throws: ``WorktreeError``: `notFound`, `locked`, `withheld`, or `failed` with nothing changed; `unfinished` when it is gone and a
    ///   part of its files is not; `workedIn` when files are left that nobody had seen; `leftover` when it could not be put back.
    package func removeWorktree(
        named name: String, step: (WorktreeStep) -> Void = { _ in }, lastLook: (String?) -> LastLook = { _ in .goes(since: nil) }
    ) throws(WorktreeError) {
        let entries: [WorktreeEntry]
        do throws(GitError) { entries = try worktrees() } catch { throw WorktreeError("list the worktrees", error) }
        guard let entry = entries.first(where: { $0.name == name }) else { throw .notFound(name: name) }
        if let reason = entry.lockReason { throw .locked(name: name, reason: reason) }
        let doing = "remove the worktree '\(entry.path)'"
        let removal: BegunRemoval
        do throws(FileError) { removal = try begin(entry, name, step) } catch { throw WorktreeError(doing, error) }
        guard case .goes(let since) = lastLook(removal.isAside ? removal.aside : nil) else {
            throw putBack(removal, after: .withheld(path: entry.path, found: nil), doing)
        }
        do throws(FileError) {
            if let since { try noteLook(since, removal.id) }
            try putEntryAside(removal.record, removal.id)
        } catch {
            throw putBack(removal, after: WorktreeError(doing, error), doing)
        }
        step(.entryAside)
        let late: LateFiles?
        do throws(FileError) { late = try finishRemoval(removal.record, removal.id, step) } catch {
            throw .unfinished(remains: removal.aside, reason: error.description)
        }
        if let late { throw .workedIn(remains: late.place, files: late.files) }
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
        let isAside: Bool
        do throws(FileError) {
            try Folder(opening: entry.gitDirectory).write(Staging.removalLock(staging.id).utf8, to: "locked", mode: ownFiles.file)
            step(.removalRecorded)
            isAside = try owns(entry)
            if isAside {
                let folder = try Folder(opening: parent)
                try folder.rename(folderName, to: aside, in: folder)
            }
        } catch {
            try unlock(record, staging.id)
            try staging.all.removeTree(staging.id)
            throw error
        }
        step(.treeAside)
        return BegunRemoval(record: record, id: staging.id, aside: joinPath(parent, aside), isAside: isAside)
    }

    /// Returns the error to throw. The record goes last: what could not be put back is found by the next recovery.
    private func putBack(_ removal: BegunRemoval, after failure: WorktreeError, _ doing: String) -> WorktreeError {
        do throws(FileError) {
            let found = try putTreeBack(removal.record)
            try unlock(removal.record, removal.id)
            try Folder(opening: commonDirectory).subfolder("czar/staging").removeTree(removal.id)
            guard let found, case .withheld(let path, _) = failure else { return failure }
            return .withheld(path: path, found: found)
        } catch {
            let why = GitError(code: .generic, operation: doing, subject: removal.record.path, message: failure.description)
            if case .failed(_, let first) = failure {
                return .leftover(step: doing, first, remains: removal.aside, reason: error.description)
            }
            return .leftover(step: doing, why, remains: removal.aside, reason: error.description)
        }
    }

    /// Takes the removal's own lock from the entry.
    func unlock(_ record: StagingRecord, _ id: String) throws(FileError) {
        let entry = joinPath(worktreesDirectory, record.name)
        guard try fileLine(joinPath(entry, "locked")) == Staging.removalLock(id) else { return }
        try Folder(opening: entry).removeFile("locked")
    }

    /// The folder that was put aside gets its name again. What somebody has put there meanwhile makes room for it, but not another worktree
    /// or repository: then it is the folder itself that gets another name.
    ///
    /// - Returns: where the one that had to make room is; nil where nobody had to.
    @discardableResult
    func putTreeBack(_ record: StagingRecord) throws(FileError) -> String? {
        guard let aside = record.extras.first else { return nil }
        let folder = try Folder(opening: record.root)
        guard folder.kind(of: aside) != nil else { return nil }
        let name = splitPath(record.path).name
        guard folder.kind(of: name) != nil else {
            try folder.rename(aside, toFree: name)
            return nil
        }
        let found = foundName(name)
        if FileKind(at: joinPath(record.path, ".git")) == nil {
            try folder.rename(name, toFree: found)
            try folder.rename(aside, toFree: name)
        } else {
            try folder.rename(aside, toFree: found)
        }
        return joinPath(record.root, found)
    }

    /// The folder that was put aside gets a name that everybody sees.
    func setAside(_ record: StagingRecord) throws(FileError) -> String? {
        guard let aside = record.extras.first else { return nil }
        let name = foundName(splitPath(record.path).name)
        try Folder(opening: record.root).rename(aside, toFree: name)
        return joinPath(record.root, name)
    }

    private func foundName(_ name: String) -> String {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        return "\(name).found-\(now.tv_sec * 1000 + now.tv_nsec / 1_000_000)"
    }

    /// Whether the entry of a removal is still where git looks for it. Named again since a crash, it is another worktree's; one without
    /// `gitdir` was never listed with that path.
    func holdsEntry(_ record: StagingRecord) throws(FileError) -> Bool {
        guard FileKind(at: joinPath(worktreesDirectory, record.name)) == .folder else { return false }
        let gitFile = try fileLine(joinPath(worktreesDirectory, record.name + "/gitdir"))
        guard let gitFile else { return record.path.isEmpty }
        return splitPath(normalizedPath(gitFile, from: joinPath(worktreesDirectory, record.name))).folder == record.path
    }

    private func noteLook(_ since: FileMoment, _ id: String) throws(FileError) {
        try Folder(opening: commonDirectory).subfolder("czar/staging/" + id)
            .write("\(since.nanoseconds)".utf8, to: Staging.lookName, mode: .asParent)
    }

    private func putEntryAside(_ record: StagingRecord, _ id: String) throws(FileError) {
        let common = try Folder(opening: commonDirectory)
        let own = try common.subfolder("czar/staging/" + id)
        // Once it went, what has its name is a new one.
        guard own.kind(of: Staging.adminName) == nil, try holdsEntry(record) else { return }
        try common.subfolder("worktrees").rename(record.name, to: Staging.adminName, in: own)
    }

    /// Files that were written after the last look.
    struct LateFiles {
        /// Where their folder is now.
        let place: String
        let files: [String]
    }

    /// From `treeAside` on; repeatable.
    func finishRemoval(_ record: StagingRecord, _ id: String, _ step: (WorktreeStep) -> Void) throws(FileError) -> LateFiles? {
        try putEntryAside(record, id)
        let all = try Folder(opening: commonDirectory).subfolder("czar/staging")
        let looked = try all.subfolder(id).read(Staging.lookName).flatMap { Int64(String(decoding: $0, as: UTF8.self)) }
        var found: LateFiles?
        if let aside = record.extras.first, FileKind(at: record.root) == .folder {
            let folder = try Folder(opening: record.root)
            if let looked {
                var late = LateWrites(since: FileMoment(nanoseconds: looked))
                try folder.removeTree(aside, keeping: &late)
                if !late.files.isEmpty {
                    let name = foundName(splitPath(record.path).name)
                    try folder.rename(aside, toFree: name)
                    found = LateFiles(place: joinPath(record.root, name), files: late.files)
                }
            } else {
                try folder.removeTree(aside)
            }
        }
        step(.treeRemoved)
        try all.removeTree(id)
        return found
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
