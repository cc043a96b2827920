@testable import CzarPlanning

/// A phase of seven days with everything in it that reports tell: journal, figures and the plan of SPEC's example.
struct ReportFixture {
    var plan: Plan
    var journal = TestJournal()
    var figures: [WorkerID: GitFigures] = [:]
    var merges: [MergeProof] = []
    var growth: Growth?

    static let start = Timestamp("2026-01-05T08:00:00Z")!

    init() {
        plan = makePlan(
            ["foundation": [], "workflows": [], "patterns": ["foundation"], "testing": ["foundation"], "qa": ["patterns", "testing"]],
            configure: { plan in
                plan.project.version = "1.2.0"
                plan.project.deadline = Timestamp("2026-01-20T23:59:59Z")
                plan.orchestration.budget.tokens = 5_800_000
            },
            worker: { worker in
                worker.plannedDuration = .seconds(3 * 86_400)
                if worker.id == "foundation" { worker.budget.tokens = 1_200_000 }
                if worker.id == "qa" { worker.success = ["All <b>types</b> have tests | `really`"] }
            })
        journal.now = Self.start
        journal.write(nil, .planAccepted, [Field.plan: plan.normalised, Field.base: "main"])
        for worker: WorkerID in ["foundation", "workflows"] {
            create(worker)
            journal.start(worker)
        }
        wait(days: 2)
        sample("foundation", commits: 2, inserted: 30, deleted: 1)
        journal.write("foundation", .checkpoint, [Field.tokens: "400000"])
        wait(days: 2)
        sample("foundation", commits: 3, inserted: 40, deleted: 3)
        journal.write("foundation", .workerComplete, [Field.tokens: "1150000"])
        complete("foundation")
        figures["foundation"] = figure(commits: 3, inserted: 40, deleted: 3, tests: 4, .ancestor)
        create("patterns")
        journal.start("patterns")
        create("testing")
        journal.start("testing")
        wait(days: 1)
        sample("patterns", commits: 5, inserted: 900, deleted: 20)
        journal.write("patterns", .taskStart, [Field.task: "Extract"])
        journal.write("patterns", .checkpoint, [Field.tokens: "420000"])
        figures["patterns"] = figure(commits: 5, inserted: 900, deleted: 20, tests: 0, .no, behind: 7)
        journal.move("testing", StateMove(to: .blocked, causes: [.event], reason: "waits for <script>alert(1)</script> @user"))
        figures["workflows"] = figure(commits: 0, inserted: 0, deleted: 0, tests: 0, .no)
    }

    mutating func create(_ worker: WorkerID) {
        journal.write(
            worker, .branchCreated,
            [Field.branch: "feat/\(worker)", Field.base: "main", Field.forkPoint: String(repeating: "a", count: 40)])
    }

    mutating func complete(_ worker: WorkerID) {
        journal.end(worker, exit: 0)
        journal.move(worker, StateMove(to: .complete), fields: [Field.tip: String(repeating: "b", count: 40)])
    }

    mutating func wait(days: Int) { journal.now = journal.now.advanced(by: .seconds(days * 86_400)) }

    mutating func sample(_ worker: WorkerID, commits: Int, inserted: Int, deleted: Int) {
        journal.write(
            worker, .tipMoved,
            [
                Field.to: String(repeating: "b", count: 40), Field.subject: "work", Field.ownCommits: "\(commits)",
                Field.inserted: "\(inserted)", Field.deleted: "\(deleted)",
            ])
    }

    private func figure(
        commits: Int, inserted: Int, deleted: Int, tests: Int, _ integration: GitFigures.Integration, behind: Int = 0
    ) -> GitFigures {
        var figures = GitFigures()
        figures.tip = CommitID(rawValue: String(repeating: "b", count: 40))
        (figures.ahead, figures.behind, figures.total, figures.ownCommits) = (commits, behind, 100 + commits, commits)
        figures.files = GitFigures.FileCounts(created: commits, modified: 1)
        figures.lines = GitFigures.LineCounts(inserted: inserted, deleted: deleted)
        (figures.testsAdded, figures.testFiles, figures.integration) = (tests, 1, integration)
        return figures
    }

    /// The inputs of the reports of a moment; nil: one second after the last entry.
    func inputs(at moment: Timestamp? = nil, zone: Zone = .utc, since: Timestamp? = nil) -> ReportInputs {
        let until = moment ?? journal.now
        let chronicle = Chronicle(journal.entries, phase: .first, until: until)
        let graph = PlanGraph(plan)
        var facts = StatusFacts(now: until, repository: "/repo", logsFolder: "/repo/.czarina/logs", base: "main", figures: figures)
        facts.checklists["patterns"] = [.init(text: "Extract", done: false), .init(text: "Write", done: true)]
        let status = StatusReport(plan: plan, waves: graph.waves, state: chronicle.state, facts: facts)
        var work = JointWork(ownCommits: 8)
        for figures in figures.values {
            work.add(files: figures.files, lines: figures.lines, testsAdded: figures.testsAdded, testFiles: figures.testFiles)
        }
        return ReportInputs(
            plan: plan, graph: graph, chronicle: chronicle, status: status, work: work, merges: merges, zone: zone, since: since,
            growth: growth, commits: [CommitPoint(time: Self.start, count: 0), CommitPoint(time: until, count: 8)])
    }
}
