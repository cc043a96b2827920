/// One branch that is asked about, by commits.
package struct BranchQuestion: Hashable, Sendable {
    package var tip: ObjectID
    /// The base's tip now; without it only the total is known.
    package var base: ObjectID?
    package var forkPoint: ObjectID?
    /// The tip that was declared complete; commits after it are stranded.
    package var completed: ObjectID?
    /// Where the branch is to be integrated; nil asks nothing.
    package var target: ObjectID?

    package init(tip: ObjectID, base: ObjectID?, forkPoint: ObjectID? = nil, completed: ObjectID? = nil, target: ObjectID? = nil) {
        (self.tip, self.base, self.forkPoint, self.completed, self.target) = (tip, base, forkPoint, completed, target)
    }

    /// Whether it can be told which commits are the branch's own. Of an adopted branch that nothing can be compared with, such as one that
    /// the base itself passed through, it cannot: without either all of history would be.
    func hasOwnCommits(against comparisonBase: ObjectID?) -> Bool { comparisonBase != nil || forkPoint != nil }
}

/// What objects alone say about a branch (SPEC, section 1). Nil: it could not be found out, or there is nothing to compare with.
package struct BranchFigures: Hashable, Sendable {
    package var lastCommit: CommitSummary?
    package var total: Int?
    package var ahead: Int?
    package var behind: Int?
    package var comparisonBase: ObjectID?
    package var ownCommits: Int?
    package var changes: ChangeCounts?
    /// Whether ``changes`` are nil because the branch and its comparison base have no commit in common.
    package var lacksMergeBase = false
    package var integration: Integration?
    package var stranded: [ObjectID] = []
    /// Why something is nil that should not be.
    package var problem: String?

    package init() {}
}

/// What a list of branches shows of a commit.
package struct CommitSummary: Hashable, Sendable {
    package let author: String
    /// The committer's time, since 1970; nil where the commit is damaged and tells none.
    package let seconds: Int64?
    package let subject: String

    init(author: String, seconds: Int64?, subject: String) { (self.author, self.seconds, self.subject) = (author, seconds, subject) }

    init(_ text: CommitText) {
        self.init(author: text.author.name, seconds: text.seconds, subject: CommitText.subject(of: text.message))
    }
}

/// Files and lines between two trees, as ``Repository/changes(from:to:renames:)`` counts them, and tests by ``TestPatterns``.
package struct ChangeCounts: Hashable, Sendable {
    package var created = 0
    package var modified = 0
    package var deleted = 0
    package var renamed = 0
    package var insertions = 0
    package var deletions = 0
    /// Test declarations in the added lines minus those in the removed ones.
    package var testsAdded = 0
    /// Files that are new or changed and declare a test.
    package var testFiles = 0

    package init(_ changes: TreeChanges) {
        created = changes.count(.added)
        modified = changes.count(.modified) + changes.count(.typeChanged)
        deleted = changes.count(.deleted)
        renamed = changes.count(.renamed)
        (insertions, deletions) = (changes.insertions, changes.deletions)
    }

    init() {}

    /// Adds lines and tests, not files.
    mutating func addLines(of file: ChangeCounts) {
        insertions += file.insertions
        deletions += file.deletions
        testsAdded += file.testsAdded
        testFiles += file.testFiles
    }
}

/// What one branch changes.
package struct BranchChange: Hashable, Sendable {
    /// The tree before it: the merge base's; nil where there is nothing to compare with.
    package let from: ObjectID?
    /// The tree of its tip.
    package let to: ObjectID
    /// Its own commits, children before parents.
    package let commits: [ObjectID]
}
