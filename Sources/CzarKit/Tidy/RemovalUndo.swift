import CzarGit
import CzarPlanning

/// Brings a removed worktree back, with its branch where that was deleted, and with what a recovery reference kept of its files.
///
/// Every step can be done again, so what was cut off is finished by going through all of them: the branch is made unless it is there; the
/// worktree is added by CzarGit's protocol unless it is there; its state is written from the objects; the record comes last.
struct RemovalUndo {
    private let coordinator: Coordinator
    private let step: (TidyStep) -> Void

    init(_ coordinator: Coordinator, step: @escaping (TidyStep) -> Void = { _ in }) { (self.coordinator, self.step) = (coordinator, step) }

    private var ledger: Ledger { coordinator.ledger }
    private var project: ProjectLayout { coordinator.project }

    /// `fields`: those of WORKTREE_REMOVED and BRANCH_DELETED together, and the sequence number of what is undone.
    /// - Returns: the fields as they are true now, and what files hold that Czar does not convert.
    func undo(_ key: WorkerKey, _ recorded: [String: String]) throws -> (fields: [String: String], unfiltered: [String: Int]) {
        let fields = try relocated(recorded, key)
        try check(key, fields)
        try ledger.change { state in
            guard state[key].creation?.worktree == nil else {
                throw UndoError.depends(sequence: fields.undone, why: "the worker has a worktree again")
            }
            return [ledger.event(.undoPlanned, worker: key, phase: key.phase, fields)]
        }
        step(.undoPlanned)
        do { return (fields, try perform(key, fields).unfiltered) } catch {
            // Before anything was made: it is as if it had not been tried.
            if try isUntouched(fields) {
                try ledger.record(.removalAbandoned, worker: key, phase: key.phase, [Field.reason: "\(error)"])
            }
            throw error
        }
    }

    /// Where the repository was moved since, the worktree's place is no longer in it, or the folder around that is not there any more; in a
    /// copied one it is in the original, or the original's worktree is there: then it comes back where it would be made now.
    private func relocated(_ fields: [String: String], _ key: WorkerKey) throws -> [String: String] {
        guard let path = fields[Field.path], !path.hasPrefix(project.root + "/"),
            try wasInside(path) || FileKind(reaching: splitPath(path).folder) == nil || project.isOthers(path),
            let worker = try definition(of: key)
        else { return fields }
        return fields.merging([Field.path: project.worktreePath(of: worker, under: nil)]) { _, new in new }
    }

    /// Whether a place is in a folder that was the project's when the journal was begun or adopted: whatever is there now is another's.
    private func wasInside(_ path: String) throws -> Bool {
        let own = project.location.commonDirectory
        return try !path.hasPrefix(project.root + "/")
            && ledger.journal.entries().contains { entry in
                guard entry.event.type == .journalOpened, let common = entry.event.fields["path"], common != own else { return false }
                let (folder, name) = splitPath(common)
                return path.hasPrefix((name == ".git" ? folder : common) + "/")
            }
    }

    /// What there is to say of a worktree that is back.
    private struct Back {
        var unfiltered: [String: Int] = [:]
        /// What became of what somebody did in it before it was.
        var meanwhile: String?
    }

    /// Finishes an undo that was cut off. Somebody may have worked in the worktree since: none of that is lost, and of what was committed
    /// nothing leaves it.
    func resume(_ key: WorkerKey, _ planned: [String: String]) throws -> InterruptedTidying.Outcome {
        let fields = try planned[Field.path].map(wasInside) == true ? relocated(planned, key) : planned
        do {
            try removeLocks(fields)
            let back = try perform(key, fields)
            let notes = ([back.meanwhile].compactMap { $0 } + back.unfiltered.filterSentences).map { "; " + $0 }.joined()
            return .init(
                sentence: "the interrupted undo of entry \(fields.undone) was completed: '\(key.id)' is back" + notes,
                undone: fields.undone)
        } catch let error as any Explained where error.kind != .internal {
            guard try isUntouched(fields) else {
                return .init(sentence: "the interrupted undo of entry \(fields.undone) cannot be finished: \(error)", isMended: false)
            }
            try ledger.record(.removalAbandoned, worker: key, phase: key.phase, [Field.reason: "\(error)"])
            return .init(sentence: "the interrupted undo of entry \(fields.undone) was given up before it began: \(error)")
        }
    }

    /// Until the undo is recorded the worktree is nobody's but the dead process's, and so are the locks in it.
    private func removeLocks(_ fields: [String: String]) throws {
        for entry in try project.location.worktrees() where entry.name != nil && entry.path == fields[Field.path] {
            let folder = try Folder(opening: entry.gitDirectory)
            for name in ["index.lock", "HEAD.lock"] { try folder.removeFile(name) }
        }
    }

