import CLibgit2

/// The commits that are reachable from the tips it was loaded with, as positions with parents and topological levels.
///
/// A value: what it knows never changes but through ``extend(with:from:)``, so copies may be used on any thread at once. Every answer
/// is exact whatever the commits' dates are, because walks follow levels. Commits of git's commit-graph keep their position there and
/// cost 12 bytes; others are read from the object database once and cost about 80 bytes. Questions about a commit that was not loaded
/// throw ``GitError/Code/notFound``.
public struct CommitGraph: Sendable {
    /// Parents as positions; -1 for none. A second parent below -1 names a list in `moreParents`.
    struct Parents: Sendable {
        var first: Int32 = -1
        var second: Int32 = -1
    }

    private(set) var files: GraphFiles
    private(set) var overrides: HistoryOverrides
    /// Git's own graph files where git itself would walk by their corrected dates; ``files`` may be Czar's in their place.
    private(set) var correctedDates: GraphFiles?
    private(set) var parents: ContiguousArray<Parents> = []
    private(set) var levels: ContiguousArray<UInt32> = []
    private(set) var highestLevel = 0
    /// For each octopus merge the number of its parents from the second on, then these parents. Never empty, so that it has an address.
    private var moreParents: ContiguousArray<Int32> = [0]
    private var added = CommitIndex()
    private var addedFacts: ContiguousArray<CommitFacts> = []
    /// The ancestors of bases, by the base's position: what many questions share is kept while the base stays, or moves forward.
    private var baseAncestors: [Int32: Bitset] = [:]

    /// One line for each commit-graph file, or line of grafts, that exists and was not used, for a debug log.
    public var diagnostics: [String] { files.diagnostics + overrides.diagnostics }

    /// The number of commits that are known, reachable or not.
    public var count: Int { parents.count }

    /// How many of them were read from the object database, because no graph file has them.
    public var countRead: Int { added.count }

    /// Loads the history of `tips`, which are commits (not tags).
    ///
    /// Where git's commit-graph lacks a tip, or git may not use it (`core.commitGraph`), the one in `cache` is used if it has more, and
    /// written when much had to be read.
    ///
    /// - Throws: ``GitError`` when a commit is missing or damaged, or when grafts or replace refs close a circle.
    /// - Complexity: O(commits of the graph file + commits that it lacks).
    public init(of repository: borrowing Repository, tips: [ObjectID], cache: HistoryCache? = nil) throws(GitError) {
        try self.init(of: repository, tips: tips, cache: cache, opened: nil)
    }

    /// A graph without commits, for tips to come, that uses no files because of what was found out about them.
    init(of repository: borrowing Repository, withoutFilesBecause reason: String) throws(GitError) {
        try self.init(of: repository, tips: [], cache: nil, opened: nil, usesFiles: false)
        files.note("commit-graph not used: \(reason)")
    }

    /// `opened`: git's graph files, where somebody has opened them already; used only where git may use them.
    init(
        of repository: borrowing Repository, tips: [ObjectID], cache: HistoryCache?, opened: Ahead<Result<GraphFiles, GitError>>?,
        usesFiles: Bool = true
    ) throws(GitError) {
        overrides = try HistoryOverrides(of: repository)
        let isOff = try repository.configuration().flag("core.commitgraph") == false
        if !overrides.isEmpty || isOff || !usesFiles {
            files = GraphFiles()
        } else if let opened {
            files = try opened.value.get()
        } else {
            files = GraphFiles(objectFolders: try ObjectFolders.all(of: repository))
        }
        let version = try repository.configuration().number("commitgraph.generationversion") ?? 2
        correctedDates = files.hasCorrectedDates && version > 1 ? files : nil
        let path = overrides.isEmpty ? cache?.path(for: repository) : nil
        if let path, tips.contains(where: { [files] in files.position(of: $0) == nil }) { files.useCached(path) }
        adoptFiles()
        try addCommits(of: tips, from: repository)
        if let cache, let path { keep(in: cache, at: path) }
    }

