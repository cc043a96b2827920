import CLibgit2

/// Counts files and lines between trees, for many pairs of trees: what they share is read once.
///
/// The counts are those of ``Repository/changes(from:to:renames:)``. That asks libgit2, which looks for attributes of every file in
/// every folder on its way and inflates each tree anew; where attributes cannot matter, trees are compared here.
struct ChangeCounter: ~Copyable {
    private var settings: DiffSettings
    private let tests: TestPatterns
    /// Lent to whoever compares the same trees.
    var trees: ChangedPaths
    private var replaced = ReplacedBlobs()
    private let objects: ObjectReader
    /// What was counted of each pair of files: where a base is far behind, all branches change the same ones.
    private var pairs: [Pair: ChangeCounts] = [:]
    private let renameLimit: Int
    private let texts: TextRules

    /// `packs`: as for ``ObjectReader``.
    init(_ repository: borrowing Repository, packs: PackReader, settings: DiffSettings, tests: TestPatterns) throws(GitError) {
        // All at once at the end: a failure must not leave half of a value that cannot be copied.
        let limit = try repository.configuration().number("diff.renamelimit") ?? 1000
        let trees = try ChangedPaths(repository, packs: packs)
        let objects = try ObjectReader(repository, packs: packs)
        (self.settings, self.tests, renameLimit, texts) = (settings, tests, Int(limit), settings.textRules())
        self.trees = trees
        self.objects = objects
    }

    /// - Throws: ``GitError`` when an object is missing or damaged.
    mutating func fact(from old: ObjectID?, to new: ObjectID, in repository: borrowing Repository) throws(GitError) -> ChangeFact {
        if settings.needLibgit2 { return try asked(repository, old, new) }
        let changes = try trees.changes(from: old, to: new).filter { !settings.ignoredSubmodules.leaveOut($0.old, $0.new) }
        let around = folders(of: changes.compactMap { ($0.new ?? $0.old)?.path })
        guard settings.cover(around) else { return try asked(repository, old, new) }
        return ChangeFact(counts: try count(changes, repository), folders: Array(around))
    }

    /// What a list shows of a commit.
    /// - Throws: ``GitError`` when the object is missing or no commit.
    func summary(of id: ObjectID) throws(GitError) -> CommitSummary {
        try objects.withObject(id) { type, bytes throws(GitError) in
            guard type == GIT_OBJECT_COMMIT else {
                throw GitError(code: .generic, operation: "read the commit", subject: id.hex, message: "the object is no commit")
            }
            return CommitSummary(CommitText(bytes))
        }
    }

    private func asked(_ repository: borrowing Repository, _ old: ObjectID?, _ new: ObjectID) throws(GitError) -> ChangeFact {
        let changes = try repository.changes(from: old, to: new, leavingOut: settings.ignoredSubmodules)
        var counts = ChangeCounts(changes)
        for file in changes.files where !file.isBinary && file.oldID != file.newID {
            let old = file.oldPath.flatMap { path in file.oldID.map { DiffSide(path: path, id: $0, mode: file.oldMode) } }
            let new = file.newPath.flatMap { path in file.newID.map { DiffSide(path: path, id: $0, mode: file.newMode) } }
            take(tests: testCount(new, try content(new)), before: testCount(old, try content(old)), &counts)
        }
        return ChangeFact(changes, counts: counts)
    }

    private func testCount(_ side: DiffSide?, _ content: [UInt8]) -> Int {
        side.map { $0.isRegular ? tests.count(in: content, path: $0.path) : 0 } ?? 0
    }

    private func take(tests now: Int, before then: Int, _ counts: inout ChangeCounts) {
        counts.testsAdded += now - then
        if now > 0 { counts.testFiles += 1 }
    }

