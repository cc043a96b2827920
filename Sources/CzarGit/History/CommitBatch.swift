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

    /// Reads commits of packs in their order, in equal parts on several threads.
    ///
    /// A commit that cannot be read is left out, and so is one that is replaced: whoever needs it reads it alone and gets the error.
    init(reading places: [PackPlace], in packs: [PackFile], overrides: HistoryOverrides) {
        let count = usefulThreads()
        let parts = inParallel(count) { number in
            Self.read(places[places.count * number / count..<places.count * (number + 1) / count], packs, overrides)
        }
        for part in parts {
            for (id, commit) in part { append(id, commit) }
        }
    }

    private static func read(_ places: ArraySlice<PackPlace>, _ packs: [PackFile], _ overrides: HistoryOverrides) -> [(ObjectID, RawCommit)]
    {
        var result: [(ObjectID, RawCommit)] = []
        result.reserveCapacity(places.count)
        do throws(GitError) {
            let reader = try PackReader(packs)
            for place in places where !overrides.replacements.replaces(place.id) {
                let commit = reader.withCommitHeader(at: place.offset, in: place.pack) { RawCommit(parsingBeginning: $0) }
                guard var commit else { continue }
                if let parents = overrides.parents[place.id] { commit.parents = parents }
                result.append((place.id, commit))
            }
        } catch {
            // Without zlib nothing is read here: the commits are read one by one, where the error is thrown.
            return []
        }
        return result
    }
}
