import CzarGit

/// Files that killed processes were writing aside at the places of Czar's own files: nobody renames them into place any more.
///
/// What a worker's command leaves in its outbox is no business of this: inside a sandbox it may count processes otherwise.
struct LeftPieces {
    private let project: ProjectLayout

    init(_ project: ProjectLayout) { self.project = project }

    /// Removes them with `repair`.
    /// - Complexity: O(worktrees), and the entries of Czar's folders.
    func findings(repair: Bool) throws -> [DoctorFinding] {
        var found: [String] = []
        for (path, name) in try places() where FileKind(at: path) == .folder {
            do throws(FileError) {
                let folder = try Folder(opening: path, following: false)
                for piece in try folder.leftPieces(of: name) {
                    if repair { try folder.removeFile(piece) }
                    found.append(path + "/" + piece)
                }
            } catch {
                // Where this user may not look, or not remove, they are in nobody's way.
                continue
            }
        }
        guard let first = found.first else { return [] }
        let what = "'\(first)'" + (found.count == 1 ? "" : " and \(found.count - 1) more")
        if repair {
            return [
                DoctorFinding("left-over", .repaired, "\(what), which killed processes had left, \(found.count == 1 ? "is" : "are") gone")
            ]
        }
        return [DoctorFinding("left-over", .note, "killed processes have left \(what), of no use to anybody", "czar doctor --repair")]
    }

    /// Folders, and of those that are not Czar's alone the file whose pieces may lie there.
    private func places() throws -> [(path: String, name: String?)] {
        var places: [(String, String?)] = [project.stateFolder, project.folder, project.workersFolder, project.logsFolder].map { ($0, nil) }
        if FileKind(at: project.stateFolder) == .folder {
            places += try Folder(opening: project.stateFolder).names().map { (project.stateFolder + "/" + $0, nil) }
        }
        for entry in try project.location.worktrees() where entry.name != nil && !entry.isBeingMade {
            places += [(entry.gitDirectory, nil), (entry.gitDirectory + "/info", nil)]
            places += [(entry.path, ".git"), (entry.path + "/" + WorkerFiles.folder, nil)]
        }
        return places
    }
}
