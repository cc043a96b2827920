import Synchronization

/// Answers what objects say about branches, and remembers: in memory for its own next question, in the user's cache folder for the
/// next process.
///
/// Everything remembered is named by all that it depends on, so it is never stale. The commit graph is loaded only when something is
/// not remembered; a long-lived reader then keeps it, and a moved tip costs its new commits. May be used on any thread; one question
/// at a time is inside. It reads only: nothing is ever written in the repository.
package final class HistoryReader: Sendable {
    private let location: RepositoryLocation
    private let memory: Mutex<HistoryMemory>

    /// Keeps what it finds out below `cacheFolder`, such as `~/.cache/czar`; nil keeps nothing for other processes.
    package init(_ location: RepositoryLocation, cacheFolder: String?) {
        self.location = location
        memory = Mutex(HistoryMemory(location, cacheFolder))
    }

    /// For who will ask, and has something else to do until then: begins with what takes time where nothing is remembered.
    package func openAhead() { memory.withLock { $0.openAhead() } }

    /// The figures of each branch, in the order of the questions; with `content` also files, lines, tests and the last commit.
    ///
    /// - Throws: ``GitError`` when the repository or its settings cannot be read. What is wrong with one branch, such as a missing object,
    ///   is said in its own ``BranchFigures/problem``.
    /// - Complexity: look-ups for what is remembered; else O(history once) + O(what differs), files and lines on several threads.
    package func figures(
        of questions: [BranchQuestion], content: Bool = true, tests: TestPatterns = .builtIn
    ) throws(GitError) -> [BranchFigures] {
        let repository = try Repository(opening: location)
        return try memory.withLock { (memory) throws(GitError) in
            try memory.figures(of: questions, content: content, tests: tests, repository)
        }
    }

    /// How many commits the branches have of their own, each counted once however many branches hold it.
    ///
    /// - Returns: nil when some history cannot be read.
    /// - Complexity: a look-up where it is remembered; else O(own commits) beside the history.
    package func distinctOwnCommits(_ branches: [OwnRange]) throws(GitError) -> Int? {
        let repository = try Repository(opening: location)
        return try memory.withLock { (memory) throws(GitError) in try memory.distinctOwnCommits(branches, repository) }
    }

    /// What has to be added up so that each change counts once, however many of the branches hold it.
    ///
    /// `takenOver`: what branches have of each other as other commits. Both ends are tips of `branches`.
    /// - Returns: nil when some history cannot be read.
    /// - Complexity: a look-up where it is remembered; else O(commits of all branches) beside the history.
    package func weights(
        of branches: [OwnRange], takenOver: [TakenOver] = [], hadBefore: [TakenOver] = []
    ) throws(GitError) -> [WeightedTip]? {
        let repository = try Repository(opening: location)
        return try memory.withLock { (memory) throws(GitError) in
            try memory.weights(of: branches, takenOver: takenOver, hadBefore: hadBefore, repository)
        }
    }

    /// Which of these tips the history of each branch's change holds beside its own; nothing where it cannot be read.
    ///
    /// - Complexity: O(own commits of the branches), beside the history.
    package func tips(_ tips: [ObjectID], heldBy branches: [OwnRange]) throws(GitError) -> [TakenOver] {
        let repository = try Repository(opening: location)
        return try memory.withLock { (memory) throws(GitError) in try memory.tips(tips, heldBy: branches, repository) }
    }

    /// The commit that each branch's change is counted from: its merge base with what it is compared with. Nil where there is none, or it
    /// cannot be read.
    ///
    /// - Complexity: O(commits above the level where the two have met), beside the history.
    package func mergeBases(of ranges: [OwnRange]) throws(GitError) -> [ObjectID?] {
        let repository = try Repository(opening: location)
        return try memory.withLock { (memory) throws(GitError) in try memory.mergeBases(of: ranges, repository) }
    }

    /// How many commits are new since the branches were where they were before.
    ///
    /// - Returns: nil when some history cannot be read.
    /// - Complexity: as for ``distinctOwnCommits(_:)``.
    package func newCommits(_ branches: [GrownBranch]) throws(GitError) -> NewCommits? {
        let repository = try Repository(opening: location)
        return try memory.withLock { (memory) throws(GitError) in try memory.newCommits(branches, repository) }
    }

    /// After each step, how many commits the branches had of their own, each counted once however many branches held it.
    ///
    /// - Returns: a count a step; nil when some history cannot be read.
    /// - Complexity: a look-up where it is remembered; else O(own commits of each step) beside the history.
    package func distinctOwnCommits(after steps: [BranchStep]) throws(GitError) -> [Int]? {
        let repository = try Repository(opening: location)
        return try memory.withLock { (memory) throws(GitError) in try memory.distinctOwnCommits(after: steps, repository) }
    }

    /// What a branch changes, and by which commits of its own.
    ///
    /// - Throws: ``GitError`` when a commit that it depends on cannot be read, or the question names no base.
    /// - Complexity: O(history once), unless this reader knows it already.
    package func change(of question: BranchQuestion) throws(GitError) -> BranchChange {
        let repository = try Repository(opening: location)
        return try memory.withLock { (memory) throws(GitError) in try memory.change(of: question, repository) }
    }

    /// What went wrong with caches and graph files, for a debug log.
    package var diagnostics: [String] { memory.withLock { $0.diagnostics } }
}

