/// A small generator whose sequence a seed fixes, so that a failing case can be run again.
package struct SeededGenerator: RandomNumberGenerator, Sendable {
    private var state: UInt64

    /// A generator that always gives the same sequence for a seed.
    package init(seed: UInt64) { state = seed }

    /// The next number (SplitMix64).
    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

/// A random commit graph: each commit's parents are earlier commits. Merges, octopuses, criss-crosses, several roots, wild dates.
package struct RandomHistory: Sendable {
    /// The numbers of each commit's parents.
    package let parents: [[Int]]
    /// Each commit's committer time.
    package let dates: [Int]

    /// Whether a commit is older than one of its parents.
    package var isSkewed: Bool { parents.indices.contains { number in parents[number].contains { dates[$0] > dates[number] } } }

    /// Draws a history.
    package init(commits: Int, seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        // Some histories have honest dates, some jitter, some are off by years.
        let skew = [0, 300, 100_000_000].randomElement(using: &random)!
        let width = [2, 5, 12].randomElement(using: &random)!
        var parents: [[Int]] = []
        var dates: [Int] = []
        for number in 0..<commits {
            let wanted = [1, 1, 1, 1, 1, 2, 2, 2, 3, 4, 0].randomElement(using: &random)!
            let recent = max(0, number - width)..<number
            var chosen: [Int] = []
            for _ in 0..<(number == 0 ? 0 : wanted) {
                let parent =
                    Int.random(in: 0..<8, using: &random) == 0
                    ? Int.random(in: 0..<number, using: &random) : recent.randomElement(using: &random)!
                if !chosen.contains(parent) { chosen.append(parent) }
            }
            parents.append(chosen)
            // Pairs of commits share a date, so that ties occur.
            dates.append(1_500_000_000 + number / 2 * 60 + (skew == 0 ? 0 : Int.random(in: -skew...skew, using: &random)))
        }
        (self.parents, self.dates) = (parents, dates)
    }

    /// The commits as a stream for `git fast-import`, on the ref `refs/heads/<prefix>`, with marks from `firstMark` on.
    package func fastImport(prefix: String, firstMark: Int) -> String {
        var out = ""
        for (number, parents) in parents.enumerated() {
            let message = "\(prefix) \(number)"
            // One ref for all: git flushes every loose ref to disk. A commit without parents starts it anew.
            if parents.isEmpty { out += "reset refs/heads/\(prefix)\n\n" }
            out += "commit refs/heads/\(prefix)\nmark :\(firstMark + number)\n"
            out += "committer T <t@example.org> \(dates[number]) +0000\ndata \(message.utf8.count)\n\(message)\n"
            for (index, parent) in parents.enumerated() { out += "\(index == 0 ? "from" : "merge") :\(firstMark + parent)\n" }
            out += "\n"
        }
        return out
    }
}

/// What brute force knows of a history, given by `git rev-list --parents`: the plain reference.
package struct ReferenceHistory: Sendable {
    /// The parents of every commit.
    package let parents: [String: [String]]
    private let ids: [String]
    private let numbers: [String: Int]
    /// For each commit all that it reaches, itself included, as bits: two thousand histories are compared in debug builds.
    private let reached: [[UInt64]]

    /// Parses lines of `<id> <parent>…`.
    package init(revListParents text: String) {
        var parents: [String: [String]] = [:]
        var ids: [String] = []
        for line in text.split(separator: "\n") {
            let words = line.split(separator: " ").map(String.init)
            parents[words[0]] = Array(words.dropFirst())
            ids.append(words[0])
        }
        let numbers = Dictionary(uniqueKeysWithValues: zip(ids, 0...))
        let links = ids.map { parents[$0, default: []].compactMap { numbers[$0] } }
        (self.parents, self.ids, self.numbers, reached) = (parents, ids, numbers, Self.reached(links))
    }

    /// Depth first: a commit's bits are those of its parents, and its own. Dates put no parent reliably after its children.
    private static func reached(_ parents: [[Int]]) -> [[UInt64]] {
        let empty = [UInt64](repeating: 0, count: (parents.count + 63) / 64)
        var result = [[UInt64]?](repeating: nil, count: parents.count)
        for start in parents.indices {
            var stack = [start]
            while let current = stack.last {
                if let open = parents[current].first(where: { result[$0] == nil }) {
                    stack.append(open)
                    continue
                }
                var bits = empty
                for parent in parents[current] { for (word, value) in (result[parent] ?? empty).enumerated() { bits[word] |= value } }
                bits[current >> 6] |= 1 << UInt64(current & 63)
                result[current] = bits
                stack.removeLast()
            }
        }
        return result.map { $0 ?? empty }
    }

    private func names(_ bits: [UInt64]) -> Set<String> {
        var result: Set<String> = []
        for (word, value) in bits.enumerated() {
            var left = value
            while left != 0 {
                result.insert(ids[word << 6 + left.trailingZeroBitCount])
                left &= left - 1
            }
        }
        return result
    }

    /// All that `tip` reaches, itself included.
    package func ancestors(of tip: String) -> Set<String> { numbers[tip].map { names(reached[$0]) } ?? [tip] }

    /// The common ancestors that no other common ancestor reaches.
    package func mergeBases(_ left: String, _ right: String) -> Set<String> {
        guard let left = numbers[left], let right = numbers[right] else { return [] }
        let common = zip(reached[left], reached[right]).map { $0 & $1 }
        var best = common
        for candidate in names(common).compactMap({ numbers[$0] }) {
            for word in best.indices {
                // All that it reaches but itself.
                let own: UInt64 = word == candidate >> 6 ? 1 << UInt64(candidate & 63) : 0
                best[word] &= ~(reached[candidate][word] & ~own)
            }
        }
        return names(best)
    }
}

/// A fixture that could not be made.
package struct HistoryFixtureFailure: Error, CustomStringConvertible {
    /// What went wrong.
    package let description: String
    /// A failure with its reason.
    package init(description: String) { self.description = description }
}
