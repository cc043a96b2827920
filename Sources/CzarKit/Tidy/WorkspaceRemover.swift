import CzarGit
import CzarPlanning

/// How much a removal takes.
package struct RemovalOptions: Hashable, Sendable {
    /// Delete the branch too.
    package var branch: Bool
    /// Remove what is not committed, after it was kept in a recovery reference.
    package var force: Bool
    /// Lose ignored files that the main worktree has no copy of.
    package var ignored: Bool
    /// The entry whose creation is being undone; then a branch may go that is still at its fork point.
    var undoes: Int64?
    /// A worker that `czar add` defined leaves the plan then, which is the caller's to do.
    var withdraws: Bool
    /// The branch that has to contain a branch that is deleted; nil: the plan's target.
    var target: String?

    package init(branch: Bool = false, force: Bool = false, ignored: Bool = false, withdraws: Bool = false) {
        (self.branch, self.force, self.ignored, self.withdraws) = (branch, force, ignored, withdraws)
    }
}

/// What was removed.
package struct Removed: Hashable, Sendable {
    package let worker: WorkerID
    package let path: String?
    /// Whether there was a folder to remove; false when it had vanished and only its entry was left.
    package let hadFolder: Bool
    package let branch: BranchName
    package let tip: ObjectID?
    package let branchDeleted: Bool
    /// Why a branch that should have gone is still there.
    package let whyBranchStays: String?
    /// The reference that keeps what nothing else reaches; nil when there was nothing.
    package let recovery: String?
    /// Where the worktree was found when that is not where it was recorded.
    package let movedTo: String?
    /// Whether another repository's worktree is at its place, and stays there.
    package let isOthers: Bool
}

/// A point between two steps: where tests end the process.
package enum TidyStep: String, CaseIterable, Codable, Sendable {
    // Removal; the steps of ``WorktreeStep`` come between `planned` and `worktreeRemoved`.
    case recoveryKept, planned, removalRecorded, treeAside, entryAside, treeRemoved, worktreeRemoved, branchDeleted, recorded
    // Undoing one.
    case undoPlanned, branchMade, worktreeAdded, workRestored, undoRecorded
}

