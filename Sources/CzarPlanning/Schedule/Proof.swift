/// What Git says about a worker that claims to be done.
package struct ProofFacts: Hashable, Sendable {
    /// The branch's tip; nil when the branch is gone.
    package var tip: CommitID?
    /// Where a branch that is gone was seen last.
    package var lastTip: CommitID?
    package var ownCommits = 0
    /// The base's tip that they were told by.
    package var base: CommitID?
    /// Nil when the worktree is missing.
    package var worktree: Worktree?
    /// What it means that the worktree is missing.
    package var absence = Absence.mended
    /// Workers of `merges` whose recorded change the branch does not contain.
    package var missingMerges: [WorkerID] = []
    /// Why the rest is not known: the worktree or the history cannot be read.
    package var problem: String?
    /// The command that mends that; nil where none is known.
    package var problemRemedy: String?
    /// The commit at which the branch was created, where the branch no longer contains it.
    package var lostForkPoint: CommitID?

    package init(
        tip: CommitID?, ownCommits: Int = 0, worktree: Worktree? = nil, missingMerges: [WorkerID] = [], lostForkPoint: CommitID? = nil
    ) {
        (self.tip, self.ownCommits, self.worktree, self.missingMerges) = (tip, ownCommits, worktree, missingMerges)
        self.lostForkPoint = lostForkPoint
    }

    package enum Absence: Hashable, Sendable {
        /// It is made again.
        case mended
        /// Nothing makes it again, the plan being in another phase: its folder vanished, and nobody knows with what.
        case vanished
        /// Nothing makes it again, and none is recorded any more: what was removed was clean, or is kept.
        case removed
    }

    /// The worktree at that moment.
    package struct Worktree: Hashable, Sendable {
        /// Nil for a detached HEAD.
        package var branch: String?
        /// Changed, untracked and conflicted paths as they are shown, the first few.
        package var dirty: [String]
        package var dirtyCount: Int
        /// `merge`, `rebase`, …: an operation that was begun and not ended.
        package var operation: String?
        /// Whether the branch is another worker's.
        package var isAnothers = false

        package init(branch: String?, dirty: [String] = [], dirtyCount: Int = 0, operation: String? = nil) {
            (self.branch, self.dirty, self.dirtyCount, self.operation) = (branch, dirty, dirtyCount, operation)
        }
    }
}

