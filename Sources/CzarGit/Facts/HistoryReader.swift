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

    /// The figures of each branch, in the order of the questions; with `content` also files, lines and the last commit.
    ///
    /// - Throws: ``GitError`` when the repository or its settings cannot be read. What is wrong with one branch, such as a missing object,
    ///   is said in its own ``BranchFigures/problem``.
    /// - Complexity: look-ups for what is remembered; else O(history once) + O(what differs), files and lines on several threads.
    package func figures(of questions: [BranchQuestion], content: Bool = true) throws(GitError) -> [BranchFigures] {
        let repository = try Repository(opening: location)
        return try memory.withLock { (memory) throws(GitError) in
            try memory.figures(of: questions, content: content, repository)
        }
    }

    /// What went wrong with caches and graph files, for a debug log.
    package var diagnostics: [String] { memory.withLock { $0.diagnostics } }
}

/// What a reader remembers.
struct HistoryMemory: Sendable {
    private let location: RepositoryLocation
    private let graphCache: HistoryCache?
    var facts: FactStore
    private var graph: CommitGraph?
    var patches = PatchIndex()

    init(_ location: RepositoryLocation, _ cacheFolder: String?) {
        self.location = location
        graphCache = cacheFolder.map { HistoryCache(folder: $0) }
        facts = FactStore(cacheFolder.map { CacheFolder(path: $0) }, commonDirectory: location.commonDirectory)
    }

    var diagnostics: [String] { facts.diagnostics + (graph?.diagnostics ?? []) }

    mutating func figures(
        of questions: [BranchQuestion], content: Bool, _ repository: borrowing Repository
    ) throws(GitError) -> [BranchFigures] {
        var round = FigureRound(
            questions, overrides: try HistoryOverrides(of: repository).digest, settings: try DiffSettings(of: repository), content: content)
        round.recallHistory(&facts)
        round.recallContent(&facts)
        if !round.unknownHistory.isEmpty || !round.unknownIntegrations.isEmpty {
            let graph = loaded(round.commitsOfUnknown, repository)
            round.answerHistory(graph, &facts)
            // Only now the trees are known whose changes may be remembered.
            round.recallContent(&facts)
        }
        round.answerContent(graph, &patches, &facts, path: location.currentWorktree ?? location.gitDirectory)
        facts.save()
        return round.figures
    }

    /// A graph that knows these commits, but for those that cannot be read.
    private mutating func loaded(_ tips: [ObjectID], _ repository: borrowing Repository) -> CommitGraph? {
        do throws(GitError) {
            if graph == nil {
                graph = try CommitGraph(of: repository, tips: tips, cache: graphCache)
            } else {
                try graph?.extend(with: tips, from: repository)
            }
        } catch {
            loadOneByOne(tips, repository)
        }
        return graph
    }

    /// A missing object makes unknown what reaches it, nothing else.
    private mutating func loadOneByOne(_ tips: [ObjectID], _ repository: borrowing Repository) {
        for tip in tips {
            do throws(GitError) {
                if graph == nil { graph = try CommitGraph(of: repository, tips: []) }
                try graph?.extend(with: [tip], from: repository)
            } catch {
                // Whoever asks about this commit is told that it is not loaded.
                continue
            }
        }
    }
}
