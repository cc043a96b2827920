import Glibc
import SystemPackage

/// What recovery did about one interrupted addition or removal.
package enum RecoveredWorktree: Hashable, Sendable {
    /// The addition was finished: the worktree can be used.
    case completed(name: String, path: String)
    /// The addition was undone, or the removal was finished.
    case removed(path: String)
    /// Nothing had been changed yet, or everything had been done; or it was put back as it was.
    case forgotten(path: String)
    /// The removal was rolled back. `found`: where what stood at the worktree's place is now, or where the worktree is if that is another's.
    case putBack(path: String, found: String)
    /// The worktree is gone, but for files that nobody had looked at: they are in `found`.
    case kept(path: String, found: String)
    /// It could not be finished now; its record stays for the next attempt.
    case failed(path: String, reason: String)
}

extension RepositoryLocation {
    /// Finishes or undoes what processes that have died left behind (``addWorktree(_:step:)`` and ``removeWorktree(named:step:)`` say what
    /// each point leaves). Work of living processes is not touched. Idempotent; several processes may call it at once.
    ///
    /// - Complexity: O(records), nothing where there are none.
    package func recoverStaging() throws(GitError) -> [RecoveredWorktree] {
        guard FileKind(at: joinPath(commonDirectory, "czar/staging")) == .folder else { return [] }
        return try onFiles { () throws(FileError) in
            let common = try Folder(opening: commonDirectory)
            let all = try common.subfolder("czar/staging")
            guard try !all.entries().isEmpty else { return [] }
            let lock = try FileLock("recovery.lock", in: common.subfolder("czar/locks", creating: ownFiles.folder))
            defer { lock.hold() }
            var result: [RecoveredWorktree] = []
            for id in try all.entries().map({ String(decoding: $0, as: UTF8.self) }).sorted() {
                if let outcome = try recover(id, in: all) { result.append(outcome) }
            }
            return result
        }
    }

    private func recover(_ id: String, in all: borrowing Folder) throws(FileError) -> RecoveredWorktree? {
        guard all.kind(of: id) == .folder else { return nil }
        let content: [UInt8]?
        do throws(FileError) { content = try all.subfolder(id).read(Staging.recordName) } catch {
            // Its owner has finished meanwhile.
            if all.kind(of: id) == nil { return nil }
            throw error
        }
        guard let bytes = content, let record = StagingRecord(bytes: bytes) else {
            // Cut off before the record: nothing else was made. The name alone says whether its maker lives.
            if let owner = ownerInStagingName(id), owner.isAlive { return nil }
            try all.removeTree(id)
            return .forgotten(path: "")
        }
        if record.owner.isAlive { return nil }
        do throws(FileError) {
            if try isOthers(record) { return try leaveToOriginal(record, id, in: all) }
            return switch record.kind {
            case .lock: try recoverLock(record, id, in: all)
            case .remove: try recoverRemoval(record, id, in: all)
            case .add: try recoverAddition(record, id, in: all)
            }
        } catch {
            // It ended just after it had finished, between the two looks.
            return all.kind(of: id) == nil ? nil : .failed(path: record.path, reason: error.description)
        }
    }

    private func recoverLock(_ record: StagingRecord, _ id: String, in all: borrowing Folder) throws(FileError) -> RecoveredWorktree {
        try ReferenceLock.forget(record, id, in: all)
        return .forgotten(path: record.path)
    }

    private func recoverRemoval(_ record: StagingRecord, _ id: String, in all: borrowing Folder) throws(FileError) -> RecoveredWorktree {
        let aside = record.extras.first.map { joinPath(record.root, $0) }
        let isAside = aside.map { FileKind(at: $0) != nil } ?? false
        if !isAside, !record.path.isEmpty, FileKind(at: record.path) != nil {
            // Either nothing was done, or all but the record; what stands at the path is not to be touched in both cases.
            try unlock(record, id)
            try all.removeTree(id)
            return .forgotten(path: record.path)
        }
        // Nobody has looked at it for the last time: somebody may have worked in it.
        if isAside, try all.subfolder(id).kind(of: Staging.adminName) == nil {
            // Whoever has taken the entry away meanwhile has left a folder that is no worktree any more.
            let found = try holdsEntry(record) ? putTreeBack(record) : setAside(record)
            try unlock(record, id)
            try all.removeTree(id)
            guard let found else { return .forgotten(path: record.path) }
            return try holdsEntry(record) ? .putBack(path: record.path, found: found) : .kept(path: record.path, found: found)
        }
        let late: LateFiles?
        do throws(FileError) { late = try finishRemoval(record, id) { _ in } } catch {
            return .failed(path: aside ?? record.path, reason: error.description)
        }
        if let late { return .kept(path: record.path, found: late.place) }
        return .removed(path: record.path)
    }

