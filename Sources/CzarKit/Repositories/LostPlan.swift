import CzarGit
import CzarPlanning

/// A plan that was accepted here and whose file is gone: how it comes back.
struct LostPlan {
    let source: PlanSource

    private var project: ProjectLayout { source.project }

    /// The next command; nil where no plan was ever accepted.
    func restore() throws -> String? {
        let plan: Plan?
        // What keeps the journal from being read is said by whoever needs more of it than a hint.
        do { plan = try AcceptedPlans(of: project)?.newest?.plan } catch is JournalError { plan = nil }
        guard let plan else { return nil }
        if let name = try committedFile(of: plan) {
            return "git -C \(ShellText.word(project.root)) checkout HEAD -- \(ShellText.word(name))"
        }
        return "czar init --accepted"
    }

    /// The file of HEAD's commit that makes up the very plan, with the workers' own files as they are.
    private func committedFile(of plan: Plan) throws -> String? {
        guard !project.location.isBare else { return nil }
        let repository = try Repository(opening: project.location.commonDirectory)
        let commit: ObjectID
        switch try repository.head() {
        case .branch(_, let id), .detached(let id): commit = id
        case .unborn: return nil
        }
        let tree = try repository.tree(of: commit)
        for name in PlanSource.mainFiles.map({ ".czarina/" + $0 }) {
            guard let entry = try repository.entry(at: RepositoryPath(name), in: tree) else { continue }
            let reading = try source.reading(of: PlanFile(name: name, bytes: try repository.blob(entry.id)))
            if reading.plan?.normalised == plan.normalised { return name }
        }
        return nil
    }
}
