import CzarGit
import CzarPlanning
import Glibc

/// Tells which ignored files are copies: the main worktree has them too, with the same content. Losing a copy loses nothing; one that was
/// changed, here or there, is a file like any other, and so is one whose original is gone.
struct BroughtFiles {
    /// More files than this are not read: a folder of them counts as not brought. Those that were brought and have the recorded size and time
    /// both here and there need no reading.
    private static let limit = 20_000

    private let mainWorktree: String?
    private let worktree: String
    private let manifest: BroughtManifest

    init(mainWorktree: String?, worktree: String, gitDirectory: String) throws(GitError) {
        (self.mainWorktree, self.worktree) = (mainWorktree, worktree)
        manifest = try BroughtManifest(of: gitDirectory)
    }

    /// Those of the ignored paths that exist only here.
    func missingInMain(_ ignored: [RepositoryPath]) -> [RepositoryPath] {
        var budget = Self.limit
        return ignored.filter { !isCopy(RepositoryPath(bytes: $0.bytes.last == 0x2F ? $0.bytes.dropLast() : $0.bytes[...]), &budget) }
    }

    private func isCopy(_ path: RepositoryPath, _ budget: inout Int) -> Bool {
        if isUnchanged(path) { return true }
        guard let text = path.text else { return false }
        guard let facts = Self.facts(worktree + "/" + text) else { return false }
        guard facts.st_mode & S_IFMT == S_IFDIR else { return isInMain(text, facts, &budget) }
        guard let names = Self.names(worktree + "/" + text) else { return false }
        for name in names where !isCopy(RepositoryPath(bytes: path.bytes + [0x2F] + name), &budget) { return false }
        // An empty folder is nothing to lose.
        return true
    }

    /// Whether both files are still what they were when one was copied to the other.
    private func isUnchanged(_ path: RepositoryPath) -> Bool {
        guard let mainWorktree else { return false }
        return manifest.holds(path, in: worktree) && manifest.holds(path, in: mainWorktree)
    }

    private func isInMain(_ path: String, _ facts: stat, _ budget: inout Int) -> Bool {
        budget -= 1
        guard budget > 0, let mainWorktree, let other = Self.facts(mainWorktree + "/" + path),
            facts.st_mode & S_IFMT == other.st_mode & S_IFMT
        else { return false }
        let (left, right) = (worktree + "/" + path, mainWorktree + "/" + path)
        switch facts.st_mode & S_IFMT {
        case S_IFREG: return facts.st_size == other.st_size && Self.isSameContent(left, right)
        case S_IFLNK: return Self.target(left) == Self.target(right)
        default: return false
        }
    }

    private static func facts(_ path: String) -> stat? {
        var info = stat()
        return lstat(path, &info) == 0 ? info : nil
    }

    /// What cannot be read is not the same.
    private static func isSameContent(_ left: String, _ right: String) -> Bool {
        do { return try fileContent(left) == fileContent(right) } catch { return false }
    }

    private static func names(_ folder: String) -> [[UInt8]]? {
        do { return try Folder(opening: folder).entries() } catch { return nil }
    }

    private static func target(_ link: String) -> [CChar] {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        return Array(buffer.prefix(max(0, readlink(link, &buffer, buffer.count))))
    }
}
