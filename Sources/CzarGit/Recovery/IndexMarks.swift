import CLibgit2
import Glibc

/// What somebody told git of single files by marks in the index: not to look at them (`assume-unchanged`, `skip-worktree`), or that they are
/// to come (`intent-to-add`).
///
/// In a sparse worktree `skip-worktree` is git's own mark of what is left out, which comes back with the cone or the patterns.
struct IndexMarks: Hashable, Sendable {
    static let fileName = "index-marks"

    private(set) var marks: [RepositoryPath: IndexFile.Flags] = [:]
    /// Files behind `skip-worktree` that somebody has taken away: git does not call them deleted.
    private(set) var absent: Set<RepositoryPath> = []

    var isEmpty: Bool { marks.isEmpty }

    init() {}

    init(of index: IndexFile, isSparse: Bool, isThere: (RepositoryPath) -> Bool) {
        let kept: IndexFile.Flags = isSparse ? [.assumeUnchanged, .intentToAdd] : [.assumeUnchanged, .skipWorktree, .intentToAdd]
        for entry in index.entries where !entry.flags.isDisjoint(with: kept) && index.stage(entry) == 0 {
            let (path, flags) = (index.repositoryPath(entry), entry.flags.intersection(kept))
            marks[path] = flags
            if flags.contains(.skipWorktree), !isThere(path) { absent.insert(path) }
        }
    }

    private static let letters: [(Character, IndexFile.Flags)] = [("a", .assumeUnchanged), ("i", .intentToAdd), ("s", .skipWorktree)]

    private static let absence: Character = "d"

    /// A piece for each file that ends with NUL: letters, a space, the path.
    var file: [UInt8] {
        marks.sorted { $0.key < $1.key }.flatMap { path, flags in
            let letters = Self.letters.filter { flags.contains($0.1) }.map(\.0) + (absent.contains(path) ? [Self.absence] : [])
            return Array((String(letters) + " ").utf8) + path.bytes + [0]
        }
    }

    init(file: [UInt8]) {
        for piece in file.split(separator: 0) {
            let words = piece.split(separator: 0x20, maxSplits: 1)
            guard words.count == 2 else { continue }
            let text = String(decoding: words[0], as: UTF8.self)
            let path = RepositoryPath(bytes: words[1])
            marks[path] = IndexFile.Flags(Self.letters.filter { text.contains($0.0) }.map(\.1))
            if text.contains(Self.absence) { absent.insert(path) }
        }
    }
}

extension Repository {
    /// The marks in this worktree's index.
    func indexMarks() throws(GitError) -> IndexMarks {
        guard let index = try IndexFile.read(in: gitDirectory) else { return IndexMarks() }
        return IndexMarks(of: index, isSparse: try configFlag("core.sparsecheckout") == true) { path in
            // Where the whole folder is gone nobody has taken single files away.
            fileFacts(path) != nil || worktree.map { FileKind(at: $0) != .folder } ?? true
        }
    }

    /// Whether somebody marked files in this worktree's index.
    package func hasIndexMarks() throws(GitError) -> Bool { try !indexMarks().isEmpty }

    func restore(_ marks: IndexMarks) throws(GitError) {
        guard !marks.isEmpty else { return }
        // What is to come has no content in the index yet.
        let nothing = try createBlob([])
        try withWorktreeIndex { index throws(GitError) in
            for (path, flags) in marks.marks {
                try check("mark", path.description) {
                    path.withCString { name -> Int32 in
                        var entry = git_index_entry()
                        if let found = git_index_get_bypath(index, name, 0) {
                            entry = found.pointee
                        } else {
                            guard flags.contains(.intentToAdd) else { return 0 }
                            let mode = fileFacts(path)?.st_mode ?? 0
                            entry.mode = mode & S_IFMT == S_IFLNK ? 0o120000 : mode & 0o100 != 0 ? 0o100755 : 0o100644
                            entry.id = nothing.raw
                            entry.flags_extended |= UInt16(GIT_INDEX_ENTRY_INTENT_TO_ADD.rawValue)
                        }
                        entry.path = name
                        if flags.contains(.assumeUnchanged) { entry.flags |= UInt16(GIT_INDEX_ENTRY_VALID.rawValue) }
                        if flags.contains(.skipWorktree) { entry.flags_extended |= UInt16(GIT_INDEX_ENTRY_SKIP_WORKTREE.rawValue) }
                        return git_index_add(index, &entry)
                    }
                }
            }
        }
        if !marks.absent.isEmpty { try leaveOut(marks.absent.sorted()) }
    }
}
