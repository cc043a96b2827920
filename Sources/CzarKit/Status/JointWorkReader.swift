import CzarGit
import CzarPlanning

/// Reads what the workers bring together, so that every commit and every change counts once: one that several branches hold, and one that
/// landed before its branch went on.
struct JointWorkReader {
    private let workers: [Worker]
    private let chronicle: Chronicle
    private let history: HistoryReader
    private let tests: TestPatterns

    /// One worker's branch in pieces.
    private struct Worker {
        let status: StatusReport.Worker
        /// What was proven complete and has landed, before what the branch has now.
        var landed: [Piece] = []

        var id: WorkerID { status.definition.id }
        var tip: ObjectID? { ObjectID(status.figures.tip) }
        var base: ObjectID? { ObjectID(status.figures.comparedWith) }
        var forkPoint: ObjectID? { ObjectID((status.record.creation ?? status.record.formerCreation)?.forkPoint) }

        /// The piece that the figures of the worker are about.
        var current: OwnRange? {
            guard let tip, (status.figures.ownCommits ?? 0) > 0 else { return nil }
            return OwnRange(tip: tip, comparisonBase: base, forkPoint: forkPoint)
        }

        /// What the files and lines of the figures are of.
        var change: OwnRange? {
            guard let tip, let base else { return nil }
            return OwnRange(tip: tip, comparisonBase: base, forkPoint: nil)
        }

        /// The pieces whose files and lines are added up.
        var changes: [OwnRange] { landed.map(\.range) + (change.map { [$0] } ?? []) }
        /// What another worker's branch has to contain of it: up to the tip that was proven complete.
        var required: OwnRange? {
            let completed = ObjectID(status.record.completedTip) ?? tip
            let known = changes.first { $0.tip == completed }
            return completed.map { OwnRange(tip: $0, comparisonBase: known?.comparisonBase ?? base, forkPoint: forkPoint) }
        }
        var ranges: [OwnRange] { landed.map(\.range) + (current.map { [$0] } ?? []) }
        /// Whether its history cannot be read. An adopted branch that nothing can be compared with is left out of sums instead.
        var isUnknown: Bool { tip != nil && status.figures.ownCommits == nil && status.figures.problem != nil }
    }

    private struct Piece {
        let range: OwnRange
        let changes: ChangeCounts?
    }

    /// - Complexity: that of ``HistoryReader/figures(of:content:tests:)`` for the tips that were completed and are no longer where a branch is.
    init(_ status: StatusReport, _ chronicle: Chronicle, history: HistoryReader, tests: TestPatterns) throws {
        (self.chronicle, self.history, self.tests) = (chronicle, history, tests)
        workers = try Self.addLanded(status.workers.map { Worker(status: $0) }, chronicle, history, tests)
    }

    /// A branch that goes on after its work has landed is compared with the base that contains that work, as if it had never had it. So what
    /// it landed at a completed tip is a piece of its own, compared with the base before.
    private static func addLanded(
        _ workers: [Worker], _ chronicle: Chronicle, _ history: HistoryReader, _ tests: TestPatterns
    ) throws -> [Worker] {
        var asked: [(worker: Int, question: BranchQuestion)] = []
        for (number, worker) in workers.enumerated() {
            guard let base = ObjectID(worker.status.figures.baseTip) else { continue }
            for tip in (chronicle.completedTips[worker.id] ?? []).compactMap({ ObjectID($0) }) where tip != worker.tip {
                asked.append((number, BranchQuestion(tip: tip, base: base, forkPoint: worker.forkPoint)))
            }
        }
        guard !asked.isEmpty else { return workers }
        var workers = workers
        for (asked, found) in zip(asked, try history.figures(of: asked.map(\.question), tests: tests)) {
            guard found.ahead == 0, (found.ownCommits ?? 0) > 0 else { continue }
            let range = OwnRange(tip: asked.question.tip, comparisonBase: found.comparisonBase, forkPoint: asked.question.forkPoint)
            if !workers[asked.worker].landed.contains(where: { $0.range == range }) {
                workers[asked.worker].landed.append(Piece(range: range, changes: found.changes))
            }
        }
        return workers
    }

