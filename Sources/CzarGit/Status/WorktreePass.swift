import Glibc

/// The status of one worktree from its index, one look at each file, and HEAD's tree; what these leave open is read (``Checkin``).
///
/// Nothing is locked and nothing is written: the index is mapped as it is at one moment, and what git would refresh in it is found out
/// again each time.
struct WorktreePass {
    private let table: FolderTable
    private let root: FolderReader
    private let settings: StatusSettings

    /// Whether its lines are those of `git status`: not where names count without regard to case.
    var isGitsAnswer: Bool { !settings.ignoresCase }

    /// Nil for an index in another format.
    init?(_ repository: borrowing Repository, worktree: String) throws(GitError) {
        let settings = try StatusSettings(repository)
        guard let index = try IndexFile.read(in: repository.gitDirectory) else { return nil }
        self.settings = settings
        table = FolderTable(index)
        root = try onFiles { () throws(FileError) in try FolderReader(opening: worktree) }
    }

    /// The entries that `git status --porcelain` would print, by path; unless `listsUntracked`, those of tracked files.
    /// - Complexity: see ``FileWalk/run(threads:)`` and ``StagedChanges/compare(with:)``.
    func entries(
        _ repository: borrowing Repository, threads: Int, listsUntracked: Bool = true
    ) throws(GitError) -> [WorktreeStatus.Entry] {
        let walk = FileWalk(table: table, root: root, rules: settings.rules, seesPresentSkipped: settings.seesPresentSkipped)
        let found = try walk.run(threads: threads)
        var lines = StatusLines()
        try addStaged(repository, findsRenames: settings.findsRenames, &lines)
        try addChanges(found, repository, &lines)
        let submodules = SubmoduleLook(worktree: root.path, defaultIgnored: settings.ignoredInSubmodules)
        for entry in found.submodules {
            let id = table.index.id(table.entry(entry))
            if try submodules.differs(path(entry), recorded: id, repository) { lines.setUnstaged("M", path(entry)) }
        }
        if listsUntracked { try addUntracked(found.strangers, repository, &lines) }
        return lines.entries
    }

    /// All that a removal would take: names as they are on the disk, whatever counts for git, and also files that marks in the index hide.
    ///
    /// What is in submodules is not looked at.
    func work(_ repository: borrowing Repository) throws(GitError) -> WorkOnDisk {
        var walk = FileWalk(table: table, root: root, rules: settings.rules, seesPresentSkipped: true)
        (walk.seesAssumed, walk.seesReplacements) = (true, true)
        let found = try walk.run(threads: 1)
        var lines = StatusLines()
        try addStaged(repository, findsRenames: false, &lines)
        try addChanges(found, repository, &lines)
        let submodules = table.index.entries.filter { table.index.mode($0) == submoduleMode }
        return WorkOnDisk(
            tracked: lines.entries, strangers: try strangers(found, repository, ignoring: []),
            submodules: submodules.map { table.index.repositoryPath($0) })
    }

    /// What git lists with all untracked files, one each, and what it ignores.
    ///
    /// `patterns`: in the form of `.gitignore`, stronger than all others.
    func strangers(_ repository: borrowing Repository, ignoring patterns: [String] = []) throws(GitError) -> Strangers {
        var walk = FileWalk(table: table, root: root, rules: settings.rules, seesPresentSkipped: settings.seesPresentSkipped)
        walk.seesReplacements = true
        var found = try strangers(walk.run(threads: 1), repository, ignoring: patterns)
        if settings.ignoresCase {
            // As git adds: a name that an entry has in other case is that entry's, and no file of its own.
            let known = Set(table.index.entries.map { folded(table.index.pathBytes($0)) })
            found.untracked.removeAll { path in path.bytes.withUnsafeBytes { known.contains(folded($0)) } }
        }
        return found
    }

    private func strangers(
        _ found: FileFindings, _ repository: borrowing Repository, ignoring patterns: [String]
    ) throws(GitError) -> Strangers {
        var result = Strangers()
        guard !found.strangers.isEmpty else { return result }
        let search = try untrackedSearch(repository, ignoring: patterns)
        var known: [Int32: KnownNames] = [:]
        for stranger in found.strangers where !isKnown(stranger, &known) {
            let folder = Array(table.path(table.folders[Int(stranger.folder)]))
            try search.sort(folder + stranger.name, in: folder, isFolder: stranger.isFolder, into: &result)
        }
        result.untracked.sort()
        result.ignored.sort()
        return result
    }

    /// Whether the file system itself takes the name for that of an entry, or of a folder of entries, which are looked at under theirs.
    private func isKnown(_ stranger: FileFindings.Stranger, _ known: inout [Int32: KnownNames]) -> Bool {
        guard settings.ignoresCase else { return false }
        if known[stranger.folder] == nil { known[stranger.folder] = knownNames(of: table.folders[Int(stranger.folder)]) }
        let start = Array(table.path(table.folders[Int(stranger.folder)]))
        let name = stranger.name.withUnsafeBytes { folded($0) }
        let others = stranger.isFolder ? known[stranger.folder]?.folders[name] : known[stranger.folder]?.files[name]
        guard let others, let own = withCName(start + stranger.name + [0], root.facts) else { return false }
        return others.contains { other in
            guard let facts = withCName(start + other + [0], root.facts) else { return false }
            return facts.st_ino == own.st_ino && facts.st_dev == own.st_dev
        }
    }

    /// The names that the index has in one folder, by their folded form. What stands in the place of another kind is a stranger.
    private struct KnownNames {
        var files: [[UInt8]: [[UInt8]]] = [:]
        /// Folders of entries, and submodules.
        var folders: [[UInt8]: [[UInt8]]] = [:]
    }

