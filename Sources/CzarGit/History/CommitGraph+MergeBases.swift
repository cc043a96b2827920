extension CommitGraph {
    /// All best common ancestors, newest first: `git merge-base --all left right`. Empty for unrelated histories.
    ///
    /// - Complexity: O(commits above the level of the last merge base).
    public func mergeBases(of left: ObjectID, _ right: ObjectID) throws(GitError) -> [ObjectID] {
        let (left, right) = (try position(of: left), try position(of: right))
        return ordered(bestCommonAncestors(left, right), left, right).map { id(of: $0) }
    }

    /// The one that `git diff left...right` compares with; nil for unrelated histories.
    public func mergeBaseForDiff(of left: ObjectID, _ right: ObjectID) throws(GitError) -> ObjectID? {
        try mergeBases(of: left, right).first
    }

    private func bestCommonAncestors(_ left: Int32, _ right: Int32) -> [Int32] {
        guard left != right else { return [left] }
        let (byLeft, byRight, stale): (UInt8, UInt8, UInt8) = (1, 2, 4)
        var flags = ContiguousArray<UInt8>(repeating: 0, count: count)
        var queue = LevelQueue(highestLevel: highestLevel)
        // Queued commits below which a best common ancestor may still lie.
        var fresh = 2
        (flags[Int(left)], flags[Int(right)]) = (byLeft, byRight)
        queue.push(left, level: levels[Int(left)])
        queue.push(right, level: levels[Int(right)])
        var result: [Int32] = []
        while fresh > 0, let position = queue.pop() {
            var own = flags[Int(position)]
            if own & stale == 0 { fresh -= 1 }
            if own == byLeft | byRight {
                result.append(position)
                own |= stale
            }
            forEachParent(of: position) { parent in
                let before = flags[Int(parent)]
                flags[Int(parent)] = before | own
                if before == 0 {
                    queue.push(parent, level: levels[Int(parent)])
                    if own & stale == 0 { fresh += 1 }
                } else if before & stale == 0, own & stale != 0 {
                    fresh -= 1
                }
            }
        }
        return result
    }
}
