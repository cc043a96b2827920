import CzarGit
import CzarPlanning

/// Looks at workers' worktrees, several at once.
struct WorktreeReader {
    let project: ProjectLayout
    let plan: Plan

    private struct Place: Sendable {
        let worker: WorkerID
        let path: String
        let entry: WorktreeEntry?
        let branch: String
        let movedTo: String?
        /// The folder around it where that is gone too, outside the project.
        let absentFolder: String?
        /// Which other worktree has its branch checked out.
        let branchPlace: String?
    }

    /// - Complexity: O(files of the worktrees), shared by the processors.
    func figures(_ state: ProjectState) throws -> [WorkerID: WorktreeFigures] {
        let places = try places(state)
        guard !places.isEmpty else { return [:] }
        let queue = JobQueue(places.count)
        // Reading a worktree is mostly waiting for the kernel's file tables: one thread a processor is enough.
        let threads = min(usefulThreads(), places.count)
        // What the worktrees do not keep busy shares the files of each.
        let each = usefulThreads() / threads
        let parts = inParallel(threads) { _ in
            Result {
                var found: [(WorkerID, WorktreeFigures)] = []
                while let number = queue.take() { found.append((places[number].worker, try Self.look(at: places[number], threads: each))) }
                return found
            }
        }
        return Dictionary(try parts.flatMap { try $0.get() }, uniquingKeysWith: { first, _ in first })
    }

    /// Where each worker's worktree is, or should be.
    private func places(_ state: ProjectState) throws -> [Place] {
        let entries = Dictionary(try project.location.worktrees().map { ($0.path, $0) }, uniquingKeysWith: { first, _ in first })
        let users = Dictionary(grouping: entries.values.filter { $0.problem == nil }, by: \.branch)
        let recorded = Set(state.workers.values.compactMap { $0.creation?.worktree })
        return try plan.definitions.compactMap { worker in
            let record = state[worker.key]
            let planned = project.worktreePath(of: worker, under: nil)
            // One that is being made is not there yet, whatever lies in its folder already; a recorded one is another worker's, and one on
            // another branch is somebody else's.
            let isThere =
                entries[planned].map { !$0.isBeingMade && !recorded.contains(planned) && $0.branch == worker.branch.rawValue } ?? false
            guard let path = record.creation?.worktree ?? (isThere ? planned : nil) else { return nil }
            let branch = (record.creation?.branch ?? worker.branch).rawValue
            return Place(
                worker: worker.id, path: path, entry: entries[path], branch: branch,
                movedTo: try MovedWorktree.place(of: record, project), absentFolder: project.absentFolder(around: path),
                branchPlace: users[branch]?.first { $0.path != path }?.path)
        }
    }

    /// One worktree that cannot be read, whatever its worker did to it, is said and keeps nobody from the others.
    private static func look(at place: Place, threads: Int) throws -> WorktreeFigures {
        do {
            return try figures(place, threads: threads)
        } catch let error as any Explained where error.kind != .internal {
            var figures = WorktreeFigures(path: place.path, state: .unreadable)
            figures.problem = "\(error)"
            return figures
        }
    }

    private static func figures(_ place: Place, threads: Int) throws -> WorktreeFigures {
        if let why = whyUnreadable(place) {
            var figures = WorktreeFigures(path: place.path, state: .unreadable)
            figures.problem = why
            return figures
        }
        guard let entry = place.entry, entry.problem == nil, !entry.isBeingMade, FileKind(at: place.path) == .folder else {
            var figures = WorktreeFigures(path: place.path, state: .missing)
            figures.movedTo = place.movedTo
            return figures
        }
        let state: WorktreeFigures.State = entry.lockReason != nil ? .locked : entry.branch != place.branch ? .drifted : .ok
        var figures = WorktreeFigures(path: place.path, state: state)
        if entry.branch != place.branch { (figures.otherBranch, figures.branchPlace) = (entry.branch, place.branchPlace) }
        let status = try Repository(opening: place.path).status(threads: threads)
        (figures.staged, figures.modified) = (status.staged, status.modified)
        (figures.untracked, figures.conflicted) = (status.untracked, status.conflicted)
        let newest = newestChange(status, below: place.path)
        (figures.newestChange, figures.newestFile) = (newest?.time, newest?.file)
        return figures
    }

    private static func whyUnreadable(_ place: Place) -> String? {
        if place.entry?.isBeingRemoved == true { return "its removal was cut off, or runs now" }
        switch place.entry?.problem {
        case .replaced where FileKind(at: place.path) == .symlink:
            return "'\(place.path)' is a symbolic link, and Czar follows none"
        case .replaced: return "something else is at '\(place.path)'"
        case .unlinked: return "the files in '\(place.path)' are not tied to the repository any more: '.git' is gone"
        case .damaged(let missing):
            return "the repository's entry of '\(place.path)' has lost its '\(missing)'; 'czar doctor --repair' makes it again"
        case .unreachable(let why): return "'\(place.path)' cannot be reached: \(why)"
        case .missing, .halfMade: return whyAway(place)
        case nil:
            guard place.entry == nil else { return nil }
            guard FileKind(at: place.path + "/.git") == .file else { return whyAway(place) }
            return "the repository does not know the worktree in '\(place.path)' any more; see 'czar doctor'"
        }
    }

    private static func whyAway(_ place: Place) -> String? {
        guard place.movedTo == nil, let folder = place.absentFolder else { return nil }
        return "neither it nor the folder '\(folder)' around it is there, whose disk may not be mounted"
    }

    /// When the newest of the first uncommitted files was written; nil in a clean worktree.
    static func newestChange(in path: String) throws -> Timestamp? {
        newestChange(try Repository(opening: path).status(), below: path)?.time
    }

    /// When the newest of the first changed files was written.
    private static func newestChange(_ status: WorktreeStatus, below path: String) -> (time: Timestamp, file: String)? {
        let changes = status.entries.prefix(200).compactMap { entry in
            modificationTime(of: path + "/" + entry.path.description).map { (time: $0, file: entry.path.description) }
        }
        return changes.max { $0.time < $1.time }
    }
}