    private func isUntouched(_ fields: [String: String]) throws -> Bool {
        let isBranchThere = try fields[Field.branch].map { try coordinator.openCommon().branchTip($0) != nil } ?? false
        let isTreeThere = try project.location.worktrees().contains { $0.name != nil && $0.path == fields[Field.path] }
        return !isTreeThere && !(isBranchThere && fields[Field.what] == EventType.branchDeleted.rawValue)
    }

    /// Refuses what cannot be brought back, before anything is changed.
    private func check(_ key: WorkerKey, _ fields: [String: String]) throws {
        let repository = try coordinator.openCommon()
        if let name = fields[Field.recovery], try repository.recovery(name) == nil {
            throw UndoError.depends(sequence: fields.undone, why: "its recovery reference '\(name)' is gone")
        }
        guard let (branch, tip) = fields.checkedOut else {
            throw UndoError.notUndoable(sequence: fields.undone, what: "a removal that names no branch")
        }
        if let path = fields[Field.path], let link = try FollowedLink(onWayTo: path, project), link.place != path {
            throw UndoError.depends(sequence: fields.undone, why: link.sentence, first: link.remedy)
        }
        if let path = fields[Field.path], FileKind(at: path) != nil {
            throw UndoError.depends(sequence: fields.undone, why: "something is at '\(path)' now")
        }
        guard let branch else {
            guard try repository.holdsObject(tip) else {
                throw UndoError.depends(sequence: fields.undone, why: "the commit \(tip.short) is gone")
            }
            return
        }
        switch try repository.branchTip(branch) {
        case tip:
            guard fields[Field.path] != nil, let place = try project.location.checkedOutBranches()[branch] else { break }
            throw UndoError.depends(
                sequence: fields.undone, why: "the branch '\(branch)' is checked out in '\(place)'",
                first: "git -C \(ShellText.word(place)) switch --detach")
        case nil where fields[Field.what] == EventType.branchDeleted.rawValue:
            guard try repository.holdsObject(tip) else {
                throw UndoError.depends(sequence: fields.undone, why: "the commit \(tip.short) is gone")
            }
        case nil: throw UndoError.branchDeleted(sequence: fields.undone, branch: branch, tip: tip)
        case let found?: throw UndoError.depends(sequence: fields.undone, why: "the branch '\(branch)' moved to \(found.short) since")
        }
    }

    private func perform(_ key: WorkerKey, _ fields: [String: String]) throws -> Back {
        guard let (branch, tip) = fields.checkedOut else { return Back() }
        let repository = try coordinator.openCommon()
        if let branch, try repository.branchTip(branch) == nil { try repository.createBranch(branch, at: tip) }
        step(.branchMade)
        let own = try coordinator.about(key)
        let back = try fields[Field.path].map { try bringBack(key, by: own, $0, branch, tip, fields, repository) }
        try record(key, fields)
        step(.undoRecorded)
        return back ?? Back()
    }

    private func bringBack(
        _ key: WorkerKey, by coordinator: Coordinator, _ path: String, _ branch: String?, _ tip: ObjectID, _ fields: [String: String],
        _ repository: borrowing Repository
    ) throws -> Back {
        // Of one whose folders the record could not name, all files come back.
        let cone = fields[Field.sparse].map { SparseCone(text: $0) }
        if cone != nil { try project.withLock("configuration") { try project.location.enableWorktreeConfiguration() } }
        let isThere = try project.location.worktrees().contains { $0.path == path && $0.problem == nil }
        if !isThere {
            let request = WorktreeRequest(
                name: key.id.rawValue, path: path, root: project.root(ofWorktree: path), branch: branch, commit: tip,
                sparsePaths: cone?.folders)
            try project.location.addWorktree(request)
        }
        step(.worktreeAdded)
        let worker = try definition(of: key)
        // Before what somebody may have written into them.
        if let worker, let name = (branch ?? fields[Field.branch]).flatMap({ BranchName(rawValue: $0) }) {
            let record = try coordinator.ledger.refresh()[key]
            var plan = coordinator.plan
            if plan[key.id] == nil { plan.replace(worker) }
            try WorkspaceFiles(project: project, plan: plan)
                .write(
                    for: worker, branch: name, base: fields[Field.base] ?? coordinator.base,
                    forkPoint: ObjectID((record.creation ?? record.formerCreation)?.forkPoint), path: path, tip: tip, repository)
        }
        var back = Back()
        let content = try content(fields, path, branch, repository)
        let isOurs = try !isThere || keepMeanwhile(key, path, content, from: tip, fields, &back)
        if isOurs {
            let tree = try Repository(opening: path)
            back.unfiltered = try tree.restoreWork(content, in: project.location, cone: cone)
            if let unborn = fields[Field.unborn] { try tree.leaveUnborn(unborn) }
        }
        step(.workRestored)
        guard let worker, let entry = try project.location.worktrees().first(where: { $0.path == path }) else { return back }
        // What came along from the main worktree went with the worktree, and is still there.
        let place = WorkspaceBringing.Place(worker: worker, path: path, gitDirectory: entry.gitDirectory)
        for result in WorkspaceBringing(project: project).bring(into: [place]) { _ = try result.get() }
        return back
    }

