/// A change that counts several times, or is taken off again, in a sum in which every change counts once.
package struct WeightedTip: Hashable, Sendable {
    package let tip: ObjectID
    /// What the tip's change is compared with.
    package let comparisonBase: ObjectID
    /// Never 0. Of two branches that both merged a third, each counts 1 and the third −1.
    package let weight: Int
}

/// A branch, and where it was before.
package struct GrownBranch: Hashable, Sendable {
    /// What it has landed piece by piece, and what it has now.
    package let ranges: [OwnRange]
    /// Nil for one that was not there.
    package let before: ObjectID?

    package init(ranges: [OwnRange], before: ObjectID?) { (self.ranges, self.before) = (ranges, before) }
}

/// Own commits that no branch had before.
package struct NewCommits: Hashable, Sendable {
    /// Of each branch.
    package let each: [Int]
    /// Of all, each counted once.
    package let together: Int
}

/// A moment at which a branch was moved.
package struct BranchStep: Hashable, Sendable {
    /// Which of the branches.
    package let branch: Int
    package let tip: ObjectID
    /// What the branch has landed piece by piece, and what it has now.
    package let ranges: [OwnRange]

    package init(branch: Int, tip: ObjectID, ranges: [OwnRange]) { (self.branch, self.tip, self.ranges) = (branch, tip, ranges) }
}

extension HistoryMemory {
    mutating func weights(
        of branches: [OwnRange], takenOver: [TakenOver], hadBefore: [TakenOver], _ repository: borrowing Repository
    ) throws(GitError) -> [WeightedTip]? {
        let branches = Set(branches.filter { $0.comparisonBase != nil }).sorted { $0.commits.lexicographicallyPrecedes($1.commits) }
        let pairs = takenOver.map { [$0.by, $0.from] } + [[]] + hadBefore.map { [$0.by, $0.from] }
        let key = try factKey(.weights, branches.map(\.parts) + pairs, repository)
        if let known = facts.value(key).flatMap({ [WeightedTip](fact: $0) }) { return known }
        guard let graph = loaded(branches.flatMap(\.commits), bases: nil, repository) else { return nil }
        do throws(GitError) {
            let weights = try graph.weights(of: branches, takenOver: takenOver, hadBefore: hadBefore)
            facts.keep(weights.fact, for: key)
            facts.save()
            return weights
        } catch {
            return nil
        }
    }

    mutating func newCommits(_ branches: [GrownBranch], _ repository: borrowing Repository) throws(GitError) -> NewCommits? {
        let key = try factKey(.newCommits, branches.map { [$0.before] + $0.ranges.flatMap(\.parts) }, repository)
        let commits = branches.flatMap { $0.ranges.flatMap(\.commits) + [$0.before].compactMap { $0 } }
        return try numbers(key, about: commits, repository) { graph throws(GitError) in
            let found = try graph.newCommits(branches)
            return found.each + [found.together]
        }.flatMap { numbers in
            numbers.count == branches.count + 1 ? NewCommits(each: numbers.dropLast(), together: numbers[branches.count]) : nil
        }
    }

    mutating func distinctOwnCommits(after steps: [BranchStep], _ repository: borrowing Repository) throws(GitError) -> [Int]? {
        let names = Set(steps.map(\.branch)).sorted()
        // A branch is known by its steps, whatever its number.
        let numbers = Dictionary(uniqueKeysWithValues: zip(names, 0...))
        let key = try factKey(
            .distinctOverTime, steps.map { [$0.tip] + $0.ranges.flatMap(\.parts) + Array(repeating: nil, count: numbers[$0.branch] ?? 0) },
            repository)
        return try self.numbers(key, about: steps.flatMap { [$0.tip] + $0.ranges.flatMap(\.commits) }, repository) {
            graph throws(GitError) in try graph.distinctOwnCommits(after: steps)
        }
    }

    private func factKey(_ kind: FactKey.Kind, _ parts: [[ObjectID?]], _ repository: borrowing Repository) throws(GitError) -> FactKey {
        FactKey(kind, [try HistoryOverrides(of: repository).digest] + parts.flatMap { $0 + [nil, nil] })
    }

    /// Numbers that are remembered, or else found out; nil when some history cannot be read.
    private mutating func numbers(
        _ key: FactKey, about commits: [ObjectID], _ repository: borrowing Repository,
        _ find: (borrowing CommitGraph) throws(GitError) -> [Int]
    ) throws(GitError) -> [Int]? {
        if let known = facts.value(key).flatMap({ [Int](fact: $0) }) { return known }
        guard let graph = loaded(Set(commits).sorted(), bases: nil, repository) else { return nil }
        do throws(GitError) {
            let found = try find(graph)
            facts.keep(found.fact, for: key)
            facts.save()
            return found
        } catch {
            return nil
        }
    }
}

