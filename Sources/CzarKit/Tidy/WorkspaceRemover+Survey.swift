import CzarGit
import CzarPlanning

extension WorkspaceRemover {
    /// What is known of a removal before anything is changed.
    struct Survey {
        let creation: WorkerRecord.Creation
        let place: WorkerWorktree?
        let tip: ObjectID?
        var holdings: WorktreeHoldings?
        /// Files at places of Czar's own that it did not write.
        var own: [RepositoryPath] = []
        /// Where HEAD is, or was before its branch was deleted.
        var lastHead: ObjectID?
        /// The branch without a commit that HEAD names.
        var unborn: String?
        /// Whether it has settings of its own, beside those of a sparse checkout by a cone, or marks in its index.
        var hasSettings = false
        /// Every commit that the worktree's own files name.
        var named: Set<ObjectID> = []
        /// Commits that no reference reaches but those that go.
        var loose: [ObjectID] = []
        /// Annotated tags that nothing names but what goes.
        var tags: [ObjectID] = []
        var proof: BranchProof?
        var hazards: [RemovalHazard] = []
        var deletesBranch = false
    }

    func survey(_ key: WorkerKey, _ history: SharedHistory) throws -> Survey {
        let state = try ledger.refresh()
        let record = state[key]
        guard let creation = record.creation else {
            if let planned = record.plannedStart,
                try coordinator.openCommon().branchTip(planned.branch.rawValue)?.hex == planned.commit.rawValue
            {
                throw RemovalError.cutOff(worker: key.id, branch: planned.branch)
            }
            let isAdded = try record.formerCreation == nil && project.planFile("workers/\(key.id).yaml") != nil
            throw RemovalError.nothing(worker: key.id, isAdded: isAdded)
        }
        let repository = try coordinator.openCommon()
        let place = try WorkerWorktree.find(key.id, creation, project)
        let tip = try repository.branchTip(creation.branch.rawValue)
        guard place != nil || (options.branch && tip != nil) else { throw RemovalError.nothing(worker: key.id, isAdded: false) }
        var survey = Survey(creation: creation, place: place, tip: tip)
        // What runs in the original of a copied repository is not in the way of forgetting its worktree here.
        if let running = record.attempts.running, place?.isOthers != true { survey.hazards.append(.running(attempt: running.number)) }
        if options.branch { try surveyBranch(&survey, history.proofs, repository) }
        // Who takes a creation back does not know that it held anything; who removes a worker names it.
        if options.undoes != nil, let place, !place.isThere, let folder = project.absentFolder(around: place.path) {
            survey.hazards.append(.unmounted(folder: folder))
        }
        if let entry = place?.entry {
            if let reason = entry.lockReason { survey.hazards.append(.locked(reason: reason, path: entry.path)) }
            if place?.isThere == true {
                // To git every file there is deleted, and that is what would be kept of it.
                if try project.location.commitWithoutIndex(entry) != nil {
                    throw RemovalError.damaged(worker: key.id, path: entry.path, missing: "index")
                }
                if let hazard = try othersHazard(entry, creation, key, state) { survey.hazards.append(hazard) }
                try surveyFiles(&survey, entry)
            } else {
                let submodules = try unpushedSubmodules(in: entry.gitDirectory)
                if !submodules.isEmpty { survey.hazards.append(.submodules(submodules)) }
            }
        }
        try surveyCommits(&survey, history.kept, repository)
        return survey
    }

    /// A worktree that stands at this worker's place and is another's. With its own branch nowhere else it is this one's, whatever it looks
    /// at, unless git calls it by the other's name.
    private func othersHazard(
        _ entry: WorktreeEntry, _ creation: WorkerRecord.Creation, _ key: WorkerKey, _ state: ProjectState
    ) throws -> RemovalHazard? {
        guard entry.branch != creation.branch.rawValue, let branch = entry.branch else { return nil }
        let exchanged = try ExchangedWorktrees(state, project)
        guard let owner = exchanged.owner(ofBranch: branch, besides: key) else { return nil }
        let isElsewhere = try project.location.places(using: creation.branch.rawValue).contains { $0 != entry.path }
        guard try isElsewhere || exchanged.standsAt(entry.path, owner) else { return nil }
        return .others(worker: owner.id, branch: branch)
    }

    /// The branch as it would be deleted; nil where none goes for which a proof is needed.
    func doomedBranch(
        _ creation: WorkerRecord.Creation, at tip: ObjectID?, _ repository: borrowing Repository
    ) throws -> DoomedBranch? {
        guard options.branch, options.undoes == nil, let tip else { return nil }
        var target = options.target ?? coordinator.plan.project.omnibusBranch ?? creation.base
        // Of what started from a tag or a commit nothing lands there.
        if target == creation.base, try BranchName(rawValue: target) == nil || repository.branchTip(target) == nil {
            target = coordinator.base
        }
        return DoomedBranch(tip: tip, forkPoint: ObjectID(creation.forkPoint), target: target)
    }

