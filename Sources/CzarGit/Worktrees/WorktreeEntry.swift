import Glibc
import SystemPackage

/// One worktree as its files describe it.
package struct WorktreeEntry: Hashable, Sendable {
    /// The name of its folder in `<common>/worktrees`; nil for the main worktree.
    package let name: String?
    /// The root, as recorded. For a bare repository, and where the main root is unknown, the common directory, as git prints it.
    package let path: String
    /// Where its own HEAD and index lie.
    package let gitDirectory: String
    /// The full name of the reference in HEAD; nil when detached or unreadable.
    package let reference: String?
    /// The commit of a detached HEAD.
    package let detachedAt: ObjectID?
    /// Why it is locked, possibly without a word; nil when it is not locked.
    package let lockReason: String?
    /// What makes it unusable; nil for a whole one.
    package let problem: Problem?
    /// The bare repository itself: no files, and its HEAD occupies no branch.
    package let isBare: Bool

    /// Whether somebody is making it just now, or was cut off while doing so: git and Czar lock it until its files are all there.
    package var isBeingMade: Bool { lockReason?.hasPrefix("initializing") == true }

    /// Whether Czar is removing it just now, or was cut off while doing so.
    package var isBeingRemoved: Bool { lockReason?.hasPrefix(Staging.removalLockStart) == true }

    /// What can be wrong with an entry.
    package enum Problem: Hashable, Sendable {
        /// The folder is not there (deleted, moved by hand, or on a disk that is not mounted).
        case missing
        /// Whether the folder is there cannot be told: one on the way may not be entered, or its disk does not answer.
        case unreachable(why: String)
        /// Files that git needs are not there, and no folder is known that belongs to it: an addition that was cut off.
        case halfMade(missing: String)
        /// Files that git needs are not there, and the worktree's folder is.
        case damaged(missing: String)
        /// The folder and its files are there, without the `.git` that ties them to the entry.
        case unlinked
        /// Something else is at its path: a repository of its own, another worktree, or a link.
        case replaced
    }

    /// The branch in HEAD without `refs/heads/`.
    package var branch: String? {
        guard let reference, reference.hasPrefix("refs/heads/"), reference != "refs/heads/" else { return nil }
        return String(reference.dropFirst("refs/heads/".count))
    }
}

extension RepositoryLocation {
    /// The folder of the linked worktrees' own files.
    var worktreesDirectory: String { joinPath(commonDirectory, "worktrees") }

    /// Every worktree, the main one first, the others by name.
    ///
    /// Reads the files itself: libgit2's list skips entries and opens a repository for each (LIBGIT2 section 1).
    /// - Complexity: O(worktrees), about five small files each.
    package func worktrees() throws(GitError) -> [WorktreeEntry] {
        try onFiles { () throws(FileError) in
            var result = [try mainEntry()]
            let names = try namesIfThere(in: worktreesDirectory) ?? []
            for name in names.map({ String(decoding: $0, as: UTF8.self) }).sorted() {
                if let entry = try linkedEntry(name) { result.append(entry) }
            }
            return result
        }
    }

    /// Where the linked worktrees are said to be; whether they are there is not looked at.
    /// - Complexity: O(worktrees), one small file each.
    package func worktreePlaces() throws(GitError) -> [String] {
        try onFiles { () throws(FileError) in
            var places: [String] = []
            for name in try namesIfThere(in: worktreesDirectory) ?? [] {
                let directory = joinPath(worktreesDirectory, String(decoding: name, as: UTF8.self))
                guard FileKind(at: directory) == .folder, let file = try fileLine(joinPath(directory, "gitdir")) else { continue }
                places.append(splitPath(trimmingSlashes(normalizedPath(file, from: directory))).folder)
            }
            return places
        }
    }

    /// Which branch (without `refs/heads/`) is in use in which worktree: checked out, or being rebased or bisected there.
    package func checkedOutBranches() throws(GitError) -> [String: String] {
        var result: [String: String] = [:]
        for use in try branchUses() where result[use.branch] == nil || use.isCheckout { result[use.branch] = use.place }
        return result
    }

    /// Every worktree in which a branch is in use.
    package func places(using branch: String) throws(GitError) -> [String] {
        try branchUses().filter { $0.branch == branch }.map(\.place)
    }

    private func branchUses() throws(GitError) -> [(branch: String, place: String, isCheckout: Bool)] {
        let entries = try worktrees()
        return try onFiles { () throws(FileError) in
            var result: [(branch: String, place: String, isCheckout: Bool)] = []
            for entry in entries where !entry.isBare {
                let place = entry.path.isEmpty ? entry.gitDirectory : entry.path
                // Committing on a branch that is a symbolic reference moves what that leads to.
                if let branch = entry.branch { for name in try chain(from: branch) { result.append((name, place, true)) } }
                for mark in ["rebase-merge/head-name", "rebase-apply/head-name", "BISECT_START"] {
                    guard let line = try fileLine(joinPath(entry.gitDirectory, mark)) else { continue }
                    let isReference = line.hasPrefix("refs/heads/")
                    if !isReference && mark != "BISECT_START" { continue }
                    let branch = isReference ? String(line.dropFirst("refs/heads/".count)) : line
                    result.append((branch, place, false))
                }
            }
            return result
        }
    }

