import CLibgit2
import Glibc

/// What changes a repository's history without changing its objects: shallow boundaries, grafts and replace refs.
///
/// libgit2 1.5.1 ignores all three. As in git, no commit-graph file is used while any of them exists.
struct HistoryOverrides: Equatable, Sendable {
    /// Parents that count instead of a commit's own. Shallow commits have none.
    private(set) var parents: [ObjectID: [ObjectID]] = [:]
    /// Objects read in the place of others.
    private(set) var replacements = Replacements.none
    private(set) var isShallow = false
    /// One line for each graft that git would warn of, for a debug log.
    private(set) var diagnostics: [String] = []

    var isEmpty: Bool { parents.isEmpty && replacements.isEmpty && !isShallow }

    /// Names them: equal for equal overrides, zero for none.
    var digest: ObjectID {
        guard !isEmpty else { return .zero }
        var bytes: [UInt8] = [isShallow ? 1 : 0]
        for (commit, parents) in parents.sorted(by: { $0.key < $1.key }) {
            bytes.append(commit)
            bytes.append(number: parents.count)
            for parent in parents { bytes.append(parent) }
        }
        for (original, replacement) in replacements.sorted {
            bytes.append(original)
            bytes.append(replacement)
        }
        return bytes.withUnsafeBytes { SHA1.digest(of: $0) }
    }

    init() {}

    /// Reads them from the common directory.
    ///
    /// - Throws: ``GitError`` for a file that exists and cannot be read or breaks its format.
    init(of repository: borrowing Repository) throws(GitError) {
        let folder = String(cString: git_repository_commondir(repository.handle))
        try readGrafts(folder + "info/grafts")
        // After the grafts: for git a shallow boundary wins over a graft of the same commit.
        try readShallow(folder + "shallow")
        replacements = try Replacements(of: repository)
    }

    /// The object whose content counts for `id`, as ``Replacements/resolve(_:)`` says.
    func resolve(_ id: ObjectID) throws(GitError) -> ObjectID { try replacements.resolve(id) }

    private mutating func readShallow(_ path: String) throws(GitError) {
        guard let file = try MappedFile.open(path) else { return }
        for line in file.lines {
            // As git, which looks at no more of a line.
            guard let id = ObjectID(hex: line.prefix(40)) else { throw Self.malformed(path, line) }
            parents[id] = []
            isShallow = true
        }
    }

    private mutating func readGrafts(_ path: String) throws(GitError) {
        guard let file = try MappedFile.open(path) else { return }
        for line in file.lines where !line.hasPrefix("#") {
            let ids = line.split(whereSeparator: \.isWhitespace).map { ObjectID(hex: $0) }
            guard let first = ids.first else { continue }
            guard let commit = first, !ids.contains(nil) else {
                diagnostics.append("grafts '\(path)': the line '\(line)' holds no object ids and counts for nothing")
                continue
            }
            // The first line for a commit counts: git reports the second as a duplicate.
            if parents[commit] == nil { parents[commit] = ids.dropFirst().compactMap { $0 } }
        }
    }

    private static func malformed(_ path: String, _ line: Substring) -> GitError {
        GitError(code: .generic, operation: "read the file", subject: path, message: "the line '\(line)' holds no object ids")
    }
}
