import Dispatch
import Glibc
import Synchronization
import SystemPackage

extension RepositoryLocation {
    /// Brings ignored, untracked files of the main worktree into new worktrees: blocks are shared where the file system can, else copied.
    ///
    /// Never over anything, never through a link, never from outside of the main worktree; modes and times of change are taken over. What
    /// a branch does not ignore or tracks stays out of its worktree. Idempotent: what is there already is passed over, so it can be repeated
    /// after a crash. Blocks; runs on threads of its own.
    /// - Returns: one result a request, in their order; ``GitError/Code/noSpace`` when the disk is full, ``GitError/Code/stopped`` when it
    ///   was cancelled. What was brought before a failure stays for the worktree's owner to remove.
    /// - Complexity: O(files brought); each folder of the main worktree is listed once for all worktrees.
    package func bring(_ requests: [BringRequest], options: BringOptions = BringOptions()) -> [Result<BringReport, GitError>] {
        do throws(GitError) {
            guard let mainWorktree else {
                throw GitError(
                    code: .bareRepository, operation: "bring files into", subject: requests.first?.worktree ?? "",
                    message: "the repository has no main worktree to bring them from")
            }
            let run = try BringRun(requests, from: BroughtSource(of: mainWorktree), options)
            run.run()
            return run.results
        } catch {
            return requests.map { _ in .failure(error) }
        }
    }
}

/// One bringing into several worktrees: what its threads share.
private final class BringRun: Sendable {
    private let source: BroughtSource
    private let options: BringOptions
    private let trees: [BroughtSource.Tree]
    private let jobs: [Job]
    private let steps: [Step]
    private let failures: [Int: GitError]
    private let count: Int
    private let next = Atomic(0)
    private let isStopped = Atomic(false)
    private let done = Mutex((files: 0, bytes: 0))
    private let total: Int

    /// A worktree and what goes into it.
    private struct Job: Sendable {
        let request: Int
        let destination: BringDestination
        let units: [BringDestination.Unit]
    }

    /// One folder of one unit, or a unit that is no folder: what a thread takes at a time.
    private struct Step: Sendable {
        let job: Int
        let unit: Int
        let folder: Int?
    }

    init(_ requests: [BringRequest], from source: BroughtSource, _ options: BringOptions) throws(GitError) {
        (self.source, self.options, count) = (source, options, requests.count)
        var selections: [IgnorePatterns: [[UInt8]]] = [:]
        var numbers: [[UInt8]: Int] = [:]
        var trees: [BroughtSource.Tree] = []
        var jobs: [Job] = []
        var failures: [Int: GitError] = [:]
        for (number, request) in requests.enumerated() {
            do throws(GitError) {
                var selected = selections[request.patterns] ?? []
                if selections[request.patterns] == nil {
                    selected = try onFiles { () throws(FileError) in try source.selected(by: request.patterns) }
                }
                selections[request.patterns] = selected
                let destination = try onFiles { () throws(FileError) in try BringDestination(request) }
                var units: [BringDestination.Unit] = []
                for path in try destination.settle(selected, source) {
                    if numbers[path] == nil {
                        trees.append(try onFiles { () throws(FileError) in try source.tree(at: path) })
                        numbers[path] = trees.count - 1
                    }
                    guard let tree = numbers[path] else { continue }
                    units.append(BringDestination.Unit(path: path, tree: tree))
                    destination.leaveOut(trees[tree].leftOut)
                }
                jobs.append(Job(request: number, destination: destination, units: units))
            } catch {
                failures[number] = error
            }
        }
        (self.trees, self.jobs, self.failures) = (trees, jobs, failures)
        steps = Self.steps(jobs, trees)
        total = jobs.reduce(0) { $1.units.reduce($0) { $0 + trees[$1.tree].count } }
    }

    private static func steps(_ jobs: [Job], _ trees: [BroughtSource.Tree]) -> [Step] {
        var steps: [Step] = []
        for (job, value) in jobs.enumerated() {
            for (unit, place) in value.units.enumerated() {
                let tree = trees[place.tree]
                if tree.single != nil { steps.append(Step(job: job, unit: unit, folder: nil)) }
                for (folder, listing) in tree.folders.enumerated() where !listing.entries.isEmpty {
                    steps.append(Step(job: job, unit: unit, folder: folder))
                }
            }
        }
        return steps
    }

    var results: [Result<BringReport, GitError>] {
        var results = failures.mapValues { Result<BringReport, GitError>.failure($0) }
        for job in jobs { results[job.request] = job.destination.result }
        return (0..<count).compactMap { results[$0] }
    }

    /// Three passes: folders, files, into place.
    func run() {
        forEachJob { job throws(FileError) in
            for (number, unit) in job.units.enumerated() { try job.destination.makeFolders(number, self.trees[unit.tree]) }
        }
        DispatchQueue.concurrentPerform(iterations: max(1, min(options.threads, steps.count))) { _ in
            while let step = takeStep() { perform(step) }
        }
        if isStopped.load(ordering: .relaxed) { jobs.forEach { $0.destination.fail(Self.stopped) } }
        forEachJob { job throws(FileError) in try job.destination.finish(job.units, self.trees) }
        for job in jobs where !job.destination.isLive {
            do throws(FileError) { try job.destination.cleanUp() } catch { job.destination.fail(GitError(error)) }
        }
    }

    private func forEachJob(_ body: @Sendable (Job) throws(FileError) -> Void) {
        let jobs = self.jobs, threads = min(options.threads, jobs.count)
        DispatchQueue.concurrentPerform(iterations: threads) { thread in
            for number in stride(from: thread, to: jobs.count, by: threads) where jobs[number].destination.isLive {
                do throws(FileError) { try body(jobs[number]) } catch { jobs[number].destination.fail(GitError(error)) }
            }
        }
    }

    private func takeStep() -> Step? {
        if isStopped.load(ordering: .relaxed) { return nil }
        if options.isCancelled?() == true {
            isStopped.store(true, ordering: .relaxed)
            return nil
        }
        let number = next.wrappingAdd(1, ordering: .relaxed).oldValue
        return number < steps.count ? steps[number] : nil
    }

    private func perform(_ step: Step) {
        let job = jobs[step.job]
        guard job.destination.isLive else { return }
        let unit = job.units[step.unit]
        let tree = trees[unit.tree]
        do throws(FileError) {
            let (files, bytes) = try job.destination.copy(unit, step.unit, step.folder.map { tree.folders[$0] }, tree, source)
            report(files, bytes)
        } catch {
            job.destination.fail(GitError(error))
        }
    }

    private func report(_ files: Int, _ bytes: Int) {
        guard let report = options.progress else { return }
        done.withLock { sum in
            sum = (sum.files + files, sum.bytes + bytes)
            report(BringProgress(files: sum.files, totalFiles: total, bytes: sum.bytes))
        }
    }

    private static let stopped = GitError(
        code: .stopped, operation: "bring files into", subject: "the worktrees", message: "it was cancelled")
}