    /// Writes the cache when at least a thousand commits, and a tenth of what it has, had to be read. A failure costs only time later.
    private mutating func keep(in cache: HistoryCache, at path: String) {
        guard countRead >= 1000, countRead * 10 >= files.count, let bytes = GraphFileWriter(self).bytes() else { return }
        do {
            try cache.store(bytes, at: path)
        } catch {
            files.note("\(error)")
        }
    }

    /// Learns the history of more tips; only commits that are not known yet are read.
    ///
    /// Where shallow boundaries, grafts or replace refs have changed since, everything is loaded anew.
    ///
    /// - Throws: ``GitError`` as ``init(of:tips:)``; the graph is then as it was.
    public mutating func extend(with tips: [ObjectID], from repository: borrowing Repository) throws(GitError) {
        guard try HistoryOverrides(of: repository) == overrides else {
            self = try CommitGraph(of: repository, tips: tips)
            return
        }
        guard !overrides.isEmpty else { return try addCommits(of: tips, from: repository) }
        // Only grafts and replace refs can close a circle, which is noticed late.
        var copy = self
        try copy.addCommits(of: tips, from: repository)
        self = copy
    }

    /// Keeps the ancestors of these bases, sixteen at most, and of no others, for the next questions.
    ///
    /// - Complexity: O(new commits) for a base that moved forward, O(ancestors) for another one.
    mutating func keepAncestors(ofBases bases: [ObjectID]) {
        var next: [Int32: Bitset] = [:]
        for base in bases.prefix(16) {
            guard let base = find(base) else { continue }
            next[base] = baseAncestors[base] ?? movedForward(to: base) ?? ancestors(of: [base])
        }
        baseAncestors = next
    }

    /// The ancestors of a base, kept or not.
    func ancestors(ofBase base: Int32) -> Bitset { baseAncestors[base] ?? ancestors(of: [base]) }

    /// The ancestors of a base that contains one whose ancestors are known.
    private func movedForward(to base: Int32) -> Bitset? {
        for (old, known) in baseAncestors {
            let new = commits(of: base, outside: known)
            var reachesOld = false
            for position in new { forEachParent(of: position) { if $0 == old { reachesOld = true } } }
            guard reachesOld else { continue }
            var result = Bitset(known, capacity: count)
            for position in new { _ = result.insert(position) }
            return result
        }
        return nil
    }

    /// Whether the commit's history is loaded.
    public func contains(_ id: ObjectID) -> Bool { find(id) != nil }

    /// The commit's tree.
    public func tree(of id: ObjectID) throws(GitError) -> ObjectID {
        tree(at: try position(of: id))
    }

    /// The commit's parents as git sees them.
    public func parents(of id: ObjectID) throws(GitError) -> [ObjectID] {
        var result: [ObjectID] = []
        forEachParent(of: try position(of: id)) { result.append(self.id(of: $0)) }
        return result
    }

    // MARK: Positions

    func find(_ id: ObjectID) -> Int32? {
        if let number = added.number(of: id) { return Int32(files.count + number) }
        return files.position(of: id).map { Int32($0) }
    }

    func position(of id: ObjectID) throws(GitError) -> Int32 {
        guard let position = find(id) else { throw notLoaded(id) }
        return position
    }

    func notLoaded(_ id: ObjectID) -> GitError {
        GitError(code: .notFound, operation: "look up the history of", subject: id.hex, message: "the commit was not loaded")
    }

    func id(of position: Int32) -> ObjectID {
        guard Int(position) >= files.count else {
            let (layer, index) = files.locate(Int(position))
            return layer.id(index)
        }
        return added.ids[Int(position) - files.count]
    }

    func tree(at position: Int32) -> ObjectID {
        guard Int(position) >= files.count else {
            let (layer, index) = files.locate(Int(position))
            return layer.tree(index)
        }
        return addedFacts[Int(position) - files.count].tree
    }

    /// Committer time in seconds since 1970.
    func date(of position: Int32) -> Int64 {
        guard Int(position) >= files.count else {
            let (layer, index) = files.locate(Int(position))
            return layer.date(index)
        }
        return addedFacts[Int(position) - files.count].date
    }

