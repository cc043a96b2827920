extension CommitGraph {
    /// Git's order: by commit date, newest first; commits of one date as git's own walk finds them.
    func ordered(_ bases: [Int32], _ left: Int32, _ right: Int32) -> [Int32] {
        guard bases.count > 1 else { return bases }
        let dates = bases.map { date(of: $0) }
        let found = Set(dates).count == dates.count ? bases : foundByDate(bases, left, right)
        return found.enumerated().sorted { one, other in
            let (first, second) = (date(of: one.element), date(of: other.element))
            return first == second ? one.offset < other.offset : first > second
        }.map(\.element)
    }

    /// The order in which a walk by commit date, as git's without a commit-graph, meets the given merge bases.
    ///
    /// Only equal dates need it: git breaks the tie by the moment of insertion.
    private func foundByDate(_ bases: [Int32], _ left: Int32, _ right: Int32) -> [Int32] {
        var waiting = Set(bases)
        var flags = ContiguousArray<UInt8>(repeating: 0, count: count)
        var queue = DateQueue()
        (flags[Int(left)], flags[Int(right)]) = (1, 2)
        queue.push(left, date: date(of: left))
        queue.push(right, date: date(of: right))
        var (result, reported): ([Int32], Set<Int32>) = ([], [])
        while !waiting.isEmpty, let position = queue.pop() {
            var own = flags[Int(position)]
            if own & 7 == 3 {
                if reported.insert(position).inserted, waiting.remove(position) != nil { result.append(position) }
                own |= 4
            }
            forEachParent(of: position) { parent in
                guard flags[Int(parent)] & own != own else { return }
                flags[Int(parent)] |= own
                queue.push(parent, date: date(of: parent))
            }
        }
        return result + waiting.sorted()
    }
}

/// Commits by date, newest first, equal ones in the order of insertion: git's `prio_queue`.
private struct DateQueue {
    private struct Entry {
        let date: Int64
        let order: Int
        let position: Int32

        func precedes(_ other: Entry) -> Bool { date == other.date ? order < other.order : date > other.date }
    }

    private var heap: [Entry] = []
    private var pushed = 0

    mutating func push(_ position: Int32, date: Int64) {
        heap.append(Entry(date: date, order: pushed, position: position))
        pushed += 1
        var child = heap.count - 1
        while child > 0, heap[child].precedes(heap[(child - 1) / 2]) {
            heap.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    mutating func pop() -> Int32? {
        guard let first = heap.first, let last = heap.popLast() else { return nil }
        guard !heap.isEmpty else { return first.position }
        heap[0] = last
        var parent = 0
        while true {
            var best = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count && heap[child].precedes(heap[best]) { best = child }
            guard best != parent else { return first.position }
            heap.swapAt(parent, best)
            parent = best
        }
    }
}
