import CzarGit
import CzarPlanning
import Glibc

/// Tells which ignored files were brought from the main worktree: those that are there too, with the same content. Losing such a copy
/// loses nothing; a copy that was changed since is a file like any other.
struct BroughtFiles {
    /// A folder with more files than this counts as not brought, rather than being read whole.
    private static let limit = 20_000

    let mainWorktree: String?
    let worktree: String

    /// Those of the ignored paths that exist only here.
    func missingInMain(_ ignored: [RepositoryPath]) -> [RepositoryPath] {
        guard let mainWorktree else { return ignored }
        var budget = Self.limit
        return ignored.filter { path in
            guard let text = path.text else { return true }
            return !Self.isSame(worktree + "/" + text, mainWorktree + "/" + text, &budget)
        }
    }

    private static func isSame(_ left: String, _ right: String, _ budget: inout Int) -> Bool {
        budget -= 1
        guard budget > 0, let facts = facts(left), let other = Self.facts(right), facts.st_mode & S_IFMT == other.st_mode & S_IFMT else {
            return false
        }
        switch facts.st_mode & S_IFMT {
        case S_IFREG:
            return facts.st_size == other.st_size && isSameContent(left, right)
        case S_IFLNK:
            return target(left) == target(right)
        case S_IFDIR:
            guard let names = names(left) else { return false }
            for name in names where !isSame(left + "/" + name, right + "/" + name, &budget) { return false }
            return true
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

    private static func names(_ folder: String) -> [String]? {
        let raw: [[UInt8]]
        do { raw = try Folder(opening: folder).entries() } catch { return nil }
        let names = raw.compactMap { String(validating: $0, as: UTF8.self) }
        return names.count == raw.count ? names : nil
    }

    private static func target(_ link: String) -> [CChar] {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        return Array(buffer.prefix(max(0, readlink(link, &buffer, buffer.count))))
    }
}