    @inline(__always)
    func forEachParent(of position: Int32, _ body: (Int32) -> Void) {
        let pair = parents[Int(position)]
        guard pair.first >= 0 else { return }
        body(pair.first)
        guard pair.second != -1 else { return }
        if pair.second >= 0 { body(pair.second) } else { forEachFurtherParent(Int(-2 - pair.second), body) }
    }

    private func forEachFurtherParent(_ start: Int, _ body: (Int32) -> Void) {
        for index in start + 1...start + Int(moreParents[start]) { body(moreParents[index]) }
    }

    /// Lends the arrays as plain memory to a walk.
    @inline(__always)
    func withLinks<Result>(_ body: (Links) -> Result) -> Result {
        parents.withUnsafeBufferPointer { parents in
            levels.withUnsafeBufferPointer { levels in
                moreParents.withUnsafeBufferPointer { more in
                    guard let parents = parents.baseAddress, let levels = levels.baseAddress, let more = more.baseAddress else {
                        preconditionFailure("a position exists only in a graph with commits")
                    }
                    return body(Links(parents: parents, more: more, levels: levels))
                }
            }
        }
    }

    // MARK: Loading

    /// Decodes the graph files; where one contradicts itself, none is used.
    private mutating func adoptFiles() {
        parents.reserveCapacity(files.count)
        levels.reserveCapacity(files.count)
        for layer in files.layers {
            for index in 0..<layer.count {
                guard let pair = pair(of: index, in: layer) else { return forgetFiles("a commit has an impossible parent") }
                parents.append(pair)
                levels.append(layer.level(index))
            }
        }
        guard fileLevelsAreRight() else { return forgetFiles("its generation numbers are wrong") }
        highestLevel = Int(levels.max() ?? 0)
    }

    private mutating func forgetFiles(_ reason: String) {
        files.discard(because: reason)
        (parents, levels, moreParents) = ([], [], [0])
    }

    private mutating func pair(of index: Int, in layer: GraphFile) -> Parents? {
        let limit = UInt32(files.count)
        let (first, second) = (layer.firstParent(index), layer.secondParent(index))
        guard first != GraphFile.noParent else { return second == GraphFile.noParent ? Parents() : nil }
        guard first < limit else { return nil }
        if second == GraphFile.noParent { return Parents(first: Int32(first)) }
        guard second & 0x8000_0000 != 0 else { return second < limit ? Parents(first: Int32(first), second: Int32(second)) : nil }
        guard let more = layer.octopusParents(second), more.allSatisfy({ $0 < limit }) else { return nil }
        return Parents(first: Int32(first), second: keep(more.map { Int32($0) }))
    }

    private mutating func keep(_ more: [Int32]) -> Int32 {
        defer {
            moreParents.append(Int32(more.count))
            moreParents.append(contentsOf: more)
        }
        return -2 - Int32(moreParents.count)
    }

    /// Every level is one more than the highest of the parents': this also proves that the files hold no circle.
    private func fileLevelsAreRight() -> Bool {
        for position in 0..<Int32(files.count) {
            var highest: UInt32 = 0
            forEachParent(of: position) { highest = max(highest, levels[Int($0)]) }
            guard levels[Int(position)] == highest + 1 else { return false }
        }
        return true
    }

    /// Reads every commit that is reachable from `tips` and not known, then links and levels them. Nothing changes where one is missing.
    private mutating func addCommits(of tips: [ObjectID], from repository: borrowing Repository) throws(GitError) {
        var pending = tips.filter { find($0) == nil }
        guard !pending.isEmpty else { return }
        var found = FoundCommits()
        let reader = try CommitReader(repository, overrides: overrides)
        var batch: CommitBatch?
        while let id = pending.popLast() {
            guard find(id) == nil, !found.contains(id) else { continue }
            if batch == nil, found.count >= Self.manyCommits { batch = try readPacked(from: repository) }
            let commit = if let read = batch?[id] { read } else { try reader.commit(id) }
            found.append(id, commit)
            for parent in commit.parents.reversed() { pending.append(parent) }
        }
        let first = files.count + added.count
        // Arrays that grow by themselves double: a long history would hold twice what it needs. A few new commits may grow them.
        if found.count >= Self.manyCommits { reserve(found.count) }
        for id in found.ids { _ = added.append(id) }
        addedFacts.append(contentsOf: found.facts)
        try link(found, from: first)
    }

