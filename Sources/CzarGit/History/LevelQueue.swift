/// Commits ordered by topological level, highest first; each commit is pushed at most once.
///
/// A list for each level instead of a heap: a parent's level is always below its child's, so nothing is ever pushed above what was
/// popped last, and both operations take constant time. This order is what makes every walk exact under any clock skew: when a commit
/// is popped, all of its descendants in the walk have been popped before.
struct LevelQueue: ~Copyable {
    private let heads: UnsafeMutablePointer<Int32>
    /// What follows a commit in its level's list; never read before it is written, so not initialised as a whole.
    private let next: UnsafeMutablePointer<Int32>
    private var level = 0

    init(_ graph: borrowing CommitGraph) {
        heads = .allocate(capacity: graph.highestLevel + 1)
        heads.initialize(repeating: -1, count: graph.highestLevel + 1)
        next = .allocate(capacity: graph.count)
    }

    deinit {
        heads.deallocate()
        next.deallocate()
    }

    @inline(__always)
    mutating func push(_ position: Int32, level new: UInt32) {
        next[Int(position)] = heads[Int(new)]
        heads[Int(new)] = position
        level = max(level, Int(new))
    }

    @inline(__always)
    mutating func pop() -> Int32? {
        while level >= 0 {
            let head = heads[level]
            if head >= 0 {
                heads[level] = next[Int(head)]
                return head
            }
            level -= 1
        }
        level = 0
        return nil
    }
}
