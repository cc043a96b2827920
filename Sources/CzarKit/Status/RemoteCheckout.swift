import CzarGit
import CzarPlanning

/// A checkout as CI makes it: nobody has worked here, and the workers' branches are there only as remote-tracking ones.
struct RemoteCheckout {
    let remote: String
    /// By the branch's name, and by that with the remote in front.
    let tips: [String: ObjectID]

    /// Nil where the journal knows anything, a worker's branch is here, or the remote has none of them either.
    init?(_ plan: Plan, _ state: ProjectState, local: [String: ObjectID], _ repository: borrowing Repository) throws {
        guard state.lastSequence == 0, !plan.definitions.contains(where: { local[$0.branch.rawValue] != nil }) else { return nil }
        remote = plan.orchestration.remote
        let prefix = "refs/remotes/\(remote)/"
        var tips: [String: ObjectID] = [:]
        for reference in try repository.references(matching: prefix + "*") {
            let name = String(reference.name.dropFirst(prefix.count))
            (tips[name], tips["\(remote)/\(name)"]) = (reference.target, reference.target)
        }
        guard plan.definitions.contains(where: { tips[$0.branch.rawValue] != nil }) else { return nil }
        self.tips = tips
    }

    /// The remote-tracking reference that stands for a branch; nil for a branch that the remote does not have.
    func reference(for branch: String) -> String? { tips["\(remote)/\(branch)"].map { _ in "refs/remotes/\(remote)/\(branch)" } }

    /// What a reader has to know of the figures.
    var sentence: String {
        "no worker has a branch here and there is no journal: the figures are those of '\(remote)/…', and every state is shown as pending"
    }

    /// The branch of the remote that stands for the one that a detached HEAD does not name, where no branch is here at all.
    static func base(_ repository: borrowing Repository, remote: String = Orchestration().remote) throws -> String? {
        guard try repository.branches().isEmpty else { return nil }
        let prefix = "refs/remotes/\(remote)/"
        if let head = try repository.symbolicTarget(prefix + "HEAD"), head.hasPrefix(prefix) {
            return "\(remote)/\(head.dropFirst(prefix.count))"
        }
        for name in ["main", "master", "trunk", "develop"] where try repository.referenceTarget(prefix + name) != nil {
            return "\(remote)/\(name)"
        }
        return nil
    }
}
