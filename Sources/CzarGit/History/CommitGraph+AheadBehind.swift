/// How far two tips are apart.
public struct AheadBehind: Hashable, Sendable {
    /// Commits reachable from the tip and not from the base.
    public var ahead: Int
    /// Commits reachable from the base and not from the tip.
    public var behind: Int

    /// A pair of counts.
    public init(ahead: Int, behind: Int) { (self.ahead, self.behind) = (ahead, behind) }
}

extension CommitGraph {
    /// `git rev-list --left-right --count tip...base`.
    ///
    /// - Complexity: O(commits above the level where both sides have met).
    public func aheadBehind(of tip: ObjectID, against base: ObjectID) throws(GitError) -> AheadBehind {
        try aheadBehind(of: [tip], against: base)[0]
    }

    /// The same for many tips against one base, in one walk for each 256 tips.
    ///
    /// Together with ``total(of:)`` of the base it gives every tip's total: total(base) − behind + ahead.
    ///
    /// - Complexity: O(commits that not all share + the sum of all counts).
    public func aheadBehind(of tips: [ObjectID], against base: ObjectID) throws(GitError) -> [AheadBehind] {
        let base = try position(of: base)
        var positions: [Int32] = []
        for tip in tips { positions.append(try position(of: tip)) }
        var result: [AheadBehind] = []
        result.reserveCapacity(tips.count)
        for start in stride(from: 0, to: positions.count, by: 256) {
            let some = positions[start..<min(start + 256, positions.count)]
            withLinks { links in
                var walk = AheadBehindWalk(self, links, tips: some)
                result.append(contentsOf: walk.run(from: base))
            }
        }
        return result
    }
}

/// One walk from a base and up to 256 tips: every visited commit carries a bit for each tip that reaches it, and one for the base.
private struct AheadBehindWalk: ~Copyable {
    private let links: Links
    private let tips: ArraySlice<Int32>
    /// Words of bits a commit has; the base's bit follows the tips' bits.
    private let width: Int
    private let full: UnsafeMutablePointer<UInt64>
    /// The bits of the commit that is being looked at.
    private let own: UnsafeMutablePointer<UInt64>
    private let counts: UnsafeMutablePointer<AheadBehind>
    /// Each visited commit's place in `bits`.
    private let slots: UnsafeMutablePointer<Int32>
    private var bits: UnsafeMutablePointer<UInt64>
    private var used = 0
    private var capacity = 4096
    private var queue: LevelQueue
    /// Queued commits that not everybody reaches. Where none is left, all that follows is common.
    private var unshared = 0

    init(_ graph: borrowing CommitGraph, _ links: Links, tips: ArraySlice<Int32>) {
        (self.links, self.tips) = (links, tips)
        width = tips.count / 64 + 1
        full = .allocate(capacity: width)
        for word in 0..<width {
            let used = min(64, tips.count + 1 - word * 64)
            full[word] = used >= 64 ? .max : (1 << UInt64(used)) - 1
        }
        own = .allocate(capacity: width)
        own.initialize(repeating: 0, count: width)
        counts = .allocate(capacity: tips.count)
        counts.initialize(repeating: AheadBehind(ahead: 0, behind: 0), count: tips.count)
        slots = .allocate(capacity: graph.count)
        slots.initialize(repeating: -1, count: graph.count)
        bits = .allocate(capacity: capacity * width)
        queue = LevelQueue(graph)
    }

    deinit {
        full.deallocate()
        own.deallocate()
        counts.deallocate()
        slots.deallocate()
        bits.deallocate()
    }

    mutating func run(from base: Int32) -> [AheadBehind] {
        for (number, tip) in zip(0..., tips) { start(tip, number) }
        start(base, tips.count)
        while unshared > 0, let position = queue.pop() {
            own.update(from: bits + Int(slots[Int(position)]) * width, count: width)
            let isShared = isFull(own)
            if !isShared {
                unshared -= 1
                count()
            }
            links.forEachParent(of: position) { reach($0, shared: isShared) }
        }
        return Array(UnsafeBufferPointer(start: counts, count: tips.count))
    }

    private mutating func start(_ position: Int32, _ number: Int) {
        own.update(repeating: 0, count: width)
        own[number >> 6] = 1 << UInt64(number & 63)
        reach(position, shared: isFull(own))
    }

    @inline(__always)
    private func isFull(_ words: UnsafeMutablePointer<UInt64>) -> Bool {
        for word in 0..<width where words[word] != full[word] { return false }
        return true
    }

    @inline(__always)
    private func count() {
        let byBase = own[tips.count >> 6] & (1 << UInt64(tips.count & 63)) != 0
        for word in 0..<width {
            var left = byBase ? full[word] & ~own[word] : own[word]
            while left != 0 {
                let number = word << 6 + left.trailingZeroBitCount
                if byBase { counts[number].behind += 1 } else { counts[number].ahead += 1 }
                left &= left - 1
            }
        }
    }

    @inline(__always)
    private mutating func reach(_ position: Int32, shared: Bool) {
        let slot = slots[Int(position)]
        guard slot >= 0 else { return add(position, shared: shared) }
        let words = bits + Int(slot) * width
        var (wasFull, nowFull) = (true, true)
        for word in 0..<width {
            let before = words[word]
            let after = before | own[word]
            if before != full[word] { wasFull = false }
            if after != full[word] { nowFull = false }
            words[word] = after
        }
        if nowFull, !wasFull { unshared -= 1 }
    }

    private mutating func add(_ position: Int32, shared: Bool) {
        if used == capacity { grow() }
        (bits + used * width).initialize(from: own, count: width)
        slots[Int(position)] = Int32(used)
        used += 1
        queue.push(position, level: links.level(position))
        if !shared { unshared += 1 }
    }

    private mutating func grow() {
        let larger = UnsafeMutablePointer<UInt64>.allocate(capacity: capacity * 2 * width)
        larger.moveInitialize(from: bits, count: used * width)
        bits.deallocate()
        (bits, capacity) = (larger, capacity * 2)
    }
}
