import CLibgit2

/// Commits that were read together, before anybody asked for them one by one.
struct CommitBatch: Sendable {
    private var index = CommitIndex()
    private var commits: ContiguousArray<RawCommit> = []

    /// The commit, if it is among them.
    subscript(id: ObjectID) -> RawCommit? { index.number(of: id).map { commits[$0] } }

    fileprivate mutating func append(_ id: ObjectID, _ commit: RawCommit) {
        guard index.number(of: id) == nil else { return }
        _ = index.append(id)
        commits.append(commit)
    }

    init() {}

    /// Reads `ids` in their order, in equal parts on several threads, each with a handle of its own.
    ///
    /// A commit that cannot be read is left out: whoever needs it reads it alone and gets the error.
    init(reading ids: [ObjectID], from repository: borrowing Repository, overrides: HistoryOverrides) {
        let path = String(cString: git_repository_path(repository.handle))
        let count = usefulThreads()
        let parts = inParallel(count) { number in
            Self.read(ids[ids.count * number / count..<ids.count * (number + 1) / count], path, overrides)
        }
        for part in parts {
            for (id, commit) in part { append(id, commit) }
        }
    }

    private static func read(_ ids: ArraySlice<ObjectID>, _ path: String, _ overrides: HistoryOverrides) -> [(ObjectID, RawCommit)] {
        var result: [(ObjectID, RawCommit)] = []
        result.reserveCapacity(ids.count)
        do {
            let repository = try Repository(opening: path)
            let reader = try CommitReader(repository, overrides: overrides)
            for id in ids { result.append((id, try reader.commit(id))) }
        } catch {
            // What follows the commit that failed is read one by one, where the error is thrown if the commit matters.
            return result
        }
        return result
    }
}
