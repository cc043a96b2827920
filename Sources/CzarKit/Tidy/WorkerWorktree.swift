import CzarGit
import CzarPlanning

/// The worktree of a worker as it is now: where the record says, or where `git worktree move` has put it.
struct WorkerWorktree: Hashable, Sendable {
    /// Nil when neither folder nor entry is left.
    let entry: WorktreeEntry?
    let path: String
    let isThere: Bool
    let wasMoved: Bool
    /// Whether another repository's worktree is at its place: in a copied repository the original's. To this one its folder is gone.
    var isOthers = false

    /// Where it is, if that is another place than the recorded one.
    var movedTo: String? { wasMoved && isThere ? path : nil }

    /// - Throws: ``RemovalError`` when something else is at the recorded place, or what is there is no worktree any more.
    static func find(_ worker: WorkerID, _ creation: WorkerRecord.Creation, _ project: ProjectLayout) throws -> WorkerWorktree? {
        guard let path = creation.worktree else { return nil }
        let linked = try project.location.worktrees().filter { $0.name != nil }
        if let entry = linked.first(where: { $0.path == path }) {
            if let link = try FollowedLink(onWayTo: path, project), link.place != path || link.use == .worktree {
                throw RemovalError.behindLink(worker: worker, link)
            }
            if let now = try StrayWorktree.path(of: entry, project.root) { throw RemovalError.adrift(worker: worker, path: now) }
            if entry.problem == .unlinked { throw RemovalError.unlinked(worker: worker, path: path) }
            if case .damaged(let missing) = entry.problem { throw RemovalError.damaged(worker: worker, path: path, missing: missing) }
            if case .unreachable(let why) = entry.problem { throw RemovalError.unreachable(worker: worker, path: path, why: why) }
            if entry.problem == .replaced, try isCopy(entry, project) {
                return WorkerWorktree(entry: entry, path: path, isThere: false, wasMoved: false, isOthers: true)
            }
            guard try isOurs(entry, creation) else { throw RemovalError.foreign(worker: worker, path: path) }
            return WorkerWorktree(entry: entry, path: path, isThere: entry.problem == nil, wasMoved: false)
        }
        let moved = try linked.filter { try $0.problem == nil && hasName($0, of: worker) && isOurs($0, creation) && carriesIdentity($0) }
        if moved.count == 1 { return WorkerWorktree(entry: moved[0], path: moved[0].path, isThere: true, wasMoved: true) }
        // Its entry does not say where it is any more.
        if try linked.contains(where: { try $0.path.isEmpty && isWorktree(path, of: $0) }) {
            throw RemovalError.adrift(worker: worker, path: path)
        }
        if try reach(path, worker) == .folder, try !Folder(opening: path).entries().isEmpty {
            throw RemovalError.forgotten(worker: worker, path: path)
        }
        if let entry = try vanishedElsewhere(worker, creation, among: linked, project) {
            if let now = try StrayWorktree.path(of: entry, project.root) { throw RemovalError.adrift(worker: worker, path: now) }
            if case .unreachable(let why) = entry.problem { throw RemovalError.unreachable(worker: worker, path: entry.path, why: why) }
            return WorkerWorktree(entry: entry, path: entry.path, isThere: false, wasMoved: true)
        }
        return WorkerWorktree(entry: nil, path: path, isThere: false, wasMoved: false)
    }

    /// Whether an entry came here with a copy of its whole repository: the folder belongs to one of the same name elsewhere, and no other is
    /// known that may be this one's.
    private static func isCopy(_ entry: WorktreeEntry, _ project: ProjectLayout) throws -> Bool {
        guard try project.isOthers(entry.path), let other = try gitDirectory(ofWorktree: entry.path).flatMap({ realPath($0) }) else {
            return false
        }
        return try splitPath(other).name == entry.name && claimedPlace(of: other) == entry.path
            && StrayWorktree.near(entry, project.root) == nil
    }

    private static func reach(_ path: String, _ worker: WorkerID) throws -> FileKind? {
        do throws(FileError) { return try FileKind(reaching: path) } catch {
            throw RemovalError.unreachable(worker: worker, path: path, why: error.reason)
        }
    }

    /// The entry of a worktree that was moved and whose folder vanished then, or is out of reach: only its name and what it has checked out tell whose it is, and
    /// what was staged is nowhere else.
    static func vanishedElsewhere(
        _ worker: WorkerID, _ creation: WorkerRecord.Creation, among entries: [WorktreeEntry], _ project: ProjectLayout
    ) throws -> WorktreeEntry? {
        let users = try project.location.places(using: creation.branch.rawValue)
        let found = entries.filter {
            $0.name != nil && $0.path != creation.worktree && isAway($0) && !$0.isBeingMade && hasName($0, of: worker)
                && users.contains($0.path)
        }
        return found.count == 1 ? found[0] : nil
    }

    private static func isAway(_ entry: WorktreeEntry) -> Bool {
        if case .unreachable = entry.problem { return true }
        return entry.problem == .missing
    }

    static func isWorktree(_ path: String, of entry: WorktreeEntry) throws -> Bool {
        try FileKind(at: path + "/.git") == .file && gitDirectory(ofWorktree: path) == realPath(entry.gitDirectory)
    }

    /// Git adds a number where a name was taken.
    private static func hasName(_ entry: WorktreeEntry, of worker: WorkerID) -> Bool {
        guard let name = entry.name, name.hasPrefix(worker.rawValue) else { return false }
        return name.dropFirst(worker.rawValue.count).allSatisfy(\.isNumber)
    }

    private static func isOurs(_ entry: WorktreeEntry, _ creation: WorkerRecord.Creation) throws -> Bool {
        if entry.problem == .replaced { return false }
        // Half-made, vanished, on the recorded branch, or with Czar's folder in it: the path alone would also fit what somebody put there.
        return entry.problem != nil || entry.branch == creation.branch.rawValue || carriesIdentity(entry)
    }

    private static func carriesIdentity(_ entry: WorktreeEntry) -> Bool {
        FileKind(at: entry.path + "/" + WorkerFiles.folder) == .folder
            || FileKind(at: entry.path + "/" + WorkerFiles.identity) == .file
    }
}
