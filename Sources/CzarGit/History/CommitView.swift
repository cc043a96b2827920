/// What one commit changes, as it is asked about file by file: found out once, however many of its files are looked at.
struct CommitView {
    typealias Change = (old: DiffSide?, new: DiffSide?)

    private let changes: [Change]
    private let byPath: [RepositoryPath: Int]
    /// Where deleted files went, by their path; nil until somebody asks.
    private var moves: [RepositoryPath: DiffSide]?
    /// The files to which a line was added; nil until somebody asks.
    private var addedLines: [[UInt8]: [RepositoryPath]]?

    init(_ changes: [Change]) {
        self.changes = changes
        var byPath: [RepositoryPath: Int] = [:]
        for (number, change) in changes.enumerated() {
            if let path = (change.new ?? change.old)?.path { byPath[path] = number }
        }
        self.byPath = byPath
    }

    subscript(path: RepositoryPath) -> Change? { byPath[path].map { changes[$0] } }

    /// Where the commit moved a file that it deleted; nil for one that is gone, or that went to one of the paths in `excluded`.
    mutating func destination(
        of path: RepositoryPath, except excluded: Set<RepositoryPath>, _ repository: borrowing Repository
    ) throws(GitError) -> DiffSide? {
        if let known = moves { return known[path] }
        let found = try foundMoves(except: excluded, repository)
        moves = found
        return found[path]
    }

    private func foundMoves(
        except excluded: Set<RepositoryPath>, _ repository: borrowing Repository
    ) throws(GitError) -> [RepositoryPath: DiffSide] {
        let created = changes.compactMap { $0.old == nil ? $0.new : nil }.filter { !excluded.contains($0.path) }
        let deleted = changes.compactMap { $0.new == nil ? $0.old : nil }
        guard !created.isEmpty, !deleted.isEmpty else { return [:] }
        var detection = RenameDetection(deleted: deleted, created: created)
        try detection.run(limit: 1000, in: repository)
        return Dictionary(
            detection.sourceOf.map { (deleted[$0.value].path, created[$0.key]) }, uniquingKeysWith: { first, _ in first })
    }

    /// Whether a file other than these has a content now, or got one of these lines.
    mutating func brings(
        _ content: ObjectID?, _ lines: Set<[UInt8]>, elsewhereThan places: Set<RepositoryPath>, _ repository: borrowing Repository
    ) throws(GitError) -> Bool {
        if let content {
            for change in changes {
                if let new = change.new, new.id == content, !places.contains(new.path) { return true }
            }
        }
        guard !lines.isEmpty else { return false }
        let known: [[UInt8]: [RepositoryPath]]
        if let addedLines { known = addedLines } else { known = try foundLines(repository) }
        addedLines = known
        return lines.contains { line in (known[line] ?? []).contains { !places.contains($0) } }
    }

    private func foundLines(_ repository: borrowing Repository) throws(GitError) -> [[UInt8]: [RepositoryPath]] {
        var result: [[UInt8]: [RepositoryPath]] = [:]
        for change in changes {
            guard let new = change.new else { continue }
            for line in try ChangedLines(from: change.old, to: new, in: repository).added { result[line, default: []].append(new.path) }
        }
        return result
    }
}
