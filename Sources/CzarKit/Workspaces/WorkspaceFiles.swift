import CzarGit
import CzarPlanning

/// Czar's own files in a worktree: the identity, the folder for events, and the block that keeps them out of Git's sight.
struct WorkspaceFiles {
    let project: ProjectLayout
    let plan: Plan

    /// Keeps Czar's own files, in the main worktree too, out of Git's sight; before the first of them is made.
    func hideOwnFiles() throws { try project.location.writeExcludeBlock(Self.excluded + (try agentPatterns())) }

    /// Writes them; what is there already is replaced by the same content.
    func write(
        for worker: WorkerDefinition, branch: BranchName, base: String, forkPoint: ObjectID?, path: String, tip: ObjectID,
        _ repository: borrowing Repository
    ) throws {
        try hideOwnFiles()
        let folder = try Folder(opening: path)
        let outbox = try folder.subfolder(WorkerFiles.outbox, creating: project.location.ownFiles.folder)
        _ = consume outbox
        let text = try identity(
            of: worker, branch: branch, base: base, forkPoint: forkPoint.map { CommitID(rawValue: $0.hex) }, path: path)
        // A project that tracks a file of this name keeps it: the identity goes to the worktree's admin folder.
        let isTracked = try repository.tracks(RepositoryPath(WorkerFiles.identity), in: try repository.tree(of: tip))
        if isTracked {
            let entry = try project.location.worktrees().first { $0.path == path }
            guard let entry else { throw WorkspaceError.failed(worker: worker.id, why: "its worktree vanished") }
            try Folder(opening: entry.gitDirectory).write(text.utf8, to: WorkerFiles.identity, mode: project.location.ownFiles.file)
        } else {
            let entry = try gitDirectory(ofWorktree: path)
            if try entry.map({ try isWorkers(try folder.read(WorkerFiles.identity), in: $0) }) == true { return }
            try writeIdentity(text, into: folder, gitDirectory: entry)
        }
    }

    /// Whether an identity is one that Czar wrote and somebody has written into since; of one that is not there, or that Czar has not
    /// written, nobody has.
    private func isWorkers(_ found: [UInt8]?, in gitDirectory: String) throws -> Bool {
        let entry = try Folder(opening: gitDirectory)
        let own = try [WorkerFiles.writtenIdentity, WorkerFiles.comingIdentity].compactMap { try entry.read($0) }
        guard let found, !own.isEmpty else { return false }
        return !own.contains(found)
    }

    private func writeIdentity(_ text: String, into folder: borrowing Folder, gitDirectory: String?) throws {
        // Written aside where Git does not look: cut off in between, nothing untracked is left in the worktree.
        let own = try folder.subfolder(WorkerFiles.folder, creating: project.location.ownFiles.folder)
        // What tells an identity that somebody has written into. The copy of the one before stays until the new one is in place: cut off in
        // between, either is known for Czar's.
        if let gitDirectory {
            let entry = try Folder(opening: gitDirectory)
            // Cut off twice, the one that is in place would be in neither.
            if let coming = try entry.read(WorkerFiles.comingIdentity), try folder.read(WorkerFiles.identity) == coming {
                try entry.rename(WorkerFiles.comingIdentity, to: WorkerFiles.writtenIdentity, in: entry)
            }
            try entry.write(text.utf8, to: WorkerFiles.comingIdentity, mode: .asParent, durable: false, aside: own)
        }
        try own.write(text.utf8, to: WorkerFiles.identity, mode: .asParent, durable: false)
        try own.rename(WorkerFiles.identity, to: WorkerFiles.identity, in: folder)
        if let gitDirectory {
            let entry = try Folder(opening: gitDirectory)
            try entry.rename(WorkerFiles.comingIdentity, to: WorkerFiles.writtenIdentity, in: entry)
        }
    }

    /// Writes the identities of the workers that are not done anew where a changed plan made them stale.
    ///
    /// What its worker tracks or has written into is the worker's, and a worktree where it cannot be written is left alone: the next attempt's
    /// prompt tells the same.
    /// - Complexity: O(workers with a worktree): one small file read for each, and of those that change an index mapped.
    func refreshIdentities(_ state: ProjectState) throws {
        let entries = Dictionary(try project.location.worktrees().map { ($0.path, $0) }, uniquingKeysWith: { first, _ in first })
        for worker in plan.definitions {
            let record = state[worker.key]
            guard record.state != .complete, let creation = record.creation, let path = creation.worktree, let entry = entries[path],
                entry.problem == nil, !entry.isBeingMade
            else { continue }
            do {
                try refreshIdentity(of: worker, creation, path: path, gitDirectory: entry.gitDirectory)
            } catch let error as any Explained where error.kind != .internal {
                continue
            }
        }
    }

    private func refreshIdentity(of worker: WorkerDefinition, _ creation: WorkerRecord.Creation, path: String, gitDirectory: String) throws
    {
        let text = try identity(of: worker, branch: creation.branch, base: creation.base, forkPoint: creation.forkPoint, path: path)
        let place = splitPath(Self.identityPath(worktree: path, gitDirectory: gitDirectory)).folder
        let folder = try Folder(opening: place)
        // Neither what is as it should be nor what somebody took away.
        guard let old = try folder.read(WorkerFiles.identity), old != Array(text.utf8) else { return }
        if place == gitDirectory { return try folder.write(text.utf8, to: WorkerFiles.identity, mode: project.location.ownFiles.file) }
        let entry = try Folder(opening: gitDirectory)
        guard try [WorkerFiles.writtenIdentity, WorkerFiles.comingIdentity].contains(where: { try entry.read($0) == old }),
            try !RepositoryPath(WorkerFiles.identity).isInIndex(of: gitDirectory)
        else { return }
        try writeIdentity(text, into: folder, gitDirectory: gitDirectory)
    }

    /// The text of a worker's identity file.
    func identity(
        of worker: WorkerDefinition, branch: BranchName, base: String, forkPoint: CommitID?, path: String
    ) throws -> String {
        var context = WorkerContext(
            worker: worker, project: plan.project, attempt: 1, repository: project.root, branch: branch.rawValue, base: base,
            worktree: path, brief: project.briefPath(of: worker.id), prompt: "")
        context.forkPoint = forkPoint
        let file = try Briefs(project).file(of: worker)
        (context.brief, context.hasBrief) = (file ?? context.brief, file != nil)
        return IdentityFile.text(context, workers: plan.definitions)
    }

    /// Exactly what SPEC section 2 lists.
    static let excluded = [
        "/.czarina/worktrees/", "/.czarina/logs/", "/.czarina/events.log", "/.czarina/worker-status.json", "/WORKER_IDENTITY.md",
        "/.WORKER_COMPLETE", "/.czar/",
    ]

    private func agentPatterns() throws -> [String] {
        var patterns: [String] = []
        for worker in plan.definitions {
            guard case .agent(let name) = worker.work else { continue }
            for pattern in try AgentProfile.named(name, in: plan.agents).exclude where !patterns.contains(pattern) {
                patterns.append(pattern)
            }
        }
        return patterns
    }

    /// Where a worker's identity lies.
    static func identityPath(worktree: String, gitDirectory: String?) -> String {
        if let gitDirectory, FileKind(at: gitDirectory + "/" + WorkerFiles.identity) == .file {
            return gitDirectory + "/" + WorkerFiles.identity
        }
        return worktree + "/" + WorkerFiles.identity
    }
}