    func surveyBranch(_ survey: inout Survey, _ shared: ProofHistory?, _ repository: borrowing Repository) throws {
        let branch = survey.creation.branch
        guard let tip = survey.tip else { return }
        survey.deletesBranch = true
        if let path = try project.location.places(using: branch.rawValue).first(where: { $0 != survey.place?.entry?.path }) {
            survey.hazards.append(.branchInUse(branch: branch, at: path))
        }
        if options.undoes != nil {
            let fork = ObjectID(survey.creation.forkPoint)
            if fork == nil { survey.deletesBranch = false } else if fork != tip { survey.hazards.append(.branchMoved(branch: branch)) }
        }
        guard let doomed = try doomedBranch(survey.creation, at: tip, repository) else { return }
        var proofs = try shared ?? ProofHistory(of: [], repository)
        survey.proof = try proofs.proof(of: doomed, repository)
        if survey.proof == nil || doomed.target == branch.rawValue {
            survey.hazards.append(.branchNotContained(branch: branch, target: doomed.target))
        }
    }

    /// `aside`: where the folder is when it was renamed.
    func surveyFiles(_ survey: inout Survey, _ entry: WorktreeEntry, at aside: String? = nil) throws {
        let repository = try open(entry, at: aside)
        let path = aside ?? entry.path
        var holdings = try repository.holdings(excluding: CommitRequest.toolPaths)
        survey.own = try OwnPlaces(worktree: path, entry: entry.gitDirectory, identity: try identity(of: entry.path, survey.creation))
            .strangers(repository)
        holdings.untracked += survey.own
        survey.hasSettings = try repository.ownSettings() != nil || repository.hasSparsePatterns() || repository.hasIndexMarks()
        survey.lastHead = try repository.lastHead().commit
        survey.unborn = try repository.unbornBranch().flatMap { $0 == survey.creation.branch.rawValue ? nil : $0 }
        survey.named = try project.location.idsNamed(byWorktree: entry.gitDirectory)
        survey.holdings = holdings
        if !holdings.changed.isEmpty { survey.hazards.append(.changed(holdings.changed)) }
        if !holdings.untracked.isEmpty { survey.hazards.append(.untracked(holdings.untracked)) }
        let refused = try repository.namesRefused(holdings.untracked)
        if !refused.isEmpty { survey.hazards.append(.refusedNames(refused)) }
        if !holdings.repositories.isEmpty { survey.hazards.append(.repositories(holdings.repositories)) }
        if !holdings.changedSubmodules.isEmpty { survey.hazards.append(.changedSubmodules(holdings.changedSubmodules)) }
        if !holdings.submodules.isEmpty { survey.hazards.append(.submodules(holdings.submodules)) }
        if !holdings.untouchable.isEmpty { survey.hazards.append(.untouchable(holdings.untouchable)) }
        if !holdings.mounts.isEmpty { survey.hazards.append(.mounts(holdings.mounts)) }
        if !holdings.strays.isEmpty { survey.hazards.append(.strays(holdings.strays)) }
        if let operation = holdings.operation { survey.hazards.append(.operation(operation)) }
        let own = try BroughtFiles(
            mainWorktree: project.location.mainWorktree, worktree: path, gitDirectory: entry.gitDirectory
        ).missingInMain(holdings.ignored)
        if !own.isEmpty { survey.hazards.append(.ignored(own)) }
        let nested = try repository.repositories(within: own)
        if !nested.isEmpty { survey.hazards.append(.repositories(nested)) }
    }

    func surveyCommits(_ survey: inout Survey, _ shared: KeptHistory?, _ repository: borrowing Repository) throws {
        var going: Set<String> = []
        var ids: Set<ObjectID> = []
        if survey.deletesBranch {
            going.insert("refs/heads/" + survey.creation.branch.rawValue)
            ids.formUnion(try project.location.idsNamed(byReflogOf: survey.creation.branch.rawValue))
            if let tip = survey.tip { ids.insert(tip) }
        }
        if let entry = survey.place?.entry { ids.formUnion(try project.location.idsNamed(byWorktree: entry.gitDirectory)) }
        var history = try shared ?? KeptHistory(of: repository, excluding: going)
        (survey.loose, survey.tags) = (try history.unreached(ids, in: repository), try history.unnamedTags(ids, in: repository))
        if case .detached(let head) = survey.holdings?.head, try !history.reaches(head, in: repository) {
            survey.hazards.append(.detached(at: head))
        }
    }

    /// The repository as the worktree's own; `aside`: where its folder is when it was renamed. `isOthers`: what the entry names is another
    /// repository's, and not to be looked at.
    func open(_ entry: WorktreeEntry?, at aside: String?, isVanished: Bool = false, isOthers: Bool = false) throws -> Repository {
        guard let entry else { return try coordinator.openCommon() }
        if isOthers { return try Repository(openingBare: entry.gitDirectory) }
        if isVanished { return try Repository(opening: entry.gitDirectory) }
        guard let aside else { return try Repository(opening: entry.path) }
        return try Repository.opening(entry.gitDirectory, worktree: aside)
    }

    /// The identity as Czar would write it now.
    func identity(of path: String, _ creation: WorkerRecord.Creation) throws -> String? {
        guard
            let worker = coordinator.plan.definitions.first(where: {
                project.worktreePath(of: $0, under: nil) == path || $0.branch == creation.branch
            })
        else { return nil }
        return try WorkspaceFiles(project: project, plan: coordinator.plan)
            .identity(of: worker, branch: creation.branch, base: creation.base, forkPoint: creation.forkPoint, path: path)
    }
}
