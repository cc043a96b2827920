import CLibgit2
import Glibc
import SystemPackage

/// The main worktree, as the place that ignored files are brought from.
///
/// Never leaves it: every folder is reached through no symbolic link, a link is brought as a link, and what belongs to Git, to Czar or to
/// another repository is passed over.
final class BroughtSource: Sendable {
    let root: String
    /// Ignored files, and as one path with a slash at its end each folder that is ignored as a whole.
    private let ignored: [RepositoryPath]

    /// What stands below one selected path, the path itself first; folders come before what is in them.
    struct Tree: Sendable {
        var folders: [Listing] = []
        /// The selected path is a file or a link itself.
        var single: Entry?
        var leftOut: [LeftOut] = []

        var count: Int { folders.reduce(single == nil ? 0 : 1) { $0 + $1.entries.count } }
    }

    /// One folder; `path` is seen from the selected path.
    struct Listing: Sendable {
        let path: [UInt8]
        var entries: [Entry] = []
        let mode: mode_t
    }

    struct Entry: Sendable {
        let name: [UInt8]
        /// The target of a symbolic link, ended by NUL; nil for a file.
        let link: [UInt8]?
    }

    /// Lists what git ignores in the main worktree.
    ///
    /// By a walk of its own: libgit2's status passes over ignored files beside a pattern `*`.
    /// - Complexity: O(files of the main worktree), without those in ignored folders.
    init(of mainWorktree: String) throws(GitError) {
        root = mainWorktree
        let rules = try PathQuestions(of: mainWorktree)
        let folder = try onFiles { () throws(FileError) in try Folder(opening: mainWorktree) }
        var found: [RepositoryPath] = []
        try Self.scan(folder, [], rules, into: &found)
        ignored = found.sorted()
    }

    private static func scan(
        _ folder: borrowing Folder, _ path: [UInt8], _ rules: borrowing PathQuestions, into found: inout [RepositoryPath]
    ) throws(GitError) {
        for (name, type) in try onFiles({ () throws(FileError) in try folder.typedEntries() }) {
            let child = path.isEmpty ? name : path + [slash] + name
            guard !isForbidden(child), name != gitName, !rules.tracksItself(child) else { continue }
            let kind = type != 0 ? mode_t(type) << 12 : try onFiles { () throws(FileError) in try folder.status(of: name)?.st_mode ?? 0 }
            guard kind & S_IFMT == S_IFDIR else {
                if try rules.ignores(child, isFolder: false) { found.append(RepositoryPath(bytes: child)) }
                continue
            }
            let holdsTracked = rules.tracksBelow(child)
            if !holdsTracked, try rules.ignores(child, isFolder: true) {
                found.append(RepositoryPath(bytes: child + [slash]))
            } else if let below = try onFiles({ () throws(FileError) in try folder.openReadable(name) }),
                holdsTracked || !isRepository(below)
            {
                if !holdsTracked, try onFiles({ () throws(FileError) in try ignoresItself(below) }) {
                    found.append(RepositoryPath(bytes: child + [slash]))
                } else {
                    try scan(below, child, rules, into: &found)
                }
            }
        }
    }

    /// Whether a folder says itself that nothing of it is to be tracked, as virtual environments and caches do.
    func ignoresItself(_ path: [UInt8]) throws(GitError) -> Bool {
        try onFiles { () throws(FileError) in
            guard try kind(of: path) == .folder, let folder = try open(path) else { return false }
            return try Self.ignoresItself(folder)
        }
    }

    private static func ignoresItself(_ folder: borrowing Folder) throws(FileError) -> Bool {
        guard folder.kind(of: ".gitignore") == .file, let text = try folder.read(".gitignore") else { return false }
        let lines = text.split { $0 == 0x0A || $0 == 0x0D }.filter { $0.first != UInt8(ascii: "#") }
        return !lines.isEmpty && lines.allSatisfy { $0.elementsEqual("*".utf8) || $0.elementsEqual("**".utf8) }
    }

    // MARK: - Selecting

    /// The paths, without a slash at the end, that the patterns select. Below an ignored folder only patterns with a slash look.
    func selected(by patterns: IgnorePatterns) throws(FileError) -> [[UInt8]] {
        var result: [[UInt8]] = []
        for path in ignored {
            let isFolder = path.bytes.last == Self.slash
            let bytes = isFolder ? path.bytes.dropLast() : path.bytes
            guard !Self.isForbidden(bytes) else { continue }
            if patterns.selectsParent(of: bytes) || patterns.selects(bytes, isFolder: isFolder) {
                result.append(bytes)
            } else if isFolder {
                try select(below: bytes, patterns, into: &result)
            }
        }
        return result
    }

    private func select(below path: [UInt8], _ patterns: IgnorePatterns, into result: inout [[UInt8]]) throws(FileError) {
        guard patterns.reachesInto(path), let folder = try open(path), !Self.isRepository(folder) else { return }
        for name in try folder.entries().sorted(by: { $0.lexicographicallyPrecedes($1) }) {
            guard let info = try folder.status(of: name) else { continue }
            let isFolder = info.st_mode & S_IFMT == S_IFDIR
            let child = path + [Self.slash] + name
            if patterns.selects(child, isFolder: isFolder) {
                result.append(child)
            } else if isFolder {
                try select(below: child, patterns, into: &result)
            }
        }
    }

