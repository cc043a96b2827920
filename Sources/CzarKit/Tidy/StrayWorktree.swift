import CzarGit
import SystemPackage

/// A worktree's folder that somebody has moved or renamed by hand: beside where it was, into the main worktree, or beside that.
enum StrayWorktree {
    /// Where the folder of an entry is whose place is empty; nil where there is none, or more than one.
    ///
    /// - Complexity: O(entries of three folders).
    static func path(of entry: WorktreeEntry, _ root: String) throws -> String? {
        guard entry.problem == .missing, let own = realPath(entry.gitDirectory) else { return nil }
        var found: [String] = []
        for parent in Set([splitPath(entry.path).folder, root, splitPath(root).folder]).sorted() where FileKind(at: parent) == .folder {
            found += try names(in: parent).map { joinPath(parent, $0) }.filter {
                try FileKind(at: $0 + "/.git") == .file && gitDirectory(ofWorktree: $0) == own
            }
        }
        return found.count == 1 ? found[0] : nil
    }

    /// A folder around the project that may not be listed holds nothing that could be found.
    private static func names(in folder: String) throws -> [String] {
        do throws(FileError) { return try Folder(opening: folder).names() } catch {
            if error.errno == .permissionDenied { return [] }
            throw error
        }
    }
}
