import CzarGit
import CzarPlanning

/// Holds what the journal says of workers against what is there.
struct WorkerCheck {
    private let coordinator: Coordinator
    private let repair: Bool

    init(_ coordinator: Coordinator, repair: Bool) { (self.coordinator, self.repair) = (coordinator, repair) }

    /// What the journal of a copied repository says is running, and is the original's.
    private func othersCommand(_ record: WorkerRecord) throws -> [DoctorFinding] {
        guard let supervisor = record.supervisor, case .others(let common) = try SupervisorPlace(supervisor, coordinator.project) else {
            return []
        }
        let worker = record.key.id
        guard repair else {
            return [
                DoctorFinding(
                    "attempt-others", .problem, "what runs of '\(worker)' is a command of '\(common)', and not of this repository",
                    "czar doctor --repair")
            ]
        }
        try coordinator.ledger.change { state in coordinator.ledger.leavingToOriginal(state[record.key]) }
        return [DoctorFinding("attempt-others", .repaired, "what runs of '\(worker)' is left to '\(common)'")]
    }

    func findings(_ record: WorkerRecord) throws -> [DoctorFinding] {
        let worker = record.key.id
        var found = try othersCommand(record) + worktreeFindings(record)
        if let planned = record.plannedTidying {
            let what =
                planned.fields[Field.what] == EventType.rebound.rawValue
                ? "the undo of the rebinding of '\(worker)'" : "a removal of '\(worker)', or its undoing,"
            found.append(DoctorFinding("interrupted", .problem, "\(what) was cut off or runs now", "czar doctor --repair"))
        }
        if record.plannedWithdrawal != nil {
            found.append(
                DoctorFinding(
                    "interrupted", .problem, "taking '\(worker)' out of the plan, or undoing that, was cut off or runs now",
                    "czar doctor --repair"))
        }
        if let commit = record.plannedCommit?[Field.commit] {
            found.append(
                DoctorFinding(
                    "interrupted", .problem, "the commit \(commit.prefix(10)) of '\(worker)' was cut off, or runs now",
                    "czar doctor --repair"))
        }
        if record.isOrphaned {
            if repair, let definition = coordinator.plan[worker], record.key.phase == coordinator.phase {
                let why = try Settlement(coordinator).settle(definition)
                found.append(
                    DoctorFinding(
                        "orphaned", .repaired,
                        "the attempt of '\(worker)', whose supervisor died, was settled" + (why.map { ": \($0)" } ?? "")))
            } else {
                let undone = record.attempts.running == nil ? "judging the end of its attempt" : "recording an end"
                found.append(
                    DoctorFinding("orphaned", .problem, "the supervisor of '\(worker)' died without \(undone)", "czar doctor --repair"))
            }
        } else if record.attempts.isRunning(beyond: record.state) {
            found.append(
                DoctorFinding(
                    "still-running", .problem, "'\(worker)' is \(record.state), and its command still runs, or is being ended now",
                    "czar stop \(worker)\(coordinator.phaseOption(of: record.key))"))
        }
        if let cutOff = try CutOffRebinding(coordinator).finding(record) {
            return found.filter { $0.name != "worktree-drifted" } + [cutOff]
        }
        return found + (try LostBranch(record, coordinator)?.finding().map { [$0] } ?? [])
    }

    /// What keeps git and Czar from reading a worktree that is there.
    private func contentFindings(_ record: WorkerRecord, _ path: String) throws -> [DoctorFinding] {
        // What is wrong with its branch is a finding of its own.
        if try isOnLostBranch(record, path) { return [] }
        do {
            let tree = try Repository(opening: path)
            _ = (try tree.head(), try tree.status())
            return []
        } catch let error as any Explained where error.kind != .internal {
            return [
                DoctorFinding(
                    "worktree-unreadable", .problem, "the worktree of '\(record.key.id)' cannot be read: \(error)",
                    try contentMend(record, path, error) ?? "git -C \(ShellText.word(path)) status")
            ]
        }
    }

