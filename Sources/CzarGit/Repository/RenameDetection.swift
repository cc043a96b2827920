import CLibgit2
import Glibc

/// One side of a change: a file that was deleted or created.
struct DiffSide: Hashable, Sendable {
    let path: RepositoryPath
    let id: ObjectID
    let mode: UInt32

    var isRegular: Bool { mode & 0o170000 == 0o100000 }
    var name: ArraySlice<UInt8> { path.bytes[(path.bytes.lastIndex(of: 0x2F).map { $0 + 1 } ?? 0)...] }
}

/// git's own rename detection (diffcore-rename.c and diffcore-delta.c of 2.39), because libgit2's measure of similarity is another one
/// and figures have to equal `git diff -M`: identical files, then files whose name is unique, then the best of all pairs.
///
/// - Complexity: O(deleted · created) comparisons of sorted spans, none beyond `limit` squared pairs; each blob is read once.
struct RenameDetection {
    private static let maximum = 60_000
    private static let minimum = 30_000
    /// For files that merely kept their name: halfway between the minimum and identity.
    private static let minimumForName = 45_000
    private static let candidatesEach = 4

    let deleted: [DiffSide]
    let created: [DiffSide]
    /// Which deleted file each created one came from.
    private(set) var sourceOf: [Int: Int] = [:]
    private var used: Set<Int> = []
    private var sizes: [ObjectID: Int] = [:]
    private var spans: [ObjectID: [Span]] = [:]
    private var isText: ((DiffSide, [UInt8]) -> Bool)?

    init(deleted: [DiffSide], created: [DiffSide]) { (self.deleted, self.created) = (deleted, created) }

    /// `isText`: whether a file that may hold carriage returns is text; nil asks the attributes.
    mutating func run(limit: Int, in repository: borrowing Repository, isText: ((DiffSide, [UInt8]) -> Bool)? = nil) throws(GitError) {
        self.isText = isText
        defer { self.isText = nil }
        matchIdentical()
        try matchNames(in: repository)
        let sources = deleted.indices.filter { !used.contains($0) }
        let targets = created.indices.filter { sourceOf[$0] == nil }
        guard !sources.isEmpty, !targets.isEmpty else { return }
        if limit > 0, Double(sources.count) * Double(targets.count) > Double(limit) * Double(limit) { return }
        try matchSimilar(sources, targets, in: repository)
    }

    /// git's similarity index of a renamed file, in per cent.
    static func percent(of file: FileChange, in repository: borrowing Repository) throws(GitError) -> Int {
        guard let oldPath = file.oldPath, let newPath = file.newPath, let oldID = file.oldID, let newID = file.newID else { return 0 }
        if oldID == newID { return 100 }
        var detection = RenameDetection(deleted: [], created: [])
        let sides = (DiffSide(path: oldPath, id: oldID, mode: file.oldMode), DiffSide(path: newPath, id: newID, mode: file.newMode))
        return try detection.similarity(sides.0, sides.1, atLeast: minimum, in: repository) * 100 / maximum
    }

    private mutating func record(_ target: Int, from source: Int) {
        sourceOf[target] = source
        used.insert(source)
    }

    private mutating func matchIdentical() {
        let byID = Dictionary(grouping: deleted.indices, by: { deleted[$0].id })
        for target in created.indices {
            var best: (source: Int, score: Int)?
            // git looks at a hundred alternatives at most; used ones are not counted.
            var left = 100
            for source in byID[created[target].id] ?? [] where !used.contains(source) {
                let (old, new) = (deleted[source], created[target])
                if !(old.isRegular && new.isRegular), old.mode != new.mode { continue }
                let score = old.name == new.name ? 2 : 1
                if score > best?.score ?? -1 { best = (source, score) }
                left -= 1
                if score == 2 || left == 0 { break }
            }
            if let best { record(target, from: best.source) }
        }
    }

    private mutating func matchNames(in repository: borrowing Repository) throws(GitError) {
        let sources = deleted.indices.filter { !used.contains($0) }
        let sourceNames = Dictionary(grouping: sources, by: { deleted[$0].name })
        let targetNames = Dictionary(grouping: created.indices.filter { sourceOf[$0] == nil }, by: { created[$0].name })
        for source in sources {
            guard sourceNames[deleted[source].name]?.count == 1, let targets = targetNames[deleted[source].name], targets.count == 1,
                sourceOf[targets[0]] == nil
            else { continue }
            let score = try similarity(deleted[source], created[targets[0]], atLeast: Self.minimumForName, in: repository)
            if score >= Self.minimumForName { record(targets[0], from: source) }
        }
    }

    private struct Candidate {
        let source: Int
        let target: Int
        let score: Int
        let sameName: Bool

        /// git's order: similar first, then those that kept their name.
        func isBetter(than other: Candidate) -> Bool {
            score == other.score ? sameName && !other.sameName : score > other.score
        }
    }

