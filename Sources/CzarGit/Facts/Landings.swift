/// What several threads need to find out whether branches landed: the targets, and an index of their commits that is made once.
struct Landings: Sendable {
    private let graph: CommitGraph
    private var targets: [ObjectID: Result<IntegrationTarget, GitError>] = [:]
    /// With this each thread begins.
    private(set) var patches: PatchIndex

    /// Indexes the targets' commits on all threads. `path`: where the repository is.
    init(_ questions: [BranchQuestion], _ graph: CommitGraph, _ patches: PatchIndex, path: String, packs: Result<SharedPacks, GitError>) {
        (self.graph, self.patches) = (graph, patches)
        self.patches.use(graph.overrides)
        for (id, questions) in Dictionary(grouping: questions, by: \.target) {
            guard let id else { continue }
            do throws(GitError) {
                let target = try graph.integrationTarget(id)
                targets[id] = .success(target)
                for range in [
                    try self.patches.news(of: id, graph), try graph.sharedRange(of: target, for: questions.map(\.tip)),
                ].compactMap({ $0 }) where !self.patches.covers(range) {
                    try index(range, path, packs.get())
                }
            } catch {
                // A target that is not loaded is every question's failure. What else is missing concerns some questions: each looks for
                // itself, and says so.
                if targets[id] == nil { targets[id] = .failure(error) }
            }
        }
    }

    private mutating func index(_ range: PatchIndex.Range, _ path: String, _ packs: SharedPacks) throws(GitError) {
        let commits = try patches.unindexed(range, graph)
        // Neighbours share trees: each thread takes a stretch of history at a time.
        let stretch = 64
        let queue = JobQueue((commits.count + stretch - 1) / stretch)
        let parts = inParallel(max(1, min(usefulThreads(), commits.count / stretch))) { [graph, patches] _ in
            var learned = patches
            do throws(GitError) {
                var paths = try ChangedPaths(try Repository(opening: path), packs: packs.reader())
                while let number = queue.take() {
                    for commit in commits[number * stretch..<min(commits.count, (number + 1) * stretch)] {
                        try learned.learnRootNames(of: commit, graph, &paths)
                    }
                }
            } catch {
                // Whoever needs this commit meets the failure again.
                return learned
            }
            return learned
        }
        for part in parts { patches.merge(part) }
        var paths = try ChangedPaths(try Repository(opening: path), packs: packs.reader())
        try patches.index(range, graph, &paths)
    }

    /// Whether the branch landed in its target. `patches`, `paths`: the thread's own.
    func integration(
        of question: BranchQuestion, _ repository: borrowing Repository, _ patches: inout PatchIndex, _ paths: inout ChangedPaths
    ) throws(GitError) -> Integration {
        guard let id = question.target, let target = targets[id] else { return Integration(state: .no) }
        return try graph.integration(
            of: question.tip, into: target.get(), forkPoint: question.forkPoint, in: repository, patches: &patches, paths: &paths)
    }
}
