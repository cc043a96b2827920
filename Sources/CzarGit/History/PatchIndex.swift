import CLibgit2

/// What is known about the changes of commits, kept between questions: a squash far back on the target is found without reading every
/// change again.
///
/// A commit's change never changes, so entries are never stale. Only its root trees are read at first; the changed paths where those
/// differ by the same names, and the lines only where the paths are the same.
package struct PatchIndex: Sendable {
    private var pathKeys: [PathQuestion: UInt64] = [:]
    private var targets: [ObjectID: Target] = [:]
    private var digests: [Change: PatchDigest] = [:]

    private struct Trees: Hashable {
        let before: ObjectID?
        let after: ObjectID?
    }

    private struct PathQuestion: Hashable {
        let trees: Trees
        let depth: ChangedPaths.Depth
    }

    private struct Change: Hashable {
        let trees: Trees
        let contextLines: UInt32
    }

    /// The non-merge commits of one target tip by what they change at the root: below it few have to be looked at.
    private struct Target {
        var indexed: Set<ObjectID> = []
        var byRootNames: [UInt64: [ObjectID]] = [:]
        /// Tips beyond which everything is indexed.
        var complete: Set<ObjectID> = []
    }

    /// One question, which has one answer as long as the overrides stay.
    struct Question: Hashable {
        let tip: ObjectID
        let target: ObjectID
        let fork: ObjectID?
    }

    private var answers: [Question: Integration] = [:]
    private var overrides = HistoryOverrides()
    /// What other processes have found out, and what was found out here since ``takeLearned()``.
    private var known: FactFile?
    private var settings: ObjectID?
    private var learned: [FactKey: [UInt8]] = [:]

    /// An index that knows nothing yet.
    package init() {}

    /// Forgets what only other targets than these needed.
    package mutating func keep(targets kept: Set<ObjectID>) {
        targets = targets.filter { kept.contains($0.key) }
        answers = answers.filter { kept.contains($0.key.target) }
    }

    /// Forgets what other grafts, replacements and boundaries than these made true.
    mutating func use(_ current: HistoryOverrides) {
        guard current != overrides else { return }
        (targets, answers, overrides) = ([:], [:], current)
    }

    /// Looks up in `file` what it does not know. Lines are compared as `settings` say: with others, what they gave is forgotten.
    mutating func use(_ file: FactFile?, settings current: ObjectID) {
        known = file
        if settings != nil, settings != current { (answers, digests) = ([:], [:]) }
        settings = current
    }

    /// Hands out what was found out since the last time; nothing where no settings were given.
    mutating func takeLearned() -> [FactKey: [UInt8]] {
        defer { learned = [:] }
        return learned
    }

    subscript(question: Question) -> Integration? {
        get { answers[question] }
        set { answers[question] = newValue }
    }

    /// The non-merge commits of `target` that `excluded` does not reach and that change the same paths as `after` does to `before`.
    mutating func candidates(
        from before: ObjectID?, to after: ObjectID?, in target: ObjectID, excluding excluded: ObjectID, _ graph: CommitGraph,
        _ paths: inout ChangedPaths
    ) throws(GitError) -> [ObjectID] {
        if targets[target]?.complete.contains(excluded) != true {
            try index(Range(target: target, excluded: excluded, completeFor: [excluded]), graph, &paths)
        }
        let rootNames = try pathKey(.root, from: before, to: after, &paths)
        guard rootNames != ChangedPaths.none, let similar = targets[target]?.byRootNames[rootNames] else { return [] }
        let wanted = try pathKey(.whole, from: before, to: after, &paths)
        guard wanted != ChangedPaths.none else { return [] }
        var result: [ObjectID] = []
        for commit in similar where try !graph.isAncestor(commit, of: excluded) {
            if try pathKey(.whole, of: commit, graph, &paths) == wanted { result.append(commit) }
        }
        return result
    }

    /// Commits of a target that are indexed together.
    struct Range: Sendable {
        let target: ObjectID
        /// What it reaches is left out.
        let excluded: ObjectID
        /// For these tips that is all there is.
        let completeFor: [ObjectID]
        /// Whether what was left out is the target's earlier tip: all that is known of it holds of the target too.
        var goesOn = false
    }

    /// What came since an earlier tip of a target was indexed; nil where none was, or the target is indexed itself.
    ///
    /// - Complexity: O(commits since then), for each target that is known.
    func news(of target: ObjectID, _ graph: CommitGraph) throws(GitError) -> Range? {
        guard targets[target] == nil else { return nil }
        var best: (tip: ObjectID, count: Int)?
        for (tip, entry) in targets where entry.indexed.count > best?.count ?? 0 && graph.contains(tip) {
            if try graph.isAncestor(tip, of: target) { best = (tip, entry.indexed.count) }
        }
        return best.map { Range(target: target, excluded: $0.tip, completeFor: [], goesOn: true) }
    }

    /// Whether there is nothing left to index.
    func covers(_ range: Range) -> Bool { targets[range.target].map { $0.complete.isSuperset(of: range.completeFor) } ?? false }

    /// - Complexity: O(the range's commits) for what ``learnRootNames(of:_:_:)`` has found out, else as many comparisons of trees.
    mutating func index(_ range: Range, _ graph: CommitGraph, _ paths: inout ChangedPaths) throws(GitError) {
        var entry = entry(for: range)
        for commit in try unindexed(range, entry, graph) {
            entry.byRootNames[try pathKey(.root, of: commit, graph, &paths), default: []].append(commit)
            entry.indexed.insert(commit)
        }
        entry.complete.formUnion(range.completeFor)
        targets[range.target] = entry
    }

    /// The commits whose changes ``index(_:_:_:)`` would have to look at.
    func unindexed(_ range: Range, _ graph: CommitGraph) throws(GitError) -> [ObjectID] {
        try unindexed(range, entry(for: range), graph)
    }

    private func entry(for range: Range) -> Target {
        targets[range.target] ?? (range.goesOn ? targets[range.excluded] : nil) ?? Target()
    }

    private func unindexed(_ range: Range, _ entry: Target, _ graph: CommitGraph) throws(GitError) -> [ObjectID] {
        var result: [ObjectID] = []
        for commit in try graph.commits(of: range.target, excluding: [range.excluded]) where !entry.indexed.contains(commit) {
            if try graph.parents(of: commit).count < 2 { result.append(commit) }
        }
        return result
    }

    /// Finds out what a commit changes at the root, to be indexed later: a thread's part of the work.
    mutating func learnRootNames(of commit: ObjectID, _ graph: CommitGraph, _ paths: inout ChangedPaths) throws(GitError) {
        _ = try pathKey(.root, of: commit, graph, &paths)
    }

    /// Takes over what another copy, which a thread worked on, has found out.
    mutating func merge(_ other: PatchIndex) {
        pathKeys.merge(other.pathKeys) { mine, _ in mine }
        digests.merge(other.digests) { mine, _ in mine }
        answers.merge(other.answers) { mine, _ in mine }
        learned.merge(other.learned) { mine, _ in mine }
        // One index is whole by itself; what only the other had is soon made again from the keys.
        targets.merge(other.targets) { mine, theirs in mine.indexed.count >= theirs.indexed.count ? mine : theirs }
    }

    private mutating func pathKey(
        _ depth: ChangedPaths.Depth, of commit: ObjectID, _ graph: CommitGraph, _ paths: inout ChangedPaths
    ) throws(GitError) -> UInt64 {
        let before = try graph.parents(of: commit).first.map { id throws(GitError) in try graph.tree(of: id) }
        return try pathKey(depth, from: before, to: try graph.tree(of: commit), &paths)
    }

    private mutating func pathKey(
        _ depth: ChangedPaths.Depth, from before: ObjectID?, to after: ObjectID?, _ paths: inout ChangedPaths
    ) throws(GitError) -> UInt64 {
        let question = PathQuestion(trees: Trees(before: before, after: after), depth: depth)
        if let known = pathKeys[question] { return known }
        let fact = settings == nil ? nil : FactKey(.changedPaths, [before, after], number: depth.rawValue)
        if let fact, let stored = known?[fact], let number = FactBytes.only(stored) {
            pathKeys[question] = UInt64(bitPattern: Int64(number))
            return UInt64(bitPattern: Int64(number))
        }
        let key = try paths.key(depth, from: before, to: after)
        pathKeys[question] = key
        if let fact { learned[fact] = .fact(number: Int(Int64(bitPattern: key))) }
        return key
    }

    mutating func digest(
        from before: ObjectID?, to after: ObjectID?, contextLines: UInt32 = 3, _ repository: borrowing Repository
    ) throws(GitError) -> PatchDigest {
        let change = Change(trees: Trees(before: before, after: after), contextLines: contextLines)
        if let known = digests[change] { return known }
        let fact = settings.map { FactKey(.patchDigest, [$0, before, after], number: UInt8(clamping: contextLines)) }
        if let fact, let stored = known?[fact], let value = FactBytes.onlyID(stored) {
            digests[change] = PatchDigest(value: value)
            return PatchDigest(value: value)
        }
        let digest = try PatchDigest.of(from: before, to: after, contextLines: contextLines, in: repository)
        digests[change] = digest
        if let fact { learned[fact] = .fact(id: digest.value) }
        return digest
    }
}
