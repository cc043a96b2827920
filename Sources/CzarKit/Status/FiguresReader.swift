import CzarGit
import CzarPlanning

/// Reads what Git says about workers' branches and worktrees: exact, and writing nothing.
///
/// Commits and trees never change, so what they say is remembered by the ``HistoryReader``; references and worktrees are looked at
/// every time.
package struct FiguresReader {
    private let project: ProjectLayout
    private let plan: Plan
    private let base: String
    private let history: HistoryReader

    package init(project: ProjectLayout, plan: Plan, base: String, history: HistoryReader) {
        (self.project, self.plan, self.base, self.history) = (project, plan, base, history)
    }

    /// The history of one worker's branch against its base.
    struct History {
        let base: ObjectID
        let comparisonBase: ObjectID?
        /// Nil where nothing tells which commits are its own.
        let ownCommits: Int?
    }

    /// The figures of every worker of the plan.
    /// - Complexity: look-ups for what is remembered; else O(history once) + O(what differs between each branch and its base); and
    ///   O(files of each worktree), several worktrees at once.
    package func figures(_ state: ProjectState) throws -> [WorkerID: GitFigures] {
        let repository = try Repository(opening: project.location)
        let local = Dictionary(try repository.branches().map { ($0.name, $0.tip) }, uniquingKeysWith: { first, _ in first })
        let remote = try RemoteCheckout(plan, state, local: local, repository)
        let tips = remote?.tips.merging(local) { _, local in local } ?? local
        let target = tips[plan.project.omnibusBranch ?? base]
        var asked: [Asked] = []
        for worker in plan.definitions {
            let record = state[worker.key]
            guard let tip = tips[(record.creation?.branch ?? worker.branch).rawValue] else { continue }
            let base = baseName(worker, record)
            asked.append((worker.id, question(worker, record, tip: tip, base: try tips[base] ?? repository.baseTip(base), target: target)))
        }
        var result = try WorktreeReader(project: project, plan: plan).figures(state).mapValues { worktree in
            var figures = GitFigures()
            figures.worktree = worktree
            return figures
        }
        try answer(asked, state, target: target, &result)
        for (id, _) in asked {
            result[id]?.remoteReference = plan[id].flatMap { remote?.reference(for: $0.branch.rawValue) }
        }
        for (id, question) in asked where question.base == nil && result[id]?.problem == nil {
            guard let worker = plan[id] else { continue }
            result[id]?.problem = "the base '\(baseName(worker, state[worker.key]))' does not exist"
        }
        return result
    }

    /// The figures by the tips that the journal recorded, for a moment that has passed: worktrees are not looked at, and what objects that
    /// are gone would have said is nil. `bases`: where bases and targets are, when that is known better than from the journal. `workers`:
    /// whose; nil for all.
    /// - Complexity: that of ``HistoryReader/figures(of:content:tests:)``.
    func recordedFigures(
        _ state: ProjectState, bases: [String: ObjectID] = [:], of workers: Set<WorkerID>? = nil
    ) throws -> [WorkerID: GitFigures] {
        let name = plan.project.omnibusBranch ?? base
        let target = bases[name] ?? ObjectID(state.baseTips[name])
        var asked: [Asked] = []
        for worker in plan.definitions where workers?.contains(worker.id) ?? true {
            if let question = recordedQuestion(worker, state, bases, target: target) { asked.append((worker.id, question)) }
        }
        var result: [WorkerID: GitFigures] = [:]
        try answer(asked, state, target: target, &result)
        return result
    }

    private typealias Asked = (id: WorkerID, question: BranchQuestion)

    private func answer(_ asked: [Asked], _ state: ProjectState, target: ObjectID?, _ figures: inout [WorkerID: GitFigures]) throws {
        var known: [WorkerID: IntegrationReader.Known] = [:]
        let tests = TestPatterns(added: plan.testMarkers)
        for (asked, found) in zip(asked, try history.figures(of: asked.map(\.question), tests: tests)) {
            figures[asked.id, default: GitFigures()].take(found, asked.question)
            known[asked.id] = IntegrationReader.Known(question: asked.question, found: found)
        }
        for (id, answer) in try IntegrationReader(plan, history: history, target: target).integrations(state, known: known) {
            switch answer {
            case .success(let answer):
                figures[id, default: GitFigures()].integration = answer.how
                figures[id, default: GitFigures()].revert = answer.revert
            case .failure(let error):
                figures[id, default: GitFigures()].problem = figures[id]?.problem ?? error.reason
                figures[id, default: GitFigures()].lacksIntegration = true
            }
        }
    }

    /// Nil where no tip was recorded. A base that nobody saw move is where it was when the branch was made.
    private func recordedQuestion(
        _ worker: WorkerDefinition, _ state: ProjectState, _ bases: [String: ObjectID], target: ObjectID?
    ) -> BranchQuestion? {
        let record = state[worker.key]
        guard let creation = record.creation ?? record.formerCreation, let tip = ObjectID(record.lastSeenTip) else {
            return nil
        }
        let fork = ObjectID(creation.forkPoint)
        let base = bases[creation.base] ?? ObjectID(state.baseTips[creation.base]) ?? fork
        return BranchQuestion(tip: tip, base: base, forkPoint: fork, completed: ObjectID(record.completedTip), target: target)
    }

    /// The history of one branch, for the proof of completion.
    /// - Throws: ``FiguresError`` when it cannot be read.
    func history(
        of worker: WorkerDefinition, _ record: WorkerRecord, tip: ObjectID, _ repository: borrowing Repository
    ) throws -> History {
        let name = baseName(worker, record)
        guard let baseTip = try repository.baseTip(name) else {
            throw FiguresError(branch: "\(worker.id)", reason: "its base '\(name)' does not exist")
        }
        let asked = question(worker, record, tip: tip, base: baseTip, target: nil)
        let found = try history.figures(of: [asked], content: false)[0]
        guard found.ahead != nil else {
            throw FiguresError(branch: "\(worker.id)", reason: found.problem ?? "its history is unknown")
        }
        return History(base: baseTip, comparisonBase: found.comparisonBase, ownCommits: found.ownCommits)
    }

    private func baseName(_ worker: WorkerDefinition, _ record: WorkerRecord) -> String {
        record.creation?.base ?? worker.base ?? base
    }

    private func question(
        _ worker: WorkerDefinition, _ record: WorkerRecord, tip: ObjectID, base: ObjectID?, target: ObjectID?
    ) -> BranchQuestion {
        BranchQuestion(
            tip: tip, base: base, forkPoint: ObjectID(record.creation?.forkPoint), completed: ObjectID(record.completedTip), target: target)
    }
}

