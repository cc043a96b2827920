import CLibgit2
import Glibc
import SystemPackage

/// What a recovery reference keeps: one commit whose parents are everything that would have been lost.
///
/// The message names each parent by its role, one a line, and the commands by which a person can take any of them with plain git (the stash
/// is git's own form: parents HEAD, index, untracked files).
package struct RecoveryCommit: Hashable, Sendable {
    /// The branch that HEAD named; nil when it was detached.
    package var branch: String?
    /// Where HEAD was.
    package var head: ObjectID?
    /// The tip of the worker's branch.
    package var tip: ObjectID?
    /// Index and files, as `git stash` keeps them; nil when both were as HEAD.
    package var stash: ObjectID?
    /// A commit with the sides of unmerged paths below `1/`, `2/`, `3/`.
    package var conflicts: ObjectID?
    /// A commit with permissions of untracked files, empty folders, settings of the worktree alone, sparse patterns, marks in the index, bytes
    /// that git would convert, and what an operation in progress kept for itself (``KeptExtras``).
    package var extras: ObjectID?
    /// Tips of what only reflogs and other files of the worktree named.
    package var others: [ObjectID] = []
    /// Annotated tags that only files of the worktree named. No commit can hold one, so each has a reference beside this one.
    package var tags: [ObjectID] = []

    /// The parents in the order of the message.
    var parents: [ObjectID] {
        var seen: Set<ObjectID> = []
        return ([head, tip, stash, conflicts, extras].compactMap { $0 } + others).filter { seen.insert($0).inserted }
    }

    func message(of worker: String, path: String) -> String {
        var lines = ["czar: what the worktree of '\(worker)' held", "", "worktree \(escapedForDisplay(path.utf8))"]
        if let branch { lines.append("branch \(branch)") }
        if let head { lines.append("head \(head)") }
        if let tip { lines.append("tip \(tip)") }
        if let stash { lines.append("stash \(stash)") }
        if let conflicts { lines.append("conflicts \(conflicts)") }
        if let extras { lines.append("extras \(extras)") }
        lines += others.map { "commit \($0)" } + tags.map { "tag \($0)" }
        lines += ["", "It can be looked at, and brought back without Czar:"] + commands.map { "  " + $0 }
        return lines.joined(separator: "\n") + "\n"
    }

    /// What to type for each of its parts.
    private var commands: [String] {
        var lines: [String] = []
        if let stash {
            lines += ["git stash show -p --include-untracked \(stash)", "git stash apply --index \(stash)"]
        }
        if let conflicts { lines.append("git ls-tree -r \(conflicts)") }
        if let extras { lines += ["git show \(extras)"] }
        lines += (Set([tip, head].compactMap { $0 }).sorted() + others).map { "git branch NAME \($0)" }
        return lines + tags.map { "git tag NAME \($0)" }
    }

    /// Reads a message; lines that it does not know are ignored.
    init(message: String) {
        for line in message.split(separator: "\n") {
            let parts = line.split(separator: " ", maxSplits: 1)
            guard parts.count == 2 else { continue }
            let id = ObjectID(hex: parts[1])
            switch parts[0] {
            case "branch": branch = String(parts[1])
            case "head": head = id
            case "tip": tip = id
            case "stash": stash = id
            case "conflicts": conflicts = id
            case "extras": extras = id
            case "commit": if let id { others.append(id) }
            case "tag": if let id { tags.append(id) }
            default: continue
            }
        }
    }

    /// Keeps nothing.
    package init() {}
}

/// What is to be kept of a worktree, and in which reference.
package struct RecoveryRequest: Sendable {
    package let worker: String
    package let path: String
    /// Commits that no reference reaches but those that are about to go; the tip and HEAD need not be among them.
    package let loose: [ObjectID]
    /// Annotated tags that no reference names but those that are about to go.
    package let tags: [ObjectID]
    package let tip: ObjectID?
    /// Whether index and files are kept; false where they were found clean.
    package let keepsFiles: Bool
    /// Czar's own places, where what is untracked is left out.
    package let excluded: [RepositoryPath]
    /// Files there that are kept all the same.
    package let included: [RepositoryPath]
    /// Folders with nothing in them; with a slash at the end.
    package let emptyFolders: [RepositoryPath]

    package init(
        worker: String, path: String, loose: [ObjectID], tags: [ObjectID] = [], tip: ObjectID?, keepsFiles: Bool,
        excluded: [RepositoryPath], included: [RepositoryPath] = [], emptyFolders: [RepositoryPath] = []
    ) {
        self.tags = tags
        (self.included, self.emptyFolders) = (included, emptyFolders)
        (self.worker, self.path, self.loose, self.tip) = (worker, path, loose, tip)
        (self.keepsFiles, self.excluded) = (keepsFiles, excluded)
    }
}

