import CzarPlanning
import OrderedCollections
import Testing

@Suite struct VerdictTests {
    private let worker = makePlan(["a": []]).workers.values.first!
    private let clean = ProofFacts(
        tip: CommitID(rawValue: "1111"), ownCommits: 2, worktree: ProofFacts.Worktree(branch: "feat/a"))

    private func running() -> TestJournal {
        var journal = TestJournal()
        journal.write("a", .branchCreated, [Field.branch: "feat/a", Field.base: "main", Field.forkPoint: "0000"])
        journal.start("a")
        return journal
    }

    @Test func endingWithZeroAndAProofCompletes() {
        var journal = running()
        journal.end("a", exit: 0)
        #expect(Verdict.judge(journal["a"], worker: worker, facts: clean) == .complete(tip: CommitID(rawValue: "1111")))
    }

    @Test func endingWithZeroWithoutProofFailsAsUnproven() {
        var journal = running()
        journal.end("a", exit: 0)
        var facts = clean
        facts.ownCommits = 0
        facts.worktree?.dirty = ["x.txt"]
        facts.worktree?.dirtyCount = 1
        let verdict = Verdict.judge(journal["a"], worker: worker, facts: facts)
        let reason = "no commit of its own on 'feat/a'; 1 uncommitted path: x.txt"
        #expect(verdict == .move(StateMove(to: .failed, causes: [.unproven], reason: reason)))
    }

    @Test func aDeclarationCountsWhateverTheExitStatus() {
        var journal = running()
        journal.write("a", .workerComplete)
        journal.end("a", exit: 7)
        #expect(Verdict.judge(journal["a"], worker: worker, facts: clean) == .complete(tip: CommitID(rawValue: "1111")))
    }

    @Test func anotherExitStatusWithoutDeclarationFailsEvenWithCommits() {
        var journal = running()
        journal.end("a", exit: 7)
        let expected = StateMove(to: .failed, causes: [.exit], reason: "its command ended with 7")
        #expect(Verdict.judge(journal["a"], worker: worker, facts: clean) == .move(expected))
    }

    @Test func aDeclarationOfAnEarlierAttemptDoesNotCount() {
        var journal = running()
        journal.write("a", .workerComplete)
        journal.end("a", exit: 0)
        journal.move("a", StateMove(to: .failed, causes: [.unproven]))
        journal.move("a", StateMove(to: .pending))
        journal.start("a")
        journal.end("a", exit: 1)
        guard case .move(let move) = Verdict.judge(journal["a"], worker: worker, facts: clean) else {
            return #expect(Bool(false), "an old declaration counted")
        }
        #expect(move.causes == [.exit])
    }

    @Test(arguments: [
        (ProofFacts(tip: nil), "no longer exists"),
        (ProofFacts(tip: CommitID(rawValue: "1"), ownCommits: 1), "the worktree is missing"),
        (ProofFacts(tip: CommitID(rawValue: "1"), ownCommits: 1, worktree: .init(branch: "other")), "is on 'other' instead of 'feat/a'"),
        (ProofFacts(tip: CommitID(rawValue: "1"), ownCommits: 1, worktree: .init(branch: nil)), "is on no branch"),
        (
            ProofFacts(tip: CommitID(rawValue: "1"), ownCommits: 1, worktree: .init(branch: "feat/a", operation: "rebase")),
            "a rebase is in progress"
        ),
        (
            ProofFacts(tip: CommitID(rawValue: "1"), ownCommits: 1, worktree: .init(branch: "feat/a"), missingMerges: ["b"]),
            "does not contain the work of 'b'"
        ),
        (
            ProofFacts(
                tip: CommitID(rawValue: "1"), ownCommits: 1, worktree: .init(branch: "feat/a"),
                lostForkPoint: CommitID(rawValue: "0123456789abcdef")),
            "no longer contains 0123456789, the commit at which it was created"
        ),
    ])
    func eachMissingPartOfTheProofIsNamed(facts: ProofFacts, sentence: String) {
        let missing = Proof.missing(for: worker, branch: BranchName(rawValue: "feat/a")!, facts: facts)
        #expect(missing.count == 1 && missing[0].contains(sentence), "\(missing)")
    }
}
