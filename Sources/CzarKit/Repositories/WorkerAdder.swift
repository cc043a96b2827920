import CzarGit
import CzarPlanning

/// Adds a worker to a project, whether it has a plan or not: its brief and its definition below `.czarina/workers`.
///
/// The definition is written last, so that a worker exists whole or not at all; what a cut-off call left behind is taken for its own by the next
/// one that says the same, and so is an empty file.
package struct WorkerAdder {
    private let project: ProjectLayout

    /// What was written.
    package struct Added: Hashable, Sendable {
        package let worker: WorkerDefinition
        /// Absolute; nil when the worker has no brief.
        package let brief: String?
        /// Absolute.
        package let definition: String
        /// The digests of the files that were written, as the journal keeps them for an undo.
        package let written: [String: String]
        /// Why it could not be started on this machine now; nil when it could.
        package let obstacle: String?
    }

    package init(_ project: ProjectLayout) { self.project = project }

    /// Writes the worker's files once the plan was found valid with it, and trusts the line that the worker runs, if it has one of its own.
    ///
    /// `starting`: it is to be started at once, so a program that is not there is a reason to refuse.
    /// - Throws: ``AdditionError``, ``ProjectError``; nothing is written then.
    package func add(_ addition: WorkerAddition, starting: Bool) throws -> Added {
        try project.withLock("add") { try addLocked(addition, starting) }
    }

    private func addLocked(_ addition: WorkerAddition, _ starting: Bool) throws -> Added {
        var addition = addition
        let name = "workers/\(addition.id).yaml"
        let left = try project.planFile(name)
        var source = try source(beside: addition.id)
        let plan = try currentPlan(source)
        let isThere = plan?[addition.id] != nil
        if isThere, try left == nil || isRecorded(addition.id) { throw AdditionError.exists(worker: addition.id) }
        // What workers start from must be known before anything is written.
        let others = plan?.definitions ?? []
        if plan?.project.base == nil, addition.base == nil || others.contains(where: { $0.base == nil }), try !hasRecordedBase(plan) {
            _ = try PlanAcceptance.headBranch(project)
        }
        addition.base = try addition.base.map { try pinned($0, addition.id, plan) }
        let existing = try project.planFile("workers/\(addition.id).md").flatMap { $0.isEmpty ? nil : $0 }
        if let text = addition.brief, let existing, existing != bytes(text) {
            throw isThere
                ? AdditionError.exists(worker: addition.id)
                : AdditionError.briefExists(worker: addition.id, path: project.briefPath(of: addition.id))
        }
        if addition.brief == nil { addition.brief = existing.map { String(decoding: $0, as: UTF8.self) } }
        let definition = Array(addition.yaml.utf8)
        if let left, !left.isEmpty, left != definition { throw AdditionError.exists(worker: addition.id) }
        if left != nil { source.passedOver = [name] }
        let (worker, extended) = try self.definition(addition, source)
        try requireOwnBranch(worker)
        let obstacle = try ProgramCheck.problem(of: worker, in: extended)
        // What waits for others may find it when its turn comes.
        if starting, let obstacle, worker.dependencies.isEmpty { throw AdditionError.noProgram(worker: worker.id, why: obstacle) }
        // What stood on the command line was said by this user, and needs no other word. Before the definition: a daemon that sees the new plan
        // finds it trusted.
        try Trust(project).addWork(of: worker, in: extended)
        let folder = try project.openWorkersFolder()
        var written: [String: String] = [:]
        if existing == nil, let text = addition.brief {
            try write(bytes(text), to: "\(addition.id).md", in: folder)
            written[Field.brief] = SHA1.hex(of: bytes(text))
        }
        if left != definition { try write(definition, to: "\(addition.id).yaml", in: folder) }
        written[Field.definition] = SHA1.hex(of: definition)
        return Added(
            worker: worker, brief: addition.brief == nil ? nil : project.briefPath(of: addition.id),
            definition: "\(project.workersFolder)/\(addition.id).yaml", written: written, obstacle: obstacle)
    }

    /// The plan that a worker of this name is added to; nil where there is none.
    package func plan(beside id: String) throws -> Plan? {
        try currentPlan(WorkerID(rawValue: id).map(source) ?? PlanSource(project))
    }

    /// An empty file in the worker's place counts as not there, unless the worker was used: its definition is lost then, and another one would
    /// have its branch and its record.
    private func source(beside id: WorkerID) throws -> PlanSource {
        let name = "workers/\(id).yaml"
        var source = PlanSource(project)
        guard try project.planFile(name)?.isEmpty == true else { return source }
        if try isRecorded(id) { throw AdditionError.emptied(worker: id, path: "\(project.workersFolder)/\(id).yaml") }
        source.passedOver = [name]
        return source
    }

    /// In the place of nothing, or of an empty file.
    private func write(_ bytes: [UInt8], to name: String, in folder: borrowing Folder) throws {
        if try folder.read(name)?.isEmpty == true { try folder.removeFile(name) }
        try folder.createWhole(name, bytes)
    }

    /// Whether the journal has heard of the worker: else a call that wrote its files may have been cut off.
    private func isRecorded(_ worker: WorkerID) throws -> Bool {
        let place = try JournalPlace(commonDirectory: project.location.commonDirectory, planFolder: nil)
        return try Journal.open(place, mode: .readOnly)?.entries().contains { $0.event.key?.id == worker } ?? false
    }

    /// Whether the base was recorded when the plan was first used: then it matters no more what HEAD names.
    private func hasRecordedBase(_ plan: Plan?) throws -> Bool {
        let place = try JournalPlace(commonDirectory: project.location.commonDirectory, planFolder: nil)
        guard let plan, let journal = try Journal.open(place, mode: .readOnly) else { return false }
        return ProjectState(try journal.entries()).plans[plan.phase]?.startingPoint != nil
    }

    private func currentPlan(_ source: PlanSource) throws -> Plan? {
        do { return try source.read(evenEmpty: true).plan } catch ProjectError.noPlan { return nil }
    }

    /// The worker as the plan reads it with the new file, and that plan.
    private func definition(_ addition: WorkerAddition, _ source: PlanSource) throws -> (WorkerDefinition, Plan) {
        let name = "\(project.location.isBare ? "czarina" : ".czarina")/workers/\(addition.id).yaml"
        let reading = try source.reading(adding: PlanFile(name: name, bytes: Array(addition.yaml.utf8)))
        guard let plan = reading.plan, let worker = plan[addition.id] else {
            throw AdditionError.invalid(
                worker: addition.id, problems: reading.errors.map { ($0.field.isEmpty ? "" : $0.field + ": ") + $0.message })
        }
        return (worker, plan)
    }

    /// What HEAD names in the main worktree is somebody's own place, and no worker's branch.
    private func requireOwnBranch(_ worker: WorkerDefinition) throws {
        guard case .branch(let name, _) = try Repository(opening: project.location.commonDirectory).head(), name == worker.branch.rawValue
        else { return }
        throw AdditionError.branchInUse(worker: worker.id, branch: worker.branch)
    }

    /// A branch stays a name, since its worker follows it; a revision that is counted from somewhere is one commit from now on.
    private func pinned(_ base: String, _ worker: WorkerID, _ plan: Plan?) throws -> String {
        if plan?.definitions.contains(where: { $0.branch.rawValue == base }) == true { return base }
        let repository = try Repository(opening: project.location)
        if BranchName(rawValue: base) != nil, try repository.branchTip(base) != nil { return base }
        let commit: ObjectID
        do throws(GitError) { commit = try repository.resolve(base) } catch {
            let remote = plan?.orchestration.remote ?? Orchestration().remote
            throw WorkspaceError.missingBase(
                worker: worker, base: base, absent: try AbsentBase(base, in: project, remote: remote))
        }
        let isCounted = base.contains { "~^:".contains($0) }
        return isCounted || FloatingRevision.problem(in: base) != nil ? commit.hex : base
    }

    private func bytes(_ brief: String) -> [UInt8] { Array((brief.hasSuffix("\n") ? brief : brief + "\n").utf8) }
}

