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
        case .missing: try near(entry, root) ?? below(root, entry) ?? beside(entry)
        case .replaced: try below(root, entry)
        default: nil
        }
    }

    /// Beside where it was, in a folder above up to the main worktree, or beside that.
    static func near(_ entry: WorktreeEntry, _ root: String) throws -> String? {
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

    /// After the repository was moved together with what is around it: as far from the entries as it was from the former ones, which its `.git`
    /// names still, and which are not there any more. Of a copy the original's are.
    private static func beside(_ entry: WorktreeEntry) throws -> String? {
        guard let name = entry.name else { return nil }
        let entries = splitPath(entry.gitDirectory).folder
        let parts = entry.path.split(separator: "/")
        var found: Set<String> = []
        for above in ancestors(of: entries) {
            for count in 1...max(1, parts.count) {
                let below = parts.suffix(count).joined(separator: "/")
                let path = joinPath(above, below)
                guard path != entry.path, FileKind(at: path + "/.git") == .file, let former = try gitDirectory(ofWorktree: path),
                    splitPath(former).name == name, FileKind(at: former) == nil
                else { continue }
                // The same steps up and down led there from the former entries.
                let steps = ancestors(of: entries).count - ancestors(of: above).count
                let formerAbove = ancestors(of: splitPath(former).folder).dropFirst(steps).first
                if formerAbove.map({ joinPath($0, below) }) == entry.path { found.insert(path) }
            }
        }
        return found.count == 1 ? found.first : nil
    }

    /// The folder itself and those above it, up to the root of the file system.
    private static func ancestors(of path: String) -> [String] {
        var result = [path]
        while let last = result.last, last != "/" { result.append(splitPath(last).folder) }
        return result
    }

    /// A folder around the project that may not be listed holds nothing that could be found.
    private static func names(in folder: String) throws -> [String] {
        do throws(FileError) { return try Folder(opening: folder).names() } catch {
            if error.errno == .permissionDenied { return [] }
            throw error
        }
    }
}
