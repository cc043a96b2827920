/// What has to be read from trees and blobs, shared by several threads with a handle each.
struct ContentWork: Sendable {
    /// Each names the question that it answers.
    enum Job: Sendable {
        case commit(ObjectID, Int)
        case changes(from: ObjectID?, to: ObjectID, Int)
    }

    struct Integrations: Sendable {
        let questions: [(number: Int, question: BranchQuestion)]
        let graph: CommitGraph
        var patches: PatchIndex
    }

    /// What one thread has found out.
    struct Found: Sendable {
        var commits: [(Int, Result<CommitSummary, GitError>)] = []
        var changes: [(Int, Result<ChangeFact, GitError>)] = []
        var integrations: (answers: [(Int, Result<Integration, GitError>)], patches: PatchIndex)?
    }

    private let jobs: [Job]
    private let integrations: Integrations?
    private let path: String
    /// Mapped once for all threads.
    private let packs: Result<[PackFile], GitError>
    private let settings: DiffSettings
    private let tests: TestPatterns

    init(
        _ jobs: [Job], integrations: Integrations?, in repository: borrowing Repository, path: String, settings: DiffSettings,
        tests: TestPatterns
    ) {
        (self.jobs, self.integrations, self.path, self.settings) = (jobs, integrations, path, settings)
        self.tests = tests
        packs = jobs.isEmpty && integrations == nil ? .success([]) : Self.packs(of: repository)
    }

    private static func packs(of repository: borrowing Repository) -> Result<[PackFile], GitError> {
        do throws(GitError) { return .success(try PackFile.all(of: repository)) } catch { return .failure(error) }
    }

    var isEmpty: Bool { jobs.isEmpty && integrations == nil }

    /// - Returns: the parts of the threads.
    func run() -> [Found] {
        let queue = JobQueue(jobs.count)
        let threads = min(usefulThreads(), jobs.count + (integrations == nil ? 0 : 1))
        return inParallel(threads) { thread in
            var found = Found()
            do throws(GitError) {
                let repository = try Repository(opening: path)
                let reader = try PackReader(packs.get())
                // Integrations cannot be divided: one thread begins with them, the others take the rest meanwhile.
                if thread == 0, let integrations { found.integrations = Self.answer(integrations, repository, reader) }
                var counter = try ChangeCounter(repository, packs: reader, settings: settings, tests: tests)
                while let number = queue.take() { Self.answer(jobs[number], repository, &counter, &found) }
            } catch {
                while let number = queue.take() { Self.fail(jobs[number], error, &found) }
            }
            return found
        }
    }

    private static func answer(_ job: Job, _ repository: borrowing Repository, _ counter: inout ChangeCounter, _ found: inout Found) {
        do throws(GitError) {
            switch job {
            case .commit(let id, let number): found.commits.append((number, .success(CommitSummary(try repository.commit(id)))))
            case .changes(let from, let to, let number):
                found.changes.append((number, .success(try counter.fact(from: from, to: to, in: repository))))
            }
        } catch {
            fail(job, error, &found)
        }
    }

    private static func fail(_ job: Job, _ error: GitError, _ found: inout Found) {
        switch job {
        case .commit(_, let number): found.commits.append((number, .failure(error)))
        case .changes(_, _, let number): found.changes.append((number, .failure(error)))
        }
    }

    private static func answer(
        _ work: Integrations, _ repository: borrowing Repository, _ packs: PackReader
    ) -> (answers: [(Int, Result<Integration, GitError>)], patches: PatchIndex) {
        var patches = work.patches
        var answers: [(Int, Result<Integration, GitError>)] = []
        for (target, questions) in Dictionary(grouping: work.questions, by: \.question.target) {
            guard let target else { continue }
            let tips = questions.map { (tip: $0.question.tip, forkPoint: $0.question.forkPoint) }
            do throws(GitError) {
                let found = try work.graph.integrations(of: tips, into: target, in: repository, packs: packs, patches: &patches)
                answers += zip(questions, found).map { ($0.number, .success($1)) }
            } catch {
                // One tip's missing object must not hide what is known of the others.
                for (question, tip) in zip(questions, tips) {
                    answers.append(
                        (
                            question.number,
                            Result { () throws(GitError) in
                                try work.graph.integrations(of: [tip], into: target, in: repository, packs: packs, patches: &patches)[0]
                            }
                        ))
                }
            }
        }
        return (answers, patches)
    }
}
