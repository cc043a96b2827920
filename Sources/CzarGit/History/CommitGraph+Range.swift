extension CommitGraph {
    /// The commits reachable from `tip` and from none of `excluded`: `git rev-list tip --not excluded…`.
    ///
    /// In topological order, children before parents.
    ///
    /// - Complexity: O(commits above the level where the sides have met).
    public func commits(of tip: ObjectID, excluding excluded: [ObjectID]) throws(GitError) -> [ObjectID] {
        try commits(ofAny: [tip], excluding: excluded)
    }

    /// The commits reachable from any of `tips` and from none of `excluded`, children before parents.
    public func commits(ofAny tips: [ObjectID], excluding excluded: [ObjectID]) throws(GitError) -> [ObjectID] {
        var (from, without): ([Int32], [Int32]) = ([], [])
        for tip in tips { from.append(try position(of: tip)) }
        for tip in excluded { without.append(try position(of: tip)) }
        return range(from, excluding: without).map { id(of: $0) }
    }

    /// A worker's own commits (SPEC, section 1): `git rev-list tip --not B fork_point`, children before parents.
    public func ownCommits(of tip: ObjectID, comparisonBase: ObjectID?, forkPoint: ObjectID?) throws(GitError) -> [ObjectID] {
        try commits(of: tip, excluding: [comparisonBase, forkPoint].compactMap { $0 })
    }

    /// Commits of `tip` that no landed or recorded commit contains: work that would be left behind.
    public func strandedCommits(of tip: ObjectID, recorded: [ObjectID]) throws(GitError) -> [ObjectID] {
        try commits(of: tip, excluding: recorded)
    }

    func range(_ from: [Int32], excluding without: [Int32]) -> [Int32] {
        withLinks { links in
            var walk = RangeWalk(self, links)
            for position in from { walk.mark(position, RangeWalk.wanted) }
            for position in without { walk.mark(position, RangeWalk.excluded) }
            return walk.run()
        }
    }
}

/// One walk from wanted and excluded tips.
private struct RangeWalk: ~Copyable {
    static let wanted: UInt8 = 1
    static let excluded: UInt8 = 2

    private let links: Links
    private let flags: Marks
    private var queue: LevelQueue
    /// Queued commits that are wanted and not excluded (yet).
    private var open = 0

    init(_ graph: borrowing CommitGraph, _ links: Links) {
        self.links = links
        flags = Marks(graph)
        queue = LevelQueue(graph)
    }

    @inline(__always)
    mutating func mark(_ position: Int32, _ new: UInt8) {
        let before = flags[position]
        let after = before | new
        flags[position] = after
        if before == 0 { queue.push(position, level: links.level(position)) }
        if before == Self.wanted, after != Self.wanted { open -= 1 } else if before == 0, after == Self.wanted { open += 1 }
    }

    mutating func run() -> [Int32] {
        var result: [Int32] = []
        while open > 0, let position = queue.pop() {
            let own = flags[position]
            if own == Self.wanted {
                result.append(position)
                open -= 1
            }
            links.forEachParent(of: position) { mark($0, own) }
        }
        return result
    }
}
