import TestSupport
import Testing

@testable import CzarGit

/// What branches bring together, with git as the judge of what each commit changes.
@Suite struct JointHistoryTests {
    private let repository: GitRepository

    init() throws { repository = try GitRepository() }

    /// Adds lines of a file's own on a branch; returns the commit.
    @discardableResult
    private func work(_ branch: String, _ file: String, lines: Int = 1) throws -> ObjectID {
        if try run(["git", "rev-parse", "-q", "--verify", branch], in: repository.path).status == 0 {
            try git("switch", "-q", branch, in: repository.path)
        } else {
            try git("switch", "-q", "-c", branch, "main", in: repository.path)
        }
        try repository.write(file, String(repeating: "\(file)\n", count: lines))
        return try #require(ObjectID(hex: repository.commitAll(file)))
    }

    private func merge(_ what: String, into branch: String) throws {
        try git("switch", "-q", branch, in: repository.path)
        try git("merge", "-q", "--no-ff", "-m", "merged", what, in: repository.path)
    }

    private func id(_ name: String) throws -> ObjectID { try #require(ObjectID(hex: git("rev-parse", name, in: repository.path))) }

    private func reader() throws -> HistoryReader {
        try HistoryReader(RepositoryLocation.discover(from: repository.path), cacheFolder: nil)
    }

    private func range(_ branch: String) throws -> OwnRange {
        OwnRange(tip: try id(branch), comparisonBase: try id("main"), forkPoint: nil)
    }

    /// The lines that the branches insert, added up with the weights.
    private func inserted(_ branches: [String]) throws -> Int {
        let reader = try reader()
        let weights = try #require(try reader.weights(of: branches.map(range)))
        let found = try reader.figures(of: weights.map { BranchQuestion(tip: $0.tip, base: $0.comparisonBase) })
        return zip(weights, found).reduce(0) { $0 + $1.0.weight * ($1.1.changes?.insertions ?? 0) }
    }

    @Test func aBranchInsideAnotherCountsOnce() throws {
        try work("a", "one", lines: 3)
        try work("b", "two")
        try merge("a", into: "b")
        try work("c", "three", lines: 5)
        #expect(try inserted(["a", "b", "c"]) == 9)
        #expect(try inserted(["a", "a"]) == 3, "two workers on one commit")
        let weights = try #require(try reader().weights(of: [range("a"), range("b")]))
        #expect(try weights == [WeightedTip(tip: id("b"), comparisonBase: id("main"), weight: 1)])
    }

    @Test func whatABranchTookOverAsOtherCommitsCountsOnce() throws {
        try work("a", "one", lines: 3)
        try work("b", "two", lines: 5)
        try git("merge", "-q", "--squash", "a", in: repository.path)
        try git("commit", "-qm", "a, squashed", in: repository.path)
        try work("c", "three", lines: 7)
        try merge("b", into: "c")
        // Whoever merged the branch that took it over has it from there; and whoever merged its first owner has it twice.
        try work("d", "four", lines: 9)
        try merge("a", into: "d")
        let reader = try reader()
        func inserted(_ branches: [String], _ taken: [TakenOver]) throws -> Int {
            let weights = try #require(try reader.weights(of: branches.map(range), takenOver: taken))
            let found = try reader.figures(of: weights.map { BranchQuestion(tip: $0.tip, base: $0.comparisonBase) })
            return zip(weights, found).reduce(0) { $0 + $1.0.weight * ($1.1.changes?.insertions ?? 0) }
        }
        let taken = [TakenOver(by: try id("b"), from: try id("a"))]
        #expect(try inserted(["a", "b"], []) == 11 && inserted(["a", "b"], taken) == 8)
        #expect(try inserted(["a", "b", "c"], taken) == 15)
        #expect(try inserted(["a", "b", "c", "d"], taken) == 24)
        let each = taken + [TakenOver(by: try id("a"), from: try id("b"))]
        #expect(try inserted(["a", "b"], each) == 8 || inserted(["a", "b"], each) == 3, "each in the other: one of the two")
        #expect(try reader.mergeBases(of: [range("c")]) == [id("main")])
    }

    /// A change is compared with one of several merge bases, so it holds what the others brought.
    @Test func aBranchThatMergedWhatHasLandedCountsItOnce() throws {
        try work("a", "one", lines: 3)
        try work("c", "three", lines: 5)
        let start = try id("main")
        try git("switch", "-q", "-c", "e", "a", in: repository.path)
        try merge("c", into: "e")
        for branch in ["a", "c"] { try merge(branch, into: "main") }
        let landed = try ["a", "c"].map { OwnRange(tip: try id($0), comparisonBase: start, forkPoint: nil) }
        let reader = try reader()
        let weights = try #require(try reader.weights(of: landed + [range("e")]))
        let found = try reader.figures(of: weights.map { BranchQuestion(tip: $0.tip, base: $0.comparisonBase) })
        #expect(zip(weights, found).reduce(0) { $0 + $1.0.weight * ($1.1.changes?.insertions ?? 0) } == 8)
    }

    @Test func whatTwoBranchesMergedCountsOnceAlsoWhereItsOwnerWentOn() throws {
        try work("a", "one", lines: 3)
        for branch in ["b", "c"] {
            try work(branch, branch)
            try merge("a", into: branch)
        }
        #expect(try inserted(["a", "b", "c"]) == 5, "a is in both")
        try work("a", "later", lines: 7)
        #expect(try inserted(["a", "b", "c"]) == 12, "a's first commit is in all three")
        #expect(try inserted(["b", "c"]) == 5, "a itself is not asked about")
    }

    @Test func ofAGrownBranchOnlyWhatNoBranchHadBeforeIsNew() throws {
        let first = try work("a", "one")
        let other = try work("b", "two")
        try work("a", "three")
        try merge("a", into: "b")
        let branches = try [
            GrownBranch(ranges: [range("a")], before: first), GrownBranch(ranges: [range("b")], before: other),
        ]
        let found = try #require(try reader().newCommits(branches))
        #expect(found == NewCommits(each: [1, 2], together: 2), "the merge, and the commit that both have")
        let count = try git("rev-list", "--count", "a", "b", "--not", "main", first.hex, other.hex, in: repository.path)
        #expect(Int(count) == found.together)
        // A rewritten branch has new commits, although there are no more of them.
        try git("switch", "-q", "a", in: repository.path)
        try git("commit", "-q", "--amend", "-m", "amended", in: repository.path)
        let amended = try #require(try reader().newCommits([GrownBranch(ranges: [range("a")], before: id("b"))]))
        #expect(amended.together == 1)
    }

    @Test func overTimeEveryCommitCountsOnceAndALandedPieceStays() throws {
        let main = try id("main")
        let first = try work("a", "one")
        let other = try work("b", "two")
        try merge("a", into: "b")
        let merged = try id("b")
        try merge("a", into: "main")
        let late = try work("a", "late")
        let landed = OwnRange(tip: first, comparisonBase: main, forkPoint: nil)
        let a = try [landed, range("a")], b = try [range("b")]
        let b1 = [OwnRange(tip: b[0].tip, comparisonBase: main, forkPoint: nil)]
        let counts = try reader().distinctOwnCommits(after: [
            BranchStep(branch: 0, tip: first, ranges: a), BranchStep(branch: 1, tip: other, ranges: b1),
            BranchStep(branch: 1, tip: merged, ranges: b1), BranchStep(branch: 0, tip: late, ranges: a),
        ])
        #expect(counts == [1, 2, 3, 4])
    }
}
