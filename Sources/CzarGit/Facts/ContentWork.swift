/// What has to be read from trees and blobs, shared by several threads with a handle each.
///
/// All that is asked about one branch is answered by one thread: its commits, its change and whether it landed are read from the same
/// trees.
struct ContentWork: Sendable {
    /// What is asked about one branch.
    struct Job: Sendable {
        /// Names the question.
        let number: Int
        var commit: ObjectID?
        var changes: (from: ObjectID?, to: ObjectID)?
        var integration: BranchQuestion?

        var isEmpty: Bool { commit == nil && changes == nil && integration == nil }
    }

    /// What one thread has found out.
    struct Found: Sendable {
        var commits: [(Int, Result<CommitSummary, GitError>)] = []
        var changes: [(Int, Result<ChangeFact, GitError>)] = []
        var integrations: [(Int, Result<Integration, GitError>)] = []
        var patches: PatchIndex
    }

    private let jobs: [Job]
    private let path: String
    private let packs: Result<SharedPacks, GitError>
    private let settings: DiffSettings
    private let tests: TestPatterns
    private let landings: Landings?
    private let overrides: HistoryOverrides

    /// `graph`, `patches`: what integrations are found with.
    init(
        _ jobs: [Job], graph: CommitGraph?, overrides: HistoryOverrides, patches: PatchIndex, in repository: borrowing Repository,
        path: String, settings: DiffSettings, tests: TestPatterns
    ) {
        (self.jobs, self.overrides, self.path, self.settings, self.tests) = (jobs, overrides, path, settings, tests)
        let packs = Self.packs(of: repository)
        self.packs = packs
        landings = graph.map { Landings(jobs.compactMap(\.integration), $0, patches, path: path, packs: packs) }
    }

    private static func packs(of repository: borrowing Repository) -> Result<SharedPacks, GitError> {
        do throws(GitError) { return .success(SharedPacks(files: try PackFile.all(of: repository))) } catch { return .failure(error) }
    }

    /// - Returns: the parts of the threads.
    func run() -> [Found] {
        let queue = JobQueue(jobs.count)
        return inParallel(min(usefulThreads(), jobs.count)) { _ in
            var found = Found(patches: landings?.patches ?? PatchIndex())
            do throws(GitError) {
                let repository = try Repository(opening: path)
                var counter = try ChangeCounter(repository, packs: packs.get().reader(), settings: settings, tests: tests)
                while let number = queue.take() { answer(jobs[number], repository, &counter, &found) }
            } catch {
                while let number = queue.take() { fail(jobs[number], error, &found) }
            }
            return found
        }
    }

    private func answer(_ job: Job, _ repository: borrowing Repository, _ counter: inout ChangeCounter, _ found: inout Found) {
        if let commit = job.commit {
            found.commits.append((job.number, Result { () throws(GitError) in try counter.summary(of: overrides.resolve(commit)) }))
        }
        if let (from, to) = job.changes {
            do throws(GitError) {
                found.changes.append((job.number, .success(try counter.fact(from: from, to: to, in: repository))))
            } catch {
                found.changes.append((job.number, .failure(error)))
            }
        }
        if let question = job.integration, let landings {
            do throws(GitError) {
                let answer = try landings.integration(of: question, repository, &found.patches, &counter.trees)
                found.integrations.append((job.number, .success(answer)))
            } catch {
                found.integrations.append((job.number, .failure(error)))
            }
        }
    }

    private func fail(_ job: Job, _ error: GitError, _ found: inout Found) {
        if job.commit != nil { found.commits.append((job.number, .failure(error))) }
        if job.changes != nil { found.changes.append((job.number, .failure(error))) }
        if job.integration != nil { found.integrations.append((job.number, .failure(error))) }
    }
}
