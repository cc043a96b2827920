import CzarGit
import CzarPlanning

/// The repository a command works on, and where Czar's own files lie in it (SPEC section 2).
package struct ProjectLayout: Hashable, Sendable {
    package let location: RepositoryLocation
    /// The main worktree's root; the common dir of a bare repository. Relative worktree paths of a plan start here.
    package let root: String
    /// `.czarina` at the main worktree's root, `czarina` in a bare repository; it need not exist.
    package let folder: String

    /// Finds the repository around `path`. `.czarina` is looked for at the main worktree's root only: never outside, never in a
    /// worktree's tracked copy.
    package init(around path: String) throws {
        location = try RepositoryLocation.discover(from: path)
        if location.mainWorktree == nil, location.isLinked, !location.isBare {
            throw ProjectError.unsupported(
                sentence: "the main worktree of '\(location.commonDirectory)' is not known here: its git directory lies apart, "
                    + "and Git keeps no way back to it",
                remedy: "czar doctor, once in the main worktree")
        }
        root = location.mainWorktree ?? location.commonDirectory
        folder = location.mainWorktree.map { $0 + "/.czarina" } ?? location.commonDirectory + "/czarina"
    }

    /// `<common dir>/czar`: the journal, trust, locks.
    package var stateFolder: String { location.commonDirectory + "/czar" }
    package var workersFolder: String { folder + "/workers" }
    package var logsFolder: String { folder + "/logs" }
    package var statusFile: String { folder + "/worker-status.json" }

    package var name: String { root.split(separator: "/").last.map(String.init) ?? "project" }

    /// The absolute path of a worker's worktree. A path of the plan is relative and stays below the root.
    package func worktreePath(of worker: WorkerDefinition, under userFolder: String?) -> String {
        guard let userFolder else {
            // Where there is no worktree to put a dot folder into, Czar's folder has none.
            let inside = ".czarina/"
            if location.mainWorktree == nil, worker.worktree.hasPrefix(inside) {
                return folder + "/" + worker.worktree.dropFirst(inside.count)
            }
            return root + "/" + worker.worktree
        }
        return userFolder + "/\(name).\(worker.id)"
    }

    /// The existing folder below which a recorded worktree was made: the project's, or for one that the user put outside the one around it.
    func root(ofWorktree path: String) -> String { path.hasPrefix(root + "/") ? root : splitPath(path).folder }

    /// The folder around a worktree outside the project, where that is not there either: its disk may not be mounted. Nil for a place inside,
    /// where Czar makes the folders.
    func absentFolder(around path: String) -> String? {
        let folder = root(ofWorktree: path)
        return folder != root && realPath(folder) == nil ? folder : nil
    }

    /// Whether a worktree of another repository is at a place: in a copied repository, whose entries name the original's folders.
    func isOthers(_ path: String) throws -> Bool { try othersEntry(at: path) != nil }

    /// Whether that repository says so too. One that does not know the place may have been put there by whoever works in it, or have come to
    /// where this one was before it was moved: what runs there is this one's.
    func isClaimedByOthers(_ path: String) throws -> Bool {
        guard let claimed = try othersEntry(at: path).flatMap({ try claimedPlace(of: $0) }) else { return false }
        if claimed == path { return true }
        guard let there = FileFingerprint(claimed), let here = FileFingerprint(path) else { return false }
        return there.isSameFile(as: here)
    }

    private func othersEntry(at path: String) throws -> String? {
        guard FileKind(at: path + "/.git") == .file, let entry = try gitDirectory(ofWorktree: path).flatMap({ realPath($0) }),
            let own = realPath(location.commonDirectory)
        else { return nil }
        if entry == own || entry.hasPrefix(own + "/") { return nil }
        // One repository may be mounted at two places.
        return FileFingerprint(splitPath(splitPath(entry).folder).folder) == FileFingerprint(own) ? nil : entry
    }

    /// The first symbolic link on the way to a recorded worktree, its own place included: it was made through none, and Czar follows none.
    func symlink(onWayTo path: String) -> String? {
        var place = root(ofWorktree: path)
        for name in path.dropFirst(place.count).split(separator: "/") {
            place = joinPath(place, String(name))
            if FileKind(at: place) == .symlink { return place }
        }
        return nil
    }

    /// A file below `.czarina`, without following a symbolic link in any step; nil when there is none.
    ///
    /// - Throws: ``FileError`` for a link or anything else that is no plain file: what came with a repository may point anywhere.
    package func planFile(_ relative: String) throws -> [UInt8]? {
        let (parent, name) = splitPath(folder + "/" + relative)
        guard FileKind(at: folder) != nil, FileKind(at: parent) != nil else { return nil }
        let below = String(parent.dropFirst(root.count).drop { $0 == "/" })
        return try Folder(opening: root).subfolder(below).read(name)
    }

    /// The folder of the workers' definitions and briefs; it is made where it is missing.
    package func openWorkersFolder() throws -> Folder {
        try Folder(opening: root).subfolder((location.isBare ? "czarina" : ".czarina") + "/workers", creating: 0o777)
    }

    /// The brief of a worker, whether it exists or not.
    package func briefPath(of worker: WorkerID) -> String { "\(workersFolder)/\(worker).md" }
}