/// Removes a worker's worktree, and its branch where that was asked for and is proven to be elsewhere.
///
/// The order, and what the next command makes of a crash after each step (``InterruptedTidying``):
/// 1. everything is looked at; what would be lost is refused, or kept in a recovery reference → only a reference more;
/// 2. `REMOVAL_PLANNED` is recorded with every fact; from here on no attempt of this worker can start → abandoned, nothing has changed;
/// 3. the worktree is removed by CzarGit's protocol → rolled back before its first rename, completed after it;
/// 4. the branch is deleted by compare-and-swap → completed;
/// 5. `WORKTREE_REMOVED` and `BRANCH_DELETED` are recorded in one transaction → done.
package struct WorkspaceRemover: Sendable {
    let coordinator: Coordinator
    let options: RemovalOptions
    private let step: @Sendable (TidyStep) -> Void

    package init(_ coordinator: Coordinator, options: RemovalOptions, step: @escaping @Sendable (TidyStep) -> Void = { _ in }) {
        (self.coordinator, self.options, self.step) = (coordinator, options, step)
    }

    var project: ProjectLayout { coordinator.project }
    var ledger: Ledger { coordinator.ledger }

    /// Throws ``RemovalError``; nothing has changed then.
    /// - Complexity: O(files of the worktree + commits that no graph file has).
    package func remove(_ key: WorkerKey) throws -> Removed { try remove(key, SharedHistory()) }

    func remove(_ key: WorkerKey, _ history: SharedHistory) throws -> Removed {
        try project.withLock("create-\(key.phase)-\(key.id)") { try removeLocked(key, history) }
    }

    /// Where its worktree is or was; without one nothing that is found is in one.
    private func place(of survey: Survey) -> String { survey.place?.path ?? survey.creation.worktree ?? "/dev/null" }

    private func removeLocked(_ key: WorkerKey, _ history: SharedHistory) throws -> Removed {
        try takeInEvents(key)
        let survey = try survey(key, history)
        let kept = survey.hazards.filter { !(options.force && $0.isForced) && !(options.ignored && $0.isIgnored) }
        guard kept.isEmpty else {
            // Where flags are enough, all that they have to take is named, also what one of them would take already.
            let isForceable = kept.allSatisfy { $0.isForced || $0.isIgnored }
            throw RemovalError.refused(worker: key.id, hazards: isForceable ? survey.hazards : kept, place: place(of: survey))
        }
        let recovery = try keepRecovery(key, survey)
        step(.recoveryKept)
        let planned = try plan(key, survey, recovery)
        step(.planned)
        let unfinished: RemovalError?
        do { unfinished = try removeWorktree(key, survey, recovery) } catch {
            try ledger.record(.removalAbandoned, worker: key, phase: key.phase, [Field.reason: "\(error)"])
            throw error
        }
        step(.worktreeRemoved)
        let end = try RemovalEnding(coordinator, step: step).finish(key, planned)
        step(.recorded)
        if let unfinished { throw unfinished }
        return Removed(
            worker: key.id, path: survey.place?.path, hadFolder: survey.place?.isThere ?? false, branch: survey.creation.branch,
            tip: survey.tip, branchDeleted: end == .deleted, whyBranchStays: end.why, recovery: recovery,
            movedTo: survey.place?.wasMoved == true ? survey.place?.path : nil, isOthers: survey.place?.isOthers ?? false)
    }

    /// What the worker reported must not go with its outbox.
    private func takeInEvents(_ key: WorkerKey, at aside: String? = nil) throws {
        guard let path = try aside ?? ledger.refresh()[key].creation?.worktree, FileKind(at: path + "/" + WorkerFiles.folder) == .folder,
            try !project.isOthers(path)
        else { return }
        _ = try Outbox.take(into: ledger.journal, worktree: path, worker: key)
        _ = try EventsLog.take(into: ledger.journal, worktree: path, worker: key)
    }

    private func takeInEvents(_ key: WorkerKey, leftIn aside: String?) throws -> [RemovalHazard] {
        if let aside { try takeInEvents(key, at: aside) }
        return []
    }

    // MARK: Keeping and removing

    /// Keeps what no reference reaches; nil when there is nothing of the kind. A file that goes meanwhile was somebody's work just now.
    private func keepRecovery(_ key: WorkerKey, _ survey: Survey, at aside: String? = nil) throws -> String? {
        do { return try keep(key, survey, at: aside) } catch let error as GitError where error.code == .vanished {
            let file = error.subject.hasPrefix("/") ? [] : [RepositoryPath(error.subject)]
            throw RemovalError.refused(worker: key.id, hazards: [.workedIn(file)], place: place(of: survey))
        }
    }

    private func keep(_ key: WorkerKey, _ survey: Survey, at aside: String?) throws -> String? {
        // Against no commit an empty index is clean too.
        let isDirty = survey.holdings.map { !$0.isClean || survey.unborn != nil } ?? false
        let isVanished = survey.place.map { $0.entry != nil && !$0.isThere } ?? false
        guard isDirty || isVanished || survey.hasSettings || !(survey.loose + survey.tags).isEmpty || survey.proof?.needsRecovery == true
        else {
            return nil
        }
        let path = survey.place?.path ?? project.root
        // The entry's own folder: a worktree that vanished still has its HEAD and its index there.
        let entry = survey.place?.entry
        if isVanished, entry?.problem != .missing, survey.place?.isOthers != true { return nil }
        let repository = try open(entry, at: aside, isVanished: isVanished, isOthers: survey.place?.isOthers ?? false)
        let request = RecoveryRequest(
            worker: key.id.rawValue, path: path, loose: survey.loose, tags: survey.tags, tip: survey.tip,
            keepsFiles: entry != nil && (isDirty || isVanished || survey.hasSettings),
            excluded: CommitRequest.toolPaths, included: survey.own, emptyFolders: survey.holdings?.emptyFolders ?? [])
        guard let entry, isVanished else { return try repository.keepRecovery(request).reference }
        return try withIndex(ofVanished: entry, key.id) { try repository.keepRecovery(request).reference }
    }

    /// Removes the folder and its entry, unless somebody worked in it since the look: what was not seen is not removed.
    /// - Returns: what to say of a worktree that is gone but for files that could not be removed.
    private func removeWorktree(_ key: WorkerKey, _ survey: Survey, _ recovery: String?) throws -> RemovalError? {
        guard let name = survey.place?.entry?.name else { return nil }
        var found: Result<[RemovalHazard], any Error> = .success([])
        do throws(WorktreeError) {
            try project.location.removeWorktree(named: name) { worktreeStep in
                if let own = TidyStep(rawValue: worktreeStep.rawValue) { step(own) }
            } lastLook: { aside in
                // What the worker had reported is in the journal, and no late work.
                found = Result { try takeInEvents(key, leftIn: aside) }
                let since = aside.map { _ in FileMoment.next() }
                if case .success = found { found = Result { try hazards(key, since: survey, recovery, at: aside) } }
                if case .success(let hazards) = found, hazards.isEmpty { return .goes(since: since) }
                return .withheld
            }
            return nil
        } catch {
            switch error {
            case .withheld(_, let moved):
                let hazards = try found.get() + (moved.map { [.replaced(found: $0)] } ?? [])
                throw RemovalError.refused(worker: key.id, hazards: hazards, place: place(of: survey))
            case .unfinished(let remains, let reason):
                return .unfinished(worker: key.id, remains: remains, reason: reason, recovery: recovery)
            case .workedIn(let remains, let files):
                return .workedIn(worker: key.id, remains: remains, files: files, recovery: recovery)
            default: throw error
            }
        }
    }

    /// What speaks against a removal whose folder was renamed: nobody reaches it by its path any more, but until then somebody may have.
    private func hazards(
        _ key: WorkerKey, since survey: Survey, _ recovery: String?, at aside: String?
    ) throws -> [RemovalHazard] {
        guard let entry = survey.place?.entry, let before = survey.holdings, let aside else {
            // It came, or went, meanwhile.
            return (survey.holdings == nil) == (aside == nil) ? [] : [.workedIn([])]
        }
        var now = Survey(creation: survey.creation, place: survey.place, tip: survey.tip)
        try surveyFiles(&now, entry, at: aside)
        let after = now.holdings ?? before
        if after == before, now.named == survey.named, now.hazards.allSatisfy({ survey.hazards.contains($0) }) {
            // The same content is kept under the same name; another name means that a file was written again.
            guard let recovery, try keepRecovery(key, survey, at: aside) != recovery else { return [] }
        }
        let known = after == before ? [] : before.changed + before.untracked
        return [.workedIn(Set(after.changed + after.untracked).subtracting(known).sorted())]
    }

    /// Records the intention, unless an attempt has started since the look.
    private func plan(_ key: WorkerKey, _ survey: Survey, _ recovery: String?) throws -> [String: String] {
        var fields = survey.proof?.fields ?? [:]
        fields[Field.path] = survey.place?.path
        fields[Field.name] = survey.place?.entry?.name
        if survey.place?.wasMoved == true || survey.creation.wasMoved { fields[Field.moved] = "true" }
        fields[Field.tip] = survey.tip?.hex
        fields[Field.head] = survey.lastHead?.hex
        fields[Field.headBranch] = survey.holdings?.head.commit == nil ? nil : survey.holdings?.head.branchName
        fields[Field.unborn] = survey.unborn
        fields[Field.recovery] = recovery
        fields[Field.operation] = survey.holdings?.operation?.description
        for case .ignored(let paths) in survey.hazards { fields[Field.ignored] = String(paths.count) }
        fields[Field.sparse] = try survey.place?.entry.flatMap { try project.location.sparseCone(of: $0.gitDirectory)?.text }
        fields[Field.branch] = survey.deletesBranch && survey.tip != nil ? survey.creation.branch.rawValue : nil
        fields[Field.sequence] = options.undoes.map(String.init)
        if options.withdraws, fields[Field.branch] != nil, try Withdrawal(coordinator).mayFollow(key, survey) {
            fields[Field.withdraws] = "true"
        }
        fields[Field.process] = try ProcessIdentity.current().text
        try ledger.change { state in
            let isOthers = survey.place?.isOthers == true
            if let running = state[key].attempts.running, !isOthers {
                throw RemovalError.refused(
                    worker: key.id, hazards: [.running(attempt: running.number)], place: place(of: survey))
            }
            return (isOthers ? ledger.leavingToOriginal(state[key]) : [])
                + [ledger.event(.removalPlanned, worker: key, phase: key.phase, fields)]
        }
        return fields
    }
}