    /// Git's own folder, and all that Czar keeps at the root: other workers' worktrees among it.
    private static func isForbidden(_ path: [UInt8]) -> Bool {
        let own = [".git", ".czarina", ".czar", "WORKER_IDENTITY.md", ".WORKER_COMPLETE"]
        return own.contains { RepositoryPath(bytes: path).isInside(RepositoryPath($0)) }
    }

    /// What stands at a path; nil when nothing does.
    func kind(of path: [UInt8]) throws(FileError) -> FileKind? {
        let (parent, name) = Self.split(path)
        return try open(parent)?.status(of: name).map { FileKind(mode: $0.st_mode) }
    }

    /// The paths in a folder, in order; those of a repository are its own.
    func children(of path: [UInt8]) throws(FileError) -> [[UInt8]] {
        guard let folder = try open(path), !Self.isRepository(folder) else { return [] }
        return try folder.entries().map { path + [Self.slash] + $0 }.sorted { $0.lexicographicallyPrecedes($1) }
    }

    /// Nil for one that vanished, or that is a link by now.
    func open(_ path: [UInt8]) throws(FileError) -> Folder? { try Folder(opening: root).openBelow(path) }

    private static func isRepository(_ folder: borrowing Folder) -> Bool { folder.kind(of: ".git") != nil }

    // MARK: - Listing

    /// All that is to be brought of one selected path.
    /// - Complexity: O(entries below it).
    func tree(at path: [UInt8]) throws(FileError) -> Tree {
        var tree = Tree()
        let (parent, name) = Self.split(path)
        guard let folder = try open(parent), let info = try folder.status(of: name) else { return tree }
        if info.st_mode & S_IFMT == S_IFDIR {
            try list(path, from: path.count, into: &tree)
        } else {
            tree.single = try entry(name, info.st_mode, in: folder, at: path, &tree)
        }
        return tree
    }

    private func list(_ path: [UInt8], from start: Int, into tree: inout Tree) throws(FileError) {
        guard let folder = try open(path, &tree) else { return }
        if Self.isRepository(folder) { return tree.leftOut.append(LeftOut(path: RepositoryPath(bytes: path), why: .repository)) }
        var info = stat()
        guard fstat(folder.descriptor, &info) == 0 else { throw FileError("look at", folder.path) }
        let number = tree.folders.count
        tree.folders.append(Listing(path: Array(path[start...].drop { $0 == Self.slash }), mode: info.st_mode & 0o777))
        for (name, type) in try folder.typedEntries() {
            let child = path + [Self.slash] + name
            let kind = type != 0 ? mode_t(type) << 12 : try folder.status(of: name)?.st_mode ?? 0
            if kind & S_IFMT == S_IFDIR {
                try list(child, from: start, into: &tree)
            } else if let entry = try entry(name, kind, in: folder, at: child, &tree) {
                tree.folders[number].entries.append(entry)
            }
        }
    }

    private func open(_ path: [UInt8], _ tree: inout Tree) throws(FileError) -> Folder? {
        do throws(FileError) { return try open(path) } catch {
            guard error.errno == .permissionDenied else { throw error }
            tree.leftOut.append(LeftOut(path: RepositoryPath(bytes: path), why: .unreadable))
            return nil
        }
    }

    private func entry(
        _ name: [UInt8], _ mode: mode_t, in folder: borrowing Folder, at path: [UInt8], _ tree: inout Tree
    ) throws(FileError) -> Entry? {
        switch mode & S_IFMT {
        case S_IFREG: return Entry(name: name, link: nil)
        case S_IFLNK:
            guard let target = try folder.linkTarget(name) else { return nil }
            if Self.leadsOutside(target, from: path) {
                tree.leftOut.append(LeftOut(path: RepositoryPath(bytes: path), why: .leadsOutside))
                return nil
            }
            return Entry(name: name, link: target + [0])
        default:
            tree.leftOut.append(LeftOut(path: RepositoryPath(bytes: path), why: .special))
            return nil
        }
    }

    /// A relative target that climbs out of the worktree would name something else from another one.
    private static func leadsOutside(_ target: [UInt8], from path: [UInt8]) -> Bool {
        guard target.first != slash else { return false }
        var depth = path.split(separator: slash).count - 1
        for part in target.split(separator: slash) where part != [0x2E] {
            depth += part == [0x2E, 0x2E] ? -1 : 1
            if depth < 0 { return true }
        }
        return false
    }

    static func split(_ path: [UInt8]) -> (parent: [UInt8], name: [UInt8]) {
        guard let last = path.lastIndex(of: slash) else { return ([], path) }
        return (Array(path[..<last]), Array(path[(last + 1)...]))
    }

    private static let slash = UInt8(ascii: "/")
    private static let gitName = Array(".git".utf8)
}

extension Folder {
    /// Nil too for a folder of somebody else's, such as a service's data.
    fileprivate func openReadable(_ path: [UInt8]) throws(FileError) -> Folder? {
        do throws(FileError) { return try openBelow(path) } catch {
            if error.errno == .permissionDenied { return nil }
            throw error
        }
    }

    /// Nil for a folder that vanished, or that is a link or a file by now.
    fileprivate func openBelow(_ path: [UInt8]) throws(FileError) -> Folder? {
        do throws(FileError) { return try subfolder(path) } catch {
            if error.errno == .noSuchFileOrDirectory || error.isSymlinkRefused { return nil }
            throw error
        }
    }
}