    /// The sums over all workers.
    /// - Complexity: that of ``HistoryReader/distinctOwnCommits(_:)`` and ``HistoryReader/weights(of:)``.
    func total() throws -> JointWork {
        let (ranges, own) = (workers.flatMap(\.ranges), workers.flatMap(\.changes))
        let taken = try takenOver()
        let changes = own + taken.map { OwnRange(tip: $0.from.tip, comparisonBase: $0.from.comparisonBase, forkPoint: nil) }
        var work = JointWork(
            ownCommits: workers.contains(where: \.isUnknown) ? nil : ranges.isEmpty ? 0 : try history.distinctOwnCommits(ranges))
        // A history that cannot be read: every branch counts for itself.
        let pairs = taken.map { TakenOver(by: $0.by.tip, from: $0.from.tip) }
        let weights = changes.count < 2 ? nil : try history.weights(of: changes, takenOver: pairs, hadBefore: try hadBefore())
        var left = Dictionary((weights ?? []).map { (Place($0), $0.weight) }, uniquingKeysWith: { first, _ in first })
        func weight(_ range: OwnRange?) -> Int {
            guard weights != nil, let place = range.flatMap(Place.init) else { return 1 }
            return left.removeValue(forKey: place) ?? 0
        }
        for worker in workers {
            let figures = worker.status.figures
            work.add(
                files: figures.files, lines: figures.lines, testsAdded: figures.testsAdded, testFiles: figures.testFiles,
                weight: weight(worker.change))
            for piece in worker.landed { work.add(piece.changes, weight: weight(piece.range)) }
        }
        let others = left.sorted { $0.key.tip < $1.key.tip }
        let found = try history.figures(of: others.map { BranchQuestion(tip: $0.key.tip, base: $0.key.base) }, tests: tests)
        for (other, found) in zip(others, found) { work.add(found.changes, weight: other.value) }
        work.clamp()
        return work
    }

