/// Finds the position of a commit that no graph file has: a hash table of positions, 8 bytes a commit.
struct CommitIndex: Sendable {
    private(set) var ids: ContiguousArray<ObjectID> = []
    private var slots: ContiguousArray<Int32> = ContiguousArray(repeating: -1, count: 64)

    var count: Int { ids.count }

    /// The number of `id` in the order of insertion.
    func number(of id: ObjectID) -> Int? {
        let number = slots[slot(of: id)]
        return number < 0 ? nil : Int(number)
    }

    /// Makes room for that many more, and no more than that.
    mutating func reserve(_ more: Int) { ids.reserveCapacity(ids.count + more) }

    /// Adds an id that is not in the table and returns its number.
    mutating func append(_ id: ObjectID) -> Int {
        if (ids.count + 1) * 4 > slots.count * 3 { grow() }
        slots[slot(of: id)] = Int32(ids.count)
        ids.append(id)
        return ids.count - 1
    }

    /// The slot that holds `id`, or the free one where it belongs. Ids are hashes already: their second word spreads evenly.
    private func slot(of id: ObjectID) -> Int {
        let mask = slots.count - 1
        var slot = Int(truncatingIfNeeded: id.second) & mask
        while slots[slot] >= 0, ids[Int(slots[slot])] != id { slot = (slot + 1) & mask }
        return slot
    }

    private mutating func grow() {
        slots = ContiguousArray(repeating: -1, count: slots.count * 2)
        for (number, id) in ids.enumerated() { slots[slot(of: id)] = Int32(number) }
    }
}
