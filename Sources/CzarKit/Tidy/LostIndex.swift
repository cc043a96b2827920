import CzarGit
import CzarPlanning

/// Worktrees whose index is lost while their files are there.
struct LostIndex {
    private let coordinator: Coordinator
    private let repair: Bool

    init(_ coordinator: Coordinator, repair: Bool) { (self.coordinator, self.repair) = (coordinator, repair) }

    private var location: RepositoryLocation { coordinator.project.location }

    /// Of a worker's worktree; a repair makes the index again.
    func finding(_ record: WorkerRecord, _ entry: WorktreeEntry) throws -> DoctorFinding? {
        guard record.plannedTidying == nil, record.plannedStart == nil, let name = entry.name,
            let commit = try location.commitWithoutIndex(entry)
        else { return nil }
        let what = "the worktree '\(entry.path)' of '\(record.key.id)' has lost its index: to git every file there is deleted"
        guard repair else { return DoctorFinding("worktree-damaged", .problem, what, "czar doctor --repair") }
        let sparse = coordinator.plan[record.key.id]?.sparseFolders
        guard let absent = try location.makeIndex(of: name, worktree: entry.path, at: commit, sparse: sparse) else {
            return DoctorFinding("worktree-damaged", .problem, what, Self.reset(entry.path))
        }
        return DoctorFinding(
            "worktree-damaged", .repaired, "the worktree '\(entry.path)' of '\(record.key.id)' has an index again" + Self.rest(absent))
    }

    /// Of others, which may be meant to have none.
    func foreign(_ state: ProjectState) throws -> [DoctorFinding] {
        let own = Set(state.workers.values.compactMap { $0.creation?.worktree })
        return try location.worktrees().filter { try !own.contains($0.path) && location.commitWithoutIndex($0) != nil }.map { entry in
            DoctorFinding(
                "worktree-damaged", .note,
                "the worktree '\(entry.path)', which is no worker's, has no index, as after 'git worktree add --no-checkout': "
                    + "to git every file there is deleted", Self.reset(entry.path))
        }
    }

    private static func reset(_ path: String) -> String { "git -C \(ShellText.word(path)) reset" }

    /// What to say beside an index that was made again.
    static func rest(_ absent: Int) -> String {
        ", made of what HEAD has"
            + (absent == 0
                ? ""
                : "; \(absent) file\(absent == 1 ? "" : "s") of it \(absent == 1 ? "is" : "are") not there, which a commit would delete")
    }
}

extension WorkerDefinition {
    /// ``sparsePaths`` as CzarGit takes them.
    var sparseFolders: [RepositoryPath]? { sparsePaths?.map { RepositoryPath($0) } }
}
