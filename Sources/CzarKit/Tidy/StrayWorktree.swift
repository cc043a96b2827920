import CzarGit
import SystemPackage

/// A worktree's folder that is not where its entry says: somebody has moved or renamed it by hand, or the repository around it.
enum StrayWorktree {
    /// Where the folder is; nil where there is none, or more than one near its place.
    ///
    /// - Complexity: O(entries of the folders around its place).
    static func path(of entry: WorktreeEntry, _ root: String) throws -> String? {
        switch entry.problem {
        // It is aside, and goes, or comes back, with the next recovery.
        case .missing where entry.isBeingRemoved: nil
        case .missing: try near(entry, root) ?? below(root, entry)
        case .replaced: try below(root, entry)
        default: nil
        }
    }

    /// Beside where it was, in a folder above up to the main worktree, or beside that.
    private static func near(_ entry: WorktreeEntry, _ root: String) throws -> String? {
        guard let own = realPath(entry.gitDirectory) else { return nil }
        var found: [String] = []
        let places = Set(folders(above: entry.path, upTo: root) + [root, splitPath(root).folder])
        for parent in places.sorted() where FileKind(at: parent) == .folder {
            found += try names(in: parent).map { joinPath(parent, $0) }.filter {
                try FileKind(at: $0 + "/.git") == .file && gitDirectory(ofWorktree: $0) == own
            }
        }
        return found.count == 1 ? found[0] : nil
    }

    /// The folder around a place, and those above it below the root.
    private static func folders(above path: String, upTo root: String) -> [String] {
        var folder = splitPath(path).folder
        var result = [folder]
        while folder.hasPrefix(root + "/") {
            folder = splitPath(folder).folder
            result.append(folder)
        }
        return result
    }

    /// After the repository was moved or copied: at the same place below its new root, with a `.git` that names the entry by its old path.
    private static func below(_ root: String, _ entry: WorktreeEntry) throws -> String? {
        let parts = entry.path.split(separator: "/")
        for count in 1..<max(2, parts.count) {
            let path = root + "/" + parts.suffix(count).joined(separator: "/")
            guard path != entry.path, FileKind(at: path + "/.git") == .file, let bytes = try fileContent(path + "/.git") else { continue }
            let line = String(decoding: bytes, as: UTF8.self).split(separator: "\n").first ?? ""
            if line.hasPrefix("gitdir:"), line.split(separator: "/").last.map(String.init) == entry.name { return path }
        }
        return nil
    }

    /// A folder around the project that may not be listed holds nothing that could be found.
    private static func names(in folder: String) throws -> [String] {
        do throws(FileError) { return try Folder(opening: folder).names() } catch {
            if error.errno == .permissionDenied { return [] }
            throw error
        }
    }
}