/// The proof of completion (SPEC section 4): what is missing from it, one sentence each.
package enum Proof {
    /// Empty when the worker's work is proven.
    package static func missing(for worker: WorkerDefinition, branch: BranchName, facts: ProofFacts) -> [String] {
        var missing: [String] = []
        if let problem = facts.problem { return ["its work cannot be looked at: \(problem)"] }
        let strayed = branchProblem(branch, facts)
        if facts.tip == nil, let strayed { return [strayed] }
        // What it committed elsewhere is said by where it is.
        if facts.ownCommits == 0, !worker.allowEmpty, strayed == nil { missing.append("no commit of its own on '\(branch)'") }
        if let commit = facts.lostForkPoint {
            missing.append("'\(branch)' no longer contains \(commit.rawValue.prefix(10)), the commit at which it was created")
        }
        if let worktree = facts.worktree {
            if let strayed { missing.append(strayed) }
            if let operation = worktree.operation {
                missing.append("\(operation == "am" ? "an" : "a") \(operation) is in progress in the worktree")
            }
            if worktree.dirtyCount > 0 { missing.append(dirtySentence(worktree)) }
        } else if facts.absence != .removed {
            missing.append(Self.worktreeMissing)
        }
        if !facts.missingMerges.isEmpty {
            missing.append("the branch does not contain the work of \(facts.missingMerges.map { "'\($0)'" }.joined(separator: ", "))")
        }
        return missing
    }

    /// Why commits that are made in the worktree do not count: the branch is gone, or not checked out there; nil when they do.
    package static func branchProblem(_ branch: BranchName, _ facts: ProofFacts) -> String? {
        guard facts.tip != nil else {
            let place = facts.worktree?.branch.flatMap { $0 == branch.rawValue ? nil : "; the worktree is on '\($0)'" } ?? ""
            return "the branch '\(branch)' no longer exists" + place
        }
        guard let worktree = facts.worktree, worktree.branch != branch.rawValue else { return nil }
        return "the worktree is on \(worktree.branch.map { "'\($0)'" } ?? "no branch") instead of '\(branch)'"
    }

    /// The sentence for a worktree that is not there.
    static let worktreeMissing = "the worktree is missing"

    /// What a worker does about what is missing.
    package struct Remedy: Hashable, Sendable {
        /// As it would be typed where the one is who asked.
        package let command: String
        /// Whether the worker can be declared complete right after it.
        package let isEnough: Bool
        package let isCommit: Bool

        fileprivate init(_ command: String, isEnough: Bool = true, isCommit: Bool = false) {
            (self.command, self.isEnough, self.isCommit) = (command, isEnough, isCommit)
        }
    }

    /// As it would be typed; `path`: the worktree, for who is not in it. Nil when nothing is missing that could be mended there.
    package static func remedy(for worker: WorkerDefinition, branch: BranchName, facts: ProofFacts, at path: String?) -> Remedy? {
        if let remedy = branchRemedy(branch, facts, at: path) { return remedy }
        guard facts.tip != nil, facts.problem == nil else { return nil }
        guard let worktree = facts.worktree else {
            let isEnough = facts.ownCommits > 0 || worker.allowEmpty
            switch facts.absence {
            case .mended: return Remedy("czar create \(worker.id)", isEnough: isEnough)
            case .vanished: return Remedy("czar remove \(worker.id)", isEnough: isEnough)
            case .removed: return Remedy("czar fail \(worker.id) --reason 'not proven'", isEnough: false)
            }
        }
        if worktree.dirtyCount > 0 {
            let whose = path == nil ? [] : ["--worker", worker.id.rawValue]
            return Remedy(ShellText.line(["czar", "commit"] + whose + ["-m", worker.commitSubject]), isCommit: true)
        }
        // What is left to be done stands there.
        if facts.ownCommits == 0, !worker.allowEmpty { return Remedy("czar brief \(worker.id)", isEnough: false) }
        return nil
    }

    /// What brings HEAD, and the commits, back to where they count; nil when they are there.
    package static func branchRemedy(_ branch: BranchName, _ facts: ProofFacts, at path: String?) -> Remedy? {
        guard let worktree = facts.worktree else { return nil }
        let git = BranchMend.git(in: path)
        // A rebase detaches HEAD, and nothing else can be done before it is ended.
        if let operation = worktree.operation { return Remedy("\(git) \(operation) --continue") }
        if worktree.branch == branch.rawValue, facts.tip == nil {
            return facts.lastTip.map { Remedy("\(git) branch \(ShellText.word(branch.rawValue)) \($0.rawValue)") }
        }
        if worktree.branch == branch.rawValue {
            // Another attempt would go on with the same branch.
            guard let start = facts.lostForkPoint, worktree.dirtyCount == 0 else { return nil }
            return Remedy("\(git) rebase \(start.rawValue)")
        }
        return Remedy(
            BranchMend.command(git, to: branch, found: worktree.branch, exists: facts.tip != nil, isAnothers: worktree.isAnothers))
    }

    private static func dirtySentence(_ worktree: ProofFacts.Worktree) -> String {
        let shown = worktree.dirty.prefix(3).joined(separator: ", ")
        let rest = worktree.dirtyCount - min(3, worktree.dirty.count)
        let noun = worktree.dirtyCount == 1 ? "1 uncommitted path" : "\(worktree.dirtyCount) uncommitted paths"
        return "\(noun): \(shown)" + (rest > 0 ? " and \(rest) more" : "")
    }
}