extension Repository {
    package static func recoveryPrefix(of worker: String) -> String { "refs/czar/recovery/\(worker)/" }

    /// Keeps everything that a removal of this worktree would lose; answers the new reference, or the last one where that holds the same.
    ///
    /// The objects are flushed to the disk before the reference names them. Repeated after a crash it makes no second reference, because
    /// the commits of index and files carry HEAD's date and so have the same ids again.
    ///
    /// Beside the work, a recovery that is made has all of ``KeptExtras``.
    package func keepRecovery(_ request: RecoveryRequest) throws(GitError) -> (reference: String, content: RecoveryCommit) {
        Library.makesDurable
        var content = RecoveryCommit()
        (content.branch, content.head) = try lastHead()
        content.tip = request.tip
        if request.keepsFiles { try keepFiles(&content, request) }
        let named = Set(content.parents)
        content.others = request.loose.filter { !named.contains($0) }
        content.tags = request.tags
        for tag in request.tags { try keepTag(tag, of: request.worker) }
        return (try store(content, request), content)
    }

    /// The same of a worktree whose folder is gone; nil where its entry knows nothing that references do not keep.
    package func keepRecoveryOfVanished(_ request: RecoveryRequest) throws(GitError) -> String? {
        var content = RecoveryCommit()
        content.head = try lastHead().commit
        try keepFiles(&content, request)
        let isInProgress = OperationInProgress.inProgress(gitDirectory: gitDirectory) != nil
        guard content.stash != nil || content.conflicts != nil || isInProgress || !(request.loose + request.tags).isEmpty
        else { return nil }
        return try keepRecovery(request).reference
    }

    /// One that is kept already stays so.
    private func keepTag(_ tag: ObjectID, of worker: String) throws(GitError) {
        do throws(ReferenceError) {
            try createReference(Self.recoveryPrefix(of: worker) + "tags/\(tag)", at: tag, message: "czar: kept before a removal")
        } catch {
            if case .exists = error { return }
            throw error.gitError
        }
    }

    /// Where HEAD is; where its branch was deleted under it, or it names what cannot be a branch, the commit that it was at.
    package func lastHead() throws(GitError) -> (branch: String?, commit: ObjectID?) {
        var head: Head?
        do throws(ReferenceError) { head = try self.head() } catch {
            var namesNothing = try onFiles { () throws(FileError) in try headLine(in: gitDirectory) } == (nil, nil)
            if case .invalidName = error { namesNothing = true }
            guard namesNothing else { throw error.gitError }
        }
        if let head, head.commit != nil { return (head.branchName, head.commit) }
        let last = try onFiles { () throws(FileError) in try lastReflogID(joinPath(gitDirectory, "logs/HEAD")) }
        guard let last, try peeledCommit(last) != nil else { return (head?.branchName, nil) }
        return (nil, last)
    }