    private mutating func reserve(_ more: Int) {
        added.reserve(more)
        addedFacts.reserveCapacity(addedFacts.count + more)
        parents.reserveCapacity(parents.count + more)
        levels.reserveCapacity(levels.count + more)
    }

    /// After so many commits one by one, the packs' other commits are read together.
    private static let manyCommits = 2000

    private func readPacked(from repository: borrowing Repository) throws(GitError) -> CommitBatch {
        let packs = try PackFile.all(of: repository)
        let unknown = PackListing.commits(in: packs).filter { find($0.id) == nil }
        return CommitBatch(reading: unknown, in: packs, overrides: overrides)
    }

    private mutating func link(_ found: FoundCommits, from first: Int) throws(GitError) {
        var positions: [Int32] = []
        for number in 0..<found.count {
            positions.removeAll(keepingCapacity: true)
            for id in found.parents(number) { positions.append(try position(of: id)) }
            switch positions.count {
            case 0: parents.append(Parents())
            case 1: parents.append(Parents(first: positions[0]))
            case 2: parents.append(Parents(first: positions[0], second: positions[1]))
            default: parents.append(Parents(first: positions[0], second: keep(Array(positions.dropFirst()))))
            }
            levels.append(0)
        }
        try computeLevels(from: first)
    }

    /// Levels of the positions from `first` on, by a depth-first walk without recursion: 0 is unknown, `open` is on the path.
    private mutating func computeLevels(from first: Int) throws(GitError) {
        let open = UInt32.max
        for start in first..<parents.count where levels[start] == 0 {
            var stack = [Int32(start)]
            while let top = stack.last {
                levels[Int(top)] = open
                var (highest, waiting, circle): (UInt32, Int32?, Bool) = (0, nil, false)
                forEachParent(of: top) { parent in
                    let level = levels[Int(parent)]
                    if level == 0 { waiting = parent } else if level == open { circle = true } else { highest = max(highest, level) }
                }
                guard !circle else { throw circleError(top) }
                if let waiting {
                    stack.append(waiting)
                } else {
                    levels[Int(top)] = highest + 1
                    highestLevel = max(highestLevel, Int(highest) + 1)
                    stack.removeLast()
                }
            }
        }
    }

    private func circleError(_ position: Int32) -> GitError {
        GitError(
            code: .generic, operation: "load the history of", subject: id(of: position).hex,
            message: "grafts or replace refs make the commit its own ancestor; remove one of them")
    }
}

/// What is kept of a commit that no graph file has, beside its parents.
private struct CommitFacts: Sendable {
    let tree: ObjectID
    let date: Int64
}

/// Commits that were read, before they have positions.
private struct FoundCommits {
    private var index = CommitIndex()
    private(set) var facts: ContiguousArray<CommitFacts> = []
    private var parents: ContiguousArray<ObjectID> = []
    private var ends: ContiguousArray<Int> = []

    var count: Int { index.count }
    var ids: ContiguousArray<ObjectID> { index.ids }

    func contains(_ id: ObjectID) -> Bool { index.number(of: id) != nil }

    mutating func append(_ id: ObjectID, _ commit: RawCommit) {
        _ = index.append(id)
        facts.append(CommitFacts(tree: commit.tree, date: commit.date))
        parents.append(contentsOf: commit.parents)
        ends.append(parents.count)
    }

    func parents(_ number: Int) -> ContiguousArray<ObjectID>.SubSequence {
        parents[(number == 0 ? 0 : ends[number - 1])..<ends[number]]
    }
}
