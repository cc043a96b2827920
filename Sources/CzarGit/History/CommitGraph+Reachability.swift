extension CommitGraph {
    /// The number of commits reachable from `tip`, itself included: `git rev-list --count tip`.
    ///
    /// - Throws: ``GitError`` when the tip was not loaded.
    /// - Complexity: O(ancestors).
    public func total(of tip: ObjectID) throws(GitError) -> Int {
        ancestors(of: [try position(of: tip)]).count
    }

    /// Whether `ancestor` is reachable from `descendant`; a commit is its own ancestor.
    ///
    /// - Throws: ``GitError`` when one was not loaded.
    /// - Complexity: O(ancestors of `descendant` whose level is above that of `ancestor`).
    public func isAncestor(_ ancestor: ObjectID, of descendant: ObjectID) throws(GitError) -> Bool {
        isAncestor(try position(of: ancestor), of: try position(of: descendant))
    }

    /// The indices of those `tips` that contain `commit`.
    ///
    /// - Throws: ``GitError`` when one was not loaded.
    /// - Complexity: O(commits above the level of `commit`), for all tips together.
    public func tips(_ tips: [ObjectID], containing commit: ObjectID) throws(GitError) -> [Int] {
        let sought = try position(of: commit)
        var positions: [Int32] = []
        for tip in tips { positions.append(try position(of: tip)) }
        let reaching = commitsReaching(sought, from: positions)
        return positions.indices.filter { reaching.contains(positions[$0]) }
    }

    func isAncestor(_ ancestor: Int32, of descendant: Int32) -> Bool {
        guard ancestor != descendant else { return true }
        let floor = levels[Int(ancestor)]
        guard levels[Int(descendant)] > floor else { return false }
        return withLinks { links in
            var visited = Bitset(capacity: count)
            var (stack, found) = ([descendant], false)
            while !found, let current = stack.popLast() {
                links.forEachParent(of: current) { parent in
                    if parent == ancestor { found = true }
                    if links.level(parent) > floor, visited.insert(parent) { stack.append(parent) }
                }
            }
            return found
        }
    }

    func ancestors(of tips: [Int32]) -> Bitset {
        withLinks { links in
            var visited = Bitset(capacity: count)
            var stack = tips.filter { visited.insert($0) }
            while let current = stack.popLast() {
                links.forEachParent(of: current) { if visited.insert($0) { stack.append($0) } }
            }
            return visited
        }
    }

    /// The commits that reach `lower`, among the ancestors of `uppers`.
    func commitsReaching(_ lower: Int32, from uppers: [Int32]) -> Bitset {
        withLinks { links in
            let floor = links.level(lower)
            var reaching = Bitset(capacity: count)
            var visited = Bitset(capacity: count)
            var queue = LevelQueue(self)
            for upper in uppers where links.level(upper) > floor && visited.insert(upper) { queue.push(upper, level: links.level(upper)) }
            var order: [Int32] = []
            while let position = queue.pop() {
                order.append(position)
                links.forEachParent(of: position) { parent in
                    if links.level(parent) > floor, visited.insert(parent) { queue.push(parent, level: links.level(parent)) }
                }
            }
            _ = reaching.insert(lower)
            for position in order.reversed() {
                var found = false
                links.forEachParent(of: position) { if reaching.contains($0) { found = true } }
                if found { _ = reaching.insert(position) }
            }
            return reaching
        }
    }
}
