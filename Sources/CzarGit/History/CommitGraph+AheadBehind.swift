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
            var walk = AheadBehindWalk(self, tips: positions[start..<min(start + 256, positions.count)])
            result.append(contentsOf: walk.run(from: base))
        }
        return result
    }
}

/// One walk from a base and up to 256 tips: every visited commit carries a bit for each tip that reaches it, and one for the base.
private struct AheadBehindWalk {
    private let graph: CommitGraph
    private let tips: ArraySlice<Int32>
    /// Words of bits a commit has; the base's bit follows the tips' bits.
    private let width: Int
    private var full: [UInt64]
    private var slots: ContiguousArray<Int32>
    private var bits: ContiguousArray<UInt64> = []
    private var queue: LevelQueue
    /// Queued commits that not everybody reaches. Where none is left, all that follows is common.
    private var unshared = 0
    private var result: [AheadBehind]

    init(_ graph: CommitGraph, tips: ArraySlice<Int32>) {
        (self.graph, self.tips) = (graph, tips)
        width = tips.count / 64 + 1
        full = (0..<width).map { word in
            let used = min(64, tips.count + 1 - word * 64)
            return used >= 64 ? .max : (1 << UInt64(used)) - 1
        }
        slots = ContiguousArray(repeating: -1, count: graph.count)
        queue = LevelQueue(highestLevel: graph.highestLevel)
        result = Array(repeating: AheadBehind(ahead: 0, behind: 0), count: tips.count)
    }

    mutating func run(from base: Int32) -> [AheadBehind] {
        var own = [UInt64](repeating: 0, count: width)
        for (number, tip) in zip(0..., tips) {
            own[number >> 6] = 1 << UInt64(number & 63)
            reach(tip, with: own)
            own[number >> 6] = 0
        }
        own[tips.count >> 6] = 1 << UInt64(tips.count & 63)
        reach(base, with: own)
        while unshared > 0, let position = queue.pop() {
            let start = Int(slots[Int(position)]) * width
            for word in 0..<width { own[word] = bits[start + word] }
            if own != full {
                unshared -= 1
                count(own)
            }
            let graph = self.graph
            graph.forEachParent(of: position) { reach($0, with: own) }
        }
        return result
    }

    private mutating func count(_ own: [UInt64]) {
        let byBase = own[tips.count >> 6] & (1 << UInt64(tips.count & 63)) != 0
        for word in 0..<width {
            var left = byBase ? full[word] & ~own[word] : own[word]
            while left != 0 {
                let number = word << 6 + left.trailingZeroBitCount
                if byBase { result[number].behind += 1 } else { result[number].ahead += 1 }
                left &= left - 1
            }
        }
    }

    private mutating func reach(_ position: Int32, with own: [UInt64]) {
        let slot = slots[Int(position)]
        guard slot >= 0 else {
            slots[Int(position)] = Int32(bits.count / width)
            bits.append(contentsOf: own)
            queue.push(position, level: graph.levels[Int(position)])
            if own != full { unshared += 1 }
            return
        }
        let start = Int(slot) * width
        var (wasFull, isFull) = (true, true)
        for word in 0..<width {
            let before = bits[start + word]
            let after = before | own[word]
            if before != full[word] { wasFull = false }
            if after != full[word] { isFull = false }
            bits[start + word] = after
        }
        if isFull, !wasFull { unshared -= 1 }
    }
}
