extension CommitGraph {
    /// All best common ancestors, newest first: `git merge-base --all left right`. Empty for unrelated histories.
    ///
    /// - Throws: ``GitError`` when one was not loaded.
    /// - Complexity: O(commits above the level where the sides have met).
    public func mergeBases(of left: ObjectID, _ right: ObjectID) throws(GitError) -> [ObjectID] {
        let (left, right) = (try position(of: left), try position(of: right))
        return ordered(bestCommonAncestors(left, right), left, right).map { id(of: $0) }
    }

    /// The one that `git diff left...right` compares with; nil for unrelated histories.
    ///
    /// - Throws: ``GitError`` when one was not loaded.
    public func mergeBaseForDiff(of left: ObjectID, _ right: ObjectID) throws(GitError) -> ObjectID? {
        try mergeBases(of: left, right).first
    }

    /// ``mergeBaseForDiff(of:_:)`` of one base with each of many tips.
    ///
    /// - Throws: ``GitError`` when one was not loaded.
    /// - Complexity: O(ancestors of `base` + commits that only the tips have).
    public func mergeBasesForDiff(of base: ObjectID, withEach tips: [ObjectID]) throws(GitError) -> [ObjectID?] {
        let base = try position(of: base)
        let inBase = ancestors(ofBase: base)
        var result: [ObjectID?] = []
        for id in tips { result.append(mergeBaseForDiff(of: base, try position(of: id), inBase).map { self.id(of: $0) }) }
        return result
    }

    /// `inBase` are the ancestors of `base`.
    func mergeBaseForDiff(of base: Int32, _ tip: Int32, _ inBase: Bitset) -> Int32? { mergeBases(of: base, tip, inBase).first }

    /// All best common ancestors, newest first; `inBase` are the ancestors of `base`.
    func mergeBases(of base: Int32, _ tip: Int32, _ inBase: Bitset) -> [Int32] {
        ordered(independent(entries(of: tip, into: inBase)), base, tip)
    }

    /// What a merge of both sides starts from, by their best common ancestors.
    ///
    /// - Throws: ``GitError`` when one was not loaded.
    func mergeOrigin(_ bases: [ObjectID]) throws(GitError) -> MergeOrigin {
        guard let first = bases.first else { return .one(nil) }
        guard bases.count > 1 else { return .one(try tree(of: first)) }
        let trees = try bases.map { id throws(GitError) in try tree(of: id) }
        let shared = try mergeBases(of: first, bases[1])
        guard bases.count == 2, shared.count == 1 else { return .entangled(trees) }
        return .crossed(trees[0], trees[1], over: try tree(of: shared[0]))
    }

    /// Where the history of `tip` enters a set that is closed under parents: every common ancestor is an ancestor of one of these.
    func entries(of tip: Int32, into closed: Bitset) -> [Int32] {
        guard !closed.contains(tip) else { return [tip] }
        return withLinks { links in
            var seen: Set<Int32> = [tip]
            var (stack, result): ([Int32], [Int32]) = ([tip], [])
            while let current = stack.popLast() {
                links.forEachParent(of: current) { parent in
                    guard seen.insert(parent).inserted else { return }
                    if closed.contains(parent) { result.append(parent) } else { stack.append(parent) }
                }
            }
            return result
        }
    }

    /// The commits that no other of the given ones reaches.
    func independent(_ commits: [Int32]) -> [Int32] {
        guard commits.count > 1, let floor = commits.map({ levels[Int($0)] }).min() else { return commits }
        return withLinks { links in
            var visited = Bitset(capacity: count)
            var reached = Bitset(capacity: count)
            var stack = commits
            while let current = stack.popLast() {
                links.forEachParent(of: current) { parent in
                    _ = reached.insert(parent)
                    if links.level(parent) > floor, visited.insert(parent) { stack.append(parent) }
                }
            }
            return commits.filter { !reached.contains($0) }
        }
    }

    private func bestCommonAncestors(_ left: Int32, _ right: Int32) -> [Int32] {
        guard left != right else { return [left] }
        let (byLeft, byRight, stale): (UInt8, UInt8, UInt8) = (1, 2, 4)
        return withLinks { links in
            let flags = Marks(self)
            var queue = LevelQueue(self)
            // Queued commits below which a best common ancestor may still lie.
            var fresh = 2
            (flags[left], flags[right]) = (byLeft, byRight)
            queue.push(left, level: links.level(left))
            queue.push(right, level: links.level(right))
            var result: [Int32] = []
            while fresh > 0, let position = queue.pop() {
                var own = flags[position]
                if own & stale == 0 { fresh -= 1 }
                if own == byLeft | byRight {
                    result.append(position)
                    own |= stale
                }
                links.forEachParent(of: position) { parent in
                    let before = flags[parent]
                    flags[parent] = before | own
                    if before == 0 {
                        queue.push(parent, level: links.level(parent))
                        if own & stale == 0 { fresh += 1 }
                    } else if before & stale == 0, own & stale != 0 {
                        fresh -= 1
                    }
                }
            }
            return result
        }
    }
}