extension CommitGraph {
    /// What has to be added up so that each change counts once.
    ///
    /// The places where branches have the same history are found: their tips, and the last commit that each group of branches shares. What a
    /// place adds to the places inside it is its change less theirs; the sum of that over all places is a sum of changes with these weights.
    /// What a branch has taken over lies inside it too; what it had before its change began does not, whatever its history holds.
    func weights(of branches: [OwnRange], takenOver: [TakenOver], hadBefore: [TakenOver]) throws(GitError) -> [WeightedTip] {
        var holders: [Int32: [Int]] = [:]
        var histories: [[Int32]] = []
        for (number, branch) in branches.enumerated() {
            let history = try history(of: position(of: branch.tip), branch)
            for commit in history { holders[commit, default: []].append(number) }
            histories.append(history)
        }
        // Where nothing is shared every branch simply counts.
        var places: [Int32: (owner: Int, inside: [Int32])] = [:]
        for (number, branch) in branches.enumerated() {
            let tip = try position(of: branch.tip)
            if places[tip] == nil, !histories[number].isEmpty { places[tip] = (number, histories[number]) }
        }
        for commit in lastShared(holders) where places[commit] == nil {
            guard let owner = holders[commit]?.first else { continue }
            places[commit] = (owner, try history(of: commit, branches[owner]))
        }
        var inside = places.mapValues { place in Set(place.inside.filter { places[$0] != nil }) }
        for one in hadBefore {
            let by = try position(of: one.by)
            if let more = inside[try position(of: one.from)] { inside[by]?.subtract(more) }
        }
        try takenOver.add(to: &inside, self)
        var taken: [Int32: Int] = [:]
        var result: [WeightedTip] = []
        // A place comes after all that it lies in.
        for (commit, contents) in inside.sorted(by: { ($0.value.count, $0.key) > ($1.value.count, $1.key) }) {
            let weight = 1 - (taken[commit] ?? 0)
            guard weight != 0 else { continue }
            for other in contents where other != commit { taken[other, default: 0] += weight }
            if let owner = places[commit]?.owner, let base = branches[owner].comparisonBase {
                result.append(WeightedTip(tip: id(of: commit), comparisonBase: base, weight: weight))
            }
        }
        return result
    }

    /// All that the change of a commit against a branch's comparison base consists of, also what lies before the fork point, and what the
    /// base has had from elsewhere: a change is compared with one merge base, though there may be several.
    func history(of commit: Int32, _ branch: OwnRange) throws(GitError) -> [Int32] {
        guard let base = branch.comparisonBase else { return [] }
        let common = try mergeBaseForDiff(of: base, id(of: commit))
        return range([commit], excluding: [try position(of: common ?? base)])
    }

    /// Of the commits that several branches hold, those after which the branches part.
    private func lastShared(_ holders: [Int32: [Int]]) -> [Int32] {
        var last = Set(holders.filter { $0.value.count > 1 }.keys)
        for (commit, branches) in holders where branches.count > 1 {
            forEachParent(of: commit) { parent in if holders[parent] == branches { last.remove(parent) } }
        }
        return last.sorted()
    }

    func newCommits(_ branches: [GrownBranch]) throws(GitError) -> NewCommits {
        var before: Set<ObjectID> = []
        for branch in branches {
            guard let tip = branch.before else { continue }
            for range in branch.ranges { before.formUnion(try commits(of: tip, excluding: range.excluded)) }
        }
        var (all, each): (Set<ObjectID>, [Int]) = ([], [])
        for branch in branches {
            var own: Set<ObjectID> = []
            for range in branch.ranges { own.formUnion(try commits(of: range.tip, excluding: range.excluded)) }
            own.subtract(before)
            each.append(own.count)
            all.formUnion(own)
        }
        return NewCommits(each: each, together: all.count)
    }

    func distinctOwnCommits(after steps: [BranchStep]) throws(GitError) -> [Int] {
        var held: [Int: Set<ObjectID>] = [:]
        var holders: [ObjectID: Int] = [:]
        var counts: [Int] = []
        for step in steps {
            for commit in held[step.branch] ?? [] {
                let left = (holders[commit] ?? 1) - 1
                holders[commit] = left == 0 ? nil : left
            }
            let own = try ownCommits(at: step)
            for commit in own { holders[commit, default: 0] += 1 }
            held[step.branch] = own
            counts.append(holders.count)
        }
        return counts
    }

    /// A branch's own commits when it was at a step: what it had landed by then, and what came after.
    private func ownCommits(at step: BranchStep) throws(GitError) -> Set<ObjectID> {
        var own: Set<ObjectID> = []
        for range in step.ranges {
            let then = Set(try commits(of: step.tip, excluding: range.excluded))
            // Not so far yet, or the last piece.
            guard range != step.ranges.last, then.contains(range.tip) else { return own.union(then) }
            own.formUnion(try commits(of: range.tip, excluding: range.excluded))
        }
        return own
    }
}

extension OwnRange {
    fileprivate var commits: [ObjectID] { [tip] + excluded }
    fileprivate var parts: [ObjectID?] { [tip, comparisonBase, forkPoint] }
}

extension [WeightedTip] {
    fileprivate var fact: [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(number: count)
        for one in self {
            bytes.append(one.tip)
            bytes.append(one.comparisonBase)
            bytes.append(number: one.weight)
        }
        return bytes
    }

    fileprivate init?(fact: [UInt8]) {
        var reader = FactBytes(fact)
        guard let count = reader.count(ofItems: 50) else { return nil }
        self = []
        for _ in 0..<count {
            guard let tip = reader.id(), let tip, let base = reader.id(), let base, let weight = reader.number() else { return nil }
            append(WeightedTip(tip: tip, comparisonBase: base, weight: weight))
        }
        guard reader.isAtEnd else { return nil }
    }
}

extension [Int] {
    fileprivate var fact: [UInt8] {
        var bytes: [UInt8] = []
        for number in self { bytes.append(number: number) }
        return bytes
    }

    fileprivate init?(fact: [UInt8]) {
        var reader = FactBytes(fact)
        self = []
        while !reader.isAtEnd {
            guard let number = reader.number() else { return nil }
            append(number)
        }
    }
}
