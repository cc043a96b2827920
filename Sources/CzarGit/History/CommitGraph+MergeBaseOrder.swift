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

    /// The order in which git's walk meets the given merge bases: by commit date, or by corrected date where its commit-graph has them.
    ///
    /// Only equal dates need it: git breaks the tie by the moment of insertion.
    private func foundByDate(_ bases: [Int32], _ left: Int32, _ right: Int32) -> [Int32] {
        var waiting = Set(bases)
        var flags = ContiguousArray<UInt8>(repeating: 0, count: count)
        var queue = DateQueue()
        (flags[Int(left)], flags[Int(right)]) = (1, 2)
        queue.push(left, rank(left))
        queue.push(right, rank(right))
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
                queue.push(parent, rank(parent))
            }
        }
        return result + waiting.sorted()
    }
}

extension CommitGraph {
    /// What git's queue compares, source: `compare_commits_by_gen_then_commit_date`.
    private func rank(_ position: Int32) -> DateQueue.Rank {
        let date = date(of: position)
        guard let correctedDates else { return DateQueue.Rank(generation: 0, date: date) }
        // What no graph file of git's has comes before all that it has.
        guard let place = correctedDates.position(of: id(of: position)) else { return DateQueue.Rank(generation: .max, date: date) }
        let (layer, index) = correctedDates.locate(place)
        return DateQueue.Rank(generation: layer.correctedDate(index) ?? .max, date: date)
    }
}

/// Commits by date, newest first, equal ones in the order of insertion: git's `prio_queue`.
private struct DateQueue {
    struct Rank: Equatable {
        let generation: Int64
        let date: Int64

        func isNewer(than other: Rank) -> Bool { generation == other.generation ? date > other.date : generation > other.generation }
    }

    private struct Entry {
        let rank: Rank
        let order: Int
        let position: Int32

        func precedes(_ other: Entry) -> Bool { rank == other.rank ? order < other.order : rank.isNewer(than: other.rank) }
    }

    private var heap: [Entry] = []
    private var pushed = 0

    mutating func push(_ position: Int32, _ rank: Rank) {
        heap.append(Entry(rank: rank, order: pushed, position: position))
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