    private func isOnLostBranch(_ record: WorkerRecord, _ path: String) throws -> Bool {
        guard let branch = record.creation?.branch.rawValue, try LostBranch(record, coordinator)?.finding() != nil else { return false }
        return try coordinator.project.location.worktrees().contains { $0.path == path && $0.branch == branch }
    }

    /// What makes a damaged HEAD or index again; git reads neither.
    private func contentMend(_ record: WorkerRecord, _ path: String, _ error: any Error) throws -> String? {
        guard let entry = try coordinator.project.location.worktrees().first(where: { $0.path == path && $0.problem == nil }) else {
            return nil
        }
        if try !entry.hasReadableHead(coordinator.openCommon()), let branch = record.creation?.branch {
            return "echo \(ShellText.word("ref: refs/heads/\(branch)")) > \(ShellText.word(entry.gitDirectory + "/HEAD"))"
        }
        let index = entry.gitDirectory + "/index"
        guard case let failure as GitError = error, failure.subject == index else { return nil }
        if let form = try Preflight.unreadableForm(ofIndexIn: entry.gitDirectory) {
            return ShellText.line(["cd", path]) + " && " + form.remedy
        }
        guard failure.code == .damaged else { return nil }
        return ShellText.line(["mv", index, index + ".damaged"]) + " && git -C \(ShellText.word(path)) reset"
    }

    /// Things in the place of the file and the folder that a worker reports through.
    private func reportFindings(_ record: WorkerRecord, _ path: String) -> [DoctorFinding] {
        let places: [(String, FileKind)] = [(WorkerFiles.folder + "/events.log", .file), (WorkerFiles.outbox, .folder)]
        return places.compactMap { place, expected in
            guard let kind = FileKind(at: path + "/" + place), kind != expected else { return nil }
            return DoctorFinding(
                "reports", .problem,
                "'\(place)' of '\(record.key.id)' is no \(expected == .file ? "plain file" : "folder"): reports are not taken in",
                ShellText.line(["mv", path + "/" + place, path + "/" + place + ".old"]))
        }
    }

    private func worktreeFindings(_ record: WorkerRecord) throws -> [DoctorFinding] {
        guard let creation = record.creation, let path = creation.worktree else { return [] }
        let worker = record.key.id
        let place: WorkerWorktree?
        do { place = try WorkerWorktree.find(worker, creation, coordinator.project) } catch RemovalError.adrift, RemovalError.unlinked,
            RemovalError.damaged
        {
            // The broken link is a finding of its own.
            return []
        } catch let error as RemovalError {
            if case .unreachable = error { return [DoctorFinding("worktree-unreachable", .problem, "\(error)", error.remedy)] }
            return [DoctorFinding("worktree-foreign", .problem, "\(error)", error.remedy)]
        }
        guard let place else { return [] }
        if let now = place.movedTo { return try moved(record, to: now) }
        if place.isThere {
            let lost = try place.entry.flatMap { try LostIndex(coordinator, repair: repair).finding(record, $0) }.map { [$0] } ?? []
            return try lost + driftFindings(record, creation, place) + reportFindings(record, place.path)
                + contentFindings(record, place.path)
        }
        // It stands aside until its removal is finished or taken back: a finding of its own.
        if place.entry?.isBeingRemoved == true { return [] }
        let here = coordinator.plan[worker].map { coordinator.project.worktreePath(of: $0, under: nil) }
        if place.isOthers {
            let error = WorkspaceError.othersWorktree(worker: worker, path: place.path)
            return [
                DoctorFinding("worktree-foreign", .problem, "\(error)", "czar remove \(worker)\(coordinator.phaseOption(of: record.key))")
            ]
        }
        // The repository was moved, and the worktree with it.
        if let here, here != path, try coordinator.project.location.worktrees().contains(where: { $0.path == here && $0.problem == nil }) {
            return try moved(record, to: here)
        }
        if let entry = place.entry, entry.problem == .missing, !entry.isBeingMade, let reason = entry.lockReason {
            let why = reason.isEmpty ? "" : " (\(escapedForDisplay(reason.utf8)))"
            return [
                DoctorFinding(
                    "worktree-missing", .problem,
                    "the worktree '\(place.path)' of '\(worker)' is not there, and is locked\(why): bring its folder back, or unlock it",
                    "git worktree unlock \(ShellText.word(place.path))")
            ]
        }
        let removal = "czar remove \(worker)\(coordinator.phaseOption(of: record.key))"
        if let folder = coordinator.project.absentFolder(around: place.path) {
            return [
                DoctorFinding(
                    "worktree-missing", .problem,
                    "the worktree '\(place.path)' of '\(worker)' is not there, nor is the folder '\(folder)', whose disk may not be mounted: "
                        + "bring that back, or name its new place to 'git worktree repair'; '\(removal)' forgets the worktree, "
                        + "and keeps its branch and what was staged there", removal)
            ]
        }
        return [
            DoctorFinding(
                "worktree-missing", .problem, "the worktree '\(path)' of '\(worker)' is gone; '\(removal)' forgets it",
                coordinator.plan.lacks(record.key) ? removal : "czar create \(worker)")
        ]
    }

