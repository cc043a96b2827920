import CzarGit
import CzarPlanning

/// Reads what Git says about workers' branches and worktrees: exact, and writing nothing.
///
/// One commit graph serves all workers of a call, and is kept for the next: commits never change.
package struct FiguresReader {
    private let project: ProjectLayout
    private let plan: Plan
    private let base: String

    package init(project: ProjectLayout, plan: Plan, base: String) {
        (self.project, self.plan, self.base) = (project, plan, base)
    }

    /// The history of one worker's branch against its base.
    struct History {
        let base: ObjectID?
        let comparisonBase: ObjectID?
        let own: [ObjectID]
    }

    /// The figures of every worker of the plan.
    /// - Complexity: O(history once) + O(what differs between each branch and its base) + O(files of each worktree).
    package func figures(_ state: ProjectState) throws -> [WorkerID: GitFigures] {
        let repository = try Repository(opening: project.location)
        let tips = Dictionary(try repository.branches().map { ($0.name, $0.tip) }, uniquingKeysWith: { first, _ in first })
        let branches = plan.definitions.map { (state[$0.key].creation?.branch ?? $0.branch).rawValue }
        let bases = plan.definitions.map { state[$0.key].creation?.base ?? $0.base ?? base }
        let target = plan.project.omnibusBranch.flatMap { tips[$0] } ?? tips[base]
        var needed = (branches + bases).compactMap { tips[$0] }
        if let target { needed.append(target) }
        let worktrees = try worktreeFigures(state)
        var result: [WorkerID: GitFigures] = [:]
        let graph: CommitGraph
        var problem: String?
        do {
            graph = try CommitGraph(of: repository, tips: Array(Set(needed)))
        } catch {
            // A missing object makes every figure of history unknown, not the whole answer.
            problem = error.description
            graph = try CommitGraph(of: repository, tips: [])
        }
        var patches = PatchIndex()
        for worker in plan.definitions {
            let record = state[worker.key]
            var figures = GitFigures()
            figures.worktree = worktrees[worker.id] ?? figures.worktree
            if let tip = tips[(record.creation?.branch ?? worker.branch).rawValue] {
                figures.tip = CommitID(rawValue: tip.hex)
                figures.problem = problem
                do {
                    if problem == nil { try fill(&figures, worker, record, tip, tips, target, graph, repository, &patches) }
                } catch {
                    figures.problem = "\(error)"
                }
            }
            result[worker.id] = figures
        }
        return result
    }

    /// The history of one branch, for the proof of completion.
    func history(
        of worker: WorkerDefinition, _ record: WorkerRecord, tip: ObjectID, _ repository: borrowing Repository
    ) throws -> History {
        let baseName = record.creation?.base ?? worker.base ?? base
        let baseTip = try repository.branchTip(baseName) ?? repository.resolve(baseName)
        let graph = try CommitGraph(of: repository, tips: [tip, baseTip])
        return try history(record, tip: tip, baseTip: baseTip, graph)
    }

    private func history(_ record: WorkerRecord, tip: ObjectID, baseTip: ObjectID, _ graph: CommitGraph) throws -> History {
        let fork = record.creation?.forkPoint.flatMap { ObjectID(hex: $0.rawValue) }
        let comparison = try graph.comparisonBase(of: tip, base: baseTip, forkPoint: fork)
        let own = try graph.ownCommits(of: tip, comparisonBase: comparison, forkPoint: fork)
        return History(base: baseTip, comparisonBase: comparison, own: own)
    }

    private func fill(
        _ figures: inout GitFigures, _ worker: WorkerDefinition, _ record: WorkerRecord, _ tip: ObjectID, _ tips: [String: ObjectID],
        _ target: ObjectID?, _ graph: CommitGraph, _ repository: borrowing Repository, _ patches: inout PatchIndex
    ) throws {
        let commit = try repository.commit(tip)
        figures.lastCommit = .init(
            id: CommitID(rawValue: tip.hex), time: Timestamp(milliseconds: commit.committer.seconds * 1000), author: commit.author.name,
            subject: commit.subject)
        figures.total = try graph.total(of: tip)
        let baseName = record.creation?.base ?? worker.base ?? base
        guard let baseTip = tips[baseName] else {
            figures.problem = "the base '\(baseName)' does not exist"
            return
        }
        figures.baseTip = CommitID(rawValue: baseTip.hex)
        let counts = try graph.aheadBehind(of: tip, against: baseTip)
        (figures.ahead, figures.behind) = (counts.ahead, counts.behind)
        let history = try history(record, tip: tip, baseTip: baseTip, graph)
        figures.comparedWith = history.comparisonBase.map { CommitID(rawValue: $0.hex) }
        figures.ownCommits = history.own.count
        if let comparison = history.comparisonBase { try fillChanges(&figures, tip: tip, comparison, graph, repository) }
        let fork = record.creation?.forkPoint.flatMap { ObjectID(hex: $0.rawValue) }
        if let target {
            let integration = try graph.integration(of: tip, into: target, forkPoint: fork, in: repository, patches: &patches)
            figures.integration = GitFigures.Integration(rawValue: integration.state.rawValue) ?? .no
        }
        if let completed = record.completedTip.flatMap({ ObjectID(hex: $0.rawValue) }), completed != tip {
            figures.stranded = try graph.strandedCommits(of: tip, recorded: [completed, baseTip]).map { CommitID(rawValue: $0.hex) }
        }
    }

    private func fillChanges(
        _ figures: inout GitFigures, tip: ObjectID, _ comparison: ObjectID, _ graph: CommitGraph, _ repository: borrowing Repository
    ) throws {
        let start = try graph.mergeBaseForDiff(of: comparison, tip)
        let changes = try repository.changes(
            from: start.map { commit throws(GitError) in try graph.tree(of: commit) }, to: try graph.tree(of: tip))
        figures.files = .init(
            created: changes.count(.added), modified: changes.count(.modified) + changes.count(.typeChanged),
            deleted: changes.count(.deleted),
            renamed: changes.count(.renamed))
        figures.lines = .init(inserted: changes.insertions, deleted: changes.deletions)
    }

    // MARK: Worktrees

    private func worktreeFigures(_ state: ProjectState) throws -> [WorkerID: WorktreeFigures] {
        let entries = Dictionary(try project.location.worktrees().map { ($0.path, $0) }, uniquingKeysWith: { first, _ in first })
        var result: [WorkerID: WorktreeFigures] = [:]
        for worker in plan.definitions {
            let record = state[worker.key]
            let planned = project.worktreePath(of: worker, under: nil)
            guard let path = record.creation?.worktree ?? (entries[planned] == nil ? nil : planned) else { continue }
            result[worker.id] = try worktreeFigures(path, entries[path], branch: (record.creation?.branch ?? worker.branch).rawValue)
        }
        return result
    }

    private func worktreeFigures(_ path: String, _ entry: WorktreeEntry?, branch: String) throws -> WorktreeFigures {
        guard let entry, entry.problem == nil, FileKind(at: path) == .folder else { return WorktreeFigures(path: path, state: .missing) }
        let state: WorktreeFigures.State = entry.lockReason != nil ? .locked : entry.branch != branch ? .drifted : .ok
        var figures = WorktreeFigures(path: path, state: state)
        let status = try Repository(opening: path).status()
        (figures.staged, figures.modified) = (status.staged, status.modified)
        (figures.untracked, figures.conflicted) = (status.untracked, status.conflicted)
        figures.newestChange = newestChange(status, below: path)
        return figures
    }

    /// When the newest of the first changed files was written.
    private func newestChange(_ status: WorktreeStatus, below path: String) -> Timestamp? {
        status.entries.prefix(200).compactMap { modificationTime(of: path + "/" + $0.path.description) }.max()
    }
}