/// The ends of a branch's own commits (SPEC section 1).
package struct OwnRange: Hashable, Sendable {
    package let tip: ObjectID
    package let comparisonBase: ObjectID?
    package let forkPoint: ObjectID?

    package init(tip: ObjectID, comparisonBase: ObjectID?, forkPoint: ObjectID?) {
        (self.tip, self.comparisonBase, self.forkPoint) = (tip, comparisonBase, forkPoint)
    }

    package var excluded: [ObjectID] { [comparisonBase, forkPoint].compactMap { $0 } }
}

/// What a reader remembers.
struct HistoryMemory: Sendable {
    private let location: RepositoryLocation
    private let graphCache: HistoryCache?
    var facts: FactStore
    private var graph: CommitGraph?
    /// Git's graph files, until the graph is made: checking them takes as long as reading the plan and starting libgit2.
    private var opened: Ahead<Result<GraphFiles, GitError>>?
    var patches = PatchIndex()
    private var lastSave: ContinuousClock.Instant?
    /// Why the history of a commit could not be loaded.
    private var failures: [ObjectID: GitError] = [:]

    init(_ location: RepositoryLocation, _ cacheFolder: String?) {
        self.location = location
        graphCache = cacheFolder.map { HistoryCache(folder: $0) }
        facts = FactStore(cacheFolder.map { CacheFolder(path: $0) }, commonDirectory: location.commonDirectory)
    }

    /// Opens git's graph files on a thread of its own where nothing is remembered.
    mutating func openAhead() {
        guard facts.onDisk == nil, graph == nil, usefulThreads() > 1 else { return }
        opened = Ahead { [folder = location.commonDirectory] in
            do throws(GitError) { return .success(GraphFiles(objectFolders: try ObjectFolders.all(in: folder))) } catch {
                return .failure(error)
            }
        }
    }

    var diagnostics: [String] { facts.diagnostics + (graph?.diagnostics ?? []) }

    mutating func figures(
        of questions: [BranchQuestion], content: Bool, tests: TestPatterns, _ repository: borrowing Repository
    ) throws(GitError) -> [BranchFigures] {
        var round = FigureRound(
            questions, overrides: try HistoryOverrides(of: repository), settings: try DiffSettings(of: repository), tests: tests,
            content: content)
        round.recallHistory(&facts)
        round.recallContent(&facts)
        answer(&round, repository)
        if let commit = try graph?.commitMisnamed(byFilesAs: round.missing, in: repository) {
            graph = try CommitGraph(of: repository, withoutFilesBecause: "it gives the commit \(commit) another tree than its own")
            patches = PatchIndex()
            round = round.startedAnew()
            answer(&round, repository)
        }
        saveFromTimeToTime()
        return round.figures
    }