    /// A worktree that has another branch checked out: somebody switched it, or put another worker's in its place.
    private func driftFindings(_ record: WorkerRecord, _ creation: WorkerRecord.Creation, _ place: WorkerWorktree) throws -> [DoctorFinding]
    {
        // What HEAD says of a damaged file is a finding of its own.
        guard let entry = place.entry, entry.branch != creation.branch.rawValue,
            try entry.reference.map({ $0 != "refs/heads/" }) ?? entry.hasReadableHead(coordinator.openCommon()),
            OperationInProgress.inProgress(gitDirectory: entry.gitDirectory) == nil,
            try coordinator.openRepository().branchTip(creation.branch.rawValue) != nil
        else { return [] }
        let worker = record.key.id
        let found = entry.branch.map { "the branch '\($0)'" } ?? "no branch"
        let what = "the worktree of '\(worker)' in '\(place.path)' has \(found) checked out, not '\(creation.branch)'"
        if let other = try coordinator.project.location.places(using: creation.branch.rawValue).first(where: { $0 != place.path }) {
            let mend = try ExchangedWorktrees(coordinator.ledger.refresh(), coordinator.project)
                .mend(record.key, at: place.path, found: entry.branch, branchAt: other)
            return [DoctorFinding("worktree-drifted", .problem, "\(what), which is in '\(other)'", mend)]
        }
        let state = try coordinator.ledger.refresh()
        let exchanged = try ExchangedWorktrees(state, coordinator.project)
        // Switched, it would be this one's, and that one's would be gone: its own finding says where it belongs.
        if let owner = exchanged.owner(ofBranch: entry.branch, besides: record.key), try exchanged.standsAt(place.path, owner) { return [] }
        let isAnothers = state.isAnothers(entry.branch, than: record.key)
        let mend = BranchMend.command(
            BranchMend.git(in: place.path), to: creation.branch, found: entry.branch, exists: true, isAnothers: isAnothers)
        return [DoctorFinding("worktree-drifted", .problem, what, mend)]
    }

