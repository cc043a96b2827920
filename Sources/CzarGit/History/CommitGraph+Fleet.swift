/// One branch of many that are asked about together.
struct FleetTip: Hashable, Sendable {
    let tip: ObjectID
    let forkPoint: ObjectID?
    /// The tip that was declared complete; commits after it are stranded.
    let completed: ObjectID?
}

/// What history says about one branch and its base.
struct FleetFigures: Hashable, Sendable {
    var total: Int
    var ahead: Int
    var behind: Int
    /// B of SPEC, section 1.
    var comparisonBase: ObjectID?
    var ownCommits: Int
    /// The trees between which files and lines are counted: the merge base's (nil: unrelated histories) and the tip's.
    var fromTree: ObjectID?
    var toTree: ObjectID
    var stranded: [ObjectID]
}

extension CommitGraph {
    /// The figures of many tips against one base: what they share is walked once.
    ///
    /// - Returns: for each tip its figures, or why there are none: a commit that was not loaded.
    /// - Complexity: O(ancestors of `base`, unless they are kept, + commits that not all share + the sum of all counts).
    func figures(of fleet: [FleetTip], against base: ObjectID) throws(GitError) -> [Result<FleetFigures, GitError>] {
        let baseIndex = try position(of: base)
        let inBase = ancestors(ofBase: baseIndex)
        let baseTotal = inBase.count
        let known = fleet.filter { contains($0.tip) }
        let counts = try aheadBehind(of: known.map(\.tip), against: base)
        let countOf = Dictionary(zip(known.map(\.tip), counts), uniquingKeysWith: { first, _ in first })
        return fleet.map { branch in
            Result { () throws(GitError) in
                let tip = try position(of: branch.tip)
                guard let count = countOf[branch.tip] else { throw notLoaded(branch.tip) }
                let comparison = try count.ahead > 0 ? base : comparisonBase(of: branch.tip, base: base, forkPoint: branch.forkPoint)
                return FleetFigures(
                    total: baseTotal - count.behind + count.ahead, ahead: count.ahead, behind: count.behind, comparisonBase: comparison,
                    ownCommits: try ownCount(branch, tip, ahead: count.ahead, comparison, inBase),
                    fromTree: try fromTree(tip, branch.tip, base: base, baseIndex, comparison, inBase), toTree: tree(at: tip),
                    stranded: try stranded(branch, base: base))
            }
        }
    }

    private func ownCount(_ branch: FleetTip, _ tip: Int32, ahead: Int, _ comparison: ObjectID?, _ inBase: Bitset) throws(GitError) -> Int {
        let fork = try branch.forkPoint.map { id throws(GitError) in try position(of: id) }
        // Where the base contains the fork point, it excludes nothing more.
        if ahead > 0, fork.map({ inBase.contains($0) }) ?? true { return ahead }
        return try ownCommits(of: branch.tip, comparisonBase: comparison, forkPoint: branch.forkPoint).count
    }

    private func fromTree(
        _ tip: Int32, _ id: ObjectID, base: ObjectID, _ baseIndex: Int32, _ comparison: ObjectID?, _ inBase: Bitset
    ) throws(GitError) -> ObjectID? {
        guard let comparison else { return nil }
        guard comparison == base else { return try mergeBaseForDiff(of: comparison, id).map { id throws(GitError) in try tree(of: id) } }
        return mergeBaseForDiff(of: baseIndex, tip, inBase).map { tree(at: $0) }
    }

    private func stranded(_ branch: FleetTip, base: ObjectID) throws(GitError) -> [ObjectID] {
        guard let completed = branch.completed, completed != branch.tip else { return [] }
        return try strandedCommits(of: branch.tip, recorded: [completed, base])
    }

    /// The commits of `tip` outside of a set that is closed under parents, in no order.
    func commits(of tip: Int32, outside closed: Bitset) -> [Int32] {
        guard !closed.contains(tip) else { return [] }
        return withLinks { links in
            var (seen, result): (Set<Int32>, [Int32]) = ([tip], [tip])
            var next = 0
            while next < result.count {
                links.forEachParent(of: result[next]) { parent in
                    if !closed.contains(parent), seen.insert(parent).inserted { result.append(parent) }
                }
                next += 1
            }
            return result
        }
    }
}