    /// What workers have of others as other commits, where the plan requires it and it is proven: squashed, picked or rebased.
    ///
    /// Not where what the worker's change is counted from has it already: then it is no part of that change.
    private func takenOver() throws -> [(by: OwnRange, from: OwnRange)] {
        let byName = Dictionary(workers.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        let required = Set(workers.flatMap(\.status.definition.merges))
        var found: [(by: OwnRange, from: OwnRange)] = []
        for worker in workers {
            // What others have to contain of it may be less than what it has now, and holds what it took over by then.
            var own = worker.changes
            if required.contains(worker.id), let part = worker.required, !own.contains(where: { $0.tip == part.tip }) {
                own.append(OwnRange(tip: part.tip, comparisonBase: part.comparisonBase, forkPoint: nil))
            }
            for source in worker.status.definition.merges.compactMap({ byName[$0]?.required }) {
                found += own.map { (by: $0, from: source) }
            }
        }
        guard !found.isEmpty else { return [] }
        let starts = try history.mergeBases(of: found.map(\.by))
        let there = try isTakenOver(found.map { (change: $0.from, into: $0.by.tip) })
        let before = try isTakenOver(zip(found, starts).map { (change: $0.0.from, into: $0.1 ?? $0.0.by.tip) })
        return zip(found, zip(there, before)).filter { $1.0 == true && $1.1 == false }.map(\.0)
    }

    /// What is in a branch's history and yet no part of its change: the base had it as other commits (squashed, picked or rebased), and the branch
    /// has merged that base since.
    private func hadBefore() throws -> [TakenOver] {
        let landed = workers.filter { [.patch, .squash].contains($0.status.figures.integration) }.compactMap(\.change)
        guard !landed.isEmpty else { return [] }
        let branches = workers.compactMap(\.change)
        let held = try history.tips(landed.map(\.tip), heldBy: branches)
        guard !held.isEmpty else { return [] }
        let ranges = Dictionary(branches.map { ($0.tip, $0) }, uniquingKeysWith: { first, _ in first })
        let starts = try history.mergeBases(of: held.compactMap { ranges[$0.by] })
        let asked = zip(held, starts).compactMap { pair, start -> (pair: TakenOver, change: OwnRange, into: ObjectID)? in
            guard let start, let change = ranges[pair.from] else { return nil }
            return (pair, change, start)
        }
        let answers = try isTakenOver(asked.map { (change: $0.change, into: $0.into) })
        return zip(asked, answers).filter { $0.1 == true }.map(\.0.pair)
    }

    /// Whether a commit contains a change, by its history, patches or effect; nil where nobody can tell.
    private func isTakenOver(_ asked: [(change: OwnRange, into: ObjectID)]) throws -> [Bool?] {
        let questions = asked.map { BranchQuestion(tip: $0.change.tip, base: $0.into, forkPoint: $0.change.forkPoint, target: $0.into) }
        return try history.figures(of: questions, content: false).map { found in
            if found.ahead == 0 { return true }
            return found.integration.map { GitFigures.Integration($0.state).isIntegrated }
        }
    }

    /// Where something is added up.
    private struct Place: Hashable {
        let tip: ObjectID
        let base: ObjectID

        init(_ weighted: WeightedTip) { (tip, base) = (weighted.tip, weighted.comparisonBase) }

        init?(_ range: OwnRange) {
            guard let base = range.comparisonBase else { return nil }
            (tip, self.base) = (range.tip, base)
        }
    }

    /// What is new since the journal said `before`; nil when some history cannot be read.
    func growth(since before: ProjectState) throws -> Growth? {
        guard !workers.contains(where: \.isUnknown) else { return nil }
        let branches = workers.map { worker in
            GrownBranch(ranges: worker.ranges, before: ObjectID(before[worker.status.definition.key].lastSeenTip))
        }
        return try history.newCommits(branches).map { found in
            Growth(total: found.together, workers: Dictionary(uniqueKeysWithValues: zip(workers.map(\.id), found.each)))
        }
    }

    /// Own commits after each recorded move of a tip, and now; empty when some history cannot be read.
    func commitsOverTime() throws -> [CommitPoint] {
        let numbers = Dictionary(uniqueKeysWithValues: zip(workers.map(\.id), 0...))
        let known = chronicle.samples.compactMap { sample -> (time: Timestamp, step: BranchStep)? in
            guard let tip = ObjectID(sample.tip), let number = numbers[sample.worker], !workers[number].ranges.isEmpty else { return nil }
            return (sample.time, BranchStep(branch: number, tip: tip, ranges: workers[number].ranges))
        }
        // No daemon may have seen the last moves.
        let last = workers.enumerated().compactMap { number, worker in
            worker.ranges.last.map { BranchStep(branch: number, tip: $0.tip, ranges: worker.ranges) }
        }
        let counts = try history.distinctOwnCommits(after: known.map(\.step) + last) ?? []
        var points = zip(known, counts).map { CommitPoint(time: $0.time, count: $1) }
        if let now = counts.last { points.append(CommitPoint(time: chronicle.end, count: now)) }
        return points
    }
}

extension JointWork {
    fileprivate mutating func add(_ changes: ChangeCounts?, weight: Int) {
        guard let changes else { return }
        add(
            files: GitFigures.FileCounts(
                created: changes.created, modified: changes.modified, deleted: changes.deleted, renamed: changes.renamed),
            lines: GitFigures.LineCounts(inserted: changes.insertions, deleted: changes.deletions), testsAdded: changes.testsAdded,
            testFiles: changes.testFiles, weight: weight)
    }
}
