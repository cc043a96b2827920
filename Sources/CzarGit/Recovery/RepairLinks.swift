import Glibc
import SystemPackage

/// The two files that tie a linked worktree to its repository: the entry's `gitdir` and the worktree's `.git`. Both mostly hold absolute
/// paths, so both are wrong after the repository or the worktree was moved by hand.
extension RepositoryLocation {
    /// A worktree whose two files do not name each other any more.
    package struct BrokenLink: Hashable, Sendable {
        /// The entry in `<common>/worktrees`.
        package let name: String
        /// Where the worktree is now.
        package let path: String
    }

    /// Entries and folders that belong together and do not say so.
    ///
    /// `candidates`: folders where worktrees may be now, beside the recorded places.
    /// - Complexity: O(worktrees + candidates), two small files each.
    package func brokenLinks(candidates: [String]) throws(GitError) -> [BrokenLink] {
        let entries = try worktrees().filter { $0.name != nil }
        return try onFiles { () throws(FileError) in
            var result: [BrokenLink] = []
            // What stands at the place of one that is being removed is not its folder.
            for entry in entries where entry.problem == .unlinked && !entry.isBeingRemoved {
                if let name = entry.name { result.append(BrokenLink(name: name, path: entry.path)) }
            }
            let places = Set(candidates + entries.map(\.path)).filter { !$0.isEmpty && !$0.hasPrefix(worktreesDirectory + "/") }
            for path in places.sorted() where FileKind(at: joinPath(path, ".git")) == .file {
                let line = try fileLine(joinPath(path, ".git")) ?? ""
                let named = line.hasPrefix("gitdir:") ? String(line.dropFirst("gitdir:".count).drop { $0 == " " }) : nil
                let target = named.map { joinPath(path, $0) } ?? ""
                var found = entries.first { $0.name == splitPath(target).name }
                // A damaged file leads nowhere; then the entry alone says whose the folder is.
                if found == nil, named == nil || realPath(target) == nil {
                    found = entries.first { $0.path == path }
                }
                guard let entry = found, let name = entry.name else { continue }
                let leadsHere = realPath(target) == realPath(entry.gitDirectory)
                if leadsHere && entry.path == path { continue }
                // It leads to a repository that exists elsewhere: that one's worktree, unless it is a copy that nobody claims.
                if !leadsHere, realPath(target) != nil, try !isCopy(path, leadingTo: target, of: entry) { continue }
                // The entry has another, living worktree.
                if entry.path != path && !entry.hasNoFolder { continue }
                result.append(BrokenLink(name: name, path: path))
            }
            return result
        }
    }

    /// What was made again of a damaged entry.
    package enum RepairedEntry: Hashable, Sendable {
        case file
        /// `HEAD`, and the index with it; so many of its files are not there.
        case headAndIndex(absent: Int)
    }

    /// Makes a file of an entry again that git needs: `commondir`, or `HEAD` as its reflog tells it. Where the index is lost too, it is made
    /// before `HEAD`: with that alone git would take every file for deleted.
    ///
    /// `branch`: what should be checked out there, for an entry without a reflog. `sparse`: the paths of a worktree that was made sparse.
    /// - Returns: nil where nothing tells what was in it.
    package func repairEntry(
        _ name: String, worktree path: String, missing: String, branch: String?, sparse: [RepositoryPath]?
    ) throws(GitError) -> RepairedEntry? {
        let directory = joinPath(worktreesDirectory, name)
        var (text, result) = ("../..", RepairedEntry.file)
        if missing == "HEAD" {
            guard let head = try formerHead(directory, branch) else { return nil }
            text = head.line
            try removeLeftLock(directory)
            if lacksIndex(directory), let absent = try makeIndex(of: name, worktree: path, at: head.commit, sparse: sparse) {
                result = .headAndIndex(absent: absent)
            }
        }
        try onFiles { () throws(FileError) in try Folder(opening: directory).write(Array("\(text)\n".utf8), to: missing) }
        return result
    }

    /// Git does nothing where HEAD is lost: a lock of the index is what a repair that was cut off has left there. One of Czar's own commits
    /// has a record, and is ended by that.
    private func removeLeftLock(_ directory: String) throws(GitError) {
        let lock = joinPath(directory, "index.lock")
        if try stagedWork().contains(where: { $0.place == lock }) { return }
        try onFiles { () throws(FileError) in _ = try Folder(opening: directory).removeFile("index.lock") }
    }

    private func formerHead(_ directory: String, _ branch: String?) throws(GitError) -> (line: String, commit: ObjectID)? {
        let repository = try Repository(opening: commonDirectory)
        let tip: ObjectID?
        do throws(ReferenceError) { tip = try branch.flatMap { name throws(ReferenceError) in try repository.branchTip(name) } } catch {
            throw error.gitError
        }
        let last = try onFiles { () throws(FileError) in try lastReflogID(joinPath(directory, "logs/HEAD")) }
        if let branch, let tip, last == nil || last == tip { return ("ref: refs/heads/" + branch, tip) }
        guard let last, try repository.peeledCommit(last) != nil else { return nil }
        return (last.hex, last)
    }

    /// Whether a folder below our main worktree came here with a copy of its whole repository, or is where our entry says, and another
    /// repository has come to where ours was before it was moved: the entry that it leads to belongs to that one, and has its own folder.
    private func isCopy(_ path: String, leadingTo target: String, of entry: WorktreeEntry) throws(FileError) -> Bool {
        guard entry.problem == .replaced || entry.problem == .missing, let claimed = try fileLine(joinPath(target, "gitdir")) else {
            return false
        }
        let gitFile = normalizedPath(claimed, from: target)
        if let mainWorktree, path.hasPrefix(mainWorktree + "/") { return gitFile != joinPath(path, ".git") }
        let place = splitPath(gitFile).folder
        guard entry.path == path, FileKind(at: gitFile) == .file, !isSameFolder(place, path),
            let back = try folder(namedByGitFile: gitFile)
        else { return false }
        return isSameFolder(back, target)
    }

    /// Lets entry and folder name each other again, as they did before; nothing else changes.
    package func repair(_ link: BrokenLink) throws(GitError) {
        let entry = joinPath(worktreesDirectory, link.name)
        let usual = try worktreeLinks()
        try onFiles { () throws(FileError) in
            let former = try fileLine(joinPath(entry, "gitdir")) ?? ""
            let links = former.hasPrefix("..") ? WorktreeLinks(isRelative: true) : usual
            try Folder(opening: link.path).write(
                Array(links.gitFile(of: link.path, entry: entry).utf8), to: ".git", asideBelow: [entry, joinPath(link.path, ".czar")])
            try Folder(opening: entry).write(Array(links.gitdir(of: entry, worktree: link.path).utf8), to: "gitdir")
        }
    }
}

extension WorktreeEntry {
    /// Whether none is known that belongs to it.
    fileprivate var hasNoFolder: Bool {
        switch problem {
        case .missing, .replaced, .halfMade: true
        case nil, .damaged, .unlinked, .unreachable: false
        }
    }
}

/// Where a reference was last, as its reflog says; nil without one. A deletion, which names no new place, says where it was before.
func lastReflogID(_ path: String) throws(FileError) -> ObjectID? {
    for line in (try fileContent(path) ?? []).split(separator: 0x0A).reversed() {
        let ids = line.split(separator: 0x20, maxSplits: 2).prefix(2).compactMap { ObjectID(hex: String(decoding: $0, as: UTF8.self)) }
        guard ids.count == 2 else { return nil }
        if let place = ids.last(where: { $0 != .zero }) { return place }
    }
    return nil
}
