import Dispatch
import Glibc
import Synchronization
import SystemPackage

/// One checkout of several worktrees: what its threads share.
///
/// Three passes with all threads: folders, files, indexes. All folders are there before the first file or link, and nothing that exists
/// is ever replaced, so no tree, however malformed, can make a link that a later file is written through.
final class FanOut: Sendable {
    let plan: CheckoutPlan
    let settings: CheckoutSettings
    /// The blobs that are read in the place of others. Not what a person has stored: that comes back as it is.
    let replacements: Replacements
    let writers: [TargetWriter]
    let threads: Int
    let budget: MemoryBudget
    let largeObjects: LargeObjects
    private let donors: [Donor]
    let copier = FileCopier()
    private let options: CheckoutOptions
    private let kinds: [AttributeKind]
    private let kindOfLayout: [Int]
    private let nextUnit = Atomic(0)
    private let isStopped = Atomic(false)
    private let progress: Mutex<(files: Int, bytes: Int)>
    private let totalFiles: Int
    private let unfiltered = Mutex<[Int: [String: Int]]>([:])

    /// Trees with the same attributes are of one kind.
    private struct AttributeKind {
        let files: [AttributeFile]
        let relevance: AttributeRelevance
        let rules: AttributeRules
    }

    init(
        plan: CheckoutPlan, writers: [TargetWriter], settings: CheckoutSettings, following replacements: Replacements,
        options: CheckoutOptions, _ repository: borrowing Repository
    ) throws(GitError) {
        (self.plan, self.writers, self.settings, self.options) = (plan, writers, settings, options)
        self.replacements = plan.layouts.contains { $0.only != nil } ? .none : replacements
        // More threads than units would only open handles.
        threads = max(1, min(options.threads, plan.units.count))
        budget = MemoryBudget(bytes: options.memory)
        largeObjects = LargeObjects(settings: settings)
        progress = Mutex((0, 0))
        totalFiles = writers.reduce(0) { $0 + plan.layouts[$1.layout].template.fileCount }
        (kinds, kindOfLayout) = try Self.kinds(plan, settings, repository)
        // What is there already is compared with blobs, not overwritten by copies.
        donors = writers.contains { $0.target.ground == .begun } ? [] : try Self.findDonors(plan, options)
    }

    private static func kinds(
        _ plan: CheckoutPlan, _ settings: CheckoutSettings, _ repository: borrowing Repository
    ) throws(GitError) -> ([AttributeKind], [Int]) {
        var kinds: [AttributeKind] = []
        var result: [Int] = []
        for layout in plan.layouts {
            if let known = kinds.firstIndex(where: { $0.files == layout.attributeFiles }) {
                result.append(known)
                continue
            }
            let files = layout.failure == nil ? layout.attributeFiles : []
            let sources = try AttributeSources(outsideOfTrees: settings, with: files, of: repository)
            result.append(kinds.count)
            kinds.append(
                AttributeKind(
                    files: layout.attributeFiles, relevance: AttributeRelevance(sources, settings),
                    rules: AttributeRules(sources, names: AttributeReader.names, ignoresCase: settings.ignoresCase)))
        }
        return (kinds, result)
    }

    private static func findDonors(_ plan: CheckoutPlan, _ options: CheckoutOptions) throws(GitError) -> [Donor] {
        let wanted = plan.entries.count
        var found: [Donor] = []
        for place in options.donors {
            guard let donor = try Donor(place, plan: plan), donor.matches > 0 else { continue }
            found.append(donor)
            if donor.matches * 2 > wanted { break }
        }
        return found
    }

    // MARK: - Running

    /// Fills all worktrees; failures are found in ``writers``.
    func run() {
        let writers = self.writers, plan = self.plan, threads = self.threads
        DispatchQueue.concurrentPerform(iterations: min(threads, writers.count)) { thread in
            for writer in stride(from: thread, to: writers.count, by: threads).map({ writers[$0] }) { makeFolders(writer) }
        }
        DispatchQueue.concurrentPerform(iterations: threads) { thread in
            do throws(GitError) {
                let worker = try CheckoutWorker(self, number: thread)
                worker.run()
                keep(worker.unfiltered)
            } catch {
                fail(.max, error)
            }
        }
        if isStopped.load(ordering: .relaxed) { fail(.max, Self.stopped) }
        DispatchQueue.concurrentPerform(iterations: min(threads, writers.count)) { thread in
            for writer in stride(from: thread, to: writers.count, by: threads).map({ writers[$0] }) where writer.isLive {
                let layout = plan.layouts[writer.layout]
                if layout.only == nil { writer.writeIndex(layout.template) }
            }
        }
    }