/// Why a worker was not added.
package enum AdditionError: Explained, Hashable {
    case exists(worker: WorkerID)
    case briefExists(worker: WorkerID, path: String)
    /// Something has emptied the definition of a worker that the journal knows.
    case emptied(worker: WorkerID, path: String)
    case invalid(worker: WorkerID, problems: [String])
    /// The main worktree is on it.
    case branchInUse(worker: WorkerID, branch: BranchName)
    /// What it would run is not on this machine.
    case noProgram(worker: WorkerID, why: String)

    package var description: String {
        switch self {
        case .exists(let worker): "cannot add worker '\(worker)': the plan has one of that name"
        case .briefExists(let worker, let path): "cannot add worker '\(worker)': another brief lies in '\(path)'"
        case .emptied(let worker, let path):
            "cannot add worker '\(worker)': the plan had one of that name, whose definition '\(path)' is empty now; "
                + "write it there again, or remove the file, which takes that worker out of the plan"
        case .invalid(let worker, let problems): "cannot add worker '\(worker)': " + problems.joined(separator: "\n  ")
        case .branchInUse(let worker, let branch):
            "cannot add worker '\(worker)': its branch would be '\(branch)', which is checked out in the main worktree"
        case .noProgram(let worker, let why): "cannot start worker '\(worker)', so it was not added: \(why)"
        }
    }

    package var kind: FailureKind {
        switch self {
        case .exists, .briefExists, .emptied, .branchInUse: .cannotCreate
        case .invalid: .invalid
        case .noProgram: .missing
        }
    }

    package var remedy: String? {
        switch self {
        case .exists(let worker): "czar status \(worker)"
        case .briefExists(let worker, _): "czar add \(worker)"
        case .emptied(_, let path): ShellText.line(["rm", path])
        case .invalid: "czar validate"
        case .branchInUse: "git branch"
        case .noProgram: "czar agents"
        }
    }
}
