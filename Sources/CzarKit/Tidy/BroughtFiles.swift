import CzarGit
import CzarPlanning

/// Tells which ignored files are copies: the main worktree has them too, with the same content. Losing a copy loses nothing; one that was
/// changed, here or there, is a file like any other, and so is one whose original is gone.
struct BroughtFiles {
    /// More files than this are not read: a folder of them counts as not brought. Those that were brought, and have the recorded size and
    /// time, are as many as somebody had brought: they are all read.
    private static let limit = 20_000

    private let mainWorktree: String?
    private let worktree: String
    private let manifest: BroughtManifest

    init(mainWorktree: String?, worktree: String, gitDirectory: String) throws(GitError) {
        (self.mainWorktree, self.worktree) = (mainWorktree, worktree)
        manifest = try BroughtManifest(of: gitDirectory)
    }

    /// Those of the ignored paths that exist only here.
    func missingInMain(_ ignored: [RepositoryPath]) throws -> [RepositoryPath] {
        guard !ignored.isEmpty, let mainWorktree else { return ignored }
        let folders = try ComparedFolders(worktree, mainWorktree)
        let root = try Folder(opening: worktree)
        var budget = Self.limit
        return ignored.filter { entry in
            let isFolder = entry.bytes.last == 0x2F
            let path = isFolder ? RepositoryPath(bytes: Array(entry.bytes.dropLast())) : entry
            return !isCopy(path, isFolder: isFolder, root, folders, &budget)
        }
    }

    private func isCopy(
        _ path: RepositoryPath, isFolder: Bool, _ root: borrowing Folder, _ folders: ComparedFolders, _ budget: inout Int
    ) -> Bool {
        guard isFolder else {
            if !manifest.holds(path, in: worktree) {
                budget -= 1
                guard budget > 0 else { return false }
            }
            return folders.hold(sameAt: path)
        }
        // What cannot be listed is not the same. An empty folder is nothing to lose.
        guard let children = Self.children(of: path, root) else { return false }
        for (name, kind) in children {
            let below = RepositoryPath(bytes: path.bytes + [0x2F] + name)
            if !isCopy(below, isFolder: kind == .folder, root, folders, &budget) { return false }
        }
        return true
    }

    private static func children(of path: RepositoryPath, _ root: borrowing Folder) -> [(name: [UInt8], kind: FileKind)]? {
        do { return try root.children(of: path.bytes) } catch { return nil }
    }
}