    private func keepFiles(_ content: inout RecoveryCommit, _ request: RecoveryRequest) throws(GitError) {
        let work = try snapshotOfWork(excluding: request.excluded, including: request.included)
        let headTree = try content.head.map { id throws(GitError) in try tree(of: id) }
        var who = try reflogSignature()
        if let head = content.head { who.seconds = try commit(head).committer.seconds } else { who.seconds = 0 }
        who.offsetMinutes = 0
        if let sides = work.conflicts {
            content.conflicts = try createCommit(tree: sides, parents: [], author: who, committer: who, message: "unmerged paths\n")
        }
        var extras = KeptExtras()
        if !work.untrackedPaths.isEmpty || !request.emptyFolders.isEmpty {
            let tracked = try content.head.map { id throws(GitError) in try folders(in: try tree(of: id)) } ?? []
            extras = try KeptExtras(files: work.untrackedPaths, emptyFolders: request.emptyFolders, tracked: tracked, in: self)
        }
        extras.settings = try ownSettings()
        extras.patterns = try sparsePatterns()
        extras.operation = try KeptOperation(storing: self)
        extras.marks = try indexMarks()
        let convertsByItself = try extras.settings == nil ? false : ownSettingsConvert()
        extras.bytes = try bytesLost(in: work, all: convertsByItself)
        if !extras.isEmpty { content.extras = try storeExtras(extras, by: who) }
        guard !isBareEntry, work.index != headTree || work.files != work.index || work.untracked != nil else { return }
        let parent = content.head.map { [$0] } ?? []
        let on = content.branch ?? "(no branch)"
        let index = try createCommit(tree: work.index, parents: parent, author: who, committer: who, message: "index on \(on)\n")
        var parents = parent + [index]
        if let untracked = work.untracked {
            parents.append(
                try createCommit(tree: untracked, parents: [], author: who, committer: who, message: "untracked files on \(on)\n"))
        }
        content.stash = try createCommit(tree: work.files, parents: parents, author: who, committer: who, message: "WIP on \(on)\n")
    }

    /// Whether the folder is gone, and the index too: then what was checked out is all that is known of both.
    private var isBareEntry: Bool {
        if let worktree, FileKind(at: joinPath(worktree, ".git")) != nil { return false }
        return FileKind(at: joinPath(gitDirectory, "index")) == nil
    }

    /// The folders of a tree's files.
    private func folders(in tree: ObjectID) throws(GitError) -> Set<[UInt8]> {
        var found: Set<[UInt8]> = []
        for entry in try files(in: tree) {
            var folder = entry.path.folder
            while !folder.isEmpty, found.insert(folder).inserted { folder = RepositoryPath(bytes: folder).folder }
        }
        return found
    }

    private func store(_ content: RecoveryCommit, _ request: RecoveryRequest) throws(GitError) -> String {
        let message = content.message(of: request.worker, path: request.path)
        let prefix = Self.recoveryPrefix(of: request.worker)
        var number = 1
        if let last = try recoveries(of: request.worker).last {
            if try commit(last.target).message == message { return last.name }
            number = last.number + 1
        }
        let shown = content.stash ?? content.head ?? content.tip
        let tree: ObjectID
        if let shown { tree = try self.tree(of: shown) } else { tree = try ScratchIndex.empty().writeTree(in: self) }
        let who = try reflogSignature()
        let kept = try createCommit(tree: tree, parents: content.parents, author: who, committer: who, message: message)
        while true {
            do throws(ReferenceError) {
                try createReference(prefix + String(number), at: kept, message: "czar: kept before a removal")
                return prefix + String(number)
            } catch {
                guard case .exists = error else { throw error.gitError }
                number += 1
            }
        }
    }

    /// The recovery references of a worker, oldest first.
    package func recoveries(of worker: String) throws(GitError) -> [(name: String, number: Int, target: ObjectID)] {
        let prefix = Self.recoveryPrefix(of: worker)
        do throws(ReferenceError) {
            let found = try references(matching: prefix + "*").compactMap { reference in
                Int(reference.name.dropFirst(prefix.count)).map { (name: reference.name, number: $0, target: reference.target) }
            }
            return found.sorted { $0.number < $1.number }
        } catch {
            throw error.gitError
        }
    }

    /// What a recovery reference keeps; nil when there is none of that name.
    package func recovery(_ reference: String) throws(GitError) -> RecoveryCommit? {
        let target: ObjectID?
        do throws(ReferenceError) { target = try referenceTarget(reference) } catch { throw error.gitError }
        return try target.map { id throws(GitError) in RecoveryCommit(message: try commit(id).message) }
    }
}

extension Library {
    /// From now on libgit2 flushes objects and references: what is kept for recovery must outlive a power failure that follows the removal.
    static let makesDurable: Void = {
        _ = started
        let status = czar_git_set_fsync_gitdir(1)
        precondition(status == 0, "libgit2 refused to flush what it writes")
    }()
}
