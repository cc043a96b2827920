import CzarGit
import CzarPlanning

/// Records the plan as it is now, with the base that it resolves to.
struct PlanAcceptance {
    let project: ProjectLayout
    let reading: PlanSource.Reading
    let ledger: Ledger

    /// Records the plan unless the same text was recorded last.
    /// - Returns: the base branch: the plan's, else the one recorded first, else the branch that HEAD names now; and whether it was recorded.
    func accept(_ repository: borrowing Repository) throws -> (base: String, isNew: Bool) {
        let plan = reading.plan
        let text = plan.normalised
        let earlier = try ledger.refresh().plans[plan.phase]
        let (base, owner) = try base(plan, earlier)
        if earlier?.text == text, earlier?.base == base { return (base, false) }
        try ledger.change { state in
            let last = state.plans[plan.phase]
            guard last?.text != text || last?.base != base else { return [] }
            let files = reading.files.joined(separator: ", ")
            var fields = [Field.plan: text, Field.base: base, Field.files: files]
            fields[Field.baseOf] = owner?.rawValue
            return [ledger.event(.planAccepted, worker: nil, phase: plan.phase, fields)]
        }
        return (base, true)
    }

    /// The base that accepting the plan now would give; nothing is recorded.
    func expectedBase() throws -> String { try base(reading.plan, try ledger.refresh().plans[reading.plan.phase]).name }

    /// - Throws: what ``accept(_:)`` would throw of the base where nothing was accepted before.
    static func requireBase(_ plan: Plan, _ project: ProjectLayout) throws { _ = try firstBase(plan, project) }

    /// What has to be done before a plan without a base can be accepted; nil where it can.
    static func wayToBase(_ plan: Plan, _ project: ProjectLayout) throws -> String? {
        do { try requireBase(plan, project) } catch let error as ProjectError {
            guard case .noBase(_, let remedy) = error else { throw error }
            return remedy
        }
        return nil
    }

    /// Where HEAD names no branch and every worker has a base of its own, nobody needs another: the first one's stands for it.
    private func base(_ plan: Plan, _ earlier: ProjectState.AcceptedPlan?) throws -> (name: String, of: WorkerID?) {
        if let base = plan.project.base ?? earlier?.startingPoint { return (base, nil) }
        return try Self.firstBase(plan, project)
    }

    private static func firstBase(_ plan: Plan, _ project: ProjectLayout) throws -> (name: String, of: WorkerID?) {
        if let base = plan.project.base { return (base, nil) }
        do { return (try headBranch(project), nil) } catch let error as ProjectError {
            guard case .noBase = error, let first = plan.definitions.first, let base = first.base,
                plan.definitions.allSatisfy({ $0.base != nil })
            else { throw error }
            return (base, first.id)
        }
    }

    /// What figures are compared with where neither plan nor journal names a base: the branch that HEAD names, also before its first
    /// commit, else the remote's main branch where no branch is here, else the commit that HEAD is at. Only reading makes do with that; what changes something needs ``headBranch(_:)``.
    static func comparedHead(_ project: ProjectLayout) throws -> String {
        let repository = try Repository(opening: project.location.commonDirectory)
        return switch try repository.head() {
        case .branch(let name, _), .unborn(let name): name
        case .detached(let commit): try RemoteCheckout.base(repository) ?? commit.hex
        }
    }

    /// Makes the commit that every branch begins with.
    static let firstCommit = "git commit --allow-empty -m 'first commit'"

    /// The branch that HEAD names in the main worktree, whichever worktree the command was called in.
    static func headBranch(_ project: ProjectLayout) throws -> String {
        let repository = try Repository(opening: project.location.commonDirectory)
        switch try repository.head() {
        case .branch(let name, _): return name
        case .unborn(let name):
            throw ProjectError.noBase(why: "the branch '\(name)' has no commit yet", remedy: firstCommit)
        case .detached(let commit):
            throw ProjectError.noBase(why: "HEAD is detached at \(commit.short)", remedy: try wayToBranch(repository))
        }
    }

    /// To the branch that is probably meant; to a new one where there is none.
    private static func wayToBranch(_ repository: borrowing Repository) throws -> String {
        let prefix = "refs/heads/"
        let names = try repository.references(matching: prefix + "*").map { String($0.name.dropFirst(prefix.count)) }
        let chosen = ["main", "master", "trunk", "develop"].first(where: names.contains) ?? (names.count == 1 ? names[0] : nil)
        return chosen.map { "git switch \($0)" } ?? "git switch -c main"
    }
}