    private func recoverAddition(_ record: StagingRecord, _ id: String, in all: borrowing Folder) throws(FileError) -> RecoveredWorktree {
        if try all.subfolder(id).kind(of: Staging.adminName) != nil {
            try undoFolders(record)
            try all.removeTree(id)
            return .removed(path: record.path)
        }
        guard let name = try entryName(initializedBy: id) else {
            try all.removeTree(id)
            return .forgotten(path: record.path)
        }
        let entry = joinPath(worktreesDirectory, name)
        guard FileKind(at: joinPath(record.path, ".git")) == .file, try mayBelong(record.path, to: entry) else {
            // The folder was taken away since, and may be another worktree's now; the entry alone is of no use.
            try Folder(opening: worktreesDirectory).removeTree(name)
            try all.removeTree(id)
            return .removed(path: record.path)
        }
        if FileKind(at: joinPath(entry, "index")) == nil {
            // The index is written last: without one the checkout was cut off.
            try Folder(opening: entry).removeFile("index.lock")
            do throws(GitError) { try checkOutAgain(record, gitDirectory: entry) } catch {
                return .failed(path: record.path, reason: error.description)
            }
        }
        try Folder(opening: entry).removeFile("locked")
        try all.removeTree(id)
        return .completed(name: name, path: record.path)
    }

    private func checkOutAgain(_ record: StagingRecord, gitDirectory: String) throws(GitError) {
        let tree = try Repository(opening: commonDirectory).tree(of: record.commit)
        let file = try onFiles { () throws(FileError) in try fileContent(joinPath(gitDirectory, "info/" + SparseCone.fileName)) }
        let content = CheckoutContent(tree: tree, cone: file.flatMap { SparseCone(file: $0) })
        let target = CheckoutTarget(content, path: record.path, gitDirectory: gitDirectory, over: .begun)
        for result in checkOut([target]) { _ = try result.get() }
    }

    /// Removes the folders of an addition that was never registered, as far as nobody has put anything into them.
    private func undoFolders(_ record: StagingRecord) throws(FileError) {
        guard FileKind(at: record.root) == .folder, record.path.hasPrefix(record.root) else { return }
        let (parent, name) = splitPath(String(record.path.dropFirst(record.root.count)))
        do throws(FileError) {
            let folder = try Folder(opening: record.root).subfolder(parent)
            if folder.kind(of: name) == .folder {
                let made = try folder.subfolder(name)
                if try onlyHoldsLink(made) {
                    for entry in try made.entries() { try made.removeFile(String(decoding: entry, as: UTF8.self)) }
                    try folder.removeEmptyFolder(name)
                }
            }
        } catch {
            // A parent is missing: the crash came before it was made.
            if error.errno != .noSuchFileOrDirectory { throw error }
        }
        for parent in record.extras.reversed() {
            let (above, last) = splitPath(parent)
            do throws(FileError) { try Folder(opening: record.root).subfolder(above).removeEmptyFolder(last) } catch {
                if error.errno != .noSuchFileOrDirectory { throw error }
            }
        }
    }

    /// Empty, or nothing but a `.git` file (or a piece of one) that names an entry of this repository.
    private func onlyHoldsLink(_ folder: borrowing Folder) throws(FileError) -> Bool {
        for entry in try folder.entries() {
            let name = String(decoding: entry, as: UTF8.self)
            guard name == ".git" || (name.hasPrefix("..git.") && name.hasSuffix(".tmp")), folder.kind(of: name) == .file else {
                return false
            }
            guard name == ".git" else { continue }
            let line = String(decoding: (try folder.read(name) ?? []).prefix { $0 != 0x0A }, as: UTF8.self)
            guard line.hasPrefix("gitdir: ") else { return false }
            let entry = normalizedPath(String(line.dropFirst("gitdir: ".count)), from: folder.path)
            guard entry.hasPrefix(worktreesDirectory + "/") else { return false }
        }
        return true
    }

    /// The entry that an addition has made.
    func entryName(initializedBy id: String) throws(FileError) -> String? {
        guard FileKind(at: worktreesDirectory) == .folder else { return nil }
        for name in try Folder(opening: worktreesDirectory).entries().map({ String(decoding: $0, as: UTF8.self) })
        where try fileLine(joinPath(worktreesDirectory, name + "/locked")) == Staging.lockText(id) {
            return name
        }
        return nil
    }
}