    private mutating func count(_ changes: [(old: DiffSide?, new: DiffSide?)], _ repository: borrowing Repository) throws(GitError)
        -> ChangeCounts
    {
        var counts = ChangeCounts()
        var (deleted, created): ([DiffSide], [DiffSide]) = ([], [])
        for change in changes {
            switch (change.old, change.new) {
            case (let old?, nil): deleted.append(old)
            case (nil, let new?): created.append(new)
            default:
                counts.modified += 1
                try countLines(change.old, change.new, repository, &counts)
            }
        }
        var detection = RenameDetection(deleted: deleted, created: created)
        try detection.run(limit: renameLimit, in: repository) { [texts] in !texts.isBinary($0, $1) }
        let sources = Set(detection.sourceOf.values)
        for (number, file) in deleted.enumerated() where !sources.contains(number) {
            counts.deleted += 1
            try countLines(file, nil, repository, &counts)
        }
        for (number, file) in created.enumerated() {
            let source = detection.sourceOf[number].map { deleted[$0] }
            if source == nil { counts.created += 1 } else { counts.renamed += 1 }
            try countLines(source, file, repository, &counts)
        }
        return counts
    }

    private struct Pair: Hashable {
        let old: DiffSide?
        let new: DiffSide?
    }

    /// A few megabytes of them are kept.
    private static let mostPairs = 20_000

    private mutating func countLines(
        _ old: DiffSide?, _ new: DiffSide?, _ repository: borrowing Repository, _ counts: inout ChangeCounts
    ) throws(GitError) {
        guard old?.id != new?.id else { return }
        let pair = Pair(old: old, new: new)
        if let known = pairs[pair] { return counts.addLines(of: known) }
        var found = ChangeCounts()
        try countLinesAnew(old, new, repository, &found)
        if pairs.count == Self.mostPairs { pairs = [:] }
        pairs[pair] = found
        counts.addLines(of: found)
    }

    private mutating func countLinesAnew(
        _ old: DiffSide?, _ new: DiffSide?, _ repository: borrowing Repository, _ counts: inout ChangeCounts
    ) throws(GitError) {
        let after = try content(new)
        if let old, let new, try countRewritten(old, new, after, &counts) { return }
        let before = try content(old)
        guard !texts.isBinary(old, before), !texts.isBinary(new, after) else { return }
        let then = old.flatMap { replaced[$0]?.tests } ?? testCount(old, before)
        take(tests: testCount(new, after), before: then, &counts)
        if let old, new != nil { replaced.note(old, tests: then) }
        let plain = before.withUnsafeBytes { old in after.withUnsafeBytes { new in plainLineDifference(old, new) } }
        if let plain {
            counts.insertions += plain.inserted
            counts.deletions += plain.deleted
            return
        }
        var options = try git_diff_options.plain()
        // What is binary is decided already.
        options.flags = GIT_DIFF_FORCE_TEXT.rawValue
        options.context_lines = 0
        let lines = try withPatch(from: before, to: after, of: new?.path, options) { (patch) throws(GitError) -> LineCount in
            try LineCount(patch)
        }
        counts.insertions += lines.insertions
        counts.deletions += lines.deletions
    }

    /// Counts a file of which no line is left, where another branch changed the same one: what is known of it need not be found out again.
    private mutating func countRewritten(
        _ old: DiffSide, _ new: DiffSide, _ after: [UInt8], _ counts: inout ChangeCounts
    ) throws(GitError) -> Bool {
        guard replaced[old] != nil, !texts.mayDecide(old.path), !texts.mayDecide(new.path), !texts.isBinary(new, after) else {
            return false
        }
        if replaced[old]?.lines == nil {
            let before = try content(old)
            guard !texts.isBinary(old, before) else { return false }
            replaced.note(old, lines: before)
        }
        guard let known = replaced[old], let lines = known.lines, !after.withUnsafeBytes({ lines.holdsAny(of: $0) }) else { return false }
        take(tests: testCount(new, after), before: known.tests, &counts)
        counts.insertions += after.withUnsafeBytes { lineCount($0) }
        counts.deletions += lines.count
        return true
    }

    /// What a side is compared by: the blob, or one line for a submodule.
    private func content(_ side: DiffSide?) throws(GitError) -> [UInt8] {
        guard let side else { return [] }
        if side.mode == 0o160000 { return Array("Subproject commit \(side.id.hex)\n".utf8) }
        let object = try objects.object(side.id)
        guard object.type == GIT_OBJECT_BLOB else {
            throw GitError(code: .generic, operation: "read the file", subject: side.path.description, message: "the object is no blob")
        }
        return object.bytes
    }
}
