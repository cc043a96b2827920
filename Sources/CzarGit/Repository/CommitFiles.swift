import CLibgit2
import SystemPackage

/// A commit of everything in a worktree, made from outside of it.
package struct CommitRequest: Sendable {
    package let message: String
    /// Paths, relative to the root, that are never committed; a folder stands for all below it.
    package let excludedPaths: [RepositoryPath]
    /// Patterns in `.gitignore`'s form that are left out too.
    package let excludedPatterns: [String]
    /// Who: nil means the configured identity.
    package let author: Signature?
    package let committer: Signature?
    /// Commits without a signature although `commit.gpgsign` asks for one.
    package let skipSigning: Bool

    /// The files that Czar itself puts into a worktree.
    package static let toolPaths = ["WORKER_IDENTITY.md", ".WORKER_COMPLETE", ".czar"].map { RepositoryPath($0) }

    package init(
        message: String, excludedPaths: [RepositoryPath] = toolPaths, excludedPatterns: [String] = [], author: Signature? = nil,
        committer: Signature? = nil, skipSigning: Bool = false
    ) {
        (self.message, self.excludedPaths, self.excludedPatterns) = (message, excludedPaths, excludedPatterns)
        (self.author, self.committer, self.skipSigning) = (author, committer, skipSigning)
    }
}

/// Why the files of a worktree were not committed. HEAD, index and files are as they were.
package enum CommitFilesError: Error, Hashable, Sendable, CustomStringConvertible {
    case unmerged([RepositoryPath])
    case detachedHead(ObjectID)
    case noChanges
    /// Whoever asked for it did not want the commit when it was made.
    case withheld
    /// Attributes name a filter that Czar cannot run: the stored content would be wrong.
    case filtered(path: RepositoryPath, filter: String)
    case signingRequired
    case operationInProgress(OperationInProgress)
    /// There is none, in a git directory: the commit would delete every file that is not there, or is ignored.
    case noIndex(String)
    /// An untracked folder is a repository of its own.
    case nestedRepository(RepositoryPath)
    case identity(IdentityError)
    case reference(ReferenceError)
    case git(GitError)

    package var description: String {
        switch self {
        case .unmerged(let paths):
            "there are unmerged files: \(paths.map(\.description).joined(separator: ", ")); resolve them and run 'git add'"
        case .detachedHead(let id): "HEAD is detached at \(id.short); run 'git switch' to the branch first"
        case .noChanges: "there is nothing to commit"
        case .withheld: "the commit was not wanted any more"
        case .filtered(let path, let filter):
            "'\(path)' goes through the filter '\(filter)', which Czar cannot run; commit it with git, but only if git wrote it: "
                + "a file that Czar wrote holds what the repository stores, and git would filter it a second time"
        case .signingRequired: "commit.gpgsign is set and Czar cannot sign; set 'signing: skip' in the plan or commit with git"
        case .operationInProgress(let operation): "\(operation.counted) is in progress; finish or abort it first"
        case .noIndex(let directory): "the index in '\(directory)' is lost; to git every file is deleted there"
        case .nestedRepository(let path): "'\(path)' is a repository of its own; add it as a submodule, ignore it or move it away"
        case .identity(let error): error.description
        case .reference(let error): error.description
        case .git(let error): error.description
        }
    }
}

extension Repository {
    /// Commits all changes in this worktree (new, changed, deleted, modes, links; not ignored) on the branch that HEAD names.
    ///
    /// The index takes its place right after the branch has moved, so `git status` is clean afterwards, or as it was. What is excluded stays as it is, and is taken out of the index where somebody staged it anew.
    /// `mayMove`: asked with the commit before the branch moves to it; nothing is changed where it says no.
    /// - Returns: the commit.
    /// - Throws: ``CommitFilesError``.
    package func commitFiles(
        _ request: CommitRequest, mayMove: (ObjectID) -> Bool = { _ in true }
    ) throws(CommitFilesError) -> ObjectID {
        let (branch, parent) = try requireCommittable(request)
        let changes = try committableChanges(request)
        let author: Signature
        let committer: Signature
        do {
            author = try request.author ?? identity(.author)
            committer = try request.committer ?? identity(.committer)
        } catch {
            if let failure = error as? IdentityError { throw .identity(failure) }
            throw .git(error as? GitError ?? GitError(code: .generic, operation: "find", subject: "the identity", message: "\(error)"))
        }
        let outcome: WriteOutcome
        do throws(GitError) {
            outcome = try write(changes, request, on: branch, parent: parent, author: author, committer: committer, mayMove)
        } catch {
            throw .git(error)
        }
        switch outcome {
        case .nothing: throw .noChanges
        case .withheld: throw .withheld
        case .lost(let error): throw .reference(error)
        case .commit(let id): return id
        }
    }

