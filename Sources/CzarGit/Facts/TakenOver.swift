/// A change that a branch has: as other commits (squashed, picked or rebased into it, which no history tells; whoever asks has proven it), or
/// in its history.
package struct TakenOver: Hashable, Sendable {
    /// The tip of the branch that has it.
    package let by: ObjectID
    /// The tip of the branch that it came from.
    package let from: ObjectID

    package init(by: ObjectID, from: ObjectID) { (self.by, self.from) = (by, from) }
}

extension [TakenOver] {
    /// Puts into each place, beside the places that its history holds, those whose changes it has taken over, with all that they hold.
    ///
    /// - Complexity: O(taken-over changes² · places) at most; each is usually one of a few.
    func add(to inside: inout [Int32: Set<Int32>], _ graph: borrowing CommitGraph) throws(GitError) {
        guard !isEmpty else { return }
        var pairs: [(by: Int32, from: Int32)] = []
        for one in self { pairs.append((try graph.position(of: one.by), try graph.position(of: one.from))) }
        var isGrowing = true
        while isGrowing {
            isGrowing = false
            for (by, from) in pairs {
                guard let more = inside[from] else { continue }
                for (place, contents) in inside where contents.contains(by) && !more.isSubset(of: contents) {
                    inside[place] = contents.union(more)
                    isGrowing = true
                }
            }
        }
    }
}

extension HistoryMemory {
    mutating func mergeBases(of ranges: [OwnRange], _ repository: borrowing Repository) throws(GitError) -> [ObjectID?] {
        let commits = ranges.flatMap { [$0.tip, $0.comparisonBase].compactMap { $0 } }
        guard let graph = loaded(Set(commits).sorted(), bases: nil, repository) else { return ranges.map { _ in nil } }
        var found: [ObjectID?] = []
        for range in ranges {
            // What cannot be read has none that is known.
            do throws(GitError) {
                found.append(
                    try range.comparisonBase.flatMap { (base) throws(GitError) in try graph.mergeBaseForDiff(of: base, range.tip) })
            } catch {
                found.append(nil)
            }
        }
        return found
    }

    mutating func tips(
        _ tips: [ObjectID], heldBy branches: [OwnRange], _ repository: borrowing Repository
    ) throws(GitError) -> [TakenOver] {
        let branches = branches.filter { $0.comparisonBase != nil }
        let commits = tips + branches.flatMap { [$0.tip, $0.comparisonBase].compactMap { $0 } }
        guard let graph = loaded(Set(commits).sorted(), bases: nil, repository) else { return [] }
        do throws(GitError) {
            var wanted: [Int32: ObjectID] = [:]
            for tip in tips { wanted[try graph.position(of: tip)] = tip }
            var found: [TakenOver] = []
            for branch in branches {
                let history = try graph.history(of: graph.position(of: branch.tip), branch)
                found += history.compactMap { wanted[$0] }.filter { $0 != branch.tip }.map { TakenOver(by: branch.tip, from: $0) }
            }
            return found
        } catch {
            return []
        }
    }
}
