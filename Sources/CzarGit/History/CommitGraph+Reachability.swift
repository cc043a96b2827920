extension CommitGraph {
    /// The number of commits reachable from `tip`, itself included: `git rev-list --count tip`.
    ///
    /// - Complexity: O(ancestors).
    public func total(of tip: ObjectID) throws(GitError) -> Int {
        ancestors(of: [try position(of: tip)]).count
    }

    /// Whether `ancestor` is reachable from `descendant`; a commit is its own ancestor.
    ///
    /// - Complexity: O(ancestors of `descendant` whose level is above that of `ancestor`).
    public func isAncestor(_ ancestor: ObjectID, of descendant: ObjectID) throws(GitError) -> Bool {
        isAncestor(try position(of: ancestor), of: try position(of: descendant))
    }

    /// The indices of those `tips` that contain `commit`.
    public func tips(_ tips: [ObjectID], containing commit: ObjectID) throws(GitError) -> [Int] {
        let sought = try position(of: commit)
        // One set for all: what was visited without success leads nowhere for a later tip either.
        var visited = Bitset(capacity: count)
        var successful = Bitset(capacity: count)
        var result: [Int] = []
        for (index, tip) in tips.enumerated() where reaches(sought, from: try position(of: tip), &visited, &successful) {
            result.append(index)
        }
        return result
    }

    func isAncestor(_ ancestor: Int32, of descendant: Int32) -> Bool {
        guard ancestor != descendant else { return true }
        let floor = levels[Int(ancestor)]
        guard levels[Int(descendant)] > floor else { return false }
        var visited = Bitset(capacity: count)
        var stack = [descendant]
        while let current = stack.popLast() {
            var found = false
            forEachParent(of: current) { parent in
                if parent == ancestor { found = true }
                if levels[Int(parent)] > floor, visited.insert(parent) { stack.append(parent) }
            }
            if found { return true }
        }
        return false
    }

    /// A depth-first walk that remembers for every commit it leaves whether `sought` can be reached from it.
    private func reaches(_ sought: Int32, from tip: Int32, _ visited: inout Bitset, _ successful: inout Bitset) -> Bool {
        let floor = levels[Int(sought)]
        var stack = [tip]
        while let current = stack.last {
            if current == sought { _ = successful.insert(current) }
            let isFirst = visited.insert(current)
            var (found, grew) = (false, false)
            forEachParent(of: current) { parent in
                if parent == sought || successful.contains(parent) { found = true }
                if isFirst, levels[Int(parent)] > floor, !visited.contains(parent) {
                    stack.append(parent)
                    grew = true
                }
            }
            if found { _ = successful.insert(current) }
            if !grew { stack.removeLast() }
        }
        return successful.contains(tip)
    }

    func ancestors(of tips: [Int32]) -> Bitset {
        var visited = Bitset(capacity: count)
        var stack = tips.filter { visited.insert($0) }
        while let current = stack.popLast() {
            forEachParent(of: current) { if visited.insert($0) { stack.append($0) } }
        }
        return visited
    }
}
