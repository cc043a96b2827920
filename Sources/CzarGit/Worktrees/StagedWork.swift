import SystemPackage

/// What a process of Czar's has begun and not finished.
package struct StagedWork: Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
        /// The addition or removal of a worktree.
        case worktree
        /// A reference or an index that is locked, as for a commit.
        case lock
    }

    package let kind: Kind
    /// The worktree's folder, or the lock's file; nil where it came to nothing.
    package let place: String?
    /// The process, while it lives.
    package let process: Int32?
}

extension RepositoryLocation {
    /// What is unfinished here.
    package func stagedWork() throws(GitError) -> [StagedWork] { try CzarGit.stagedWork(in: commonDirectory) }
}

func stagedWork(in common: String) throws(GitError) -> [StagedWork] {
    guard FileKind(at: joinPath(common, "czar/staging")) == .folder else { return [] }
    return try onFiles { () throws(FileError) in
        let all = try Folder(opening: common).subfolder("czar/staging")
        var found: [StagedWork] = []
        for id in try all.names().sorted() where all.kind(of: id) == .folder {
            if let work = try stagedWork(id, in: all) { found.append(work) }
        }
        return found
    }
}

/// Nil where its process has finished it meanwhile.
private func stagedWork(_ id: String, in all: borrowing Folder) throws(FileError) -> StagedWork? {
    let content: [UInt8]?
    do throws(FileError) { content = try all.subfolder(id).read(Staging.recordName) } catch {
        if all.kind(of: id) == nil { return nil }
        throw error
    }
    guard let bytes = content, let record = StagingRecord(bytes: bytes) else {
        return StagedWork(kind: id.hasPrefix("lock-") ? .lock : .worktree, place: nil, process: nil)
    }
    let process = record.owner.isAlive ? record.owner.pid : nil
    if record.kind == .lock { return StagedWork(kind: .lock, place: joinPath(record.root, record.path), process: process) }
    let aside = record.kind == .remove ? record.extras.first.map { joinPath(record.root, $0) } : nil
    let place = aside.flatMap { FileKind(at: $0) == nil ? nil : $0 } ?? record.path
    return StagedWork(kind: .worktree, place: place, process: process)
}
