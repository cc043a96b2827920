import Glibc
import SystemPackage

/// What git keeps for an operation in progress in a worktree's own git directory and nowhere else: the mails that `git am` has not applied
/// yet, what a rebase or a series of picks has still to do, the answers of a bisection, the message that was being written.
///
/// Of these files of git's only those of `git am` are put back: all that it needs is in its folder. A rebase and the others go on from
/// references and marks too, which are not kept as such, and half of one is worse than none.
struct KeptOperation: Hashable, Sendable {
    /// Where they are in the commit of ``KeptExtras``.
    static let folder = "operation"
    private static let folders = ["rebase-apply", "rebase-merge", "sequencer"]
    private static let single = ["BISECT_LOG", "MERGE_MSG", "SQUASH_MSG", "COMMIT_EDITMSG"]

    /// Blobs by their paths in that commit.
    private(set) var files: [RepositoryPath: ObjectID] = [:]

    var isEmpty: Bool { files.isEmpty }

    init() {}

    /// Stores what the worktree's git directory has of it.
    /// - Complexity: O(bytes of these files), one in memory at a time.
    init(storing repository: borrowing Repository) throws(GitError) {
        guard OperationInProgress.inProgress(gitDirectory: repository.gitDirectory) != nil else { return }
        let root = try onFiles { () throws(FileError) in try Folder(opening: repository.gitDirectory) }
        var waiting = (Self.folders + Self.single).map { Array($0.utf8) }
        while let path = waiting.popLast() {
            let parent = try onFiles { () throws(FileError) in try root.subfolder(RepositoryPath(bytes: path).folder) }
            let name = Array(path[(path.lastIndex(of: 0x2F).map { $0 + 1 } ?? 0)...])
            let info = try onFiles { () throws(FileError) in try parent.status(of: name) }
            switch info.map({ FileKind(mode: $0.st_mode) }) {
            case .folder: waiting += try onFiles { () throws(FileError) in try root.children(of: path) }.map { path + [0x2F] + $0.name }
            case .file:
                let full = joinPath(repository.gitDirectory, String(decoding: path, as: UTF8.self))
                let bytes = try onFiles { () throws(FileError) in try fileContent(full) ?? [] }
                files[RepositoryPath(bytes: Array((Self.folder + "/").utf8) + path)] = try repository.createBlob(bytes)
            case .symlink, .other, nil: continue
            }
        }
    }

    /// Reads what was stored.
    mutating func take(_ entry: TreeEntry) {
        if entry.path.isInside(RepositoryPath(Self.folder)) { files[entry.path] = entry.id }
    }

    /// The files of `git am` by their names; empty where none was in progress.
    fileprivate var mailbox: [(name: String, blob: ObjectID)] {
        let prefix = Self.folder + "/rebase-apply/"
        let found = files.compactMap { path, blob in
            path.text.flatMap { $0.hasPrefix(prefix) ? (name: String($0.dropFirst(prefix.count)), blob: blob) : nil }
        }
        return found.contains { $0.name == "applying" } ? found : []
    }
}

extension Repository {
    /// Lets `git am` go on with what it had not applied yet; for a worktree where nothing is in progress, or where this was cut off.
    func restoreMailbox(_ kept: KeptOperation) throws(GitError) {
        for (name, blob) in kept.mailbox where isFolderName(name) {
            let bytes = try self.blob(blob)
            try onFiles { () throws(FileError) in
                try Folder(opening: gitDirectory).subfolder("rebase-apply", creating: 0o777).write(bytes, to: name)
            }
        }
    }

    /// Where in a recovery the files are that git kept for an operation in progress, as git names it; nil where there are none.
    package func keptOperation(in recovery: RecoveryCommit) throws(GitError) -> String? {
        guard let extras = recovery.extras else { return nil }
        var kept = KeptOperation()
        for entry in try files(in: try tree(of: extras)) { kept.take(entry) }
        return kept.isEmpty ? nil : "\(extras):\(KeptOperation.folder)"
    }
}
