import CLibgit2
import Glibc

/// What a pass over a worktree's files found, measured against its index.
struct FileFindings: Sendable {
    /// A tracked file that differs.
    struct Change: Sendable {
        let entry: Int32
        /// `M`, `T`, `D`, or `A` for one that `git add --intent-to-add` announced.
        let letter: UInt8
    }

    /// Something that the index does not know.
    struct Stranger: Sendable {
        let folder: Int32
        let name: [UInt8]
        let isFolder: Bool
    }

    var changes: [Change] = []
    /// Entries whose files have to be read as git would store them: conversions, very large files.
    var undecided: [Int32] = []
    /// Entries whose file holds the blob itself, byte for byte: in another encoding it would be another one.
    var same: [Int32] = []
    /// Submodules whose folder exists.
    var submodules: [Int32] = []
    var strangers: [Stranger] = []

    mutating func add(_ other: FileFindings) {
        changes += other.changes
        undecided += other.undecided
        same += other.same
        submodules += other.submodules
        strangers += other.strangers
    }
}

/// The pass: each folder that holds tracked files is opened once, listed, and its files are looked at below its handle.
///
/// No link is followed: what lies behind one is not what the index means. Threads share the folders.
struct FileWalk: Sendable {
    let table: FolderTable
    let root: FolderReader
    let rules: StatRules
    /// In a sparse checkout a file that is there all the same counts as if it were not left out.
    let seesPresentSkipped: Bool
    /// Files behind `assume-unchanged` are looked at too.
    var seesAssumed = false
    /// A folder in place of a tracked file is a stranger: `--untracked-files=all` lists what is in it, `normal` never shows it.
    var seesReplacements = false

    /// - Complexity: O(files): one system call for each tracked one, about four for each folder; what the stat data leave open is read.
    func run(threads: Int) throws(GitError) -> FileFindings {
        let queue = JobQueue(table.folders.count)
        let parts = inParallel(max(1, min(threads, table.folders.count))) { _ in
            var visit = FolderVisit(walk: self)
            defer { visit.free() }
            do throws(GitError) {
                while let number = queue.take() { try visit.look(at: Int32(number)) }
                return Result<FileFindings, GitError>.success(visit.findings)
            } catch {
                return .failure(error)
            }
        }
        var result = FileFindings()
        for part in parts { result.add(try part.get()) }
        return result
    }
}

/// One thread's part of the pass, with its buffers.
private struct FolderVisit {
    private let walk: FileWalk
    private(set) var findings = FileFindings()
    private let listing = UnsafeMutableRawBufferPointer.allocate(byteCount: 32 << 10, alignment: 16)
    private var path: [CChar] = []
    private var content: [UInt8] = []

    init(walk: FileWalk) { self.walk = walk }

    func free() { listing.deallocate() }

    private var table: FolderTable { walk.table }
    private var index: IndexFile { walk.table.index }

    mutating func look(at number: Int32) throws(GitError) {
        let folder = table.folders[Int(number)]
        path.removeAll(keepingCapacity: true)
        for byte in table.path(folder).dropLast() { path.append(CChar(bitPattern: byte)) }
        path.append(0)
        // A copy, so that the visit may be changed while it is lent.
        let name = path
        let isThere = try walk.root.withFolder(name) { descriptor throws(GitError) in
            try findStrangers(in: folder, number, descriptor, name)
            for file in table.files[folder.files] { try look(at: file, in: folder, descriptor) }
            return true
        }
        if isThere == nil {
            for file in table.files[folder.files] { noteMissing(file) }
        }
    }

    private mutating func findStrangers(
        in folder: FolderTable.Folder, _ number: Int32, _ descriptor: Int32, _ path: [CChar]
    ) throws(GitError) {
        var found: [FileFindings.Stranger] = []
        try walk.root.list(descriptor, path, listing) { name, kind throws(GitError) in
            switch kind {
            case .other: return true
            case .folder:
                if name.elementsEqual(dotGit) || table.subfolder(name, in: folder) != nil { return true }
                // git never enters a submodule.
                if let entry = table.file(name, in: folder),
                    !walk.seesReplacements || index.mode(table.entry(entry)) == submoduleMode
                {
                    return true
                }
            case .file, .symlink:
                if table.file(name, in: folder) != nil || name.elementsEqual(dotGit) { return true }
            }
            found.append(FileFindings.Stranger(folder: number, name: Array(name), isFolder: kind == .folder))
            return true
        }
        findings.strangers += found
    }

    // MARK: - Tracked files

    private func isLookedAt(_ entry: IndexFile.Entry) -> Bool {
        !entry.flags.contains(.conflicted) && (walk.seesAssumed || !entry.flags.contains(.assumeUnchanged))
            && (walk.seesPresentSkipped || !entry.flags.contains(.skipWorktree))
    }

    private mutating func noteMissing(_ number: Int32) {
        let entry = table.entry(number)
        if isLookedAt(entry), !entry.flags.contains(.skipWorktree) { note(number, "D") }
    }

    private mutating func note(_ number: Int32, _ letter: Unicode.Scalar) {
        findings.changes.append(FileFindings.Change(entry: number, letter: UInt8(ascii: letter)))
    }

    private mutating func look(at number: Int32, in folder: FolderTable.Folder, _ descriptor: Int32) throws(GitError) {
        let entry = table.entry(number)
        guard isLookedAt(entry) else { return }
        let name = index.path(entry) + Int(folder.pathLength)
        var info = stat()
        guard fstatat(descriptor, name, &info, AT_SYMLINK_NOFOLLOW) == 0 else {
            guard Glibc.errno == ENOENT || Glibc.errno == ENOTDIR else { throw walk.root.error("look at", index.path(entry)) }
            return noteMissing(number)
        }
        let isFolder = info.st_mode & S_IFMT == S_IFDIR
        if index.mode(entry) == submoduleMode {
            if isFolder { findings.submodules.append(number) } else { note(number, "T") }
        } else if isFolder {
            // Also where the file was left out, for whoever takes what is in the folder.
            if walk.seesReplacements { note(number, "D") } else { noteMissing(number) }
        } else if entry.flags.contains(.intentToAdd) {
            note(number, "A")
        } else {
            judge(number, entry, name, descriptor, info)
        }
    }

    private mutating func judge(
        _ number: Int32, _ entry: IndexFile.Entry, _ name: UnsafePointer<CChar>, _ descriptor: Int32, _ info: stat
    ) {
        switch walk.rules.verdict(entry, in: index, info) {
        case .unchanged: break
        case .modified: note(number, "M")
        case .typeChanged: note(number, "T")
        case .undecided:
            switch BlobComparison.compare(name, in: descriptor, info, with: index.id(entry), &content) {
            case .same: findings.same.append(number)
            case .different: note(number, "M")
            case .gone: noteMissing(number)
            case .unknown: findings.undecided.append(number)
            }
        }
    }
}

private let dotGit = Array(".git".utf8)
let submoduleMode: UInt32 = 0o160000
