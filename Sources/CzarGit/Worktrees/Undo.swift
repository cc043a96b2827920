import SystemPackage

/// One thing that an addition made.
enum FileTask: Hashable, Sendable {
    /// The folder of this id in `<common>/czar/staging`.
    case staging(String)
    /// A parent, seen from the root; it stays when others have put something in.
    case emptyFolder(String)
    /// The worktree's folder, seen from the root.
    case worktree(String)
    /// What is in the worktree's folder, which stood there empty before.
    case worktreeContent(String)
    /// The entry in `<common>/worktrees`.
    case entry(String)
}

/// What was made, in order, to be removed in reverse order.
struct Undo {
    private var tasks: [FileTask] = []

    mutating func append(_ task: FileTask) { tasks.append(task) }

    /// Removes everything; returns the error to throw, which names what could not be removed.
    ///
    /// The record in staging goes last, and only when all else is gone: what stays is found by the next recovery.
    func rollBack(root: String, common: String, after failure: WorktreeError) -> WorktreeError {
        for task in tasks.reversed() {
            do throws(FileError) { try remove(task, root: root, common: common) } catch {
                guard case .failed(let step, let reason) = failure else { return failure }
                return .leftover(step: step, reason, remains: error.path, reason: error.reason)
            }
        }
        return failure
    }

    private func remove(_ task: FileTask, root: String, common: String) throws(FileError) {
        switch task {
        case .staging(let id): try Folder(opening: common).subfolder("czar/staging").removeTree(id)
        case .entry(let name): try Folder(opening: common).subfolder("worktrees").removeTree(name)
        case .worktree(let path):
            let (folder, name) = splitPath(path)
            try Folder(opening: root).subfolder(folder).removeTree(name)
        case .worktreeContent(let path):
            let folder = try Folder(opening: root).subfolder(path)
            for name in try folder.entries() { try folder.removeTree(name + [0]) }
        case .emptyFolder(let path):
            let (folder, name) = splitPath(path)
            try Folder(opening: root).subfolder(folder).removeEmptyFolder(name)
        }
    }
}

extension Folder {
    /// Makes the folder `name`; false when one exists.
    func makeFolderIfMissing(_ name: String) throws(FileError) -> Bool {
        do throws(FileError) {
            try makeFolder(name)
            return true
        } catch {
            if error.errno == .fileExists { return false }
            throw error
        }
    }
}