    /// Looks at a worktree that an undo before this one made, and keeps what somebody did in it; false where that is not to be written over.
    private func keepMeanwhile(
        _ key: WorkerKey, _ path: String, _ content: RecoveryCommit, from tip: ObjectID, _ fields: [String: String], _ back: inout Back
    ) throws -> Bool {
        let tree = try Repository(opening: path)
        let excluded = CommitRequest.toolPaths
        switch try tree.workMeanwhile(since: content, from: tip, unborn: fields[Field.unborn], excluding: excluded) {
        case .nothing: return true
        case .files:
            let request = RecoveryRequest(
                worker: key.id.rawValue, path: path, loose: [], tip: nil, keepsFiles: true, excluded: excluded)
            back.meanwhile = "what was changed in it meanwhile is kept in \(try tree.keepRecovery(request).reference)"
            return true
        case .commits:
            let rest = fields[Field.recovery].map { ": 'git log -1 \($0)' says how to take what it held before" }
            back.meanwhile = "its files stay as they are, because HEAD was moved in it meanwhile" + (rest ?? "")
            return false
        }
    }

    /// As the plan has it; of one that has left the plan, and comes back to it after its worktree, as it was accepted last.
    private func definition(of key: WorkerKey) throws -> WorkerDefinition? {
        func found(_ plan: Plan) -> WorkerDefinition? { plan[key.id].flatMap { $0.key == key ? $0 : nil } }
        if let worker = found(coordinator.plan) { return worker }
        return AcceptedPlans(try ledger.journal.entries()).newest { found($0) != nil }.flatMap(found)
    }

    /// What the worktree held; of a clean one only where its HEAD was.
    private func content(
        _ fields: [String: String], _ path: String, _ branch: String?, _ repository: borrowing Repository
    ) throws -> RecoveryCommit {
        var content = RecoveryCommit()
        if let name = fields[Field.recovery], let kept = try repository.recovery(name) {
            content = kept
        } else {
            (content.head, content.branch) = (fields[Field.head].flatMap { ObjectID(hex: $0) }, fields[Field.headBranch])
        }
        // Another branch than the worker's may have moved or be in use elsewhere by now: then its commit is checked out without it.
        if let other = content.branch, other != branch, try !isFree(other, at: content.head, for: path, repository) { content.branch = nil }
        return content
    }

    private func isFree(_ branch: String, at head: ObjectID?, for path: String, _ repository: borrowing Repository) throws -> Bool {
        guard try repository.branchTip(branch) == head else { return false }
        let user = try project.location.checkedOutBranches()[branch]
        return user == nil || user == path
    }

    private func record(_ key: WorkerKey, _ fields: [String: String]) throws {
        try ledger.change { state in
            guard state[key].plannedTidying?.isUndo == true else { return [] }
            var events: [Event] = []
            func event(_ type: EventType, _ names: [String]) -> Event {
                ledger.event(type, worker: key, phase: key.phase, fields.filter { names.contains($0.key) })
            }
            if fields[Field.what] == EventType.branchDeleted.rawValue {
                let type: EventType = fields[Field.forkPoint] == nil ? .branchAdopted : .branchCreated
                events.append(event(type, [Field.branch, Field.base, Field.forkPoint, Field.tip]))
            }
            if fields[Field.path] != nil {
                var tree = event(.worktreeCreated, [Field.path, Field.branch, Field.moved])
                if fields[Field.sparse] != nil { tree.fields[Field.sparse] = "true" }
                events.append(tree)
            }
            var undone = event(.undone, [Field.sequence, Field.what, Field.recovery, Field.withdrawal])
            undone.fields[Field.with] = String(events.count)
            return events + [undone]
        }
    }
}

extension SparseCone {
    /// The folders, a line each, for the journal; nil where one of them is no text of one line.
    var text: String? {
        let lines = folders.compactMap { $0.text }
        return lines.count == folders.count && !lines.contains { $0.contains("\n") } ? lines.joined(separator: "\n") : nil
    }

    init(text: String) { self.init(text.split(separator: "\n").map { RepositoryPath(String($0)) }) }
}

extension [String: String] {
    /// The sequence number of the entry that is undone.
    fileprivate var undone: Int64 { self[Field.sequence].flatMap { Int64($0) } ?? 0 }

    /// What the worktree is made with again: the worker's branch, the one that HEAD named where somebody had renamed that, or no branch
    /// where there was none.
    fileprivate var checkedOut: (branch: String?, tip: ObjectID)? {
        for (branch, tip) in [(Field.branch, Field.tip), (Field.headBranch, Field.head)] {
            if let branch = self[branch], let tip = self[tip].flatMap({ ObjectID(hex: $0) }) { return (branch, tip) }
        }
        return self[Field.head].flatMap { ObjectID(hex: $0) }.map { (nil, $0) }
    }
}