    private mutating func answer(_ round: inout FigureRound, _ repository: borrowing Repository) {
        if !round.unknownHistory.isEmpty || !round.unknownIntegrations.isEmpty {
            let graph = loaded(round.commitsOfUnknown, bases: round.basesAndTargets, repository)
            round.answerHistory(graph, failures, &facts)
            // Only now the trees are known whose changes may be remembered.
            round.recallContent(&facts)
        }
        round.answerContent(graph, &patches, &facts, in: repository, path: location.currentWorktree ?? location.gitDirectory)
    }

    mutating func distinctOwnCommits(_ branches: [OwnRange], _ repository: borrowing Repository) throws(GitError) -> Int? {
        let parts = branches.map { [$0.tip] + $0.excluded }.sorted { $0.lexicographicallyPrecedes($1) }
        let key = FactKey(.distinctCommits, [try HistoryOverrides(of: repository).digest] + parts.flatMap { $0.map(Optional.some) + [nil] })
        if let known = facts.value(key).flatMap({ FactBytes.only($0) }) { return known }
        guard let graph = loaded(Set(parts.joined()).sorted(), bases: nil, repository) else { return nil }
        var distinct: Set<ObjectID> = []
        do throws(GitError) {
            for branch in branches { distinct.formUnion(try graph.commits(of: branch.tip, excluding: branch.excluded)) }
        } catch {
            return nil
        }
        facts.keep(.fact(number: distinct.count), for: key)
        facts.save()
        return distinct.count
    }

    mutating func change(of question: BranchQuestion, _ repository: borrowing Repository) throws(GitError) -> BranchChange {
        let commits = [question.tip, question.base, question.forkPoint].compactMap { $0 }
        guard let base = question.base, let graph = loaded(commits, bases: nil, repository) else {
            throw GitError(code: .notFound, operation: "compare", subject: question.tip.hex, message: "there is no base to compare it with")
        }
        let figures = try graph.figures(of: [FleetTip(question)], against: base)[0].get()
        let own =
            question.hasOwnCommits(against: figures.comparisonBase)
            ? try graph.ownCommits(of: question.tip, comparisonBase: figures.comparisonBase, forkPoint: question.forkPoint) : []
        return BranchChange(from: figures.fromTree, to: figures.toTree, commits: own)
    }

    /// A command asks once, and what it found out is written. A daemon asks at every move: it writes at most every few seconds.
    private mutating func saveFromTimeToTime() {
        guard lastSave.map({ $0.duration(to: .now) > .seconds(5) }) ?? true else { return }
        facts.save()
        lastSave = .now
    }

    /// A graph that knows these commits and keeps what the bases' questions share, but for those that cannot be read.
    mutating func loaded(_ tips: [ObjectID], bases: [ObjectID]?, _ repository: borrowing Repository) -> CommitGraph? {
        failures = [:]
        do throws(GitError) {
            if graph == nil {
                let files = opened
                opened = nil
                graph = try CommitGraph(of: repository, tips: tips, cache: graphCache, opened: files)
            } else {
                try graph?.extend(with: tips, from: repository)
            }
        } catch {
            loadOneByOne(tips, repository)
        }
        if let bases { graph?.keepAncestors(ofBases: bases) }
        return graph
    }

    /// A missing object makes unknown what reaches it, nothing else.
    private mutating func loadOneByOne(_ tips: [ObjectID], _ repository: borrowing Repository) {
        for tip in tips {
            do throws(GitError) {
                if graph == nil { graph = try CommitGraph(of: repository, tips: []) }
                try graph?.extend(with: [tip], from: repository)
            } catch {
                failures[tip] = error
            }
        }
    }
}