    private func moved(_ record: WorkerRecord, to path: String) throws -> [DoctorFinding] {
        let worker = record.key
        let others = try coordinator.ledger.refresh().workers.values.filter { $0.key != worker && $0.creation?.worktree == path }
        // Two would be recorded at one place. Where its own is taken too, the finding about whoever is there names all moves.
        if let other = others.first, let home = record.creation?.worktree {
            let isFree = FileKind(at: home) == nil
            return [
                DoctorFinding(
                    "worktree-moved", .problem, "the worktree of '\(worker.id)' stands at '\(path)', the place of '\(other.key.id)'",
                    isFree ? ShellText.line(["mv", path, home]) + " && czar doctor --repair" : ShellText.line(["ls", "-lA", home]))
            ]
        }
        guard repair else {
            return [
                DoctorFinding("worktree-moved", .problem, "the worktree of '\(worker.id)' was moved to '\(path)'", "czar doctor --repair")
            ]
        }
        let fields = [Field.path: path, Field.branch: record.creation?.branch.rawValue ?? "", Field.moved: "true"]
        try coordinator.ledger.record(.worktreeCreated, worker: worker, phase: worker.phase, fields)
        return [DoctorFinding("worktree-moved", .repaired, "the worktree of '\(worker.id)' is recorded at '\(path)' now")]
    }

    /// Creations that were cut off before they were recorded, and worktrees at the places of workers that the journal knows nothing of:
    /// after it was rebuilt from a mirror that was behind.
    func unrecorded() throws -> [DoctorFinding] {
        let state = try coordinator.ledger.refresh()
        let entries = try coordinator.project.location.worktrees()
        var found: [DoctorFinding] = []
        let repository = try coordinator.openRepository()
        found += try LostIndex(coordinator, repair: repair).foreign(state)
        // Made again, and cut off in the middle: a creation that failed has left nothing.
        for worker in coordinator.plan.definitions {
            guard let planned = state[worker.key].plannedStart, let creation = state[worker.key].creation else { continue }
            let isRebinding = Drift.of(worker, state[worker.key], coordinator.project) != nil
            // One that was refused has taken its branch back.
            if isRebinding, try repository.branchTip(planned.branch.rawValue)?.hex != planned.commit.rawValue { continue }
            let path = creation.worktree ?? coordinator.project.worktreePath(of: worker, under: nil)
            if entries.contains(where: { $0.path == path && $0.problem == nil && $0.branch == creation.branch.rawValue }) {
                found.append(try isRebinding ? Self.cutOffRebinding(worker) : cutOff(worker))
            }
        }
        for worker in coordinator.plan.definitions where state[worker.key].creation == nil {
            let path = coordinator.project.worktreePath(of: worker, under: nil)
            guard entries.contains(where: { $0.path == path && $0.problem == nil && $0.branch == worker.branch.rawValue }) else {
                if let planned = state[worker.key].plannedStart, planned.branch == worker.branch,
                    try repository.branchTip(worker.branch.rawValue)?.hex == planned.commit.rawValue
                {
                    found.append(try cutOff(worker))
                }
                continue
            }
            guard repair else {
                found.append(
                    DoctorFinding(
                        "unrecorded", .problem, "the worktree '\(path)' of '\(worker.id)' is not in the journal", "czar doctor --repair"))
                continue
            }
            _ = try WorkspaceCreator(coordinator).create(worker)
            found.append(DoctorFinding("unrecorded", .repaired, "the branch and worktree of '\(worker.id)' are in the journal again"))
        }
        return found
    }

    private static func cutOffRebinding(_ worker: WorkerDefinition) -> DoctorFinding {
        DoctorFinding(
            "cut-off", .problem, "the rebinding of '\(worker.id)' was cut off, or runs now", "czar create --rebind \(worker.id)")
    }

    /// A creation that had made its branch, as it had recorded that it would, and not more.
    private func cutOff(_ worker: WorkerDefinition) throws -> DoctorFinding {
        guard repair else {
            return DoctorFinding(
                "cut-off", .problem, "the creation of '\(worker.id)' was cut off, or runs now",
                "czar create \(worker.id)")
        }
        do { _ = try WorkspaceCreator(coordinator).create(worker) } catch let error as any Explained where error.kind != .internal {
            let what = "the interrupted creation of '\(worker.id)' cannot be completed"
            return DoctorFinding("cut-off", .problem, "\(what): \(error)", error.remedy)
        }
        return DoctorFinding("cut-off", .repaired, "the interrupted creation of '\(worker.id)' was completed")
    }
}
