/// What the workers bring together: each commit once, and each change once, however many branches hold it. A figure that is unknown for
/// some worker is a sum of the others.
package struct JointWork: Hashable, Sendable {
    /// Nil when some history cannot be read.
    package var ownCommits: Int?
    package var files = GitFigures.FileCounts()
    package var lines = GitFigures.LineCounts(inserted: 0, deleted: 0)
    package var testsAdded = 0
    package var testFiles = 0

    package init(ownCommits: Int?) { self.ownCommits = ownCommits }

    /// Adds a change, which counts as often as `weight` says.
    package mutating func add(
        files counts: GitFigures.FileCounts?, lines changed: GitFigures.LineCounts?, testsAdded: Int?, testFiles: Int?, weight: Int = 1
    ) {
        self.testsAdded += (testsAdded ?? 0) * weight
        self.testFiles += (testFiles ?? 0) * weight
        if let counts {
            files.created += counts.created * weight
            files.modified += counts.modified * weight
            files.deleted += counts.deleted * weight
            files.renamed += counts.renamed * weight
        }
        if let changed {
            lines.inserted += changed.inserted * weight
            lines.deleted += changed.deleted * weight
        }
    }

    /// A branch that takes back what another brought in can make a sum of differences negative: there are no fewer than none.
    package mutating func clamp() {
        files = GitFigures.FileCounts(
            created: max(0, files.created), modified: max(0, files.modified), deleted: max(0, files.deleted), renamed: max(0, files.renamed)
        )
        lines = GitFigures.LineCounts(inserted: max(0, lines.inserted), deleted: max(0, lines.deleted))
        testFiles = max(0, testFiles)
    }
}

/// The own commits that are new since a moment: no branch had them then.
package struct Growth: Hashable, Sendable {
    package var total: Int
    package var workers: [WorkerID: Int]

    package init(total: Int, workers: [WorkerID: Int]) { (self.total, self.workers) = (total, workers) }
}

/// Own commits of all branches at a moment, each counted once.
package struct CommitPoint: Hashable, Sendable {
    package let time: Timestamp
    package let count: Int

    package init(time: Timestamp, count: Int) { (self.time, self.count) = (time, count) }
}