/// Why a branch's figures, on which something depends, are not known.
package struct FiguresError: Error, Hashable, Sendable, CustomStringConvertible {
    package let branch: String
    package let reason: String

    package var description: String { "the history of the branch of '\(branch)' cannot be read: \(reason)" }
}

extension ObjectID {
    /// Nil for nil, and for what is no full object id.
    init?(_ commit: CommitID?) {
        guard let commit, let id = ObjectID(hex: commit.rawValue) else { return nil }
        self = id
    }
}

extension GitFigures {
    private static let noMergeBase = "the branch and what it is compared with have no merge base here, so no files and lines can be counted"

    fileprivate mutating func take(_ found: BranchFigures, _ question: BranchQuestion) {
        tip = CommitID(rawValue: question.tip.hex)
        baseTip = question.base.map { CommitID(rawValue: $0.hex) }
        comparedWith = found.comparisonBase.map { CommitID(rawValue: $0.hex) }
        (ahead, behind, total, ownCommits) = (found.ahead, found.behind, found.total, found.ownCommits)
        stranded = found.stranded.map { CommitID(rawValue: $0.hex) }
        files = found.changes.map { FileCounts(created: $0.created, modified: $0.modified, deleted: $0.deleted, renamed: $0.renamed) }
        (testsAdded, testFiles) = (found.changes?.testsAdded, found.changes?.testFiles)
        lines = found.changes.map { LineCounts(inserted: $0.insertions, deleted: $0.deletions) }
        lastCommit = found.lastCommit.map {
            LastCommit(
                id: CommitID(rawValue: question.tip.hex), time: $0.seconds.map { Timestamp(milliseconds: $0 * 1000) }, author: $0.author,
                subject: $0.subject)
        }
        problem = found.problem ?? (found.lacksMergeBase ? Self.noMergeBase : nil)
    }
}
