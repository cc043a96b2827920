/// Commits ordered by topological level, highest first; each commit is pushed at most once.
///
/// A list for each level instead of a heap: a parent's level is always below its child's, so nothing is ever pushed above what was
/// popped last, and both operations take constant time. This order is what makes every walk exact under any clock skew: when a commit
/// is popped, all of its descendants in the walk have been popped before.
struct LevelQueue {
    private struct Entry {
        let position: Int32
        let next: Int32
    }

    private var heads: ContiguousArray<Int32>
    private var entries: ContiguousArray<Entry> = []
    private var level = 0
    private(set) var count = 0

    init(highestLevel: Int) { heads = ContiguousArray(repeating: -1, count: highestLevel + 1) }

    mutating func push(_ position: Int32, level new: UInt32) {
        let new = Int(new)
        entries.append(Entry(position: position, next: heads[new]))
        heads[new] = Int32(truncatingIfNeeded: entries.count - 1)
        level = max(level, new)
        count += 1
    }

    mutating func pop() -> Int32? {
        guard count > 0 else { return nil }
        while heads[level] < 0 { level -= 1 }
        let entry = entries[Int(heads[level])]
        heads[level] = entry.next
        count -= 1
        return entry.position
    }
}