    private enum WriteOutcome {
        case nothing
        /// Whoever was asked said no; branch and index are as they were.
        case withheld
        /// The branch could not be moved; the index is as it was.
        case lost(ReferenceError)
        case commit(ObjectID)
    }

    private func write(
        _ changes: [WorktreeStatus.Entry], _ request: CommitRequest, on branch: String, parent: ObjectID?, author: Signature,
        committer: Signature, _ mayMove: (ObjectID) -> Bool
    ) throws(GitError) -> WriteOutcome {
        let subject = request.message.split(separator: "\n").first.map(String.init) ?? ""
        let verb = parent == nil ? "commit (initial)" : "commit"
        var lost: ReferenceError?
        var isWithheld = false
        let made = try editIndex(with: "refs/heads/" + branch) { (index) throws(GitError) -> ObjectID? in
            try index.stage(changes, excluding: request.excludedPaths, parent: parent, in: self)
            let tree = try index.writeTree()
            if let parent, try self.tree(of: parent) == tree { return nil }
            if parent == nil, index.isEmpty { return nil }
            return try createCommit(
                tree: tree, parents: parent.map { [$0] } ?? [], author: author, committer: committer, message: request.message)
        } move: { (commit) throws(GitError) -> Bool in
            isWithheld = !mayMove(commit)
            if isWithheld { return false }
            do throws(ReferenceError) {
                try updateReference("refs/heads/" + branch, from: parent ?? .zero, to: commit, message: "\(verb): \(subject)")
                return true
            } catch {
                lost = error
                // What failed may have come after the move; where the branch cannot be read either, the first failure is the one to say.
                do throws(ReferenceError) { if try branchTip(branch) == commit { lost = nil } } catch { return false }
                return lost == nil
            }
        }
        if let lost { return .lost(lost) }
        if isWithheld { return .withheld }
        return made.map { .commit($0) } ?? .nothing
    }

    private func requireCommittable(_ request: CommitRequest) throws(CommitFilesError) -> (branch: String, parent: ObjectID?) {
        if let operation = OperationInProgress.inProgress(gitDirectory: gitDirectory), operation != .bisect {
            let unmerged = try onGit { () throws(GitError) in try self.status().entries.filter { $0.isConflicted }.map(\.path) }
            throw unmerged.isEmpty ? .operationInProgress(operation) : .unmerged(unmerged)
        }
        let signs = try onGit { () throws(GitError) in try self.configFlag("commit.gpgsign") }
        if signs == true && !request.skipSigning { throw .signingRequired }
        let head: Head
        do throws(ReferenceError) { head = try self.head() } catch { throw .reference(error) }
        switch head {
        case .branch(let name, let id):
            if lacksIndex(gitDirectory) { throw .noIndex(gitDirectory) }
            return (name, id)
        case .unborn(let name): return (name, nil)
        case .detached(let id): throw .detachedHead(id)
        }
    }

    /// The entries to stage, with those refused that would be stored wrongly.
    private func committableChanges(_ request: CommitRequest) throws(CommitFilesError) -> [WorktreeStatus.Entry] {
        let entries = try onGit { () throws(GitError) in
            // First, because it says more of an index that cannot be read.
            let untracked = try self.strangers(ignoring: request.excludedPatterns).untracked
            return try self.trackedEntries() + untracked.map { WorktreeStatus.Entry(path: $0, oldPath: nil, staged: "?", unstaged: "?") }
        }
        let unmerged = entries.filter { $0.isConflicted }.map(\.path)
        if !unmerged.isEmpty { throw .unmerged(unmerged) }
        let wanted = entries.filter { entry in
            entry.unstaged != " "
                && !request.excludedPaths.contains { entry.path.isInside($0) || entry.path == RepositoryPath(bytes: $0.bytes + [0x2F]) }
        }
        let filters = try onGit { () throws(GitError) in try CommitFilters(of: self, wanted.map(\.path)) }
        for entry in wanted {
            if entry.staged == "?", entry.path.bytes.last == 0x2F {
                throw .nestedRepository(RepositoryPath(bytes: entry.path.bytes.dropLast()))
            }
            guard entry.unstaged != "D" else { continue }
            if let filter = try onGit({ () throws(GitError) in try filters.unsupported(at: entry.path, in: self) }) {
                throw .filtered(path: entry.path, filter: filter)
            }
        }
        return wanted
    }

    private func onGit<Value>(_ body: () throws(GitError) -> Value) throws(CommitFilesError) -> Value {
        do throws(GitError) { return try body() } catch { throw .git(error) }
    }

    /// Whether the attribute is set, unset or has a text at a path.
    func attributeState(_ name: String, of path: RepositoryPath) throws(GitError) -> git_attr_value_t {
        var value: UnsafePointer<CChar>?
        try check("read the attribute \(name) of", path.description) { path.withCString { git_attr_get(&value, handle, 0, $0, name) } }
        return git_attr_value(value)
    }
}