    private func makeFolders(_ writer: TargetWriter) {
        for folder in plan.folders where folder.layouts & writer.bit != 0 && writer.isLive {
            plan.withName(at: folder.path) { writer.makeFolder($0) }
        }
    }

    static let stopped = GitError(
        code: .stopped, operation: "check out", subject: "the worktrees", message: "it was cancelled")

    /// Whether there is any point in going on; asked between batches, and between the pieces of a large file.
    func goesOn() -> Bool {
        if isStopped.load(ordering: .relaxed) { return false }
        guard options.isCancelled?() == true else { return true }
        isStopped.store(true, ordering: .relaxed)
        return false
    }

    /// The next entries to do, as bounds in the plan's order; nil when there are none or the checkout was cancelled.
    func takeUnit() -> Range<Int>? {
        guard goesOn() else { return nil }
        let next = nextUnit.wrappingAdd(1, ordering: .relaxed).oldValue
        return next < plan.units.count ? plan.units[next] : nil
    }

    /// Says that a file takes more memory than there should be in use.
    func announce(_ file: LargeFile) { options.largeFile?(file) }

    func report(files: Int, bytes: Int) {
        guard let report = options.progress else { return }
        progress.withLock { sum in
            sum.files += files
            sum.bytes += bytes
            report(CheckoutProgress(files: sum.files, totalFiles: totalFiles, bytes: sum.bytes))
        }
    }

    // MARK: - Failures

    /// The layouts that some worktree still waits for.
    func liveLayouts() -> LayoutSet { writers.reduce(0) { $1.isLive ? $0 | $1.bit : $0 } }

    func fail(_ layouts: LayoutSet, _ error: GitError) {
        for writer in writers where writer.bit & layouts != 0 { writer.fail(error) }
    }

    private func keep(_ found: [Int: [String: Int]]) {
        unfiltered.withLock { $0.merge(found) { $0.merging($1, uniquingKeysWith: +) } }
    }

    func report(of writer: TargetWriter) -> CheckoutReport {
        CheckoutReport(
            files: plan.layouts[writer.layout].template.fileCount, unfiltered: unfiltered.withLock { $0[writer.layout] ?? [:] })
    }

    // MARK: - Attributes and donors

    var hasAttributes: Bool { kinds.contains { !$0.relevance.isEmpty } }

    func attributeKind(of layout: Int) -> Int { kindOfLayout[layout] }

    /// Whether attributes of that kind could change what the entry's file holds.
    func concerns(_ kind: Int, _ entry: CheckoutPlan.Entry) -> Bool {
        let relevance = kinds[kind].relevance
        guard !relevance.isEmpty else { return false }
        return plan.withPath(entry) { path in
            let name = UnsafeRawPointer(path + Int(entry.name - entry.path))
            let length = strlen(name.assumingMemoryBound(to: CChar.self))
            return relevance.concerns(UnsafeBufferPointer(start: name.assumingMemoryBound(to: UInt8.self), count: length))
        }
    }

    func makeAttributeReader(_ kind: Int) -> AttributeReader { AttributeReader(settings, kinds[kind].rules) }

    /// A worktree's unmodified file whose content is the entry's blob; nil when none is.
    func donorFile(for entry: Int, size: Int) -> DonorFile? {
        for donor in donors { if let file = donor.file(for: entry, size: size) { return file } }
        return nil
    }

    /// Appends the entry's blob, when it is not larger than `limit`, from a worktree that has it unmodified: a header, then the content.
    /// - Returns: the content's size; nil when no worktree has it.
    func donate(_ entry: Int, upTo limit: Int, to bytes: inout [UInt8]) -> Int? {
        for donor in donors {
            if let size = donor.size(of: entry), size <= limit, donor.append(entry, size: size, to: &bytes) { return size }
        }
        return nil
    }
}
