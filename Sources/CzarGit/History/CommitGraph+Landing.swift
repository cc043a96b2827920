/// How a base came to contain a tip.
package enum Landing: Hashable, Sendable {
    /// The base does not contain the tip.
    case notContained
    /// The tip lies on the base's first-parent line: the base was moved forward to it.
    case fastForward
    /// `commit`, on the first-parent line, was the first to reach the tip; `before` is its first parent.
    case merged(commit: ObjectID, before: ObjectID)
}

extension CommitGraph {
    /// Finds the earliest commit on the base's first-parent line that reaches the tip.
    ///
    /// - Complexity: O(ancestors of `base` above the tip's level).
    package func landing(of tip: ObjectID, in base: ObjectID) throws(GitError) -> Landing {
        let (tip, base) = (try position(of: tip), try position(of: base))
        let reaching = commitsReaching(tip, from: [base])
        guard reaching.contains(base) else { return .notContained }
        var current = base
        while current != tip {
            let next = parents[Int(current)].first
            guard next >= 0, reaching.contains(next) else {
                return next < 0 ? .fastForward : .merged(commit: id(of: current), before: id(of: next))
            }
            current = next
        }
        return .fastForward
    }

    /// The comparison base B of SPEC, section 1; nil where nothing tells what the base was before.
    ///
    /// `recorded` is the base tip that Czar recorded when it landed the tip: it wins over what history shows.
    package func comparisonBase(
        of tip: ObjectID, base: ObjectID, forkPoint: ObjectID?, recorded: ObjectID? = nil
    ) throws(GitError) -> ObjectID? {
        switch try landing(of: tip, in: base) {
        case .notContained: base
        case .merged(_, let before): recorded ?? before
        case .fastForward: recorded ?? forkPoint
        }
    }
}