    /// A branch, and the branches that it leads to as a symbolic reference; Git packs none of those, and follows five at most.
    private func chain(from branch: String) throws(FileError) -> [String] {
        let prefix = "refs/heads/"
        var names = [branch]
        while names.count <= 5 {
            let file = joinPath(commonDirectory, prefix + names[names.count - 1])
            // A folder of branches where the branch itself does not exist.
            guard FileKind(at: file) != .folder, let line = try fileLine(file), line.hasPrefix("ref:") else { break }
            let target = line.dropFirst(4).drop { $0 == " " || $0 == "\t" }
            guard target.hasPrefix(prefix) else { break }
            names.append(String(target.dropFirst(prefix.count)))
        }
        return names
    }

    private func mainEntry() throws(FileError) -> WorktreeEntry {
        let head = try headLine(in: commonDirectory)
        return WorktreeEntry(
            name: nil, path: mainWorktree ?? commonDirectory, gitDirectory: commonDirectory, reference: head.reference,
            detachedAt: head.commit, lockReason: nil, problem: nil, isBare: isBare)
    }

    /// The worktree's `.git` that an entry's `gitdir` names; nil where that file is missing or cannot mean a worktree.
    private func place(named gitdir: String, from directory: String) throws(FileError) -> String? {
        guard let line = try fileLine(gitdir) else { return nil }
        let file = trimmingSlashes(normalizedPath(line, from: directory))
        // Words that are no path lead to a place below the entries themselves.
        return splitPath(file).name == ".git" && !file.hasPrefix(worktreesDirectory + "/") ? file : nil
    }

    private func linkedEntry(_ name: String) throws(FileError) -> WorktreeEntry? {
        let directory = joinPath(worktreesDirectory, name)
        guard FileKind(at: directory) == .folder else { return nil }
        let gitFile = try place(named: joinPath(directory, "gitdir"), from: directory)
        let head = try headLine(in: directory)
        let path = gitFile.map { splitPath($0).folder }
        var problem: WorktreeEntry.Problem?
        if let gitFile, let path {
            problem = placeProblem(gitFile, of: directory)
            for needed in ["commondir", "HEAD"] where [nil, .missing].contains(problem) && isLost(needed, in: directory) {
                problem = try holdsAnything(path) ? .damaged(missing: needed) : .halfMade(missing: needed)
            }
        } else {
            problem = .halfMade(missing: "gitdir")
        }
        let lock = try fileContent(joinPath(directory, "locked")).map { String(decoding: $0, as: UTF8.self) }
        return WorktreeEntry(
            name: name, path: path ?? "", gitDirectory: directory, reference: head.reference, detachedAt: head.commit,
            lockReason: lock.map { $0.hasSuffix("\n") ? String($0.dropLast()) : $0 }, problem: problem, isBare: false)
    }
}

/// Whether a file of an entry is not there, or names nothing. What a HEAD without words was is a question of its own.
private func isLost(_ name: String, in directory: String) -> Bool {
    var info = stat()
    guard lstat(joinPath(directory, name), &info) == 0 else { return true }
    return name == "commondir" && info.st_mode & S_IFMT == S_IFREG && info.st_size == 0
}

/// What is in a folder; nil where there is none, or none any more: other worktrees are removed while this one is looked at.
private func namesIfThere(in folder: String) throws(FileError) -> [[UInt8]]? {
    do throws(FileError) { return try Folder(opening: folder).entries() } catch {
        if error.errno == .noSuchFileOrDirectory || error.errno == .notDirectory { return nil }
        throw error
    }
}

/// Whether something is at `path`, and no empty folder. What cannot be looked at counts as something.
private func holdsAnything(_ path: String) throws(FileError) -> Bool {
    switch FileKind(at: path) {
    case nil: return Glibc.errno != ENOENT && Glibc.errno != ENOTDIR
    case .folder: return try namesIfThere(in: path)?.isEmpty == false
    case .file, .symlink, .other: return true
    }
}

private func placeProblem(_ gitFile: String, of directory: String) -> WorktreeEntry.Problem? {
    do throws(FileError) { return try problem(at: gitFile, of: directory) } catch { return .unreachable(why: error.reason) }
}

/// Whether what is at a worktree's place is that worktree. A `.git` file that leads nowhere is a broken link, not another worktree's.
private func problem(at gitFile: String, of directory: String) throws(FileError) -> WorktreeEntry.Problem? {
    let folder = splitPath(gitFile).folder
    switch try FileKind(reaching: folder) {
    case nil: return .missing
    case .folder: break
    case .file, .symlink, .other: return .replaced
    }
    switch try FileKind(reaching: gitFile) {
    case nil: return try namesIfThere(in: folder)?.isEmpty == false ? .unlinked : .missing
    case .file: break
    case .folder, .symlink, .other: return .replaced
    }
    guard let line = try fileLine(gitFile), line.hasPrefix("gitdir:") else { return nil }
    let target = normalizedPath(String(line.dropFirst("gitdir:".count).drop { $0 == " " }), from: folder)
    guard target != directory, let found = realPath(target), found != realPath(directory) else { return nil }
    return .replaced
}

/// What the HEAD file in a git directory says; both nil when it is missing or says something else.
func headLine(in directory: String) throws(FileError) -> (reference: String?, commit: ObjectID?) {
    guard let line = try fileLine(joinPath(directory, "HEAD")) else { return (nil, nil) }
    if line.hasPrefix("ref:") { return (String(line.dropFirst(4).drop { $0 == " " || $0 == "\t" }), nil) }
    return (nil, ObjectID(hex: line))
}
