import CLibgit2
import Glibc

/// The status of one worktree from its index, one look at each file, and HEAD's tree; libgit2 answers only what these leave open.
///
/// Nothing is locked and nothing is written: the index is mapped as it is at one moment, and what git would refresh in it is found out
/// again each time.
struct WorktreePass {
    private let table: FolderTable
    private let root: FolderReader
    private let settings: StatusSettings

    /// Nil where libgit2 has to look: an index in another format, or names that count without regard to case.
    init?(_ repository: borrowing Repository, worktree: String) throws(GitError) {
        let settings = try StatusSettings(repository)
        guard !settings.ignoresCase, let index = try IndexFile.read(in: repository.gitDirectory) else { return nil }
        self.settings = settings
        table = FolderTable(index)
        root = try onFiles { () throws(FileError) in try FolderReader(opening: worktree) }
    }

    /// The entries that `git status --porcelain` would print, by path.
    /// - Complexity: see ``FileWalk/run(threads:)`` and ``StagedChanges/compare(with:)``.
    func entries(_ repository: borrowing Repository, threads: Int) throws(GitError) -> [WorktreeStatus.Entry] {
        let walk = FileWalk(table: table, root: root, rules: settings.rules, seesPresentSkipped: settings.seesPresentSkipped)
        let found = try walk.run(threads: threads)
        var lines = StatusLines()
        try addStaged(repository, &lines)
        addConflicts(&lines)
        for change in found.changes { lines.setUnstaged(Character(Unicode.Scalar(change.letter)), path(change.entry)) }
        for entry in found.undecided where try differs(entry, repository) { lines.setUnstaged("M", path(entry)) }
        let submodules = SubmoduleLook(worktree: root.path, defaultIgnored: settings.ignoredInSubmodules)
        for entry in found.submodules {
            let id = table.index.id(table.entry(entry))
            if try submodules.differs(path(entry), recorded: id, repository) { lines.setUnstaged("M", path(entry)) }
        }
        try addUntracked(found.strangers, repository, &lines)
        return lines.entries
    }

    /// Whether nothing here is changed, staged, unmerged or untracked, and what is ignored, as ``ignoredPaths(_:)`` gives it; also files that
    /// marks in the index hide from git are looked at.
    func look(_ repository: borrowing Repository) throws(GitError) -> (isClean: Bool, ignored: [RepositoryPath]) {
        var walk = FileWalk(table: table, root: root, rules: settings.rules, seesPresentSkipped: true)
        walk.seesAssumed = true
        let found = try walk.run(threads: 1)
        let ignored = try ignored(of: found.strangers, repository)
        var lines = StatusLines()
        try addStaged(repository, &lines)
        try addUntracked(found.strangers, repository, &lines)
        let isClean =
            lines.entries.isEmpty && found.changes.isEmpty && found.undecided.isEmpty && found.submodules.isEmpty
            && table.index.entries.allSatisfy { $0.flags.isDisjoint(with: [.conflicted, .intentToAdd]) }
        return (isClean, ignored)
    }

    /// Every ignored file, and as one entry each folder that a pattern ignores: `git status --ignored=matching --untracked-files=all`.
    func ignoredPaths(_ repository: borrowing Repository) throws(GitError) -> [RepositoryPath] {
        let walk = FileWalk(table: table, root: root, rules: settings.rules, seesPresentSkipped: settings.seesPresentSkipped)
        return try ignored(of: walk.run(threads: 1).strangers, repository)
    }

    private func ignored(of strangers: [FileFindings.Stranger], _ repository: borrowing Repository) throws(GitError) -> [RepositoryPath] {
        guard !strangers.isEmpty else { return [] }
        let search = try untrackedSearch(repository)
        var found: [RepositoryPath] = []
        for stranger in strangers {
            let folder = Array(table.path(table.folders[Int(stranger.folder)]))
            found += try search.ignored(folder + stranger.name, in: folder, isFolder: stranger.isFolder)
        }
        return found.sorted()
    }

    private func path(_ entry: Int32) -> RepositoryPath { table.index.repositoryPath(table.entry(entry)) }

    // MARK: - HEAD and index

    private func addStaged(_ repository: borrowing Repository, _ lines: inout StatusLines) throws(GitError) {
        var staged = StagedChanges(table, objects: try ObjectReader(repository))
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
        if settings.findsRenames { try detection.run(limit: settings.renameLimit, in: repository) }
        for (number, file) in created.enumerated() {
            let source = detection.sourceOf[number].map { deleted[$0].path }
            lines.setStaged(source == nil ? "A" : "R", file.path, from: source)
        }
        let sources = Set(detection.sourceOf.values)
        for (number, file) in deleted.enumerated() where !sources.contains(number) { lines.setStaged("D", file.path) }
    }

    private func addConflicts(_ lines: inout StatusLines) {
        var stages: [RepositoryPath: Int] = [:]
        for entry in table.index.entries where entry.flags.contains(.conflicted) {
            stages[table.index.repositoryPath(entry), default: 0] |= 1 << (table.index.stage(entry) - 1)
        }
        for (path, stages) in stages { lines.setConflict(path, stages: stages) }
    }

    // MARK: - What libgit2 decides

    /// Whether what git would store of the file is another blob: attributes and line ends count.
    private func differs(_ number: Int32, _ repository: borrowing Repository) throws(GitError) -> Bool {
        var id = git_oid()
        let path = path(number)
        do throws(GitError) {
            try check("look at the content of", path.description) {
                path.withCString { git_repository_hashfile(&id, repository.handle, $0, GIT_OBJECT_BLOB, $0) }
            }
        } catch {
            // As git: what cannot be read or converted (`core.safecrlf`) differs.
            return true
        }
        return ObjectID(id) != table.index.id(table.entry(number))
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

    private func untrackedSearch(_ repository: borrowing Repository) throws(GitError) -> UntrackedSearch {
        UntrackedSearch(
            root: root,
            rules: IgnoreRules(
                root: root, general: try settings.generalExcludes(), leftOut: try leftOutRules(repository), ignoresCase: false))
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
