/// One call's questions on their way to answers: what is remembered, what history answers, what contents answer.
struct FigureRound {
    let questions: [BranchQuestion]
    private let historyOverrides: HistoryOverrides
    /// Names them in facts.
    private let overrides: ObjectID
    var settings: DiffSettings
    let tests: TestPatterns
    let wantsContent: Bool
    private(set) var figures: [BranchFigures]
    /// For each question what history says, as soon as it is known.
    private var histories: [FleetFigures?]
    private var hasContent: [Bool]
    /// Whether ``settings`` say all about a question's files; nil while the files are not known.
    private var isCovered: [Bool?]
    /// What could not be read because it is not there.
    private(set) var missing: Set<ObjectID> = []

    init(_ questions: [BranchQuestion], overrides: HistoryOverrides, settings: DiffSettings, tests: TestPatterns, content: Bool) {
        (self.questions, historyOverrides, self.settings, self.tests, wantsContent) = (questions, overrides, settings, tests, content)
        self.overrides = overrides.digest
        figures = questions.map { _ in BranchFigures() }
        histories = questions.map { _ in nil }
        hasContent = questions.map { _ in false }
        isCovered = questions.map { _ in nil }
    }

    /// The same questions without any answer.
    func startedAnew() -> FigureRound {
        FigureRound(questions, overrides: historyOverrides, settings: settings, tests: tests, content: wantsContent)
    }

    private mutating func fail(_ number: Int, _ error: GitError) {
        figures[number].problem = error.description
        if error.code == .notFound, let id = ObjectID(hex: error.subject) { missing.insert(id) }
    }

    // MARK: History

    /// Numbers of the questions whose history is not known yet.
    var unknownHistory: [Int] { questions.indices.filter { figures[$0].total == nil && figures[$0].problem == nil } }

    var unknownIntegrations: [Int] {
        questions.indices.filter { questions[$0].target != nil && figures[$0].integration == nil && figures[$0].problem == nil }
    }

    /// All commits whose history the unknown answers need.
    var commitsOfUnknown: [ObjectID] {
        var result: Set<ObjectID> = []
        for number in Set(unknownHistory).union(unknownIntegrations) {
            let question = questions[number]
            result.formUnion([question.tip, question.base, question.forkPoint, question.completed, question.target].compactMap { $0 })
        }
        return result.sorted()
    }

    /// What the questions have in common.
    var basesAndTargets: [ObjectID] { Set(questions.flatMap { [$0.base, $0.target].compactMap { $0 } }).sorted() }

    private func historyKey(_ question: BranchQuestion) -> FactKey {
        FactKey(.history, [overrides, question.tip, question.base, question.forkPoint, question.completed])
    }

    mutating func recallHistory(_ facts: inout FactStore) {
        for (number, question) in questions.enumerated() {
            guard let fact = facts.value(historyKey(question)), let history = FleetFigures(fact: fact) else { continue }
            take(history, number)
        }
    }

    private mutating func take(_ history: FleetFigures, _ number: Int) {
        figures[number].total = history.total
        guard questions[number].base != nil else { return }
        histories[number] = history
        (figures[number].ahead, figures[number].behind) = (history.ahead, history.behind)
        figures[number].comparisonBase = history.comparisonBase
        figures[number].lacksMergeBase = history.comparisonBase != nil && history.fromTree == nil
        figures[number].ownCommits = questions[number].hasOwnCommits(against: history.comparisonBase) ? history.ownCommits : nil
        figures[number].stranded = history.stranded
    }

    /// `failures`: why commits could not be loaded.
    mutating func answerHistory(_ graph: CommitGraph?, _ failures: [ObjectID: GitError], _ facts: inout FactStore) {
        let unknown = unknownHistory
        for (base, numbers) in Dictionary(grouping: unknown, by: { questions[$0].base }) {
            let fleet = numbers.map { FleetTip(questions[$0]) }
            for (number, answer) in zip(numbers, Self.answers(fleet, base, graph)) {
                switch answer {
                case .success(let history):
                    take(history, number)
                    facts.keep(history.fact, for: historyKey(questions[number]))
                case .failure(let error):
                    let asked = [questions[number].tip, questions[number].base, questions[number].forkPoint].compactMap { $0 }
                    figures[number].problem = (asked.lazy.compactMap { failures[$0] }.first ?? error).description
                }
            }
        }
    }

    private static func answers(_ fleet: [FleetTip], _ base: ObjectID?, _ graph: CommitGraph?) -> [Result<FleetFigures, GitError>] {
        do throws(GitError) {
            guard let graph else {
                throw GitError(code: .notFound, operation: "load", subject: "the history", message: "no commit could be read")
            }
            guard let base else {
                return fleet.map { branch in Result { () throws(GitError) in try FleetFigures(totalOf: branch.tip, graph) } }
            }
            return try graph.figures(of: fleet, against: base)
        } catch {
            return fleet.map { _ in .failure(error) }
        }
    }

    // MARK: Contents

    /// What history says where there are two trees to compare: git refuses to compare what has no merge base.
    private func compared(_ number: Int) -> FleetFigures? { histories[number].flatMap { $0.fromTree == nil ? nil : $0 } }