    private mutating func matchSimilar(_ sources: [Int], _ targets: [Int], in repository: borrowing Repository) throws(GitError) {
        var matrix: [Candidate] = []
        for target in targets {
            var best: [Candidate] = []
            for source in sources {
                let score = try similarity(deleted[source], created[target], atLeast: Self.minimum, in: repository)
                let candidate = Candidate(
                    source: source, target: target, score: score, sameName: deleted[source].name == created[target].name)
                if best.count < Self.candidatesEach {
                    best.append(candidate)
                } else {
                    var worst = 0
                    for index in 1..<best.count where best[worst].isBetter(than: best[index]) { worst = index }
                    if candidate.isBetter(than: best[worst]) { best[worst] = candidate }
                }
            }
            matrix += best
            spans[created[target].id] = nil
        }
        // Swift's sort is stable, as git's is here.
        for candidate in matrix.sorted(by: { $0.isBetter(than: $1) }) {
            guard candidate.score >= Self.minimum else { break }
            if sourceOf[candidate.target] == nil, !used.contains(candidate.source) { record(candidate.target, from: candidate.source) }
        }
    }

    /// How much of the larger file comes from the other, of ``maximum``.
    private mutating func similarity(
        _ old: DiffSide, _ new: DiffSide, atLeast minimum: Int, in repository: borrowing Repository
    ) throws(GitError) -> Int {
        guard old.isRegular, new.isRegular else { return 0 }
        let (oldSize, newSize) = (try size(old.id, in: repository), try size(new.id, in: repository))
        let larger = max(oldSize, newSize)
        let difference = larger - min(oldSize, newSize)
        if larger * (Self.maximum - minimum) < difference * Self.maximum || newSize == 0 { return 0 }
        return try copied(old, new, in: repository) * Self.maximum / larger
    }

    private mutating func copied(_ old: DiffSide, _ new: DiffSide, in repository: borrowing Repository) throws(GitError) -> Int {
        let from = try spansOf(old, in: repository)
        let to = try spansOf(new, in: repository)
        var (left, right, sum) = (0, 0, 0)
        while left < from.count, right < to.count {
            if from[left].hash == to[right].hash {
                sum += min(from[left].bytes, to[right].bytes)
                left += 1
                right += 1
            } else if from[left].hash < to[right].hash {
                left += 1
            } else {
                right += 1
            }
        }
        return sum
    }

    private mutating func size(_ id: ObjectID, in repository: borrowing Repository) throws(GitError) -> Int {
        if let size = sizes[id] { return size }
        let size = try repository.blobSize(id)
        sizes[id] = size
        return size
    }

    private mutating func spansOf(_ side: DiffSide, in repository: borrowing Repository) throws(GitError) -> [Span] {
        if let known = spans[side.id] { return known }
        let content = try repository.blob(side.id)
        let made = Span.all(in: content, isText: try isText(side, content, repository))
        spans[side.id] = made
        return made
    }

    /// Of a text the carriage returns before line ends do not count; where there is none, nobody needs to know.
    private func isText(_ side: DiffSide, _ content: [UInt8], _ repository: borrowing Repository) throws(GitError) -> Bool {
        guard content.contains(0x0D) else { return true }
        if let isText { return isText(side, content) }
        return switch try repository.attributeState("diff", of: side.path) {
        case GIT_ATTR_VALUE_FALSE: false
        case GIT_ATTR_VALUE_TRUE: true
        default: !looksBinary(content)
        }
    }
}

/// How many bytes of a file lie in pieces (lines, cut after 64 bytes) of one hash.
private struct Span {
    let hash: UInt32
    var bytes: Int

    /// git's `hash_chars`. A last piece without line end or full length does not count (it does since git 2.44).
    static func all(in content: [UInt8], isText: Bool) -> [Span] {
        var counts: [UInt32: Int] = [:]
        var (first, second): (UInt32, UInt32) = (0, 0)
        var length = 0
        for (index, byte) in content.enumerated() {
            if isText, byte == 0x0D, index + 1 < content.count, content[index + 1] == 0x0A { continue }
            let before = first
            first = (first << 7) ^ (second >> 25)
            second = (second << 7) ^ (before >> 25)
            first &+= UInt32(byte)
            length += 1
            if length < 64 && byte != 0x0A { continue }
            counts[(first &+ second &* 0x61) % 107_927, default: 0] += length
            (first, second, length) = (0, 0, 0)
        }
        return counts.map { Span(hash: $0.key, bytes: $0.value) }.sorted { $0.hash < $1.hash }
    }
}

/// git's guess: a NUL among the first 8000 bytes.
func looksBinary(_ content: [UInt8]) -> Bool {
    content.withUnsafeBytes { bytes in bytes.baseAddress.map { memchr($0, 0, min(bytes.count, 8000)) != nil } ?? false }
}

extension Repository {
    /// The length of a blob, without reading it.
    package func blobSize(_ id: ObjectID) throws(GitError) -> Int {
        let database = try make("open the object database", commonDirectory) { git_repository_odb(&$0, handle) }
        defer { git_odb_free(database) }
        var raw = id.raw
        var size = 0
        var type = GIT_OBJECT_INVALID
        try check("read the size of", id.hex) { git_odb_read_header(&size, &type, database, &raw) }
        return size
    }
}