    private func knownNames(of folder: FolderTable.Folder) -> KnownNames {
        let start = table.path(folder).count
        var known = KnownNames()
        for number in table.files[folder.files] {
            let entry = table.entry(number)
            let name = Array(table.index.pathBytes(entry)[start...])
            let key = name.withUnsafeBytes { folded($0) }
            if table.index.mode(entry) == submoduleMode {
                known.folders[key, default: []].append(name)
            } else {
                known.files[key, default: []].append(name)
            }
        }
        for number in table.subfolders[folder.subfolders] {
            let name = Array(table.name(table.folders[Int(number)]))
            known.folders[name.withUnsafeBytes { folded($0) }, default: []].append(name)
        }
        return known
    }

    /// As git compares names without regard to case.
    private func folded(_ name: UnsafeRawBufferPointer) -> [UInt8] { name.map { $0 >= 0x41 && $0 <= 0x5A ? $0 | 0x20 : $0 } }

    private func path(_ entry: Int32) -> RepositoryPath { table.index.repositoryPath(table.entry(entry)) }

    // MARK: - HEAD and index

    private func addStaged(_ repository: borrowing Repository, findsRenames: Bool, _ lines: inout StatusLines) throws(GitError) {
        var staged = StagedChanges(table, objects: try ObjectReader(repository, following: Replacements(of: repository)))
        try staged.compare(with: try repository.headCommit().map { id throws(GitError) in try repository.tree(of: id) })
        let changes = staged.changes
        var (deleted, created): ([DiffSide], [DiffSide]) = ([], [])
        for change in changes.sorted(by: { ($0.old ?? $0.new)!.path < ($1.old ?? $1.new)!.path }) {
            switch (change.old, change.new) {
            case (let old?, nil): deleted.append(old)
            case (nil, let new?): created.append(new)
            case (let old?, let new?): lines.setStaged(old.mode & S_IFMT == new.mode & S_IFMT ? "M" : "T", new.path)
            default: break
            }
        }
        var detection = RenameDetection(deleted: deleted, created: created)
        if findsRenames { try detection.run(limit: settings.renameLimit, in: repository) }
        for (number, file) in created.enumerated() {
            let source = detection.sourceOf[number].map { deleted[$0].path }
            lines.setStaged(source == nil ? "A" : "R", file.path, from: source)
        }
        let sources = Set(detection.sourceOf.values)
        for (number, file) in deleted.enumerated() where !sources.contains(number) { lines.setStaged("D", file.path) }
    }

    /// Conflicts, and tracked files that differ.
    private func addChanges(_ found: FileFindings, _ repository: borrowing Repository, _ lines: inout StatusLines) throws(GitError) {
        addConflicts(&lines)
        for change in found.changes { lines.setUnstaged(Character(Unicode.Scalar(change.letter)), path(change.entry)) }
        guard !found.undecided.isEmpty || !found.same.isEmpty else { return }
        let checkin = try Checkin(of: repository, concerning: (found.undecided + found.same).map { path($0) }) { path in
            table.file(at: path).map { table.index.id(table.entry($0)) }
        }
        let encoded = checkin.knowsEncodings ? found.same.filter { checkin.decodes(path($0)) } : []
        for entry in found.undecided + encoded where differs(entry, checkin, repository) { lines.setUnstaged("M", path(entry)) }
    }

    private func addConflicts(_ lines: inout StatusLines) {
        var stages: [RepositoryPath: Int] = [:]
        for entry in table.index.entries where entry.flags.contains(.conflicted) {
            stages[table.index.repositoryPath(entry), default: 0] |= 1 << (table.index.stage(entry) - 1)
        }
        for (path, stages) in stages { lines.setConflict(path, stages: stages) }
    }

    /// Whether what git would store of the file is another blob: attributes and line ends count.
    private func differs(_ number: Int32, _ checkin: Checkin, _ repository: borrowing Repository) -> Bool {
        let recorded = table.index.id(table.entry(number))
        // As git: what cannot be read differs.
        do throws(GitError) { return try checkin.id(of: path(number), known: recorded, in: repository) != recorded } catch { return true }
    }

    // MARK: - What the index does not know

    private func addUntracked(
        _ strangers: [FileFindings.Stranger], _ repository: borrowing Repository, _ lines: inout StatusLines
    ) throws(GitError) {
        guard !strangers.isEmpty else { return }
        let search = try untrackedSearch(repository)
        for stranger in strangers {
            let folder = Array(table.path(table.folders[Int(stranger.folder)]))
            let path = folder + stranger.name
            guard try search.shows(path, in: folder, isFolder: stranger.isFolder) else { continue }
            lines.addUntracked(RepositoryPath(bytes: stranger.isFolder ? path + [0x2F] : path))
        }
    }

    private func untrackedSearch(_ repository: borrowing Repository, ignoring patterns: [String] = []) throws(GitError) -> UntrackedSearch {
        UntrackedSearch(
            root: root,
            rules: IgnoreRules(
                root: root, general: try settings.generalExcludes(), strongest: patterns, leftOut: try leftOutRules(repository),
                ignoresCase: settings.ignoresCase))
    }

    /// The content of each `.gitignore` that a sparse checkout leaves out.
    private func leftOutRules(_ repository: borrowing Repository) throws(GitError) -> [[UInt8]: [UInt8]] {
        var result: [[UInt8]: [UInt8]] = [:]
        let name = Array(".gitignore".utf8)
        for entry in table.index.entries where entry.flags.contains(.skipWorktree) {
            let path = table.index.pathBytes(entry)
            guard path.count >= name.count, path.suffix(name.count).elementsEqual(name) else { continue }
            if path.count > name.count, path[path.count - name.count - 1] != 0x2F { continue }
            result[Array(path)] = try repository.blob(table.index.id(entry))
        }
        return result
    }
}
