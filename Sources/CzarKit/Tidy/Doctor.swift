import CzarGit
import CzarPlanning

/// Looks at everything that Czar relies on and names what is wrong, with its remedy.
package struct Doctor {
    /// What may be changed while looking.
    package struct Options: Hashable, Sendable {
        /// Take a copied or moved repository's journal over.
        package var adopt: Bool
        /// Mend what can be mended without losing anything.
        package var repair: Bool

        package init(adopt: Bool = false, repair: Bool = false) { (self.adopt, self.repair) = (adopt, repair) }
    }

    private let project: ProjectLayout
    private let options: Options
    private var findings: [DoctorFinding] = []

    package init(around path: String, options: Options) throws {
        (project, self.options) = (try ProjectLayout(around: path), options)
    }

    /// - Complexity: O(entries of the journal + worktrees).
    package mutating func examine() throws -> [DoctorFinding] {
        try examineLimitations()
        // Whatever comes next would read it, and reads nothing there or something else.
        guard try Preflight.formatRefusal(of: project.location) == nil else { return findings }
        try examineIdentity()
        let plan = try examinePlan()
        let isUsable = try examineJournal()
        if isUsable { try goingOn { try $0.examineWorktrees(plan) } }
        if try isUsable || !JournalCheck.isThere(project) { findings += try LeftPieces(project).findings(repair: options.repair) }
        if isUsable, plan != nil { try goingOn { try $0.examineWorkers() } }
        try goingOn { try $0.examineReferences(base: plan?.plan.project.base) }
        return findings
    }

    /// Last: what a reference that cannot be read has kept from being looked at is said once, with what mends it.
    private mutating func examineReferences(base: String?) throws {
        let found = try ReferenceCheck(project, base: base).findings()
        findings.removeAll { known in known.remedy == nil && found.contains { $0.sentence == known.sentence } }
        let problems = findings.filter { $0.severity == .problem }
        let new = found.filter { finding in !problems.contains { $0.sentence.hasSuffix(finding.sentence) } }
        // What is only worth knowing is not the last thing that is read.
        findings = new.filter { $0.severity == .note } + findings + new.filter { $0.severity == .problem }
    }

    /// Runs a part of the examination: what cannot be read of Git's ends this part, and not those after it.
    private mutating func goingOn(_ part: (inout Doctor) throws -> Void) throws {
        do {
            try part(&self)
        } catch let error as ReferenceError {
            add("reference", .problem, "\(error)", error.remedy)
        } catch let error as GitError where error.kind != .busy {
            add("unreadable", .problem, "\(error)", error.remedy)
        }
    }

    private mutating func add(_ name: String, _ severity: DoctorFinding.Severity, _ sentence: String, _ remedy: String? = nil) {
        findings.append(DoctorFinding(name, severity, sentence, remedy))
    }

    /// Locks that are Czar's, of processes that live or not, are findings of their own.
    private mutating func add(lock path: String) throws {
        guard FileKind(at: path) != nil, try !project.location.stagedWork().contains(where: { $0.place == path }) else { return }
        if let holder = try project.location.holder(ofLock: path) {
            return add("lock", .note, "'\(path)' is there, and \(holder) is at work: left behind, if it is there when that has ended")
        }
        add("lock", .problem, "'\(path)' is there: left behind, if no git command runs", ShellText.line(["rm", path]))
    }

    // MARK: Repository

    private mutating func examineLimitations() throws {
        for found in try Preflight.limitations(of: project.location) {
            add("limitation", found.severity == .refuses ? .problem : .note, found.sentence, found.remedy)
        }
    }

    private mutating func examineIdentity() throws {
        do { _ = try Repository(opening: project.location).identity(.committer) } catch let error as IdentityError {
            add("identity", .problem, "\(error)", error.remedy)
        }
        for name in ["packed-refs.lock", "config.lock"] { try add(lock: project.location.commonDirectory + "/" + name) }
    }

    // MARK: Plan

    private mutating func examinePlan() throws -> PlanSource.Reading? {
        do {
            let reading = try PlanSource(project).read()
            examineTools(reading.plan)
            return reading
        } catch ProjectError.noPlan(_, restore: nil) {
            add("plan", .note, "there is no plan yet", "czar init")
        } catch let error as ProjectError {
            add("plan", .problem, "\(error)", error.remedy)
        }
        return nil
    }

    private mutating func examineTools(_ plan: Plan) {
        var seen: Set<String> = []
        for worker in plan.definitions {
            let program: String?
            switch worker.work {
            case .agent(let name):
                do { program = try AgentProfile.named(name, in: plan.agents).variant.command.first } catch {
                    add("agent", .problem, "\(error)", "czar validate")
                    continue
                }
            case .command(let command): program = command.first
            case .script, .person: program = nil
            }
            guard let program, !program.contains("{"), seen.insert(program).inserted else { continue }
            do {
                _ = try Program.path(of: program, in: project.root, searchPath: processEnvironment()["PATH"])
            } catch {
                add(
                    "tool", .problem, "worker '\(worker.id)' needs '\(program)': \(error.reason)",
                    ShellText.line(["command", "-v", program]))
            }
        }
    }

    /// Whether the journal can be worked with.
    private mutating func examineJournal() throws -> Bool {
        var check = try JournalCheck(project, options)
        defer { findings += check.findings }
        return try check.examine()
    }

    // MARK: Worktrees

    private mutating func examineWorktrees(_ reading: PlanSource.Reading?) throws {
        try examineStaging()
        try examineEntries(reading)
        try examineLinks(reading)
        let wanted = Set(WorkspaceFiles.excluded)
        if !wanted.isSubset(of: try project.location.excludeBlock() ?? []),
            try !project.location.worktrees().filter({ $0.name != nil }).isEmpty
        {
            if options.repair {
                let old = try project.location.excludeBlock() ?? []
                try project.location.writeExcludeBlock(WorkspaceFiles.excluded + old.filter { !wanted.contains($0) })
                add("exclude", .repaired, "Czar's block in 'info/exclude' is whole again")
            } else {
                add(
                    "exclude", .problem, "Czar's block in 'info/exclude' is missing or incomplete: git shows Czar's files as untracked",
                    "czar doctor --repair")
            }
        }
        for entry in try project.location.worktrees() { try add(lock: entry.gitDirectory + "/index.lock") }
    }

    private mutating func examineStaging() throws {
        let staging = project.stateFolder + "/staging"
        guard FileKind(at: staging) == .folder, try !Folder(opening: staging).entries().isEmpty else { return }
        guard options.repair else {
            let work = try project.location.stagedWork()
            for (name, kind, what) in [
                ("half-made", StagedWork.Kind.worktree, "a creation or removal of a worktree"),
                ("half-moved", .lock, "a commit, or another move of a branch,"),
            ] where work.contains(where: { $0.kind == kind }) {
                let found = work.filter { $0.kind == kind }
                let places = found.compactMap(\.place).map { ": '\($0)'" }.joined()
                if found.allSatisfy({ $0.process != nil }) {
                    add(name, .note, "\(what) runs now\(places)")
                } else {
                    add(name, .problem, "\(what) was cut off, or runs now\(places)", "czar doctor --repair")
                }
            }
            return
        }
        let outcomes = try project.location.recoverStaging()
        for case .failed(let path, let reason) in outcomes {
            add("half-made", .problem, "the work on '\(path)' could not be finished: \(reason)", ShellText.line(["ls", "-lA", path]))
        }
        let kept = outcomes.compactMap { outcome in
            switch outcome {
            case .putBack, .kept: outcome.sentence
            case .completed, .removed, .forgotten, .failed: nil
            }
        }
        for sentence in kept { add("half-made", .repaired, sentence) }
        let isMended = outcomes.contains { if case .failed = $0 { false } else { true } }
        if isMended, kept.isEmpty { add("half-made", .repaired, "what was cut off was finished or rolled back") }
    }

    /// Entries that have lost files which git needs, while the worktree's folder is there.
    private mutating func examineEntries(_ reading: PlanSource.Reading?) throws {
        let workers = Dictionary(
            (reading?.plan.definitions ?? []).map { (project.worktreePath(of: $0, under: nil), $0) },
            uniquingKeysWith: { first, _ in first })
        for entry in try project.location.worktrees() where !entry.isBeingMade && !entry.isBeingRemoved {
            guard case .damaged(let missing) = entry.problem, let name = entry.name else { continue }
            let what = "the repository's entry of the worktree '\(entry.path)' has lost its '\(missing)'"
            if !options.repair {
                add("worktree-damaged", .problem, what, "czar doctor --repair")
            } else if let made = try project.location.repairEntry(
                name, worktree: entry.path, missing: missing, branch: workers[entry.path]?.branch.rawValue,
                sparse: workers[entry.path]?.sparseFolders)
            {
                var index = ""
                if case .headAndIndex(let absent) = made { index = ", and so is its index" + LostIndex.rest(absent) }
                add("worktree-damaged", .repaired, "the '\(missing)' of the worktree '\(entry.path)' is there again" + index)
                // It may have lost another one too.
                return try examineEntries(reading)
            } else {
                let head = ShellText.word(entry.gitDirectory + "/HEAD")
                add("worktree-damaged", .problem, what, "echo 'ref: refs/heads/BRANCH' > \(head)")
            }
        }
    }

    private mutating func examineLinks(_ reading: PlanSource.Reading?) throws {
        let planned = reading?.plan.definitions.map { project.worktreePath(of: $0, under: nil) } ?? []
        let stray = try project.location.worktrees().compactMap { try StrayWorktree.path(of: $0, project.root) }
        for link in try project.location.brokenLinks(candidates: planned + stray) {
            guard options.repair else {
                add(
                    "worktree-link", .problem, "the worktree '\(link.path)' and the repository do not find each other any more",
                    "czar doctor --repair")
                continue
            }
            try project.location.repair(link)
            add("worktree-link", .repaired, "the worktree '\(link.path)' is linked to its repository again")
            // Only now its entry is known to be one of a folder that is there.
            try examineEntries(reading)
        }
    }

    // MARK: Workers

    private mutating func examineWorkers() throws {
        let coordinator: Coordinator
        do { coordinator = try Coordinator(around: project.root, actor: "cli") } catch let error as any Explained {
            return add("project", .problem, "\(error)", error.remedy)
        }
        for outcome in try options.repair ? InterruptedTidying(coordinator).finishPlanned(withdrawing: true) : [] {
            add("interrupted", outcome.isMended ? .repaired : .problem, outcome.sentence)
        }
        // The end of something that was cut off may be that they are written anew.
        if options.repair {
            try WorkspaceFiles(project: project, plan: coordinator.plan).refreshIdentities(try coordinator.ledger.refresh())
        }
        let check = WorkerCheck(coordinator, repair: options.repair)
        for record in try coordinator.ledger.refresh().workers.values.sorted(by: { $0.key < $1.key }) {
            findings += try check.findings(record)
        }
        findings += try check.unrecorded()
        for phase in Self.cutOffCloseouts(try coordinator.ledger.journal.entries()) {
            add("closeout", .problem, "the closeout of phase \(phase) was cut off, or runs now", "czar closeout --phase \(phase)")
        }
        if options.repair { try keepHolds(coordinator) }
    }

    /// What follows from a command that was killed before it saw to that.
    private mutating func keepHolds(_ coordinator: Coordinator) throws {
        let before = try coordinator.ledger.refresh().lastSequence
        do { if let problem = try HoldKeeper(coordinator).keepWithoutDaemon() { add("status-file", .note, problem) } } catch let error
            as any Explained
        {
            return add("holds", .note, "what follows from workers' states is not known: \(error)", error.remedy)
        }
        let entries = try coordinator.ledger.journal.entries(after: before).filter { $0.event.actor == HoldKeeper.actor }
        let workers = Set(entries.compactMap(\.event.key?.id)).sorted().map { "'\($0)'" }
        if !workers.isEmpty {
            add("holds", .repaired, "what follows from others' states is recorded of \(workers.joined(separator: ", ")) now")
        }
    }
}

extension Doctor {
    /// Phases whose closing was begun and not finished.
    private static func cutOffCloseouts(_ entries: [JournalEntry]) -> [PhaseID] {
        var open: Set<PhaseID> = []
        for entry in entries {
            if entry.event.type == .closeoutPlanned { open.insert(entry.event.phase) }
            if entry.event.type == .phaseClosed { open.remove(entry.event.phase) }
        }
        return open.sorted()
    }
}
