import CzarGit

/// Whose a running command is. A supervisor works in the folder of its repository's journal: a move takes that along, and a copy does not.
enum SupervisorPlace: Hashable {
    /// Also where its repository was deleted: nobody else has it.
    case own
    /// The repository that it is of, by its git directory.
    case others(commonDirectory: String)
    /// It lives, and this user may not look at it.
    case hidden
    /// It is gone, or works elsewhere.
    case unknown

    init(_ supervisor: ProcessIdentity, _ project: ProjectLayout) throws {
        guard let folder = try supervisor.workingFolder() else {
            self = supervisor.isAlive && !supervisor.isOutOfSight ? .hidden : .unknown
            return
        }
        if folder.isDeleted || folder.isAt(project.stateFolder) {
            self = .own
        } else if FileKind(at: folder.path + "/" + JournalPlace.databaseName) == .file {
            self = .others(commonDirectory: splitPath(folder.path).folder)
        } else {
            self = .unknown
        }
    }
}