    private func changesKey(_ history: FleetFigures) -> FactKey {
        FactKey(.changes, [settings.digest, tests.digest, history.fromTree, history.toTree])
    }

    private func integrationKey(_ question: BranchQuestion) -> FactKey {
        FactKey(.integration, [settings.digest, overrides, question.tip, question.target, question.forkPoint])
    }

    /// Takes what is remembered of commits, changes and integrations.
    mutating func recallContent(_ facts: inout FactStore) {
        for (number, question) in questions.enumerated() where !hasContent[number] && figures[number].problem == nil {
            if wantsContent, figures[number].lastCommit == nil {
                figures[number].lastCommit = facts.value(FactKey(.commit, [overrides, question.tip])).flatMap { CommitSummary(fact: $0) }
            }
            guard figures[number].total != nil else { continue }
            if let history = compared(number) {
                guard let fact = facts.value(changesKey(history)).flatMap({ ChangeFact(fact: $0) }) else { continue }
                isCovered[number] = settings.cover(fact.folders)
                guard isCovered[number] == true else { continue }
                if wantsContent { figures[number].changes = fact.counts }
            } else if !figures[number].lacksMergeBase {
                isCovered[number] = true
            }
            if question.target != nil {
                figures[number].integration = facts.value(integrationKey(question)).flatMap { Integration(fact: $0) }
            }
            hasContent[number] = !wantsContent || figures[number].lastCommit != nil
        }
    }

    /// Finds out the rest, on all threads.
    mutating func answerContent(
        _ graph: CommitGraph?, _ patches: inout PatchIndex, _ facts: inout FactStore, in repository: borrowing Repository, path: String
    ) {
        let jobs = contentJobs(hasHistory: graph != nil)
        guard !jobs.isEmpty else { return }
        // Attributes that the settings do not know: nothing that was compared before may be used.
        let isKnown = jobs.allSatisfy { $0.integration == nil || isCovered[$0.number] != false }
        if !isKnown { patches = PatchIndex() }
        patches.use(isKnown ? facts.onDisk : nil, settings: settings.digest)
        let results = ContentWork(
            jobs, graph: graph, overrides: historyOverrides, patches: patches, in: repository, path: path, settings: settings, tests: tests
        ).run()
        for result in results {
            for (number, answer) in result.commits { take(answer, number, &facts) }
            for (number, answer) in result.changes { take(answer, number, &facts) }
            for (number, answer) in result.integrations { take(answer, number, &facts) }
        }
        guard jobs.allSatisfy({ $0.integration == nil || isCovered[$0.number] == true }) else { return }
        for result in results { patches.merge(result.patches) }
        // Not before: a target that moved takes over what was known of its earlier tip.
        patches.keep(targets: Set(questions.compactMap(\.target)))
        for (key, value) in patches.takeLearned() { facts.keep(value, for: key) }
    }

    private func contentJobs(hasHistory: Bool) -> [ContentWork.Job] {
        let integrations = Set(hasHistory ? unknownIntegrations.filter { figures[$0].total != nil } : [])
        return questions.indices.map { number in
            var job = ContentWork.Job(number: number)
            if integrations.contains(number) { job.integration = questions[number] }
            guard wantsContent else { return job }
            if figures[number].lastCommit == nil { job.commit = questions[number].tip }
            if let history = compared(number), figures[number].changes == nil {
                job.changes = (history.fromTree, history.toTree)
            }
            return job
        }
        .filter { !$0.isEmpty }
    }

    private mutating func take(_ answer: Result<CommitSummary, GitError>, _ number: Int, _ facts: inout FactStore) {
        switch answer {
        case .success(let summary):
            figures[number].lastCommit = summary
            facts.keep(summary.fact, for: FactKey(.commit, [overrides, questions[number].tip]))
        case .failure(let error): fail(number, error)
        }
    }

    private mutating func take(_ answer: Result<ChangeFact, GitError>, _ number: Int, _ facts: inout FactStore) {
        switch answer {
        case .success(let fact):
            figures[number].changes = fact.counts
            isCovered[number] = settings.cover(fact.folders)
            if let history = histories[number], isCovered[number] == true { facts.keep(fact.fact, for: changesKey(history)) }
        case .failure(let error): fail(number, error)
        }
    }

    private mutating func take(_ answer: Result<Integration, GitError>, _ number: Int, _ facts: inout FactStore) {
        switch answer {
        case .success(let integration):
            figures[number].integration = integration
            if isCovered[number] == true { facts.keep(integration.fact, for: integrationKey(questions[number])) }
        case .failure(let error): fail(number, error)
        }
    }
}

extension FleetTip {
    init(_ question: BranchQuestion) {
        self.init(tip: question.tip, forkPoint: question.forkPoint, completed: question.completed)
    }
}

extension FleetFigures {
    /// For a branch whose base does not exist.
    fileprivate init(totalOf tip: ObjectID, _ graph: CommitGraph) throws(GitError) {
        self.init(
            total: try graph.total(of: tip), ahead: 0, behind: 0, comparisonBase: nil, ownCommits: 0, fromTree: nil,
            toTree: try graph.tree(of: tip), stranded: [])
    }
}
